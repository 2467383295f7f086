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
  const text = textOf(value);
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[ T]|$)/.test(text)) return null;
  const month = Number(text.slice(5, 7));
  const day = Number(text.slice(8, 10));
  if (month < 1 || month > 12 || day < 1) return null;
  // Every month has 28 days; the calendar is asked for the rest.
  if (day > 28 && day > new Date(Date.UTC(2000, month, 0)).getUTCDate()) return null;
  if (month === 2 && day === 29 && !isLeap(Number(text.slice(0, 4)))) return null;
  return text.slice(0, 10);
}

function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}
