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
  return identical(a, b) || equivalent(plain(a), plain(b));
}

/** Longer lists are compared by their sorted text rather than by pairs. */
const PAIRED_AT_MOST = 32;

/** What `valueText(a) === valueText(b)` says, without writing the texts. */
function equivalent(a: Json, b: Json): boolean {
  if (a === b) return true;
  if (typeof a === 'string') return typeof b === 'string' && a.normalize('NFC') === b.normalize('NFC');
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) return Array.isArray(b) && sameItems(a as Json[], b as Json[]);
  if (Array.isArray(b)) return false;
  const left = a as JsonObject;
  const right = b as JsonObject;
  let count = 0;
  for (const name in left) {
    const item = left[name];
    const other = right[name];
    // A name may differ by its Unicode form, and a `_sibling` ties an array to its order: the text knows both.
    if (name.startsWith('_') || other === undefined) return valueText(a) === valueText(b);
    if (item === undefined || !equivalent(item, other)) {
      return `_${name}` in left ? valueText(a) === valueText(b) : false;
    }
    count++;
  }
  return count === Object.keys(right).length;
}

/** The same items whatever their order: each one finds a partner of its own. */
function sameItems(a: readonly Json[], b: readonly Json[]): boolean {
  if (a.length !== b.length) return false;
  if (a.length > PAIRED_AT_MOST) return valueText([...a]) === valueText([...b]);
  const free = [...b];
  for (const item of a) {
    const partner = free.findIndex((other) => equivalent(item, other));
    if (partner < 0) return false;
    free.splice(partner, 1);
  }
  return true;
}

/**
 * The one comparison of what stands in a repository with what we wanted, sent or read back: the planner, the last look
 * before a write, the read-back and the follow-up of what is typed by hand all use it; a diff of two files uses
 * `sameValue`. Two things are forgiven. A coding is its system and code: another label of it, which a repository or a
 * person's screen knows, means the same (DESIGN rule 7: tolerated when reading). And what a repository may fill in by
 * itself says nothing else: `id` of an element, `version` of a coding, `userSelected` false (FHIR R4, Element, Coding).
 */
export function saysTheSame(a: Json, b: Json): boolean {
  return sameValue(a, b) || valueText(meaning(plain(a))) === valueText(meaning(plain(b)));
}

function meaning(value: Json): Json {
  if (Array.isArray(value)) return value.map((item: Json) => meaning(item));
  if (!isJsonObject(value)) return value;
  const coded = typeof value['code'] === 'string' && typeof value['system'] === 'string';
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, item]) => !(name === 'id' || (name === 'userSelected' && item === false)))
      .filter(([name]) => !(coded && (name === 'version' || name === 'display')))
      .map(([name, item]) => [name, meaning(item)]),
  );
}

/** Cheap first test, no allocation: most elements of two versions are the very same in the very same order. */
export function identical(a: Json, b: Json): boolean {
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
  let count = 0;
  for (const name in left) {
    const item = left[name];
    const other = right[name];
    if (item === undefined || other === undefined || !identical(item, other)) return false;
    count++;
  }
  return count === Object.keys(right).length;
}
