import type { ElementChange } from '../domain/change.js';
import type { Json } from '../domain/json.js';
import type { ElementKey, OfferElement } from '../domain/offer.js';
import { sameValue } from '../ror/equality.js';

/** One element whose remote value is no longer what the approver was shown. */
export interface MovedElement {
  readonly key: ElementKey;
  readonly shown: Json | null;
  readonly now: Json | null;
  readonly wanted: Json | null;
}

/** Elements of the change that somebody else moved since it was shown (rule 2): such a change is refused. */
export function movedElements(
  elements: readonly ElementChange[],
  remote: ReadonlyMap<ElementKey, OfferElement>,
): MovedElement[] {
  return elements
    .filter((element) => element.channel === 'ror')
    .filter((element) => !same(element.before, remote.get(element.key)?.value))
    .map((element) => ({
      key: element.key,
      shown: element.before ?? null,
      now: remote.get(element.key)?.value ?? null,
      wanted: element.after ?? null,
    }));
}

/** True when the repository already says everything the change wants. */
export function isFulfilled(
  elements: readonly ElementChange[],
  remote: ReadonlyMap<ElementKey, OfferElement>,
): boolean {
  return elements
    .filter((element) => element.channel === 'ror')
    .every((element) => same(element.after, remote.get(element.key)?.value));
}

/** Elements that the re-reading does not show as they were sent. */
export function notRetained(
  elements: readonly ElementChange[],
  remote: ReadonlyMap<ElementKey, OfferElement>,
): ElementKey[] {
  return elements
    .filter((element) => element.channel === 'ror' && !same(element.after, remote.get(element.key)?.value))
    .map((element) => element.key);
}

function same(a: Json | undefined, b: Json | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return sameValue(a, b);
}
