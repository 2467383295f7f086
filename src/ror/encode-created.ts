import type { CentreFacts } from '../domain/offer.js';
import type { RorDefaults } from '../config/schema/ror-defaults.js';
import { ageRange, characteristic, sensitiveUnit } from './concepts.js';
import type { EncodedParts } from './encode.js';

/** Elements of an offer that we create; on an attached offer they stay untouched (DESIGN 7). */
export function encodeCreated(parts: EncodedParts): void {
  encodeSite(parts);
  encodeName(parts);
  encodeActivityField(parts);
  encodeActivity(parts);
  encodeCareMode(parts);
  encodeSensitiveUnit(parts);
  encodeAgeRange(parts);
}

function encodeSite({ facts, missing }: EncodedParts): void {
  if (facts.eg !== null) return;
  missing.push({
    field: 'site',
    question: `Sur quel site (établissement géographique FINESS) ce centre reçoit-il ? L’entité juridique ne suffit pas.`,
    candidates: [],
  });
}

/** "Centre de compétence – Dermatoses bulleuses toxiques et toxidermies graves (TOXIBUL)"; a CRC keeps its own title. */
export function offerName(facts: CentreFacts, defaults: RorDefaults): string {
  const title = facts.title.replace(/\s+/gu, ' ').trim();
  const prefix = defaults.namePrefixes[facts.label.level];
  if (prefix === undefined || title === '') return title;
  const network = facts.network?.trim() ?? '';
  const named = network === '' || title.includes(network) ? title : `${title} (${network})`;
  return title.toLowerCase().startsWith(prefix.toLowerCase()) ? named : `${prefix} – ${named}`;
}

function encodeName(parts: EncodedParts): void {
  const name = offerName(parts.facts, parts.rules.defaults);
  if (name === '') {
    parts.missing.push({ field: 'title', question: 'Quel est l’intitulé du centre ?', candidates: [] });
    return;
  }
  parts.want({
    key: 'name',
    path: 'HealthcareService.name',
    value: name,
    mode: 'own',
    assumed: false,
    rule: 'ror.name',
    fields: ['title', 'network', 'label'],
    text: name,
  });
}

function encodeActivityField(parts: EncodedParts): void {
  const { facts, rules, missing } = parts;
  const { activityField } = rules.defaults;
  const byCategory = facts.egCategory !== null && activityField.categories.includes(facts.egCategory);
  const chosen = facts.activityField;
  const written = chosen === null ? null : parts.inForce('TRE_R227', chosen, 'activityField', 'leave');
  const usable = written !== null;
  if (!usable && !byCategory) {
    // Without a site the question is the site: its category usually answers this one.
    if (facts.eg === null && chosen === null) return;
    missing.push({
      field: 'activityField',
      question: `De quel champ d’activité relève ce centre${facts.egCategory === null ? '' : ` (catégorie FINESS du site : ${facts.egCategory})`} ?`,
      candidates: rules.codes
        .active('TRE_R227')
        .map(({ code, display }) => ({ value: code, label: display })),
    });
    return;
  }
  const given = usable
    ? { ...written, rule: written.rule ?? 'ror.activityField.chosen' }
    : parts.byDefault('TRE_R227', activityField, 'activityField');
  if (given === null) return;
  const { code, assumed, rule } = given;
  parts.want({
    key: 'type',
    path: 'HealthcareService.type',
    value: rules.codes.concept('TRE_R227', code),
    mode: 'own',
    assumed,
    rule,
    fields: usable ? ['activityField'] : ['site'],
    text: rules.codes.text('TRE_R227', code),
  });
}

function encodeActivity(parts: EncodedParts): void {
  const given = parts.byDefault('TRE_R211', parts.rules.defaults.activity, 'activity');
  if (given === null) return;
  const { code, assumed, rule } = given;
  parts.want({
    key: 'specialty[operationalActivity]',
    path: 'HealthcareService.specialty',
    value: parts.rules.codes.concept('TRE_R211', code),
    mode: 'own',
    assumed,
    rule,
    fields: ['activity'],
    text: parts.rules.codes.text('TRE_R211', code),
  });
}

function encodeCareMode(parts: EncodedParts): void {
  const given = parts.byDefault('TRE_R213', parts.rules.defaults.careMode, 'careMode');
  if (given === null) return;
  const { code, assumed, rule } = given;
  parts.want({
    key: 'characteristic[careMode]',
    path: 'HealthcareService.characteristic',
    value: characteristic(parts.rules.codes, 'TRE_R213', code),
    mode: 'own',
    assumed,
    rule,
    fields: ['careMode'],
    text: parts.rules.codes.text('TRE_R213', code),
  });
}

function encodeSensitiveUnit(parts: EncodedParts): void {
  const { value, assumed, rule } = parts.rules.defaults.sensitiveUnit;
  parts.want({
    key: 'extension[sensitive-unit]',
    path: 'HealthcareService.extension',
    value: sensitiveUnit(value),
    mode: 'own',
    assumed,
    rule,
    fields: ['sensitiveUnit'],
    text: value ? 'unité sensible' : 'unité non sensible',
  });
}

function encodeAgeRange(parts: EncodedParts): void {
  const { facts, rules, missing } = parts;
  if (facts.public === null) {
    missing.push({
      field: 'public',
      question: 'Quel public ce centre reçoit-il ? Aucune valeur n’est supposée.',
      candidates: Object.entries(rules.defaults.ageRanges).map(([value, { low, high }]) => ({
        value,
        label: `${value} (${agesText(low, high)})`,
      })),
    });
    return;
  }
  const { low, high, assumed, rule } = rules.defaults.ageRanges[facts.public];
  parts.want({
    key: 'extension[patient-type].ageRange',
    path: 'HealthcareService.extension',
    value: ageRange(rules.codes, low, high),
    mode: 'own',
    assumed,
    rule,
    fields: ['public'],
    text: `${facts.public} (${agesText(low, high)})`,
  });
}

const agesText = (low: number, high: number): string => `${low} à ${high} ans`;
