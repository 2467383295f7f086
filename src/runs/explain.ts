import type { FieldExplanation, SourceSays } from '../consolidate/centre.js';
import { FIELD_WORDS, fieldText } from '../domain/field-words.js';
import { locatorText } from '../domain/locator.js';
import type { FieldRank } from '../domain/ranked-fields.js';
import { frenchDay } from '../domain/time.js';

/** One field of a centre in words: the same on the pages, in the terminal and in the API. */
export interface ExplainedField {
  readonly field: FieldExplanation['field'];
  readonly word: string;
  /** What is kept, in a line; a person's value where there is one. */
  readonly value: string;
  readonly state: 'agreed' | 'disagreement' | 'newDisagreement';
  readonly lines: readonly string[];
}

/**
 * Why each field has its value: who gives it and by which rank, what the others say with theirs and since when, and
 * whether a person's value stands before them. Never part of what an approval is bound to.
 * @param nameOf display name of a person
 */
export function explainedFields(
  explanations: readonly FieldExplanation[],
  nameOf: (person: string) => string,
): ExplainedField[] {
  return explanations
    .filter(({ kept, others, completion }) => kept !== null || others.length > 0 || completion !== null)
    .map((explanation) => {
      const { field, kept, others, completion } = explanation;
      const overridden = completion !== null && field !== 'label';
      return {
        field,
        word: FIELD_WORDS[field],
        value: overridden ? fieldText(field, completion.value) : fieldText(field, kept?.value),
        state: others.every(({ agrees }) => agrees)
          ? 'agreed'
          : isNew(explanation)
            ? 'newDisagreement'
            : 'disagreement',
        lines: [
          ...(completion === null ? [] : [completionLine(explanation, nameOf(completion.author))]),
          keptLine(explanation),
          ...(kept === null ? [] : heldLines(kept, field)),
          ...others.map((other) => otherLine(other, explanation)),
        ],
      };
    });
}

/** The sentence among the reasons of a change; null when the sources agree, or when only one speaks. */
export function disagreementText(explanation: FieldExplanation): string | null {
  const { field, kept, others, completion } = explanation;
  const against = others.filter(({ agrees }) => !agrees);
  if (against.length === 0) return null;
  const said = against
    .map(
      ({ source, value, rank, provenance: { date } }) =>
        `${source} dit « ${fieldText(field, value)} » (${rankText(rank)}${date === undefined ? '' : `, ${frenchDay(date)}`})`,
    )
    .join(' ; ');
  const taken =
    kept === null
      ? 'rien n’est retenu'
      : `retenu « ${fieldText(field, kept.value)} » de ${kept.source} (${rankText(kept.rank)})`;
  const person = completion === null || field === 'label' ? '' : ' Une personne a donné la valeur proposée.';
  return `Désaccord entre sources${isNew(explanation) ? ' (nouveau)' : ''}, ${FIELD_WORDS[field].toLowerCase()} : ${taken} ; ${said}.${person}`;
}

/** The last delivery of one of those who disagree brought it. */
function isNew({ kept, others }: FieldExplanation): boolean {
  return others.some(({ agrees, said }) => !agrees && (said.isNew || kept?.said.isNew === true));
}

function completionLine({ field, completion }: FieldExplanation, name: string): string {
  if (completion === null) return '';
  const on = frenchDay(completion.date);
  if (field === 'label')
    return `${name} a reconfirmé la campagne ${String(completion.value)} le ${on} ; le niveau vient des sources.`;
  const what =
    field === 'establishment'
      ? `a choisi le site ${String(completion.value)}`
      : `a donné « ${fieldText(field, completion.value)} »`;
  return `${name} ${what} le ${on} : cette valeur passe avant toute source.`;
}

function keptLine({ field, kept, because, others, completion }: FieldExplanation): string {
  if (kept === null)
    return because === 'barred'
      ? 'Rien n’est retenu : les sources qui le disent sont configurées pour ne jamais le donner.'
      : 'Aucune source ne le dit.';
  const { source, rank, value, provenance, said } = kept;
  const place = provenance.locator === undefined ? '' : `, ${locatorText(provenance.locator)}`;
  const from = `« ${fieldText(field, value)} », de ${source} (${rankText(rank)})${place}, dit depuis le ${frenchDay(said.since)}.`;
  const verb = completion !== null && field !== 'label' ? 'Sinon retenu' : 'Retenu';
  return `${verb} : ${from} ${WHY[because](others.length)}`;
}

const WHY: Readonly<Record<FieldExplanation['because'], (others: number) => string>> = {
  only: () => 'Aucune autre source ne le dit.',
  rank: (others) => (others === 1 ? 'Son rang est le plus haut.' : 'Son rang est le plus haut de toutes.'),
  tie: () => 'À rang égal, la source dont le nom vient en premier l’emporte.',
  barred: () => 'Elle est configurée pour ne jamais le donner : le changement est retenu.',
};

function heldLines({ source, said: { held } }: SourceSays, field: FieldExplanation['field']): string[] {
  if (held === null) return [];
  const now =
    held.now === null ? 'sa ligne n’y est plus' : `elle dit aujourd’hui « ${fieldText(field, held.now)} »`;
  return [`${source} oscille (${now}) : la dernière valeur stable est gardée, une alerte dit jusqu’à quand.`];
}

function otherLine(
  { source, rank, value, agrees, said }: FieldExplanation['others'][number],
  { field, kept }: FieldExplanation,
): string {
  const who = `${source} (${rankText(rank)})`;
  if (agrees) return `${who} dit la même chose, depuis le ${frenchDay(said.since)}.`;
  const fresh = said.isNew || kept?.said.isNew === true ? ' nouveau' : '';
  return `${who} dit « ${fieldText(field, value)} » depuis le ${frenchDay(said.since)} : désaccord${fresh}.`;
}

function rankText(rank: FieldRank): string {
  return rank === 'never' ? 'ne le donne jamais' : `rang ${String(rank)}`;
}
