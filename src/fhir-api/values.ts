import type { Comparison } from '../db/served-condition.js';
import { bounds } from '../publish/dates.js';
import { partOf } from '../publish/entries.js';
import { invalid } from './outcome.js';

/** Splits on a separator that no backslash precedes (FHIR R4, escaping search parameters). */
export function splitOn(value: string, separator: ',' | '|' | '$'): readonly string[] {
  const parts = [''];
  for (let i = 0; i < value.length; i++) {
    const unit = value.charAt(i);
    if (unit === '\\' && i + 1 < value.length) parts[parts.length - 1] += unit + value.charAt(++i);
    else if (unit === separator) parts.push('');
    else parts[parts.length - 1] += unit;
  }
  return parts;
}

export function unescaped(value: string): string {
  return value.replace(/\\([\\,|$])/g, '$1');
}

/** `code`, `system|code`, `|code`, `system|`, as tokens are kept. @throws Fault 400 */
export function tokenOf(name: string, value: string): string {
  const parts = splitOn(value, '|').map((part) => partOf(unescaped(part)));
  if (parts.length > 2 || parts.every((part) => part === ''))
    throw invalid(
      name,
      `« ${shown(value)} » n’est pas un code : écrivez code, système|code, |code ou système|.`,
    );
  return parts.join('|');
}

const PREFIXES = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb'] as const;

/** Prefix and date; the date covers its whole day, month or year. @throws Fault 400 */
export function dateOf(name: string, value: string): Comparison {
  const form = 'écrivez AAAA-MM-JJ ou AAAA-MM-JJThh:mm:ssZ, précédé au besoin d’un préfixe : ge2026-01-31';
  const { prefix, rest } = prefixed(name, value, form);
  const found = bounds(rest);
  if (found === null)
    throw invalid(
      name,
      `« ${shown(value)} » n’est pas une date qui existe. Que faire : ${form} (${PREFIXES.join(', ')}).`,
    );
  return { prefix, low: found.low, high: found.high };
}

const NUMBER = /^([+-]?\d{1,12})(?:\.(\d{1,6}))?$/;

/**
 * Prefix and number. Alone, a number covers what rounds to it (R4: `100` is 99.5 to 100.5); with a prefix it is exact.
 * @throws Fault 400
 */
export function numberOf(name: string, value: string): Comparison {
  const { prefix, rest } = prefixed(name, value, 'écrivez 35, 4.5, ou avec un préfixe : ge35');
  const parts = NUMBER.exec(rest);
  if (parts === null)
    throw invalid(name, `« ${shown(value)} » n’est pas un nombre : écrivez 35, 4.5 ou ge35.`);
  const exact = Number(rest);
  const half = prefix === 'eq' || prefix === 'ne' ? 0.5 * 10 ** -(parts[2]?.length ?? 0) : 0;
  return { prefix, low: exact - half, high: exact + half };
}

/** `[prefix]number|system|code`; the unit, when given, is years or none of ours. @throws Fault 400 */
export function quantityOf(name: string, value: string): Comparison {
  const [amount = '', ...unit] = splitOn(value, '|').map(unescaped);
  const [system = '', code = ''] = unit;
  if (unit.length > 2) throw invalid(name, `« ${shown(value)} » : écrivez nombre|système|unité.`);
  // The ROR's samples, its data and UCUM itself name the unit's system in three ways (api.md 7): the code decides.
  if (name.startsWith('age-range') && unit.length > 0 && code !== 'a' && (code !== '' || system !== ''))
    throw invalid(name, `« ${shown(value)} » : les âges sont en années, unité « a ».`);
  return numberOf(name, amount);
}

/** @param form how such a value is written, for who wrote something else */
function prefixed(
  name: string,
  value: string,
  form: string,
): { readonly prefix: Comparison['prefix']; readonly rest: string } {
  const [, letters, rest = ''] = /^([a-z]{2})?(.*)$/s.exec(value.trim()) ?? [];
  if (letters === undefined) return { prefix: 'eq', rest };
  const prefix = PREFIXES.find((each) => each === letters);
  if (prefix === undefined)
    throw invalid(
      name,
      `« ${shown(value)} » ne commence ni par un chiffre ni par un préfixe connu. Que faire : ${form} (${PREFIXES.join(', ')}).`,
    );
  return { prefix, rest: rest.trim() };
}

/** `latitude|longitude[|distance[|unit]]` @throws Fault 400 */
export function placeOf(name: string, value: string): { latitude: number; longitude: number; km: number } {
  const [latitude = '', longitude = '', ...distance] = splitOn(value, '|').map(unescaped);
  const point = { latitude: coordinate(latitude, 90), longitude: coordinate(longitude, 180) };
  if (point.latitude === null || point.longitude === null)
    throw invalid(
      name,
      `« ${shown(value)} » : écrivez latitude|longitude|distance|km, par exemple 49.18|-0.37|15|km.`,
    );
  return { latitude: point.latitude, longitude: point.longitude, km: distanceOf(name, value, distance) };
}

/** `INSEE|distance[|unit]` @throws Fault 400 */
export function communeOf(name: string, value: string): { commune: string; km: number } {
  const [commune = '', ...distance] = splitOn(value, '|').map(unescaped);
  if (!/^[0-9][0-9AB][0-9]{3}$/.test(commune))
    throw invalid(name, `« ${shown(value)} » : écrivez code INSEE|distance|km, par exemple 14118|15|km.`);
  return { commune, km: distanceOf(name, value, distance) };
}

/** Half of the way around the Earth, in kilometres: beyond, everything is near. */
const FARTHEST = 20_040;
/** Kilometres when no distance is given: the server chooses (R4, near). */
const NEAR = 50;

function distanceOf(name: string, value: string, [distance = '', unit = '']: readonly string[]): number {
  if (distance === '') return NEAR;
  const factor = { '': 1, km: 1, m: 0.001 }[unit];
  if (factor === undefined || !/^\d{1,8}(\.\d{1,6})?$/.test(distance))
    throw invalid(name, `« ${shown(value)} » : la distance est un nombre, son unité km ou m.`);
  return Math.min(Number(distance) * factor, FARTHEST);
}

function coordinate(text: string, limit: number): number | null {
  const value = /^[+-]?\d{1,3}(\.\d{1,12})?$/.test(text) ? Number(text) : Number.NaN;
  return Math.abs(value) <= limit ? value : null;
}

/** A value as a message shows it: short. */
export function shown(value: string): string {
  return value.length > 60 ? `${value.slice(0, 60)}…` : value;
}
