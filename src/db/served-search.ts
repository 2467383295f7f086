import type { Condition, Place } from './served-condition.js';
import { fromOf } from './served-where.js';
import { all, sql, type Sql } from './sql-parts.js';
import type { Db } from './types.js';

export type { Condition, Place };

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
    `select ${COLUMNS}, (select h.at from served_head h where h.region = ?) as seen
     from served_resource r where ${where.text}
     order by ${page.sort === 'id' ? `r.id ${order}` : `${key} ${order}, r.id ${order}`} limit ?`,
    place.region,
    ...where.bindings,
    page.limit,
  );
}

/** A resource of a page, and the last publication that the page saw: one statement, one moment. */
export interface PagedResource extends FoundResource {
  readonly seen: Date | null;
}

/** One page of what meets every condition. */
export async function findServed(
  db: Db,
  place: Place,
  type: string,
  conditions: readonly Condition[],
  page: Page,
): Promise<readonly PagedResource[]> {
  return await rowsOf<PagedResource>(db, pageStatement(place, type, conditions, page));
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

/** Which of these tokens something served of a type bears. */
export async function servedTokens(
  db: Db,
  place: Place,
  type: string,
  tokens: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await rowsOf<{ token: string }>(
    db,
    sql(
      `select token from unnest(?::text[]) token where exists (select 1 from served_resource r
         where r.region = ? and r.view = ? and r.type = ? and r.tokens @> array[token])`,
      [...new Set(tokens)],
      place.region,
      place.view,
      type,
    ),
  );
  return new Set(rows.map(({ token }) => token));
}

/** Codes, without their systems, that what is served of a type bears under a parameter: a hundred at most. */
export async function servedCodes(
  db: Db,
  place: Place,
  type: string,
  param: string,
): Promise<readonly string[]> {
  const prefix = `${type}/${param}=`;
  const rows = await rowsOf<{ code: string }>(
    db,
    sql(
      `select distinct substring(token from ?::int) as code from served_resource r, unnest(r.tokens) token
       where r.region = ? and r.view = ? and r.type = ? and starts_with(token, ?) and position('|' in token) = 0
       order by code limit 100`,
      prefix.length + 1,
      place.region,
      place.view,
      type,
      prefix,
    ),
  );
  return rows.map(({ code }) => code);
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
