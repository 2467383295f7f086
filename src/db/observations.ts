import type { Locator } from '../domain/locator.js';
import type { Db, Trx } from './types.js';

/** One staged row: what a delivery says under a key. `content` is the canonical JSON text of the value. */
export interface StagedRow {
  readonly key: string;
  readonly hash: string;
  readonly content: string;
  readonly locator: Locator;
}

export interface ObservationRow {
  readonly source: string;
  readonly key: string;
  readonly content: string;
  readonly content_hash: string;
  readonly locator: Locator;
  readonly first_delivery: number;
  readonly closed_delivery: number | null;
  /** Delivery in which the source first said this key; what it says under it may have changed since. */
  readonly key_since: number;
}

/** How many intervals a delivery opened, closed, and left as they were. */
export interface PromotionCounts {
  readonly opened: number;
  readonly closed: number;
  readonly unchanged: number;
}

type CopyRows = (
  trx: Trx,
  table: string,
  columns: readonly string[],
  rows: AsyncIterable<readonly (string | null)[]> | Iterable<readonly (string | null)[]>,
) => Promise<number>;

/**
 * Promotes what a delivery says into observation intervals: rows go to a temporary table by COPY, then one
 * set-based comparison closes what changed or disappeared and opens what is new. Unchanged rows are not written.
 * @param kept keys of rows set aside: present in the file though unreadable, so their interval stays open.
 */
export async function promoteObservations(
  trx: Trx,
  copyRows: CopyRows,
  to: { region: string; source: string; delivery: number },
  rows: readonly StagedRow[],
  kept: readonly string[],
): Promise<PromotionCounts> {
  await trx.raw(
    'create temporary table stage (key text, hash text, content text, locator text) on commit drop',
  );
  await copyRows(
    trx,
    'stage',
    ['key', 'hash', 'content', 'locator'],
    (function* () {
      for (const row of rows) yield [row.key, row.hash, row.content, JSON.stringify(row.locator)];
    })(),
  );
  const closed = (await trx.raw(
    `update observation o set closed_delivery = :delivery
     where o.region = :region and o.source = :source and o.closed_delivery is null
       and not (o.key = any(:kept))
       and not exists (select 1 from stage s where s.key = o.key and s.hash = o.content_hash)`,
    { ...to, kept: [...kept] },
  )) as { rowCount: number };
  const opened = (await trx.raw(
    `insert into observation (region, source, key, content_hash, content, locator, first_delivery)
     select :region, :source, s.key, s.hash, s.content, s.locator::jsonb, :delivery from stage s
     where not exists (select 1 from observation o where o.region = :region and o.source = :source
                       and o.key = s.key and o.closed_delivery is null)`,
    to,
  )) as { rowCount: number };
  await trx.raw('drop table stage');
  return {
    opened: opened.rowCount,
    closed: closed.rowCount,
    unchanged: rows.length - opened.rowCount,
  };
}

/** Keys that a source says up to now. */
export async function openKeys(db: Db, region: string, source: string): Promise<string[]> {
  return (await db('observation')
    .where({ region, source })
    .whereNull('closed_delivery')
    .orderByRaw('key collate "C"')
    .pluck('key')) as string[];
}

function numbered(row: ObservationRow): ObservationRow {
  return {
    ...row,
    first_delivery: Number(row.first_delivery),
    key_since: Number(row.key_since),
    closed_delivery: row.closed_delivery === null ? null : Number(row.closed_delivery),
  };
}

/** What a source says now, or what it said as of one of its deliveries; sorted by key. */
export async function observationsOf(
  db: Db,
  region: string,
  source: string,
  asOfDelivery: number,
): Promise<ObservationRow[]> {
  const intervals = db('observation')
    .where({ region, source })
    .where('first_delivery', '<=', asOfDelivery)
    .select('*', db.raw('min(first_delivery) over (partition by key) as key_since'));
  const rows = (await db
    .from(intervals.as('o'))
    .where((q) => q.whereNull('closed_delivery').orWhere('closed_delivery', '>', asOfDelivery))
    .orderByRaw('key collate "C"')) as ObservationRow[];
  return rows.map(numbered);
}

/** For each key that a source no longer says as of a delivery, the last thing it said under it. */
export async function lostObservations(
  db: Db,
  region: string,
  source: string,
  asOfDelivery: number,
): Promise<ObservationRow[]> {
  // One pass over the source's rows: an anti-join written as such was planned as a nested loop on a table that the same
  // transaction has just filled (1.5 s for 2,400 rows).
  const result = (await db.raw(
    `select * from (
       select o.*, min(o.first_delivery) over same_key as key_since,
         row_number() over (partition by o.key order by o.first_delivery desc) as rank,
         bool_or(o.closed_delivery is null or o.closed_delivery > :asOf) over same_key as said
       from observation o
       where o.region = :region and o.source = :source and o.first_delivery <= :asOf
       window same_key as (partition by o.key)) o
     where o.rank = 1 and not o.said
     order by o.key collate "C"`,
    { region, source, asOf: asOfDelivery },
  )) as { rows: ObservationRow[] };
  return result.rows.map(numbered);
}

/** What a source said under one key, from one delivery until another one. */
export interface IntervalRow {
  readonly key: string;
  readonly content: string;
  readonly locator: Locator;
  readonly first_delivery: number;
  /** Null while it is said. */
  readonly closed_delivery: number | null;
}

/**
 * Everything that a source said, as of a delivery, under the keys of which it took something back since; oldest first.
 * @param keys only these; absent: all of them
 */
export async function movedIntervals(
  db: Db,
  region: string,
  source: string,
  asOfDelivery: number,
  keys?: readonly string[],
): Promise<IntervalRow[]> {
  const result = (await db.raw(
    // One pass, as above.
    `select key, content, locator, first_delivery, closed_delivery from (
       select o.key, o.content, o.locator, o.first_delivery,
         case when o.closed_delivery <= :asOf then o.closed_delivery end as closed_delivery,
         bool_or(o.closed_delivery <= :asOf) over (partition by o.key) as moved
       from observation o
       where o.region = :region and o.source = :source and o.first_delivery <= :asOf
         and (:keys::text[] is null or o.key = any(:keys::text[]))) o
     where o.moved
     order by o.key collate "C", o.first_delivery`,
    { region, source, asOf: asOfDelivery, keys: keys === undefined ? null : [...keys] },
  )) as { rows: (IntervalRow & { first_delivery: string; closed_delivery: string | null })[] };
  return result.rows.map((row) => ({
    ...row,
    first_delivery: Number(row.first_delivery),
    closed_delivery: row.closed_delivery === null ? null : Number(row.closed_delivery),
  }));
}
