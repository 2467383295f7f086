import type { Establishment, EstablishmentPoint } from '../domain/establishment.js';
import type { Db, Trx } from './types.js';
import type { PromotionCounts } from './observations.js';

type Row = readonly (string | null)[];
type CopyRows = (
  trx: Trx,
  table: string,
  columns: readonly string[],
  rows: AsyncIterable<Row> | Iterable<Row>,
) => Promise<number>;

/** Staging area of one FINESS delivery: rows stream in, then one set-based comparison. Lives in the transaction. */
export async function openEstablishmentStage(trx: Trx): Promise<void> {
  await trx.raw(`create temporary table stage_eg (eg text, ej text, aggregate text, departement text, hash text,
    content text) on commit drop`);
  await trx.raw('create temporary table stage_point (eg text, hash text, content text) on commit drop');
}

export async function stageEstablishments(
  trx: Trx,
  copyRows: CopyRows,
  rows: AsyncIterable<Row> | Iterable<Row>,
): Promise<number> {
  return await copyRows(trx, 'stage_eg', ['eg', 'ej', 'aggregate', 'departement', 'hash', 'content'], rows);
}

/** Content staged under a number, as text; undefined when the file has no usable line of it. */
export async function stagedContents(
  trx: Trx,
  stage: 'stage_eg' | 'stage_point',
  numbers: readonly string[],
): Promise<Map<string, string>> {
  const rows = (await trx(stage)
    .whereIn('eg', [...numbers])
    .select('eg', 'content')) as {
    eg: string;
    content: string;
  }[];
  return new Map(rows.map((row) => [row.eg, row.content]));
}

/** Takes numbers back out of what is staged: their lines contradict each other. */
export async function unstage(
  trx: Trx,
  stage: 'stage_eg' | 'stage_point',
  numbers: readonly string[],
): Promise<void> {
  await trx(stage)
    .whereIn('eg', [...numbers])
    .delete();
}

/** Numbers known until now that the staged delivery does not give, of establishments and of their points. */
export async function lostEstablishments(
  trx: Trx,
  region: string,
): Promise<{ readonly sites: string[]; readonly points: string[] }> {
  const lost = async (table: string, stage: string): Promise<string[]> => {
    const result = (await trx.raw(
      `select eg from ?? where region = ? and closed_delivery is null except select eg from ?? order by eg`,
      [table, region, stage],
    )) as { rows: { eg: string }[] };
    return result.rows.map((row) => row.eg);
  };
  return {
    sites: await lost('establishment', 'stage_eg'),
    points: await lost('establishment_point', 'stage_point'),
  };
}

/**
 * Closes and opens intervals.
 * @param kept numbers that the file has, though on a line that cannot be used: they stay as they were
 */
export async function promoteEstablishments(
  trx: Trx,
  to: { region: string; delivery: number },
  kept: { readonly sites: readonly string[]; readonly points: readonly string[] },
): Promise<{ establishments: PromotionCounts; points: PromotionCounts }> {
  await trx.raw('create index on stage_eg (eg)');
  await trx.raw('create index on stage_point (eg)');
  // Of the columns that are compared: a sample of whole rows would read the contents too.
  await trx.raw('analyze stage_eg (eg, hash)');
  const establishments = await promote(
    trx,
    to,
    'establishment',
    'stage_eg',
    ['eg', 'ej', 'aggregate', 'departement'],
    kept.sites,
  );
  // A register without coordinates says nothing about the coordinates known from another file.
  const some = (await trx.raw('select exists (select 1 from stage_point) as some')) as {
    rows: { some: boolean }[];
  };
  const points =
    some.rows[0]?.some === true
      ? await promote(trx, to, 'establishment_point', 'stage_point', ['eg'], kept.points)
      : { opened: 0, closed: 0, unchanged: 0 };
  await trx.raw('drop table stage_eg, stage_point');
  return { establishments, points };
}

async function promote(
  trx: Trx,
  to: { region: string; delivery: number },
  table: 'establishment' | 'establishment_point',
  stage: 'stage_eg' | 'stage_point',
  columns: readonly string[],
  kept: readonly string[],
): Promise<PromotionCounts> {
  const list = columns.join(', ');
  const picked = columns.map((column) => `s.${column}`).join(', ');
  const closed = (await trx.raw(
    `update ${table} e set closed_delivery = :delivery
     where e.region = :region and e.closed_delivery is null and not (e.eg = any(:kept))
       and not exists (select 1 from ${stage} s where s.eg = e.eg and s.hash = e.content_hash)`,
    { ...to, kept: [...kept] },
  )) as { rowCount: number };
  const opened = (await trx.raw(
    `insert into ${table} (region, ${list}, content_hash, content, first_delivery)
     select distinct on (s.eg) :region, ${picked}, s.hash, s.content, :delivery from ${stage} s
     where not exists (select 1 from ${table} e where e.region = :region and e.eg = s.eg and e.closed_delivery is null)
     order by s.eg, s.ctid`,
    to,
  )) as { rowCount: number };
  const total = (await trx.raw(`select count(distinct eg) as total from ${stage}`)) as {
    rows: { total: string }[];
  };
  return {
    opened: opened.rowCount,
    closed: closed.rowCount,
    unchanged: Number(total.rows[0]?.total ?? 0) - opened.rowCount,
  };
}

interface ContentRow {
  readonly content: string;
}

/**
 * The establishments that matching needs, as of a delivery: the hospital sector (aggregates), and whatever the
 * numbers written in the lists name, whatever their sector. Sorted by number.
 */
export async function establishmentsFor(
  db: Db,
  region: string,
  asOfDelivery: number,
  want: { aggregatePrefixes: readonly string[]; numbers: readonly string[] },
): Promise<Establishment[]> {
  const rows = (await db('establishment')
    .where({ region })
    .where('first_delivery', '<=', asOfDelivery)
    .where((q) => q.whereNull('closed_delivery').orWhere('closed_delivery', '>', asOfDelivery))
    .where((q) => {
      void q.whereRaw('left(aggregate, 2) = any(?)', [[...want.aggregatePrefixes]]);
      if (want.numbers.length > 0) {
        void q.orWhereIn('eg', [...want.numbers]).orWhereIn('ej', [...want.numbers]);
      }
    })
    .orderByRaw('eg collate "C"')
    .select('content')) as ContentRow[];
  return rows.map((row) => JSON.parse(row.content) as Establishment);
}

/** Present coordinates of sites by their FINESS number; a site that the register does not place is absent. */
export async function pointsOf(
  db: Db,
  region: string,
  egs: readonly string[],
): Promise<Map<string, EstablishmentPoint>> {
  const rows = (await db('establishment_point')
    .where({ region })
    .whereNull('closed_delivery')
    .whereRaw('eg = any(?)', [[...egs]])
    .select('eg', 'content')) as (ContentRow & { eg: string })[];
  return new Map(rows.map((row) => [row.eg, JSON.parse(row.content) as EstablishmentPoint]));
}
