import type { Comparison, Near } from './served-condition.js';
import { all, anyOf, sql, type Sql } from './sql-parts.js';

export function textIs(mode: 'start' | 'inside', text: string): Sql {
  const escaped = text.replace(/[\\%_]/g, '\\$&');
  return sql('v.text like ?', mode === 'start' ? `${escaped}%` : `%${escaped}%`);
}

/** FHIR R4, prefixes: what the resource says is a range too. */
export function rangeIs({ prefix, low, high }: Comparison): Sql {
  const [from, to] = [`coalesce(v.low, '-infinity')`, `coalesce(v.high, 'infinity')`];
  switch (prefix) {
    case 'eq':
      return sql(`(v.text is null and v.low >= ? and v.high <= ?)`, low, high);
    case 'ne':
      return sql(`(v.text is null and not coalesce(v.low >= ? and v.high <= ?, false))`, low, high);
    case 'gt':
      return sql(`(v.text is null and ${to} > ?)`, high);
    case 'lt':
      return sql(`(v.text is null and ${from} < ?)`, low);
    case 'ge':
      return sql(`(v.text is null and ${to} >= ?)`, low);
    case 'le':
      return sql(`(v.text is null and ${from} <= ?)`, high);
    case 'sa':
      return sql(`(v.text is null and ${from} > ?)`, high);
    case 'eb':
      return sql(`(v.text is null and ${to} < ?)`, low);
  }
}

export function instants(column: string, { prefix, low, high }: Comparison): Sql {
  const at = (seconds: number): string => new Date(Math.round(seconds * 1000)).toISOString();
  const is = (sign: string, seconds: number): Sql => sql(`${column} ${sign} ?::timestamptz`, at(seconds));
  switch (prefix) {
    case 'eq':
      return all([is('>=', low), is('<=', high)]);
    case 'ne':
      return anyOf([is('<', low), is('>', high)]);
    case 'gt':
    case 'sa':
      return is('>', high);
    case 'lt':
    case 'eb':
      return is('<', low);
    case 'ge':
      return is('>=', low);
    case 'le':
      return is('<=', high);
  }
}

/** Kilometres of one degree of latitude, a little less than anywhere: the box is never too small. */
const DEGREE_KM = 110.5;

/** On a sphere of 6,371 km (haversine): within half a percent, as `near` needs. */
function kilometres(alias: string, { latitude, longitude }: Near): Sql {
  return sql(
    `(12742 * asin(least(1, sqrt(sin(radians(${alias}.latitude - ?::float8) / 2) ^ 2
       + cos(radians(?::float8)) * cos(radians(${alias}.latitude)) * sin(radians(${alias}.longitude - ?::float8) / 2) ^ 2))))`,
    latitude,
    latitude,
    longitude,
  );
}

export function nearby(alias: string, near: Near): Sql {
  const { latitude, km } = near;
  const exact = kilometres(alias, near);
  const degrees = km / DEGREE_KM;
  return sql(
    `(${alias}.latitude between ?::float8 and ?::float8 and ${exact.text} <= ?::float8)`,
    latitude - degrees,
    latitude + degrees,
    ...exact.bindings,
    km,
  );
}
