import { isJsonObject, type Json, type JsonObject } from '../domain/json.js';
import { RemoteError } from '../domain/errors.js';
import { arraySlices, objectSlices } from './json-slices.js';

/** One resource of a search: its text as received and the same, parsed for reading. */
export interface SearchEntry {
  readonly text: string;
  readonly resource: JsonObject;
  readonly mode: 'match' | 'include';
}

export interface SearchPage {
  readonly entries: readonly SearchEntry[];
  readonly total: number | null;
  /** As given, maybe relative; null on the last page. */
  readonly next: string | null;
}

/** Reads one Bundle `searchset`. Entries of mode `outcome` (warnings of the server) are left out. @throws RemoteError. */
export function readSearchset(text: string, place: string): SearchPage {
  const bundle = parseObject(text, place);
  if (bundle['resourceType'] !== 'Bundle') throw unreadable(place, 'la réponse n’est pas un Bundle');
  const entrySlice = objectSlices(text).get('entry');
  const parsed = listed(bundle['entry']);
  const slices =
    entrySlice === undefined || parsed.length === 0
      ? []
      : Array.isArray(bundle['entry'])
        ? arraySlices(text, entrySlice[0])
        : [entrySlice];
  const entries = parsed.flatMap((entry, place): SearchEntry[] => {
    const slice = slices[place];
    if (!isJsonObject(entry) || slice === undefined) return [];
    const { resource, search } = entry;
    const mode = isJsonObject(search) ? search['mode'] : 'match';
    const part = objectSlices(text, slice[0]).get('resource');
    if (!isJsonObject(resource) || part === undefined || mode === 'outcome') return [];
    return [{ text: text.slice(...part), resource, mode: mode === 'include' ? 'include' : 'match' }];
  });
  const links = listed(bundle['link']);
  const next = links.find((link) => isJsonObject(link) && link['relation'] === 'next');
  const url = isJsonObject(next) ? next['url'] : null;
  const total = bundle['total'];
  return {
    entries,
    total: typeof total === 'number' ? total : null,
    next: typeof url === 'string' ? url : null,
  };
}

/** A server may write one item where FHIR wants a list of one: it is read as the list. */
function listed(value: Json | undefined): readonly Json[] {
  if (Array.isArray(value)) return value as readonly Json[];
  return isJsonObject(value) ? [value] : [];
}

/** @throws RemoteError `ROR_UNREADABLE` on anything but a JSON object. */
export function parseObject(text: string, place: string): JsonObject {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    throw unreadable(place, 'la réponse n’est pas du JSON');
  }
  if (!isJsonObject(value)) throw unreadable(place, 'la réponse n’est pas un objet JSON');
  return value;
}

export function unreadable(place: string, why: string): RemoteError {
  return new RemoteError({
    code: 'ROR_UNREADABLE',
    message: `Le répertoire a donné une réponse illisible : ${why}.`,
    remedy:
      'vérifiez baseUrl dans le profil de la région ; si elle est juste, prévenez l’exploitant du répertoire.',
    place,
  });
}
