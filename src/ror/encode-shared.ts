import type { CentreContact, CentreField, CentreFacts } from '../domain/offer.js';
import { formatBlock } from './comment.js';
import { channelSystem, characteristic, contact, mailbox, MSSANTE, specificAct } from './concepts.js';
import type { EncodedParts, EncodeRules, EncodeTarget, WrittenCode } from './encode.js';
import { itemKey } from './keys.js';

/** Elements that an offer of ours and an attached one both carry (DESIGN 7). */
export function encodeShared(parts: EncodedParts, target: EncodeTarget): void {
  encodeCategory(parts, target);
  encodeLevel(parts);
  encodeFamilies(parts);
  encodeActs(parts);
  encodeContacts(parts, target);
  encodeBlock(parts);
}

function encodeCategory(parts: EncodedParts, target: EncodeTarget): void {
  const given = parts.byDefault('TRE_R244', parts.rules.defaults.category, 'category');
  if (given === null) return;
  const { code, assumed, rule } = given;
  parts.want({
    key: 'category',
    path: 'HealthcareService.category',
    value: parts.rules.codes.concept('TRE_R244', code),
    mode: target.kind === 'create' ? 'own' : 'ifEmpty',
    assumed,
    rule,
    fields: ['category'],
    text: parts.rules.codes.text('TRE_R244', code),
  });
}

function encodeLevel(parts: EncodedParts): void {
  const byLevel = parts.rules.defaults.expertiseLevels[parts.facts.label.level];
  const given = parts.byDefault('TRE_R344', byLevel, 'label');
  if (given === null) return;
  const { code, assumed, rule } = given;
  parts.want({
    key: `characteristic[expertiseLevel]#${code}`,
    path: 'HealthcareService.characteristic',
    value: characteristic(parts.rules.codes, 'TRE_R344', code),
    mode: 'own',
    assumed,
    rule,
    fields: ['label'],
    text: parts.rules.codes.text('TRE_R344', code),
  });
}

interface Families {
  readonly codes: readonly string[];
  readonly rule: string;
  readonly field: CentreField;
}

/** Ticked by a reviewer, else fixed for the network, else the filière's only one; null when a person must choose. */
function familiesOf(facts: CentreFacts, { crosswalk }: EncodeRules): Families | null {
  if (facts.families !== null) {
    return { codes: [...new Set(facts.families)], rule: 'ror.families.chosen', field: 'families' };
  }
  const fixed = facts.network === null ? undefined : crosswalk.networks[facts.network];
  if (fixed !== undefined) return { codes: fixed.families, rule: 'ror.families.network', field: 'network' };
  const ofFiliere = crosswalk.filieres[facts.filiere.code]?.families ?? [];
  return ofFiliere.length === 1 ? { codes: ofFiliere, rule: 'ror.families.filiere', field: 'filiere' } : null;
}

function encodeFamilies(parts: EncodedParts): void {
  const { facts, rules, missing } = parts;
  const found = familiesOf(facts, rules);
  const asked = found?.codes.map((code) => [code, heirOf(rules, 'TRE_R245', code)] as const) ?? [];
  const refused = asked.filter(([, heir]) => heir === null).map(([code]) => code);
  if (found === null || refused.length > 0) {
    const near = rules.crosswalk.filieres[facts.filiere.code]?.families ?? [];
    const offered = near.length > 0 ? near : rules.codes.active('TRE_R245').map(({ code }) => code);
    missing.push({
      field: 'families',
      question:
        refused.length > 0
          ? `La famille ${refused.join(', ')} n’est pas un code en vigueur de TRE_R245. Quelles familles de maladies rares ce centre prend-il en charge ?`
          : `La filière ${facts.filiere.code} couvre plusieurs familles de maladies rares. Lesquelles ce centre prend-il en charge ?`,
      candidates: inForceOnly(rules, 'TRE_R245', offered).map((code) => ({
        value: code,
        label: rules.codes.find('TRE_R245', code)?.display ?? code,
      })),
    });
    return;
  }
  for (const { code, assumed, rule } of written(parts, 'TRE_R245', found.codes, found.field)) {
    parts.want({
      key: `characteristic[takingCareSpeciality]#${code}`,
      path: 'HealthcareService.characteristic',
      value: characteristic(rules.codes, 'TRE_R245', code),
      mode: 'own',
      assumed,
      rule: rule ?? found.rule,
      fields: [found.field],
      text: rules.codes.text('TRE_R245', code),
    });
  }
}

function encodeActs(parts: EncodedParts): void {
  const { facts, rules, missing } = parts;
  for (const stated of new Set(facts.specificActs)) {
    if (heirOf(rules, 'TRE_R210', stated) === null) {
      missing.push({
        field: 'specificActs',
        question: `L’acte ${stated} n’est pas un code en vigueur de TRE_R210 connu de filror. Par quel acte le remplacer ?`,
        candidates: inForceOnly(
          rules,
          'TRE_R210',
          rules.crosswalk.filieres[facts.filiere.code]?.acts ?? [],
        ).map((act) => ({ value: act, label: rules.codes.find('TRE_R210', act)?.display ?? act })),
      });
    }
  }
  for (const { code, assumed, rule } of written(parts, 'TRE_R210', facts.specificActs, 'specificActs')) {
    parts.want({
      key: `characteristic[specificAct]#${code}`,
      path: 'HealthcareService.characteristic',
      value: specificAct(rules.codes, code),
      mode: 'own',
      assumed,
      rule: rule ?? 'ror.specificAct.stated',
      fields: ['specificActs'],
      text: rules.codes.text('TRE_R210', code),
    });
  }
}

