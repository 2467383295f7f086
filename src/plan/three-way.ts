import type { Json } from '../domain/json.js';
import type { ElementKey } from '../domain/offer.js';
import { sameValue } from '../ror/equality.js';

/**
 * `same`: nothing to do. `ours`: only the wanted value moved: written. `theirs`: only the repository moved: kept and
 * shown. `both-same`: both moved to one value: nothing to write, the base moves. `conflict`: never written, the three
 * values are shown.
 */
export const OUTCOMES = ['same', 'ours', 'theirs', 'both-same', 'conflict'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Values by element; a key with `undefined` says "known to be absent", a missing key says the same or "unknown". */
export type ElementValues = ReadonlyMap<ElementKey, Json | undefined>;

export interface ThreeValues {
  /** What was last read back after we wrote. */
  readonly base: ElementValues;
  /** What the repository says now. */
  readonly remote: ElementValues;
  /** What we want. */
  readonly desired: ElementValues;
}

export interface ComparedElement {
  readonly key: ElementKey;
  readonly outcome: Outcome;
  /** False when no base is known for this element. */
  readonly based: boolean;
  readonly base: Json | undefined;
  readonly remote: Json | undefined;
  readonly desired: Json | undefined;
}

export interface ThreeWayOptions {
  /**
   * What a missing key of `base` means. `unknown` (rows of `applied_element`): we never wrote that element.
   * `absent` (a whole resource): the element was not there.
   */
  readonly missingBase?: 'unknown' | 'absent';
  /** Equality of values; `saysTheSame` forgives what a repository writes otherwise and means alike. */
  readonly equal?: (a: Json, b: Json) => boolean;
}

/**
 * Compares element by element (DESIGN 5: base is what was read back; no row means no base). `∅` is absent:
 *
 * | base    | remote | desired | outcome   |                                                            |
 * |---------|--------|---------|-----------|------------------------------------------------------------|
 * | b       | b      | b       | same      |                                                            |
 * | b       | b      | d       | ours      | written; `∅` for d deletes, `∅` for b adds                 |
 * | b       | r      | b       | theirs    | kept and shown; `∅` for r: somebody took ours away         |
 * | b       | x      | x       | both-same | base moves to x                                            |
 * | b       | r      | d       | conflict  |                                                            |
 * | unknown | ∅      | d       | ours      | the place is free: added                                   |
 * | unknown | d      | d       | same      | it already says what we want                               |
 * | unknown | r      | d       | theirs    | not ours to overwrite: kept and shown                      |
 * | unknown | r      | ∅       | left out  | an element of others, which we do not want either          |
 *
 * Sorted by key, so that the same values give the same list.
 */
export function compareThree(values: ThreeValues, options: ThreeWayOptions = {}): ComparedElement[] {
  const { base, remote, desired } = values;
  const equal = options.equal ?? sameValue;
  const same = (a: Json | undefined, b: Json | undefined): boolean =>
    a === undefined || b === undefined ? a === b : equal(a, b);
  const compared: ComparedElement[] = [];
  for (const key of new Set([...base.keys(), ...remote.keys(), ...desired.keys()])) {
    const [b, r, d] = [base.get(key), remote.get(key), desired.get(key)];
    const based = options.missingBase === 'absent' || base.has(key);
    if (!based && d === undefined) continue;
    const outcome = based ? knownBase(b, r, d, same) : unknownBase(r, d, same);
    compared.push({ key, outcome, based, base: b, remote: r, desired: d });
  }
  return compared.sort((x, y) => (x.key < y.key ? -1 : 1));
}

type Same = (a: Json | undefined, b: Json | undefined) => boolean;

function knownBase(b: Json | undefined, r: Json | undefined, d: Json | undefined, same: Same): Outcome {
  const remoteMoved = !same(b, r);
  const desiredMoved = !same(b, d);
  if (!remoteMoved) return desiredMoved ? 'ours' : 'same';
  if (!desiredMoved) return 'theirs';
  return same(r, d) ? 'both-same' : 'conflict';
}

function unknownBase(r: Json | undefined, d: Json | undefined, same: Same): Outcome {
  if (r === undefined) return 'ours';
  return same(r, d) ? 'same' : 'theirs';
}
