import { isJsonObject, type Json, type JsonObject } from '../domain/json.js';
import { fold } from '../normalise/text.js';
import { plain } from '../ror/body.js';
import { ENRICHED_ONLY, PARAMETERS } from './parameters.js';
import type { Base, ServedType } from './views.js';

/** A text or a number that a search compares; numbers and dates as ranges. */
export interface ServedValue {
  readonly param: string;
  readonly text: string | null;
  readonly low: number | null;
  readonly high: number | null;
}

export interface ServedLink {
  readonly param: string;
  readonly targetType: string;
  readonly targetId: string;
}

/** What searches need to know of one resource. */
export interface Entries {
  readonly tokens: readonly string[];
  readonly values: readonly ServedValue[];
  readonly links: readonly ServedLink[];
  /** Folded, for sorting. */
  readonly name: string | null;
  readonly position: { readonly latitude: number; readonly longitude: number } | null;
}

/** Longest text or code that is kept for searching: longer ones are cut, a body may hold anything. */
const LONGEST = 400;

export function entriesOf(base: Base, type: ServedType, resource: JsonObject): Entries {
  const tokens = new Set<string>();
  const values: ServedValue[] = [];
  const links = new Map<string, ServedLink>();
  for (const [param, parameter] of Object.entries(PARAMETERS[type])) {
    if (base === 'ror' && ENRICHED_ONLY.has(param)) continue;
    switch (parameter.kind) {
      case 'token':
        for (const token of parameter.read(resource))
          for (const each of keysOf(type, param, token)) tokens.add(each);
        break;
      case 'string':
        for (const text of parameter.read(resource)) values.push(textValue(param, text));
        break;
      case 'content':
        values.push({
          param,
          text: ` ${fold(words(resource).join(' ')).slice(0, 4000)} `,
          low: null,
          high: null,
        });
        break;
      case 'reference':
        for (const reference of parameter.read(resource)) {
          const [targetType = '', targetId = ''] = reference.split('/');
          links.set(`${param} ${reference}`, { param, targetType, targetId });
        }
        break;
      case 'date':
      case 'number':
      case 'quantity':
        for (const { low, high } of parameter.read(resource)) values.push({ param, text: null, low, high });
        break;
      case 'id':
      case 'lastUpdated':
      case 'special':
        break;
    }
  }
  const name = resource['name'];
  return {
    tokens: [...tokens],
    values: distinct(values),
    links: [...links.values()],
    name: typeof name === 'string' ? fold(name).slice(0, LONGEST) : null,
    position: positionOf(resource),
  };
}

/**
 * A token is kept as a search writes it: `system|code`, `code` for any system, `system|` for any code, `|code` for none;
 * `HealthcareService/specialty=…|593`.
 */
function keysOf(
  type: ServedType,
  param: string,
  { system, code }: { readonly system: string | null; readonly code: string | null },
): readonly string[] {
  const key = (value: string): string => tokenKey(type, param, value);
  const at = system === null ? null : partOf(system);
  const what = code === null ? null : partOf(code);
  return [
    ...(what === null ? [] : [key(what), key(`${at ?? ''}|${what}`)]),
    ...(at === null ? [] : [key(`${at}|`)]),
  ];
}

export function tokenKey(type: string, param: string, value: string): string {
  return `${type}/${param}=${value}`;
}

/** One side of a token: what separates is escaped as FHIR escapes it in searches. */
export function partOf(text: string): string {
  return text.slice(0, LONGEST).replace(/[\\|]/g, '\\$&');
}

function textValue(param: string, text: string): ServedValue {
  return { param, text: fold(text).slice(0, LONGEST), low: null, high: null };
}

function distinct(values: readonly ServedValue[]): readonly ServedValue[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}

/** Every text of a resource, its addresses of definitions and its own id apart. */
function words(value: Json): readonly string[] {
  if (typeof value === 'string') return /^(https?:|urn:)/.test(value) ? [] : [value];
  if (Array.isArray(value)) return (value as Json[]).flatMap(words);
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([name, item]) =>
    ['id', 'meta', 'reference', 'resourceType'].includes(name) ? [] : words(item),
  );
}

function positionOf(resource: JsonObject): Entries['position'] {
  const position = resource['position'];
  if (!isJsonObject(position)) return null;
  const latitude = plain(position['latitude'] ?? null);
  const longitude = plain(position['longitude'] ?? null);
  if (typeof latitude !== 'number' || typeof longitude !== 'number') return null;
  if (Math.abs(latitude) > 90 || Math.abs(longitude) > 180) return null;
  return { latitude, longitude };
}
