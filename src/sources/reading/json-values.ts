import { isJsonObject, type Json, type JsonObject } from '../../domain/json.js';

/** A text, or a `{code, system}` of the FINESS+ draft; '' when absent or null. Padding is taken off. */
export function textOf(value: Json | undefined): string {
  if (typeof value === 'string') return value.trim();
  if (typeof value === 'number') return String(value);
  return isJsonObject(value) && typeof value['code'] === 'string' ? value['code'].trim() : '';
}

export function objectOf(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

export function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as Json[]) : [];
}

/** `AAAA-MM-JJ`, with or without a time behind; null when it is no day that exists. */
export function isoDay(value: Json | undefined): string | null {
  const [, day] = /^([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[ T]|$)/.exec(textOf(value)) ?? [];
  if (day === undefined) return null;
  const at = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(day) ? day : null;
}
