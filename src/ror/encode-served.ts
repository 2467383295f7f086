import type { Json } from '../domain/json.js';
import type { CentreFacts, CentreField, Contribution } from '../domain/offer.js';

/** What no ROR code can say (nos/rare-diseases, section 4): a change of kind `enrichir`, served and never sent. */
export function encodeServed(facts: CentreFacts): Contribution[] {
  const { filiere, network, label } = facts;
  const campaign = label.campaign ?? label.campaignText.trim();
  const wanted: readonly (readonly [string, Json | null, CentreField, string])[] = [
    [
      'filiere',
      { code: filiere.code, title: filiere.title },
      'filiere',
      `filière ${filiere.code} – ${filiere.title}`,
    ],
    ['network', network, 'network', `réseau ${network ?? ''}`],
    ['label', label.level, 'label', `label ${label.level}`],
    ['campaign', campaign === '' ? null : campaign, 'label', `campagne ${campaign}`],
    [
      'ern',
      filiere.erns.length === 0 ? null : [...filiere.erns].sort(),
      'ern',
      `ERN ${filiere.erns.join(', ')}`,
    ],
  ];
  return wanted.flatMap(([name, value, field, text]) =>
    value === null
      ? []
      : [
          {
            key: `served.${name}`,
            path: `served.${name}`,
            value,
            centre: facts.id,
            mode: 'own' as const,
            assumed: false,
            rule: `served.${name}`,
            fields: [field],
            text,
          },
        ],
  );
}
