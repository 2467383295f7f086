import { canonicalHash, canonicalText, isJsonObject, type Json, type JsonObject } from '../domain/json.js';
import { plain } from './body.js';

/**
 * The same value with every array sorted by canonical text: in an offer no array's order carries meaning.
 * A primitive array with its FHIR sibling (`daysOfWeek` and `_daysOfWeek`) keeps its order, which ties the two.
 */
function orderless(value: Json): Json {
  if (Array.isArray(value)) {
    return value
      .map((item: Json) => orderless(item))
      .map((item) => [canonicalText(item), item] as const)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([, item]) => item);
  }
  if (!isJsonObject(value)) return value;
  const tied = (name: string): boolean =>
    name.startsWith('_') ? Array.isArray(value[name.slice(1)]) : Array.isArray(value[`_${name}`]);
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, tied(name) ? item : orderless(item)]),
  );
}

/** Text that is equal for equal values, whatever the order of keys and arrays, the Unicode form or 49.20 for 49.2. */
export function valueText(value: Json): string {
  return canonicalText(orderless(plain(value)));
}

/** Hash of `valueText`. */
export function valueHash(value: Json): string {
  return canonicalHash(orderless(plain(value)));
}

/** Equality of two values of elements: order, Unicode form and form of numbers aside. */
export function sameValue(a: Json, b: Json): boolean {
  return identical(a, b) || valueText(a) === valueText(b);
}

/**
 * Like `sameValue`, but a coding is its system and code: two displays of one code mean the same.
 * For what a repository may rewrite by itself; a diff shown to a person uses `sameValue`.
 */
export function sameMeaning(a: Json, b: Json): boolean {
  return sameValue(a, b) || valueText(withoutDisplays(a)) === valueText(withoutDisplays(b));
}

function withoutDisplays(value: Json): Json {
  if (Array.isArray(value)) return value.map((item: Json) => withoutDisplays(item));
  if (!isJsonObject(value)) return value;
  const coded = typeof value['code'] === 'string' && typeof value['system'] === 'string';
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !(coded && name === 'display'))
      .map(([name, item]) => [name, withoutDisplays(item)]),
  );
}

/** Cheap first test, no allocation: most elements of two versions are the very same in the very same order. */
function identical(a: Json, b: Json): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!identical(a[i] as Json, b[i] as Json)) return false;
    return true;
  }
  if (Array.isArray(b)) return false;
  const left = a as JsonObject;
  const right = b as JsonObject;
  const names = Object.keys(left);
  if (names.length !== Object.keys(right).length) return false;
  for (const name of names) {
    const item = left[name];
    const other = right[name];
    if (item === undefined || other === undefined || !identical(item, other)) return false;
  }
  return true;
}
