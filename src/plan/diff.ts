import { isJsonObject, type Json, type JsonObject } from '../domain/json.js';
import type { ElementKey, OfferElement } from '../domain/offer.js';
import { plain } from '../ror/body.js';
import type { ElementEdit } from '../ror/edit.js';
import { rawElementsOf } from '../ror/elements.js';
import { identical, sameValue, valueText } from '../ror/equality.js';
import { itemKey } from '../ror/keys.js';
import { baseKey, propertyKey } from '../ror/pieces.js';
import { EXTENSION_URLS } from '../ror/urls.js';

/**
 * The edits that turn `a` into `b`: one per element that truly changed, in the order of keys. Order of arrays and of
 * keys, Unicode form and form of numbers are no change; nor is what the server sets. `diffOffers(a, a)` is empty and
 * `editResource(a, diffOffers(a, b))` says what `b` says.
 */
export function diffOffers(a: JsonObject, b: JsonObject): ElementEdit[] {
  const reduced = whereTheyDiffer(a, b);
  const edits = diffElements(rawElementsOf(reduced.left), rawElementsOf(reduced.right));
  if (edits.length === 0 || reduced.paired.length === 0) return edits;
  // Items set aside take part in the numbering of doubles: when one shares a key with an edit, nothing is set aside.
  const edited = new Set(edits.map((edit) => baseKey(edit.key)));
  return reduced.paired.some(([name, item]) => edited.has(itemKey(propertyKey(name), item)))
    ? diffElements(rawElementsOf(a), rawElementsOf(b))
    : edits;
}

interface Reduced {
  readonly left: JsonObject;
  readonly right: JsonObject;
  /** Items that both have, left out of `left` and `right`, with the name of their list. */
  readonly paired: readonly (readonly [string, Json])[];
}

/**
 * Two resources reduced to where they are not the very same: first-level properties, then items of first-level lists.
 * Elements never cross a property, so that the rest needs no cutting; most of two versions of an offer goes this way.
 */
function whereTheyDiffer(a: JsonObject, b: JsonObject): Reduced {
  const left: Record<string, Json> = { resourceType: a['resourceType'] ?? 'Resource' };
  const right: Record<string, Json> = { resourceType: b['resourceType'] ?? 'Resource' };
  const paired: (readonly [string, Json])[] = [];
  // Own properties only: a hostile resource may have one called toString.
  const take = (name: string): void => {
    for (const each of [name, `_${name}`]) {
      if (Object.hasOwn(a, each)) left[each] = a[each] as Json;
      if (Object.hasOwn(b, each)) right[each] = b[each] as Json;
    }
    const [x, y] = [left[name], right[name]];
    const tied = Object.hasOwn(left, `_${name}`) || Object.hasOwn(right, `_${name}`);
    if (!Array.isArray(x) || !Array.isArray(y) || tied || x.length > PAIRED_AT_MOST) return;
    // An empty list, which FHIR forbids, is a value of its own.
    if (x.length === 0 || y.length === 0) return;
    const [restX, restY] = setAside(name, x as Json[], y as Json[], paired);
    if (restX.length > 0) left[name] = restX;
    else delete left[name];
    if (restY.length > 0) right[name] = restY;
    else delete right[name];
  };
  for (const name of Object.keys(a)) {
    if (!Object.hasOwn(b, name) || !identical(a[name] as Json, b[name] as Json)) take(name.replace(/^_/, ''));
  }
  for (const name of Object.keys(b)) if (!Object.hasOwn(a, name)) take(name.replace(/^_/, ''));
  return { left, right, paired };
}

/** Longer lists are cut whole: pairing is quadratic. */
const PAIRED_AT_MOST = 64;

/** What is left of two lists without the items they share. The patient type is cut deeper and stays. */
function setAside(
  name: string,
  x: readonly Json[],
  y: readonly Json[],
  paired: (readonly [string, Json])[],
): readonly [Json[], Json[]] {
  const left: Json[] = [];
  const right = [...y];
  for (const item of x) {
    const index = isPatientType(item) ? -1 : right.findIndex((other) => identical(item, other));
    if (index < 0) left.push(item);
    else {
      right.splice(index, 1);
      paired.push([name, item]);
    }
  }
  return [left, right];
}

const isPatientType = (item: Json): boolean =>
  isJsonObject(item) && item['url'] === EXTENSION_URLS['patient-type'];

/** The same on elements already cut (`elementsOf` or `rawElementsOf`). */
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
    .sort((x, y) => (valueText(x.value) < valueText(y.value) ? -1 : 1));
}

const removal = ({ key, path, value }: OfferElement): ElementEdit => ({
  key,
  path,
  operation: 'delete',
  before: plain(value),
});
const addition = (key: ElementKey, { path, value }: OfferElement): ElementEdit => ({
  key,
  path,
  operation: 'add',
  after: plain(value),
});
const replacement = (before: OfferElement, after: OfferElement): ElementEdit => ({
  key: before.key,
  path: before.path,
  operation: 'replace',
  before: plain(before.value),
  after: plain(after.value),
});
