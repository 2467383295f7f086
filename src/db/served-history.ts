import type { Knex } from 'knex';
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
 * The last version of each resource, deletions included, in the order of their numbers, which is the order in which they
 * became visible. Who follows misses nothing: a resource said otherwise meanwhile is in the next reading.
 */
export async function servedHistory(
  db: Db,
  place: Place,
  scope: HistoryScope,
  page: HistoryPage,
): Promise<readonly VersionRow[]> {
  const query = lastVersions(db, place)
    .where('l.no', '<=', page.upTo)
    .orderBy('l.no', page.order === 'newest' ? 'desc' : 'asc')
    .limit(page.limit);
  if (scope.type !== null) void query.where('l.type', scope.type);
  if (scope.id !== null) void query.where('l.id', scope.id);
  if (scope.since !== null) void query.where('l.no', '>=', await firstSince(db, place, scope.since));
  if (page.after !== null) void query.where('l.no', page.order === 'newest' ? '<' : '>', page.after);
  return numbered(await query);
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

/** Instant of the publication that gave that number; null for 0. */
export async function instantOf(db: Db, region: string, no: number): Promise<Date | null> {
  const row: { at: Date } | undefined = await db('served_version').where({ region, no }).first('at');
  return row?.at ?? null;
}

/** One version; undefined when it never was or is not the last one, body null when it is a deletion. */
export async function servedVersion(
  db: Db,
  place: Place,
  key: { readonly type: string; readonly id: string; readonly version: number },
): Promise<VersionRow | undefined> {
  const { type, id, version } = key;
  const [row] = numbered(
    await lastVersions(db, place).where({ 'l.type': type, 'l.id': id, 'l.version': version }),
  );
  return row;
}

/** Whether a resource was served and is not any more: an answer of 410 rather than 404. */
export async function wasServed(db: Db, place: Place, type: string, id: string): Promise<boolean> {
  const row: unknown = await db('served_last')
    .where({ region: place.region, view: place.view, type, id })
    .first('no');
  return row !== undefined;
}

/** What an export covers of one type: what was there at its kick-off, or left since an instant. */
export interface ExportScope {
  readonly type: string;
  /** Resources whose first version came up to this number. */
  readonly upTo: number;
  /** Only what was said otherwise, or left, after that instant. */
  readonly since: Date | null;
  readonly kind: 'resources' | 'deleted';
}

/**
 * Resources of an export after an id, in the order of ids, each as it is said now: what was said otherwise since the
 * kick-off is given as it is, and again by the next delta; what left meanwhile is told by the next delta.
 */
export async function servedExported(
  db: Db,
  place: Place,
  of: ExportScope,
  range: { readonly after: string; readonly through: string | null },
  limit: number,
): Promise<readonly VersionRow[]> {
  const query = exported(lastVersions(db, place), of).where('l.id', '>', range.after);
  if (range.through !== null) void query.where('l.id', '<=', range.through);
  return numbered(await query.orderBy('l.id').limit(limit));
}

/** Bounds of the files of an export, of so many resources each, by their ids. */
export async function cutIntoFiles(
  db: Db,
  place: Place,
  of: ExportScope,
  perFile: number,
): Promise<readonly { readonly after: string; readonly through: string | null }[]> {
  const ids = exported(
    db('served_last as l').where({ 'l.region': place.region, 'l.view': place.view }),
    of,
  ).select('l.id', db.raw('(row_number() over (order by l.id) - 1) / ? as part', [perFile]));
  const parts = (await db(ids.as('parts')).groupBy('part').orderBy('part').max('id as last')) as {
    last: string;
  }[];
  return parts.map(({ last }, at) => ({
    after: parts[at - 1]?.last ?? '',
    through: at === parts.length - 1 ? null : last,
  }));
}

function exported(query: Knex.QueryBuilder, { type, upTo, since, kind }: ExportScope): Knex.QueryBuilder {
  void query.where({ 'l.type': type, 'l.gone': kind === 'deleted' }).where('l.first_no', '<=', upTo);
  return since === null ? query : query.where('l.at', '>', since);
}

function lastVersions(db: Db, place: Place): Knex.QueryBuilder {
  return db('served_last as l')
    .join('served_version as v', (on) => void on.on('v.region', 'l.region').on('v.no', 'l.no'))
    .where({ 'l.region': place.region, 'l.view': place.view })
    .select('l.no', 'l.type', 'l.id', 'l.version', 'l.at', 'v.body');
}

function numbered(rows: unknown): readonly VersionRow[] {
  return (rows as (Omit<VersionRow, 'no'> & { no: string })[]).map((row) => ({
    ...row,
    no: Number(row.no),
  }));
}
