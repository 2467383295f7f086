import { fold } from '../normalise/text.js';
import { isJsonObject, type Json } from '../domain/json.js';
import type { ElementKey, OfferElement } from '../domain/offer.js';

/** An offer of the mirror, parsed once. */
export interface MirroredOffer {
  readonly identifier: string;
  readonly remoteId: string;
  readonly body: string;
  readonly elements: ReadonlyMap<ElementKey, OfferElement>;
  readonly name: string;
  /** FINESS number of the site that carries it, through `providedBy`; null when it is not a site we know. */
  readonly eg: string | null;
}

export interface AttachCandidate {
  readonly offer: MirroredOffer;
  /** French, why it is a candidate. */
  readonly why: string;
}

/** Rare-disease families of TRE_R245: 29 to 61. */
const FAMILY = /^characteristic\[takingCareSpeciality\]#(29|[345][0-9]|6[01])$/;

/** Half of the words shared, two at least: below, unrelated consultations of one hospital would be candidates. */
const NEAR_TITLE = 0.5;

/**
 * Offers of the same sites that may already describe the centre (DESIGN 10): a rare-disease family, an activity of the
 * filière's list, or a near title. A person decides; there is never a "first hit".
 */
export function attachCandidates(
  offers: readonly MirroredOffer[],
  centre: { readonly title: string; readonly network: string | null; readonly activities: readonly string[] },
): AttachCandidate[] {
  const found: AttachCandidate[] = [];
  for (const offer of offers) {
    const reasons: string[] = [];
    for (const key of offer.elements.keys()) {
      const family = FAMILY.exec(key);
      if (family !== null) reasons.push(`porte la famille de maladies rares ${family[1] ?? ''}`);
    }
    const activity = codeOf(offer.elements.get('specialty[operationalActivity]')?.value);
    if (activity !== null && centre.activities.includes(activity)) {
      reasons.push(`activité ${activity} de la filière`);
    }
    if (nearTitle(offer.name, centre)) reasons.push('intitulé proche');
    if (reasons.length > 0) found.push({ offer, why: [...new Set(reasons)].sort().join(', ') });
  }
  return found.sort((a, b) =>
    a.offer.identifier < b.offer.identifier ? -1 : a.offer.identifier > b.offer.identifier ? 1 : 0,
  );
}

/** Code of the first coding of a concept. */
function codeOf(value: Json | undefined): string | null {
  const coding = isJsonObject(value) ? value['coding'] : undefined;
  const first = Array.isArray(coding) ? (coding[0] as Json | undefined) : undefined;
  const code = isJsonObject(first) ? first['code'] : undefined;
  return typeof code === 'string' ? code : null;
}

function nearTitle(name: string, centre: { title: string; network: string | null }): boolean {
  const words = significant(name);
  if (centre.network !== null && words.has(fold(centre.network))) return true;
  const title = significant(centre.title);
  if (title.size === 0 || words.size === 0) return false;
  let shared = 0;
  for (const word of title) if (words.has(word)) shared++;
  return shared >= 2 && (2 * shared) / (title.size + words.size) >= NEAR_TITLE;
}

/** Words that carry meaning in the title of a centre; the label's own words say nothing. */
const COMMON = new Set(
  'centre centres reference competence competences ressources maladies maladie rares rare consultation service unite hopital site enfant adulte'.split(
    ' ',
  ),
);

function significant(text: string): Set<string> {
  return new Set(
    fold(text)
      .split(' ')
      .filter((word) => word.length > 3 && !COMMON.has(word)),
  );
}
