import { isJsonObject, type Json, type JsonObject } from '../domain/json.js';
import type { LabelLevel } from '../domain/centre.js';
import type { Token } from './parameters.js';

/** What is approved of one centre that an offer carries, and that no ROR code says. */
export interface CentreFactsServed {
  readonly centre: string;
  readonly filiere: { readonly code: string; readonly title: string } | null;
  readonly network: string | null;
  readonly label: LabelLevel | null;
  readonly campaign: string | null;
  readonly erns: readonly string[];
  /** Offer identifier of the network's coordinating centre, when this region has it. */
  readonly coordinator: string | null;
  /** Ids of the sources that said so; empty when persons or rules alone did. */
  readonly sources: readonly string[];
  /** Latest date of those sources' content, YYYY-MM-DD; null when unknown. */
  readonly sourceDate: string | null;
  /** Instant at which the approved facts were recorded. */
  readonly recordedAt: string;
}

/** Name of the extension's StructureDefinition, after the canonical base of the configuration. */
export const CENTRE_EXTENSION = 'centre-maladies-rares';

/** Parts of the extension that are searched. */
export const FACTS = ['filiere', 'ern', 'label-role', 'label-campaign'] as const;

/** Codes of `label-role`; their displays are the label levels themselves. */
export const LABEL_ROLES: Readonly<Record<LabelLevel, string>> = {
  'CRMR coordonnateur': 'CRMR-coordonnateur',
  'CRMR constitutif': 'CRMR-constitutif',
  CRC: 'CRC',
  CCMR: 'CCMR',
};

export function structureUrl(canonical: string): string {
  return `${canonical}/StructureDefinition/${CENTRE_EXTENSION}`;
}

export function codeSystemUrl(canonical: string, name: 'filiere' | 'ern' | 'label-role'): string {
  return `${canonical}/CodeSystem/${name}`;
}

/**
 * The offer with one extension for each of its centres, in the order of their ids. One that the repository carries under
 * the same address is left out: only what was approved here is said here.
 */
export function enriched(
  offer: JsonObject,
  facts: readonly CentreFactsServed[],
  canonical: string,
): JsonObject {
  const url = structureUrl(canonical);
  const own = list(offer['extension']).filter((extension) => !isCentre(extension));
  const added = [...facts]
    .sort((a, b) => (a.centre < b.centre ? -1 : 1))
    .map((each) => ({ url, extension: parts(each, canonical) }));
  const extension: Json[] = [...own, ...added];
  const whole: Record<string, Json> = { ...offer, extension };
  if (extension.length === 0) delete whole['extension'];
  return whole;
}

function parts(facts: CentreFactsServed, canonical: string): Json[] {
  const coding = (
    url: string,
    system: 'filiere' | 'ern' | 'label-role',
    code: string,
    display?: string,
  ): Json => ({
    url,
    valueCoding: {
      system: codeSystemUrl(canonical, system),
      code,
      ...(display === undefined ? {} : { display }),
    },
  });
  const { filiere, network, label, campaign, coordinator, sourceDate } = facts;
  return [
    { url: 'centre', valueString: facts.centre },
    ...(filiere === null ? [] : [coding('filiere', 'filiere', filiere.code, filiere.title)]),
    ...(network === null ? [] : [{ url: 'network', valueString: network }]),
    ...(coordinator === null ? [] : [{ url: 'coordinator', valueIdentifier: { value: coordinator } }]),
    ...(label === null ? [] : [coding('label-role', 'label-role', LABEL_ROLES[label], label)]),
    ...(campaign === null ? [] : [{ url: 'label-campaign', valueCode: campaign }]),
    ...facts.erns.map((ern) => coding('ern', 'ern', ern)),
    ...facts.sources.map((source) => ({ url: 'source', valueString: source })),
    ...(sourceDate === null ? [] : [{ url: 'source-date', valueDate: sourceDate }]),
    { url: 'recorded', valueInstant: facts.recordedAt },
  ];
}

/** Codes of one part, over all centres of an offer. */
export function factsIn(offer: JsonObject, name: (typeof FACTS)[number]): readonly Token[] {
  return list(offer['extension'])
    .filter(isCentre)
    .flatMap((extension) => list(extension['extension']))
    .filter(isJsonObject)
    .filter((part) => part['url'] === name)
    .map((part): Token => {
      const value = part['valueCoding'];
      if (isJsonObject(value)) return { system: text(value['system']), code: text(value['code']) };
      return { system: null, code: text(part['valueCode']) };
    });
}

function isCentre(extension: Json): extension is JsonObject {
  return (
    isJsonObject(extension) &&
    (text(extension['url']) ?? '').endsWith(`/StructureDefinition/${CENTRE_EXTENSION}`)
  );
}

function list(value: Json | undefined): readonly Json[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as Json[]) : [value];
}

function text(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null;
}
