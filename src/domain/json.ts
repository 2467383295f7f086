import { hash } from 'node:crypto';
import { configure } from 'safe-stable-stringify';

export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const stringify = configure({ deterministic: true, bigint: true, strict: false });

/** JSON text with sorted keys and NFC strings: equal values give equal text whatever the order or the Unicode form. */
export function canonicalText(value: unknown): string {
  return (stringify(value) ?? 'null').normalize('NFC');
}

/** SHA-256 of the canonical text, 64 hexadecimal characters. */
export function canonicalHash(value: unknown): string {
  return sha256(canonicalText(value));
}

export function sha256(data: string | Uint8Array): string {
  return hash('sha256', data, 'hex');
}
