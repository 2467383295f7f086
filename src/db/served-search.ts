import type { Db } from './types.js';

/** A search value with its prefix; both bounds included, dates in seconds since 1970. */
export interface Comparison {
  readonly prefix: 'eq' | 'ne' | 'gt' | 'lt' | 'ge' | 'le' | 'sa' | 'eb';
  readonly low: number;
  readonly high: number;
}

/** One condition of a search; values of one condition are alternatives, conditions add up. */
export type Condition =
  | { readonly kind: 'tokens'; readonly any: readonly string[]; readonly not: boolean }
  | { readonly kind: 'ids'; readonly any: readonly string[]; readonly not: boolean }
  | {
      readonly kind: 'text';
      readonly param: string;
      readonly mode: 'start' | 'whole' | 'inside';
      readonly any: readonly string[];
    }
  | { readonly kind: 'range'; readonly param: string; readonly any: readonly Comparison[] }
  | { readonly kind: 'updated'; readonly any: readonly Comparison[] }
  | { readonly kind: 'near'; readonly any: readonly Near[] }
  /** A resource that this one names by `param` (or, for organizations, one above it) meets the conditions. */
  | {
      readonly kind: 'names';
      readonly param: string;
      readonly target: string;
      readonly above: boolean;
      readonly conditions: readonly Condition[];
    }
  /** A resource of type `from` that names this one by `param` meets the conditions. */
  | {
      readonly kind: 'namedBy';
      readonly from: string;
      readonly param: string;
      readonly conditions: readonly Condition[];
    }
  /** This one names one of these resources by `param`. */
  | {
      readonly kind: 'reference';
      readonly param: string;
      readonly any: readonly { readonly type: string | null; readonly id: string }[];
    }
  /** Something is said under a parameter: `how` begins its tokens, null when it is a text. */
  | { readonly kind: 'said'; readonly param: string; readonly how: string | null; readonly not: boolean }
  | { readonly kind: 'nothing' };

export interface Near {
  readonly latitude: number;
  readonly longitude: number;
  readonly km: number;
}

/** Where a search looks: one view of one region. */
export interface Place {
  readonly region: string;
  readonly view: string;
}

export interface FoundResource {
  readonly type: string;
  readonly id: string;
  readonly version: number;
  readonly at: Date;
  readonly body: string;
  readonly name: string | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
}

export type SortKey = 'id' | 'at' | 'name';

export interface Page {
  readonly sort: SortKey;
  readonly descending: boolean;
  /** Place of the last resource of the former page. */
  readonly after: { readonly value: string; readonly id: string } | null;
  readonly limit: number;
}

interface Sql {
  readonly text: string;
  readonly bindings: readonly unknown[];
}

const sql = (text: string, ...bindings: readonly unknown[]): Sql => ({ text, bindings });

function all(parts: readonly Sql[]): Sql {
  return sql(parts.map((part) => part.text).join(' and '), ...parts.flatMap((part) => part.bindings));
}

function anyOf(parts: readonly Sql[]): Sql {
  if (parts.length === 0) return sql('false');
  return sql(`(${parts.map((part) => part.text).join(' or ')})`, ...parts.flatMap((part) => part.bindings));
}

const COLUMNS = 'r.type, r.id, r.version, r.at, r.body, r.name, r.latitude, r.longitude';

/** The statement of a page, for reading and for EXPLAIN. */
export function pageStatement(place: Place, type: string, conditions: readonly Condition[], page: Page): Sql {
  const from = fromOf(place, type, conditions);
  const key = { id: 'r.id', at: 'r.at', name: `coalesce(r.name, '')` }[page.sort];
  const order = page.descending ? 'desc' : 'asc';
  const than = page.descending ? '<' : '>';
  const after =
    page.after === null
      ? []
      : page.sort === 'id'
        ? [sql(`r.id ${than} ?`, page.after.id)]
        : [
            sql(
              `(${key}, r.id) ${than} (${page.sort === 'at' ? '?::timestamptz' : '?'}, ?)`,
              page.after.value,
              page.after.id,
            ),
          ];
  const where = all([from, ...after]);
  return sql(
    `select ${COLUMNS} from served_resource r where ${where.text}
     order by ${page.sort === 'id' ? `r.id ${order}` : `${key} ${order}, r.id ${order}`} limit ?`,
    ...where.bindings,
    page.limit,
  );
}

/** One page of what meets every condition. */
export async function findServed(
  db: Db,
  place: Place,
  type: string,
  conditions: readonly Condition[],
  page: Page,
): Promise<readonly FoundResource[]> {
  return await rowsOf<FoundResource>(db, pageStatement(place, type, conditions, page));
}

