import type { Place } from './served-search.js';
import type { Db } from './types.js';

export interface VersionRow {
  readonly no: number;
  readonly type: string;
  readonly id: string;
  readonly version: number;
  readonly at: Date;
  /** Null: it left. */
  readonly body: string | null;
}

/** Which versions: of one resource, of one type, or of the whole view. */
export interface HistoryScope {
  readonly type: string | null;
  readonly id: string | null;
  /** From this instant on, included. */
  readonly since: Date | null;
  /** As the view was at this instant, included. */
  readonly at: Date | null;
}

export interface HistoryPage {
  /** Newest first (R4), or oldest first for those who follow. */
  readonly order: 'newest' | 'oldest';
  /** Number of the last version given. */
  readonly after: number | null;
  /** Versions that came after the first page are left to the next reading. */
  readonly upTo: number;
  readonly limit: number;
}

/**
 * Of versions `v`: those that may still be told. Not below the floor of their resource; of those that other rules had
 * cut, the last of each resource alone (sql/0056). Who follows misses nothing: the last one is always told.
 */
const TOLD = `not exists (select 1 from served_floor f
    where f.region = v.region and f.view = v.view and f.type = v.type and f.id = v.id and v.no < f.no)
  and (v.no > (select floor from served_head h where h.region = v.region)
    or not exists (select 1 from served_version n where n.region = v.region and n.view = v.view and n.type = v.type
      and n.id = v.id and n.version = v.version + 1))`;

/** Versions in the order of their numbers, which is the order in which they became visible. */
export async function servedHistory(
  db: Db,
  place: Place,
  scope: HistoryScope,
  page: HistoryPage,
): Promise<readonly VersionRow[]> {
  const query = db('served_version as v')
    .where({ region: place.region, view: place.view })
    .whereRaw(TOLD)
    .where('no', '<=', page.upTo)
    .orderBy('no', page.order === 'newest' ? 'desc' : 'asc')
    .limit(page.limit)
    .select('no', 'type', 'id', 'version', 'at', 'body');
  if (scope.type !== null) void query.where({ type: scope.type });
  if (scope.id !== null) void query.where({ id: scope.id });
  if (scope.since !== null) void query.where('no', '>=', await firstSince(db, place, scope.since));
  if (scope.at !== null) void query.where('at', '<=', scope.at);
  if (page.after !== null) void query.where('no', page.order === 'newest' ? '<' : '>', page.after);
  const rows = (await query) as (Omit<VersionRow, 'no'> & { no: string })[];
  return rows.map((row) => ({ ...row, no: Number(row.no) }));
}

/** Numbers and instants grow together: the first number of an instant bounds the reading by the key. */
async function firstSince(db: Db, place: Place, since: Date): Promise<number> {
  const row: { no: string } | undefined = await db('served_version')
    .where({ region: place.region })
    .where('at', '>=', since)
    .orderBy('at')
    .orderBy('no')
    .first('no');
  return row === undefined ? Number.MAX_SAFE_INTEGER : Number(row.no);
}

/** One version; undefined when it never was or is not told any more, body null when it is a deletion. */
export async function servedVersion(
  db: Db,
  place: Place,
  key: { readonly type: string; readonly id: string; readonly version: number },
): Promise<VersionRow | undefined> {
  const row = (await db('served_version as v')
    .where({ region: place.region, view: place.view, ...key })
    .whereRaw(TOLD)
    .first('no', 'type', 'id', 'version', 'at', 'body')) as
    (Omit<VersionRow, 'no'> & { no: string }) | undefined;
  return row === undefined ? undefined : { ...row, no: Number(row.no) };
}

/** Whether a resource was served and is not any more: an answer of 410 rather than 404. */
export async function wasServed(db: Db, place: Place, type: string, id: string): Promise<boolean> {
  const row: unknown = await db('served_version')
    .where({ region: place.region, view: place.view, type, id })
    .first('no');
  return row !== undefined;
}

/**
 * Resources of a type as they were at one number of the sequence, after an id, in the order of ids: pages of an export
 * that is the same however long it takes.
 * @param since only those said otherwise after that instant
 * @returns what may still be told: what was cut since is left out, and told by the next delta
 */
export async function servedAsOf(
  db: Db,
  place: Place,
  of: { readonly type: string; readonly upTo: number; readonly since: Date | null },
  range: { readonly after: string; readonly through: string | null },
  limit: number,
): Promise<readonly VersionRow[]> {
  const result = (await db.raw(
    `select v.no, v.type, v.id, v.version, v.at, v.body from (
       select distinct on (id) region, view, no, type, id, version, at, body from served_version
       where region = :region and view = :view and type = :type and id > :after
         and (:through::text is null or id <= :through) and no <= :upTo
       order by id, version desc) v
     where (:since::timestamptz is null or v.at > :since) and ${TOLD}
     order by v.id limit :limit`,
    { ...place, ...of, ...range, limit },
  )) as { rows: VersionRow[] };
  return result.rows;
}
