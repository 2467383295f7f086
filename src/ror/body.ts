import { LosslessNumber, parse, stringify } from 'lossless-json';
import { DataError } from '../domain/errors.js';
import { isJsonObject, type Json, type JsonObject } from '../domain/json.js';

/** FHIR resources of the ROR nest about ten levels; beyond this the text is an attack or a mistake. */
export const MAX_DEPTH = 64;

/**
 * Reads the text of a resource without losing anything: a number whose text JavaScript would rewrite (49.20, 1e3,
 * 17 digits) stays a `LosslessNumber` in the tree and comes out as it went in. Give such a tree to `elementsOf` or
 * `writeBody` only; `plain` turns it into ordinary JSON.
 * @throws DataError `ROR_BODY_SYNTAX`, `ROR_BODY_DEPTH`, `ROR_BODY_SHAPE`
 */
export function parseBody(text: string, place = 'corps de la ressource'): JsonObject {
  checkDepth(text, place);
  let tree: unknown;
  try {
    tree = parse(text.replace(/^\uFEFF/, ''), null, (digits) =>
      String(Number(digits)) === digits ? Number(digits) : new LosslessNumber(digits),
    );
  } catch (cause) {
    throw new DataError({
      code: 'ROR_BODY_SYNTAX',
      message: `Ce texte n’est pas du JSON valide : ${(cause as Error).message}`,
      place,
      remedy: 'donnez une ressource FHIR en JSON, telle que le répertoire la renvoie.',
      cause,
    });
  }
  const body = tree as Json;
  if (!isJsonObject(body) || typeof body['resourceType'] !== 'string' || /"__proto__"\s*:/.test(text)) {
    throw new DataError({
      code: 'ROR_BODY_SHAPE',
      message: 'Ce JSON n’est pas une ressource FHIR (objet avec un champ « resourceType »).',
      place,
      remedy: 'donnez la ressource elle-même, sans l’enveloppe qui la contient.',
    });
  }
  return body;
}

/** Text of a tree that `parseBody` gave; `like` lends its indentation. */
export function writeBody(body: JsonObject, like = ''): string {
  const indent = /^\s*\{\r?\n([ \t]+)"/.exec(like)?.[1];
  return stringify(body, undefined, indent) ?? '{}';
}

/** Text of one value of such a tree. */
export function writeValue(value: Json): string {
  return stringify(value) ?? 'null';
}

/** Ordinary JSON: the numbers kept as text become JavaScript numbers (value, not form, beyond 15 digits rounded). */
export function plain(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof LosslessNumber) return Number(value.toString());
  if (Array.isArray(value)) {
    return value.some(carriesText) ? value.map((item: Json) => plain(item)) : value;
  }
  const entries = Object.entries(value as JsonObject);
  return entries.some(([, item]) => carriesText(item))
    ? Object.fromEntries(entries.map(([name, item]) => [name, plain(item)]))
    : value;
}

/** True when something below is a number kept as text: only then is a copy needed. */
function carriesText(value: Json): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (value instanceof LosslessNumber) return true;
  const owner = value as JsonObject;
  for (const name in owner) {
    const item = owner[name];
    if (typeof item === 'object' && item !== null && carriesText(item)) return true;
  }
  return false;
}

/** Counts brackets outside strings before any recursive reader sees the text (a deep one would exhaust the stack). */
function checkDepth(text: string, place: string): void {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (inString) {
      if (char === 0x5c) i++;
      else if (char === 0x22) inString = false;
    } else if (char === 0x22) inString = true;
    else if (char === 0x7b || char === 0x5b) {
      if (++depth > MAX_DEPTH) {
        throw new DataError({
          code: 'ROR_BODY_DEPTH',
          message: `Ce JSON s’emboîte sur plus de ${MAX_DEPTH} niveaux : ce n’est pas une ressource du ROR.`,
          place,
          remedy: 'vérifiez l’origine du fichier.',
        });
      }
    } else if (char === 0x7d || char === 0x5d) depth--;
  }
}
