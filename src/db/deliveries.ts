import type { RowFault } from '../domain/rows.js';
import type { PersonId } from '../domain/ids.js';
import type { Knex } from 'knex';
import type { Db } from './types.js';

export interface DeliveryRow {
  readonly no: number;
  readonly source: string;
  readonly sha256: string;
  readonly file_name: string;
  readonly origin: string;
  readonly etag: string | null;
  readonly last_modified: string | null;
  readonly content_date: string | null;
  readonly fetched_at: Date;
  readonly imported_by: PersonId | null;
  readonly rows_read: number;
  readonly rows_aside: number;
  readonly counts: Readonly<Record<string, unknown>>;
  readonly bytes: number;
}

export type NewDelivery = Omit<DeliveryRow, 'no' | 'bytes'> & {
  readonly region: string;
  readonly run_id: string;
};

/** How its bytes carried the text; null for a delivery of which it was not noted. */
export function formOf(delivery: Pick<DeliveryRow, 'counts'>): string | null {
  const { form } = delivery.counts;
  return typeof form === 'string' ? form : null;
}

/** Rows of a delivery that can be used: those set aside are not, nor those that a row like them made doubtful. */
export function keptOf(delivery: Pick<DeliveryRow, 'counts' | 'rows_read' | 'rows_aside'>): number {
  const { kept } = delivery.counts;
  return typeof kept === 'number' ? kept : delivery.rows_read - delivery.rows_aside;
}

/** Rows of a delivery that said again what another one says. */
export function repeatedOf({ counts }: Pick<DeliveryRow, 'counts'>): number {
  const { repeated } = counts;
  return typeof repeated === 'number' ? repeated : 0;
}

/** @returns the number of the delivery. */
export async function addDelivery(
  db: Db,
  delivery: NewDelivery,
  faults: readonly RowFault[],
): Promise<number> {
  const inserted = await db('delivery')
    .insert({ ...delivery, counts: JSON.stringify(delivery.counts) })
    .returning<{ no: string }[]>('no');
  const no = Number(inserted[0]?.no);
  const rows = faults.map((fault, position) => ({
    region: delivery.region,
    delivery_no: no,
    position,
    code: fault.code,
    locator: JSON.stringify(fault.locator),
    field: fault.field ?? null,
    value: fault.value?.slice(0, 200).replaceAll('\u0000', '\uFFFD') ?? null,
    message: fault.message.replaceAll('\u0000', '\uFFFD'),
    remedy: fault.remedy,
    key: fault.key ?? null,
  }));
  await db.batchInsert('rejected_row', rows, 500);
  return no;
}

/** The present delivery of each source of a region, or the one that held at a given number. */
export async function currentDeliveries(
  db: Db,
  region: string,
  asOf?: Readonly<Record<string, number>>,
): Promise<Map<string, DeliveryRow>> {
  const query = db('delivery as d')
    .join('snapshot as s', 's.sha256', 'd.sha256')
    .where('d.region', region)
    .distinctOn('d.source')
    .orderBy([{ column: 'd.source' }, { column: 'd.no', order: 'desc' }])
    .select('d.*', 's.bytes', db.raw("to_char(d.content_date, 'YYYY-MM-DD') as content_date"));
  if (asOf !== undefined) void query.whereIn('d.no', Object.values(asOf));
  const rows = (await query) as (DeliveryRow & { no: string; bytes: string })[];
  return new Map(
    rows.map((row) => [
      row.source,
      {
        ...row,
        no: Number(row.no),
        bytes: Number(row.bytes),
      },
    ]),
  );
}

/**
 * The arrival of the first of the latest deliveries that say the same by the mark of their whole content; null when the
 * present one has no mark.
 */
export async function contentMarkedAt(db: Db, region: string, source: string): Promise<Date | null> {
  const result = (await db.raw(
    `with mine as (select no, fetched_at, counts ->> 'mark' as mark from delivery where region = :region and source = :source),
       present as (select mark from mine order by no desc limit 1)
     select min(mine.fetched_at) as at from mine, present
     where present.mark is not null
       and mine.no > coalesce((select max(no) from mine where mark is distinct from present.mark), 0)`,
    { region, source },
  )) as { rows: { at: Date | null }[] };
  return result.rows[0]?.at ?? null;
}

/**
 * When a source last said something else than before: the arrival of the last delivery that opened or closed a row, else
 * of its first one. The same rows under another name, in another order or encoding are not news.
 * @param kept table of the intervals that its rows become
 */
export async function contentChangedAt(
  db: Db,
  region: string,
  source: string,
  kept: 'observation' | 'establishment',
): Promise<Date | null> {
  const intervals = (): Knex.QueryBuilder => {
    const rows = db(kept).where({ region });
    return kept === 'observation' ? rows.where({ source }) : rows;
  };
  const deliveries = (): Knex.QueryBuilder => db('delivery').where({ region, source });
  const changed = await deliveries()
    .where((either) =>
      either
        .whereIn('no', intervals().select('first_delivery'))
        .orWhereIn('no', intervals().whereNotNull('closed_delivery').select('closed_delivery')),
    )
    .max<{ at: Date | null }[]>('fetched_at as at');
  if (changed[0]?.at) return changed[0].at;
  const first = await deliveries().min<{ at: Date | null }[]>('fetched_at as at');
  return first[0]?.at ?? null;
}

/** What a locator needs to be found again: the bytes it points into, and their date. */
export type DeliveryOrigin = Pick<DeliveryRow, 'sha256' | 'content_date' | 'fetched_at' | 'imported_by'>;

/** Every delivery of one source, by number, oldest first. */
export async function deliveryOrigins(
  db: Db,
  region: string,
  source: string,
): Promise<Map<number, DeliveryOrigin>> {
  const rows = (await db('delivery')
    .where({ region, source })
    .orderBy('no')
    .select(
      'no',
      'sha256',
      'fetched_at',
      'imported_by',
      db.raw("to_char(content_date, 'YYYY-MM-DD') as content_date"),
    )) as (DeliveryOrigin & { no: string })[];
  return new Map(rows.map((row) => [Number(row.no), row]));
}

export async function faultsOf(db: Db, region: string, deliveryNo: number): Promise<RowFault[]> {
  const rows = (await db('rejected_row')
    .where({ region, delivery_no: deliveryNo })
    .orderBy('position')) as (RowFault & {
    field: string | null;
    value: string | null;
    key: string | null;
  })[];
  return rows.map((row) => ({
    code: row.code,
    locator: row.locator,
    message: row.message,
    remedy: row.remedy,
    ...(row.field === null ? {} : { field: row.field }),
    ...(row.value === null ? {} : { value: row.value }),
    ...(row.key === null ? {} : { key: row.key }),
  }));
}
