import type { JsonObject } from '../domain/json.js';
import type { FoundResource } from '../db/served-search.js';
import { parseBody, writeBody } from '../ror/body.js';

export interface SearchEntry {
  readonly resource: FoundResource;
  readonly mode: 'match' | 'include';
  /** Kilometres to the point asked for. */
  readonly km: number | null;
}

const DISTANCE = 'http://hl7.org/fhir/StructureDefinition/location-distance';

/** Text of a Bundle `searchset`: stored bodies go in as they are, nothing is read nor written again. */
export function searchset(answer: {
  readonly base: string;
  readonly links: readonly (readonly [string, string])[];
  /** Null: not known. */
  readonly total: number | null;
  /** Instant of the last publication that the reading saw: what a client asks for next begins there, by our clock. */
  readonly seen: Date | null;
  readonly entries: readonly SearchEntry[];
  readonly elements?: readonly string[] | null;
  readonly outcome?: JsonObject | null;
}): string {
  const entries = answer.entries.map(({ resource, mode, km }) => {
    const { type, id, body } = resource;
    const distance =
      km === null || type !== 'Location'
        ? ''
        : `"extension":[{"url":"${DISTANCE}","valueDistance":{"value":${km},"unit":"km","system":"http://unitsofmeasure.org","code":"km"}}],`;
    return `{"fullUrl":${JSON.stringify(`${answer.base}/${type}/${id}`)},"resource":${subset(body, answer.elements ?? null)},"search":{${distance}"mode":"${mode}"}}`;
  });
  if (answer.outcome !== undefined && answer.outcome !== null)
    entries.push(`{"resource":${JSON.stringify(answer.outcome)},"search":{"mode":"outcome"}}`);
  return bundle('searchset', answer.links, answer.total, entries, answer.seen);
}

/** @param entries texts of entries */
export function bundle(
  type: 'searchset' | 'history',
  links: readonly (readonly [string, string])[],
  total: number | null,
  entries: readonly string[],
  lastUpdated: Date | null,
): string {
  const meta = lastUpdated === null ? '' : `"meta":{"lastUpdated":"${lastUpdated.toISOString()}"},`;
  const count = total === null ? '' : `"total":${total},`;
  const said = links.map(([relation, url]) => ({ relation, url }));
  const list = entries.length === 0 ? '' : `,"entry":[${entries.join(',')}]`;
  return `{"resourceType":"Bundle",${meta}"type":"${type}",${count}"link":${JSON.stringify(said)}${list}}`;
}

const SUBSETTED = { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' };

/** The body cut to some elements, marked as such; as it is stored with `null`. */
export function subset(body: string, elements: readonly string[] | null): string {
  if (elements === null) return body;
  const resource = parseBody(body);
  const kept = new Set(['resourceType', 'id', 'meta', ...elements]);
  const meta = (resource['meta'] ?? {}) as JsonObject;
  const tags = (meta['tag'] ?? []) as readonly JsonObject[];
  const entries = Object.entries(resource).filter(([name]) => kept.has(name.replace(/^_/, '')));
  return writeBody({ ...Object.fromEntries(entries), meta: { ...meta, tag: [...tags, SUBSETTED] } });
}
