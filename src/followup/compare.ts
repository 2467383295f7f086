import { newNeighbours } from '../apply/moved.js';
import type { StoredChange } from '../db/changes.js';
import { type ElementChange, offerOfTarget } from '../domain/change.js';
import type { Json } from '../domain/json.js';
import type { ElementKey, OfferElement } from '../domain/offer.js';
import type { PresentOffer } from '../mirror/present.js';
import { saysTheSame } from '../ror/equality.js';

/** One element that was typed otherwise than asked: what stood there, what was asked, what the repository says. */
export interface TypedOtherwise {
  readonly key: ElementKey;
  readonly before: Json | null;
  readonly asked: Json | null;
  readonly now: Json | null;
}

/** What the repository shows of a change that was handed over. */
export type Look =
  /** Nothing, or a part of it: somebody may still be typing. */
  | {
      readonly kind: 'waiting';
      readonly offer: PresentOffer | null;
      readonly typed: readonly ElementChange[];
    }
  | { readonly kind: 'seen'; readonly offer: PresentOffer; readonly typed: readonly ElementChange[] }
  | {
      readonly kind: 'differs';
      readonly offer: PresentOffer | null;
      readonly typed: readonly ElementChange[];
      readonly why: string;
      readonly columns: readonly TypedOtherwise[];
    };

/**
 * Compares a change that was handed over with the mirror. A created offer is recognised by our centre's id in its
 * comment (DESIGN 5, identity), typed by hand or not. An element that still says what it said is not typed yet; one
 * that says a third thing, or a contact or a level put beside it in its place, was typed otherwise.
 * @param shown the offer as the approver saw it; null when it did not exist
 */
export function lookAt(
  change: StoredChange,
  offers: readonly PresentOffer[],
  shown: ReadonlyMap<ElementKey, OfferElement> | null,
): Look {
  const found = offersOf(change, offers);
  const [offer] = found;
  if (offer === undefined) return { kind: 'waiting', offer: null, typed: [] };
  if (found.length > 1) {
    const numbers = found.map((each) => each.identifier).join(', ');
    const why =
      offerOfTarget(change.target) !== null
        ? `${found.length} offres portent le numéro ${offer.identifier}`
        : `${found.length} offres portent le bloc du centre (${numbers})`;
    return { kind: 'differs', offer: null, typed: [], why, columns: [] };
  }
  const elements = change.elements.filter((element) => element.channel === 'ror');
  const now = (element: ElementChange): Json | undefined => offer.elements.get(element.key)?.value;
  const typed = elements.filter((element) => same(element.after, now(element)));
  const rest = elements.filter((element) => !typed.includes(element));
  const columns = [
    ...rest
      .filter((element) => !same(element.before, now(element)))
      .map(({ key, before, after }) => ({
        key,
        before: before ?? null,
        asked: after ?? null,
        now: offer.elements.get(key)?.value ?? null,
      })),
    ...besides(change.elements, rest, shown ?? new Map<ElementKey, OfferElement>(), offer),
  ];
  if (columns.length > 0) {
    const why = `l’offre ${offer.identifier} dit autre chose que ce qui était demandé : ${columns.map(({ key }) => key).join(', ')}`;
    return { kind: 'differs', offer, typed, why, columns };
  }
  return rest.length === 0 ? { kind: 'seen', offer, typed } : { kind: 'waiting', offer, typed };
}

/** The offer of the change's number; for a creation, those whose text holds the id of one of its centres. */
function offersOf(change: StoredChange, offers: readonly PresentOffer[]): PresentOffer[] {
  const identifier = offerOfTarget(change.target);
  if (identifier !== null) return offers.filter((offer) => offer.identifier === identifier);
  return offers.filter((offer) => change.centres.some((centre) => offer.body.includes(centre)));
}

/** What was put, instead of an element that was not typed, in a slot where two values contradict each other. */
function besides(
  all: readonly ElementChange[],
  rest: readonly ElementChange[],
  shown: ReadonlyMap<ElementKey, OfferElement>,
  offer: PresentOffer,
): TypedOtherwise[] {
  const own = new Set(all.map((element) => element.key));
  return newNeighbours(rest, shown, offer.elements)
    .filter((neighbour) => !own.has(neighbour.key))
    .map((neighbour) => ({
      key: neighbour.key,
      before: neighbour.shown,
      asked: neighbour.wanted,
      now: neighbour.now,
    }));
}

/** Another label of the same code is the same value. */
function same(a: Json | undefined, b: Json | undefined): boolean {
  return a === undefined || b === undefined ? a === b : saysTheSame(a, b);
}