function encodeContacts(parts: EncodedParts, target: EncodeTarget): void {
  const { facts, rules, missing, notes } = parts;
  if (facts.contacts.length === 0) {
    notes.push('Aucun contact : une offre sans numéro n’oriente personne.');
  }
  const seen = new Set<string>();
  for (const given of facts.contacts) {
    const { contact: each, assumed } = contactInForce(parts, given);
    const fault = contactFault(each, rules);
    if (fault !== null) {
      missing.push({ field: 'contacts', question: fault, candidates: [] });
      continue;
    }
    const box = each.channel === MSSANTE;
    const value = box ? mailbox(rules.codes, each) : contact(rules.codes, each);
    const list = box ? 'telecom' : 'extension';
    const key = itemKey(list, value);
    if (seen.has(key)) continue;
    seen.add(key);
    parts.want({
      key,
      path: `HealthcareService.${list}`,
      value,
      mode: target.kind === 'create' ? 'own' : 'ifEmpty',
      assumed,
      rule: box ? 'ror.contact.mailbox' : 'ror.contact.service',
      fields: ['contacts'],
      text: `${rules.codes.find('TRE_R287', each.nature)?.display ?? 'Contact'} : ${each.value} (${rules.codes.find('TRE_R283', each.confidentiality)?.display ?? ''})`,
    });
  }
}

/** The contact with codes in force: what is retired without successor, or unknown, stays and is asked about. */
function contactInForce(
  parts: EncodedParts,
  given: CentreContact,
): { readonly contact: CentreContact; readonly assumed: boolean } {
  const heir = (system: string, code: string): WrittenCode =>
    parts.inForce(system, code, 'contacts', 'leave') ?? { code, assumed: false, rule: null };
  const channel = heir(channelSystem(given.channel), given.channel);
  const confidentiality = heir('TRE_R283', given.confidentiality);
  const nature = given.channel === MSSANTE ? null : heir('TRE_R287', given.nature);
  return {
    contact: {
      ...given,
      channel: channel.code,
      confidentiality: confidentiality.code,
      nature: nature?.code ?? given.nature,
    },
    assumed: [channel, confidentiality, nature].some((code) => code?.assumed === true),
  };
}

/** French question when a contact cannot be written, else null. */
function contactFault(each: CentreContact, rules: EncodeRules): string | null {
  if (each.value.trim() === '') return 'Un contact n’a pas d’adresse ni de numéro : lequel ?';
  if (!isActive(rules, channelSystem(each.channel), each.channel)) {
    return `Le canal « ${each.channel} » du contact ${each.value} n’est pas un code de TRE_R200. Quel est-il ?`;
  }
  if (!isActive(rules, 'TRE_R283', each.confidentiality)) {
    return `À qui le contact ${each.value} est-il visible (grand public, professionnels, régulation) ?`;
  }
  if (each.channel !== MSSANTE && !isActive(rules, 'TRE_R287', each.nature)) {
    return `La nature « ${each.nature} » du contact ${each.value} n’est pas un code de TRE_R287. Quelle est-elle ?`;
  }
  return null;
}

function encodeBlock(parts: EncodedParts): void {
  const { facts } = parts;
  const { level, campaign, campaignText } = facts.label;
  const block = formatBlock({
    id: facts.id,
    filiere: facts.filiere.code,
    network: facts.network,
    label: level,
    campaign: campaign === null ? campaignText : String(campaign),
    title: level === 'CRC' ? facts.title : null,
  });
  parts.want({
    key: `comment[${facts.id}]`,
    path: 'HealthcareService.comment',
    value: block,
    mode: 'own',
    assumed: false,
    rule: 'ror.comment.block',
    fields: level === 'CRC' ? ['filiere', 'network', 'label', 'title'] : ['filiere', 'network', 'label'],
    text: block,
  });
}

/** What would be written for a code; null when that is a question. */
const heirOf = ({ codes }: EncodeRules, system: string, code: string): string | null =>
  codes.inForce(system, code)?.code ?? null;

const inForceOnly = (rules: EncodeRules, system: string, codes: readonly string[]): string[] =>
  codes.filter((code) => isActive(rules, system, code));

/** Codes as they are written, once each: two retired codes may have one successor. */
function written(
  parts: EncodedParts,
  system: string,
  codes: readonly string[],
  field: CentreField,
): WrittenCode[] {
  const found = new Map<string, WrittenCode>();
  for (const code of new Set(codes)) {
    const each = parts.inForce(system, code, field, 'leave');
    if (each === null) continue;
    const known = found.get(each.code);
    // Stated by one is stated.
    if (known === undefined || (known.assumed && !each.assumed)) found.set(each.code, each);
  }
  return [...found.values()];
}

const isActive = ({ codes }: EncodeRules, system: string, code: string): boolean =>
  codes.find(system, code)?.status === 'active';
