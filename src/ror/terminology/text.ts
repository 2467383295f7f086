import type { Json, JsonObject } from '../../domain/json.js';
import { isJsonObject } from '../../domain/json.js';
import { ASK_AGAIN, unusable } from './model.js';

/** Bytes of one resource: the largest nomenclature of the ROR (TRE_R210, 1,317 acts) weighs about 1 MB. */
export const MAX_RESOURCE_BYTES = 32 * 1024 * 1024;

/**
 * UTF-8 text of a JSON file, byte order mark dropped.
 * @throws DataError `CODES_ENCODING` for another encoding: a label with a lost accent would be taken for a new label
 */
export function jsonText(bytes: Uint8Array, place: string): string {
  const [a, b] = bytes;
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) throw encoding(place, 'UTF-16');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw encoding(place, 'pas UTF-8');
  }
}

/** The same for an answer already decoded: a byte that was no UTF-8 left its mark. @throws DataError `CODES_ENCODING` */
export function answerText(text: string, place: string): string {
  if (text.includes('\u{fffd}')) throw encoding(place, 'pas UTF-8');
  return text;
}

/**
 * One JSON object of a file or an answer.
 * @throws DataError `CODES_HTML`, `CODES_JSON`, `CODES_SHAPE`
 */
export function jsonObject(text: string, place: string): JsonObject {
  if (/^\s*</.test(text))
    throw unusable(
      'CODES_HTML',
      place,
      `« ${place} » est une page ou du XML, pas du JSON.`,
      'donnez l’adresse de base FHIR du serveur (souvent finie par /fhir), ou le fichier JSON de la ressource.',
    );
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    const message =
      text.trim() === ''
        ? `« ${place} » est vide.`
        : `« ${place} » n’est pas du JSON entier : coupé, ou abîmé.`;
    throw unusable('CODES_JSON', place, message, ASK_AGAIN);
  }
  if (!isJsonObject(value))
    throw unusable('CODES_SHAPE', place, `« ${place} » n’est pas une ressource FHIR.`, ASK_AGAIN);
  return value;
}

function encoding(place: string, what: string) {
  return unusable(
    'CODES_ENCODING',
    place,
    `« ${place} » n’est pas en UTF-8 (${what}) : ses libellés seraient faux.`,
    ASK_AGAIN,
  );
}

/** A non-empty string, or null. */
export function stringOf(owner: JsonObject, name: string): string | null {
  const value = owner[name];
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}

/** Objects of a list; a list that is none, or holds something else, is a shape that nobody knows. @throws DataError */
export function objectsOf(owner: JsonObject, name: string, place: string): JsonObject[] {
  const value = owner[name];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || !(value as Json[]).every(isJsonObject))
    throw unusable(
      'CODES_SHAPE',
      place,
      `« ${place} » : « ${name} » n’est pas une liste d’objets.`,
      ASK_AGAIN,
    );
  return value as unknown as JsonObject[];
}

/** Longest code and label that a nomenclature has ever needed, ten times over. */
const MAX_CODE = 100;
const MAX_DISPLAY = 2_000;

/** A concept's code: no space nor control character in it (FHIR R4, datatype code). @throws DataError `CODES_SHAPE` */
export function codeOf(concept: JsonObject, place: string): string {
  const code = stringOf(concept, 'code');
  if (code !== null && code.length <= MAX_CODE && /^[^\s\p{C}]+$/u.test(code)) return code;
  const said = code === null ? 'n’a pas de code' : `a un code illisible (« ${code.slice(0, 40)} »)`;
  throw unusable('CODES_SHAPE', place, `« ${place} » : un concept ${said}.`, ASK_AGAIN);
}

/** Its label on one line; null when there is none. @throws DataError `CODES_SHAPE` */
export function displayOf(concept: JsonObject, place: string): string | null {
  const display = stringOf(concept, 'display')?.replace(/\s+/gu, ' ') ?? null;
  if (display === null || (display.length <= MAX_DISPLAY && !/\p{Cc}/u.test(display))) return display;
  throw unusable(
    'CODES_SHAPE',
    place,
    `« ${place} » : le libellé du code ${String(concept['code'])} est illisible.`,
    ASK_AGAIN,
  );
}
