import { fold } from '../normalise/text.js';
import type { ElementKey, OfferElement } from '../domain/offer.js';
import { codeOf, rareDiseaseSigns } from './rare-disease-signs.js';

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

/** Half of the words shared, two at least: below, unrelated consultations of one hospital would be candidates. */
const NEAR_TITLE = 0.5;

/**
 * Offers of the same sites that may already describe the centre (DESIGN 10): a sign of a
 * rare-disease offer, in the present way or an older one, an activity of the filière's list, or a near title. A person decides; there is never a "first hit".
 */
export function attachCandidates(
  offers: readonly MirroredOffer[],
  centre: { readonly title: string; readonly network: string | null; readonly activities: readonly string[] },
): AttachCandidate[] {
  const found: AttachCandidate[] = [];
  for (const offer of offers) {
    const reasons: string[] = [...(rareDiseaseSigns(offer.elements)?.signs ?? [])];
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
