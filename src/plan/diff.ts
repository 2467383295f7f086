import { canonicalText, type Json, type JsonObject } from '../domain/json.js';
import type { ElementKey, OfferElement } from '../domain/offer.js';
import type { ElementEdit } from '../ror/edit.js';
import { elementsOf } from '../ror/elements.js';
import { identical, sameValue } from '../ror/equality.js';
import { baseKey } from '../ror/pieces.js';

/**
 * The edits that turn `a` into `b`: one per element that truly changed, in the order of keys. Order of arrays and of
 * keys, Unicode form and form of numbers are no change; nor is what the server sets. `diffOffers(a, a)` is empty and
 * `editResource(a, diffOffers(a, b))` says what `b` says.
 */
export function diffOffers(a: JsonObject, b: JsonObject): ElementEdit[] {
  const [left, right] = whereTheyDiffer(a, b);
  return diffElements(elementsOf(left), elementsOf(right));
}

/**
 * The first-level properties that are not the very same, with their FHIR siblings: elements never cross a property, so
 * that the others need no cutting. Most of two versions of an offer goes this way.
 */
function whereTheyDiffer(a: JsonObject, b: JsonObject): readonly [JsonObject, JsonObject] {
  const left: Record<string, Json> = { resourceType: a['resourceType'] ?? 'Resource' };
  const right: Record<string, Json> = { resourceType: b['resourceType'] ?? 'Resource' };
  const take = (name: string): void => {
    for (const each of [name, `_${name}`]) {
      if (a[each] !== undefined) left[each] = a[each];
      if (b[each] !== undefined) right[each] = b[each];
    }
  };
  for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const [x, y] = [a[name], b[name]];
    if (x === undefined || y === undefined || !identical(x, y)) take(name.replace(/^_/, ''));
  }
  return [left, right];
}

/** The same on elements already cut. */
export function diffElements(
  a: ReadonlyMap<ElementKey, OfferElement>,
  b: ReadonlyMap<ElementKey, OfferElement>,
): ElementEdit[] {
  const edits: ElementEdit[] = [];
  const doubled = new Set<ElementKey>();
  for (const key of [...a.keys(), ...b.keys()]) if (key.includes('~')) doubled.add(baseKey(key));
  const alone = (key: ElementKey): boolean => doubled.size === 0 || !doubled.has(baseKey(key));
  for (const [key, before] of a) {
    if (!alone(key)) continue;
    const after = b.get(key);
    if (after === undefined) edits.push(removal(before));
    else if (!sameValue(before.value, after.value)) edits.push(replacement(before, after));
  }
  for (const [key, after] of b) if (alone(key) && !a.has(key)) edits.push(addition(key, after));
  for (const key of doubled) edits.push(...diffDoubles(sharing(a, key), sharing(b, key), key));
  return edits.sort((x, y) => (x.key < y.key ? -1 : 1));
}

/** Several items with one business key: equal ones are paired first, then the rest one to one. */
function diffDoubles(a: readonly OfferElement[], b: readonly OfferElement[], key: ElementKey): ElementEdit[] {
  const left = [...a];
  const right: OfferElement[] = [];
  for (const after of b) {
    const index = left.findIndex((before) => sameValue(before.value, after.value));
    if (index < 0) right.push(after);
    else left.splice(index, 1);
  }
  const taken = new Set(a.map((element) => element.key));
  return [
    ...left.map((before, i) => (right[i] === undefined ? removal(before) : replacement(before, right[i]))),
    ...right.slice(left.length).map((after) => {
      let free = key;
      for (let n = 2; taken.has(free); n++) free = `${key}~${n}`;
      taken.add(free);
      return addition(free, after);
    }),
  ];
}

function sharing(elements: ReadonlyMap<ElementKey, OfferElement>, key: ElementKey): OfferElement[] {
  return [...elements.values()]
    .filter((element) => baseKey(element.key) === key)
    .sort((x, y) => (canonicalText(x.value) < canonicalText(y.value) ? -1 : 1));
}

const removal = ({ key, path, value }: OfferElement): ElementEdit => ({
  key,
  path,
  operation: 'delete',
  before: value,
});
const addition = (key: ElementKey, { path, value }: OfferElement): ElementEdit => ({
  key,
  path,
  operation: 'add',
  after: value,
});
const replacement = (before: OfferElement, after: OfferElement): ElementEdit => ({
  key: before.key,
  path: before.path,
  operation: 'replace',
  before: before.value,
  after: after.value,
});
