import type { ElementChange } from '../domain/change.js';
import type { Json } from '../domain/json.js';
import type { ElementKey, OfferElement } from '../domain/offer.js';
import { saysTheSame } from '../ror/equality.js';

/** One element whose remote value is no longer what the approver was shown. */
export interface MovedElement {
  readonly key: ElementKey;
  readonly shown: Json | null;
  readonly now: Json | null;
  readonly wanted: Json | null;
}

type Elements = ReadonlyMap<ElementKey, OfferElement>;

/** Elements of the change that somebody else moved since it was shown (rule 2): such a change is refused. */
export function movedElements(elements: readonly ElementChange[], remote: Elements): MovedElement[] {
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

/**
 * Slots where what stands beside an added item decides whether it may be added: a contact is proposed only where the
 * offer has none, and two levels of expertise contradict each other. The key of such an item holds its value, so that
 * a neighbour that came since is no move of the same key.
 */
const TOUCHY_SLOTS = ['telecom', 'extension[contact]', 'characteristic[expertiseLevel]'];

/** What others put, since the plan looked, beside an element that the change adds in a slot of that kind. */
export function newNeighbours(
  elements: readonly ElementChange[],
  shown: Elements,
  remote: Elements,
): MovedElement[] {
  const own = new Set(elements.map((element) => element.key));
  return elements
    .filter((element) => element.channel === 'ror' && element.operation === 'add')
    .filter((element) => TOUCHY_SLOTS.includes(slotOf(element.key)))
    .flatMap((element) =>
      [...remote.values()]
        .filter((other) => slotOf(other.key) === slotOf(element.key) && !own.has(other.key))
        .filter((other) => !same(shown.get(other.key)?.value, other.value))
        .map((other) => ({
          key: other.key,
          shown: shown.get(other.key)?.value ?? null,
          now: other.value,
          wanted: element.after ?? null,
        })),
    );
}

function slotOf(key: ElementKey): string {
  return key.split('#', 1)[0] ?? key;
}

/** True when the repository already says everything the change wants. */
export function isFulfilled(elements: readonly ElementChange[], remote: Elements): boolean {
  return notRetained(elements, remote).length === 0;
}

/**
 * True when the repository says, of something that the change wants and that was not so before, what was sent: the
 * write arrived, even if somebody has changed the rest since.
 */
export function isPartlyFulfilled(elements: readonly ElementChange[], remote: Elements): boolean {
  return elements.some(
    (element) =>
      element.channel === 'ror' &&
      !same(element.before, element.after) &&
      same(element.after, remote.get(element.key)?.value),
  );
}

/** Elements that the re-reading does not show as they were sent. */
export function notRetained(elements: readonly ElementChange[], remote: Elements): ElementKey[] {
  return elements
    .filter((element) => element.channel === 'ror' && !same(element.after, remote.get(element.key)?.value))
    .map((element) => element.key);
}

function same(a: Json | undefined, b: Json | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return saysTheSame(a, b);
}
