import { isJsonObject, type Json } from '../domain/json.js';
import type { ElementKey, OfferElement } from '../domain/offer.js';

/**
 * - `present`: category 245, activity 593, or a family 29 to 61: each says a rare-disease offer outright.
 * - `older`: what was written before these codes existed.
 * - `doubtful`: a reference centre of unknown subject; the same codes serve centres of other diseases.
 */
export type SignStrength = 'present' | 'older' | 'doubtful';

export interface RareDiseaseSigns {
  readonly strength: SignStrength;
  /** French, each sign with its code. */
  readonly signs: readonly string[];
}

const FAMILY = /^characteristic\[takingCareSpeciality\]#(29|[345][0-9]|6[01])$/;
const LEVEL = /^characteristic\[expertiseLevel\]#(1[01])$/;
/** Whatever kind of act the server says it is, or none. */
const ACT = /^characteristic\[(?:specificAct|outsideOfficeAct|act)\]#(028[467]|098[56])$/;

const RARE_ACTS: Readonly<Record<string, string>> = {
  '0284': 'maladie rare',
  '0286': 'maladies héréditaires du métabolisme',
  '0287': 'maladies neuromusculaires',
};
const GENETICS = '049';
const EXPERT_CENTRE = '09';
const RARE_CATEGORY = '245';
const RARE_ACTIVITY = '593';

/**
 * How an offer, whoever wrote it and when, says that it is a rare-disease centre (codes of ROR v3, sections 1 and 3);
 * null when it does not. A level 10 or 11 alone proves nothing.
 */
export function rareDiseaseSigns(elements: ReadonlyMap<ElementKey, OfferElement>): RareDiseaseSigns | null {
  const category = codeOf(elements.get('category')?.value);
  const activity = codeOf(elements.get('specialty[operationalActivity]')?.value);
  const present = [
    ...(category === RARE_CATEGORY ? ['type d’offre 245 (centre expert en maladies rares)'] : []),
    ...(activity === RARE_ACTIVITY ? ['activité 593 (prise en charge coordonnée, maladies rares)'] : []),
    ...familiesOf(elements).map((code) => `porte la famille de maladies rares ${code}`),
  ];
  if (present.length > 0) return { strength: 'present', signs: present };
  const acts = codesIn(elements, ACT);
  const older = [
    ...acts.flatMap((code) => {
      const subject = RARE_ACTS[code];
      return subject === undefined ? [] : [`acte ${code} (${subject})`];
    }),
    ...(category === EXPERT_CENTRE && activity === GENETICS
      ? ['centre expert (09) en génétique médicale (049)']
      : []),
  ];
  if (older.length > 0) return { strength: 'older', signs: [...older, ...labelActs(acts)] };
  const levels = levelsOf(elements);
  if (levels.length === 0 || category !== null || activity === null) return null;
  const signs = levels.map(
    (code) => `niveau ${code} sans type d’offre, sujet inconnu (activité ${activity})`,
  );
  return { strength: 'doubtful', signs };
}

/** TRE_R344 codes 10 and 11 of an offer, in order. */
export function levelsOf(elements: ReadonlyMap<ElementKey, OfferElement>): string[] {
  return codesIn(elements, LEVEL);
}

/** TRE_R245 codes 29 to 61, the rare-disease families, in order. */
export function familiesOf(elements: ReadonlyMap<ElementKey, OfferElement>): string[] {
  return codesIn(elements, FAMILY);
}

function codesIn(elements: ReadonlyMap<ElementKey, OfferElement>, pattern: RegExp): string[] {
  return [...elements.keys()].flatMap((key) => pattern.exec(key)?.[1] ?? []).sort();
}

/** A label written as an act, as it was done before the level existed: it tells more only beside a rare-disease act. */
function labelActs(acts: readonly string[]): string[] {
  return acts.flatMap((code) =>
    code === '0985'
      ? ['acte 0985 (centre de référence)']
      : code === '0986'
        ? ['acte 0986 (centre de compétence)']
        : [],
  );
}

/** Code of the first coding of a concept. */
export function codeOf(value: Json | undefined): string | null {
  const coding = isJsonObject(value) ? value['coding'] : undefined;
  const first = Array.isArray(coding) ? (coding[0] as Json | undefined) : undefined;
  const code = isJsonObject(first) ? first['code'] : undefined;
  return typeof code === 'string' ? code : null;
}
