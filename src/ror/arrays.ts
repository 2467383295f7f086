import { isJsonObject, type Json, type JsonObject } from '../domain/json.js';

/** Elements that FHIR repeats wherever they stand in an offer. */
const REPEATED = new Set([
  'coding',
  'extension',
  'modifierExtension',
  'tag',
  'profile',
  'daysOfWeek',
  'identifier',
  'category',
  'specialty',
  'characteristic',
  'location',
  'telecom',
  'coverageArea',
  'availableTime',
  'notAvailable',
  'endpoint',
]);

/**
 * The same offer with lists where FHIR wants lists: a server may answer one item for a list of one (the ROR's own
 * samples write `coding` as an object). The very same object when nothing is wrong, which is nearly always.
 * `type` repeats in the offer itself only.
 */
export function withLists(resource: JsonObject): JsonObject {
  const fixed = listed(resource) as JsonObject;
  const { type } = fixed;
  return fixed['resourceType'] === 'HealthcareService' && isJsonObject(type)
    ? { ...fixed, type: [type] }
    : fixed;
}

function listed(value: Json): Json {
  if (Array.isArray(value)) {
    const items = value as readonly Json[];
    const fixed = items.map(listed);
    return fixed.some((item, place) => item !== items[place]) ? fixed : items;
  }
  // A number kept as text is an object of its own class: it is left as it is.
  if (!isJsonObject(value) || Object.getPrototypeOf(value) !== Object.prototype) return value;
  let fixed: Record<string, Json> | null = null;
  for (const name in value) {
    const item = value[name] as Json;
    const one = listed(item);
    // An identifier inside a Reference is single, and so is everything that is a list already.
    const wanted =
      REPEATED.has(name) &&
      !Array.isArray(one) &&
      !(name === 'identifier' && value['resourceType'] === undefined)
        ? [one]
        : one;
    if (wanted !== item) (fixed ??= { ...value })[name] = wanted;
  }
  return fixed ?? value;
}