/** How many meet every condition, counted up to `limit`. */
export async function countServed(
  db: Db,
  place: Place,
  type: string,
  conditions: readonly Condition[],
  limit: number,
): Promise<number> {
  const where = fromOf(place, type, conditions);
  const [row] = await rowsOf<{ count: number }>(
    db,
    sql(
      `select count(*)::int as count from (select 1 from served_resource r where ${where.text} limit ?) found`,
      ...where.bindings,
      limit,
    ),
  );
  return row?.count ?? 0;
}

export async function readServed(
  db: Db,
  place: Place,
  type: string,
  id: string,
): Promise<FoundResource | null> {
  const [row] = await rowsOf<FoundResource>(
    db,
    sql(
      `select ${COLUMNS} from served_resource r where r.region = ? and r.view = ? and r.type = ? and r.id = ?`,
      place.region,
      place.view,
      type,
      id,
    ),
  );
  return row ?? null;
}

/** Resources that those given name by a parameter, or that name them by it. */
export async function linkedServed(
  db: Db,
  place: Place,
  step: { readonly direction: 'forward' | 'backward'; readonly type: string; readonly param: string },
  keys: readonly { readonly type: string; readonly id: string }[],
  limit: number,
): Promise<readonly FoundResource[]> {
  const { direction, type, param } = step;
  const types = keys.map((key) => key.type);
  const ids = keys.map((key) => key.id);
  const link =
    direction === 'forward'
      ? `l.type = ? and l.id = k.id and k.type = l.type`
      : `l.type = ? and l.target_type = k.type and l.target_id = k.id`;
  const found = direction === 'forward' ? ['l.target_type', 'l.target_id'] : ['l.type', 'l.id'];
  return await rowsOf<FoundResource>(
    db,
    sql(
      `select ${COLUMNS} from served_resource r
       join (select distinct ${found[0]} as type, ${found[1]} as id
         from unnest(?::text[], ?::text[]) k (type, id)
         join served_link l on l.region = ? and l.view = ? and ${link} and l.param = ?) w
         on r.region = ? and r.view = ? and r.type = w.type and r.id = w.id
       order by r.type, r.id limit ?`,
      types,
      ids,
      place.region,
      place.view,
      type,
      param,
      place.region,
      place.view,
      limit,
    ),
  );
}

/** Middle of the known places of a commune (INSEE code); null when none has a position. */
export async function communeMiddle(
  db: Db,
  place: Place,
  token: string,
): Promise<{ readonly latitude: number; readonly longitude: number } | null> {
  const [row] = await rowsOf<{ latitude: number | null; longitude: number | null }>(
    db,
    sql(
      `select avg(latitude) as latitude, avg(longitude) as longitude from served_resource
       where region = ? and view = ? and type = 'Location' and tokens @> ?::text[] and latitude is not null`,
      place.region,
      place.view,
      [token],
    ),
  );
  if (row === undefined || row.latitude === null || row.longitude === null) return null;
  return { latitude: row.latitude, longitude: row.longitude };
}

async function rowsOf<T>(db: Db, { text, bindings }: Sql): Promise<readonly T[]> {
  const result = (await db.raw(text, bindings as never)) as { rows: T[] };
  return result.rows;
}

function fromOf(place: Place, type: string, conditions: readonly Condition[]): Sql {
  return all([
    sql('r.region = ? and r.view = ? and r.type = ?', place.region, place.view, type),
    ...conditions.map((condition) => where(condition, place, { alias: 'r', type, depth: 0 })),
  ]);
}

/** A row that conditions are about. Its type is written out wherever it is compared: a subquery that takes it from the row
 * would be run once per row. `depth` names the rows of chains apart. */
interface Row {
  readonly alias: string;
  readonly type: string;
  readonly depth: number;
}

function where(condition: Condition, place: Place, row: Row): Sql {
  const { alias, type, depth } = row;
  switch (condition.kind) {
    case 'nothing':
      return sql('false');
    case 'tokens': {
      const [first] = condition.any;
      const met =
        condition.any.length === 1
          ? sql(`${alias}.tokens @> ?::text[]`, [first])
          : sql(`${alias}.tokens && ?::text[]`, [...condition.any]);
      return condition.not ? sql(`not (${met.text})`, ...met.bindings) : met;
    }
    case 'ids':
      return sql(`${condition.not ? 'not ' : ''}(${alias}.id = any(?::text[]))`, [...condition.any]);
    case 'said': {
      const met =
        condition.how === null
          ? sql(
              `exists (select 1 from served_value v where ${ownerIs('v', alias)} and v.param = ?)`,
              place.region,
              place.view,
              type,
              condition.param,
            )
          : sql(`exists (select 1 from unnest(${alias}.tokens) t where starts_with(t, ?))`, condition.how);
      return condition.not ? sql(`not ${met.text}`, ...met.bindings) : met;
    }
    case 'updated':
      return anyOf(condition.any.map((each) => instants(`${alias}.at`, each)));
    case 'text':
      return valueWhere(
        condition.param,
        place,
        row,
        anyOf(condition.any.map((text) => textIs(condition.mode, text))),
      );
    case 'range':
      return valueWhere(condition.param, place, row, anyOf(condition.any.map(rangeIs)));
    case 'near':
      return anyOf(condition.any.map((near) => nearby(alias, near)));
    case 'reference':
      return sql(
        `exists (select 1 from served_link l where ${ownerIs('l', alias)} and l.param = ? and (${condition.any
          .map(({ type }) => (type === null ? 'l.target_id = ?' : '(l.target_type = ? and l.target_id = ?)'))
          .join(' or ')}))`,
        place.region,
        place.view,
        type,
        condition.param,
        ...condition.any.flatMap(({ type, id }) => (type === null ? [id] : [type, id])),
      );
    case 'names':
      return chained(condition, place, row);
    case 'namedBy': {
      const inner = innerWhere(condition.from, condition.conditions, place, depth + 1);
      return sql(
        `${alias}.id in (select l.target_id from served_link l join served_resource r${depth + 1} on ${inner.text}
           and r${depth + 1}.id = l.id
         where l.region = ? and l.view = ? and l.target_type = ? and l.type = ? and l.param = ?)`,
        ...inner.bindings,
        place.region,
        place.view,
        type,
        condition.from,
        condition.param,
      );
    }
  }
}

function innerWhere(type: string, conditions: readonly Condition[], place: Place, depth: number): Sql {
  const alias = `r${depth}`;
  return all([
    sql(`${alias}.region = ? and ${alias}.view = ? and ${alias}.type = ?`, place.region, place.view, type),
    ...conditions.map((condition) => where(condition, place, { alias, type, depth })),
  ]);
}

/** Levels that `:above` climbs at most: EJ, EG and internal organizations are three or four. */
const HIGHEST = 12;

function chained(condition: Extract<Condition, { kind: 'names' }>, place: Place, row: Row): Sql {
  const { alias, type } = row;
  const depth = row.depth + 1;
  const { param, target, above, conditions } = condition;
  const inner = innerWhere(target, conditions, place, depth);
  const met = sql(
    `select r${depth}.id from served_resource r${depth} where ${inner.text}`,
    ...inner.bindings,
  );
  // Above: whoever meets the conditions, and everything below it.
  const ids = above
    ? sql(
        `with recursive line (id, level) as (
           select id, 0 from (${met.text}) met
           union select l.id, line.level + 1 from line join served_link l on l.region = ? and l.view = ?
             and l.target_type = ? and l.target_id = line.id and l.type = ? and l.param = 'partof'
           where line.level < ${HIGHEST})
         select id from line`,
        ...met.bindings,
        place.region,
        place.view,
        target,
        target,
      )
    : met;
  return sql(
    `${alias}.id in (select l.id from served_link l where l.region = ? and l.view = ? and l.type = ?
       and l.param = ? and l.target_type = ? and l.target_id in (${ids.text}))`,
    place.region,
    place.view,
    type,
    param,
    target,
    ...ids.bindings,
  );
}

function ownerIs(row: string, alias: string): string {
  return `${row}.region = ? and ${row}.view = ? and ${row}.type = ? and ${row}.id = ${alias}.id`;
}

function valueWhere(param: string, place: Place, { alias, type }: Row, met: Sql): Sql {
  return sql(
    `${alias}.id in (select v.id from served_value v where v.region = ? and v.view = ? and v.type = ?
       and v.param = ? and ${met.text})`,
    place.region,
    place.view,
    type,
    param,
    ...met.bindings,
  );
}

function textIs(mode: 'start' | 'whole' | 'inside', text: string): Sql {
  if (mode === 'whole') return sql('v.text = ?', text);
  const escaped = text.replace(/[\\%_]/g, '\\$&');
  return sql('v.text like ?', mode === 'start' ? `${escaped}%` : `%${escaped}%`);
}

/** FHIR R4, prefixes: what the resource says is a range too. */
function rangeIs({ prefix, low, high }: Comparison): Sql {
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

function instants(column: string, { prefix, low, high }: Comparison): Sql {
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

function nearby(alias: string, near: Near): Sql {
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
