import type { Db, Trx } from './types.js';

export interface ServedHead {
  readonly no: number;
  readonly at: Date | null;
  readonly journalNo: number;
  /** Hash of the rules under which everything was published. */
  readonly rules: string;
}

interface HeadRow {
  readonly no: string;
  readonly at: Date | null;
  readonly journal_no: string;
  readonly rules: string;
}

/** How far the publication of a region is; null when nothing was ever published. */
export async function servedHead(db: Db, region: string): Promise<ServedHead | null> {
  const row: HeadRow | undefined = await db('served_head').where({ region }).first();
  return row === undefined ? null : headOf(row);
}

/** The same, and nobody else publishes in this region until the transaction ends. */
export async function lockServedHead(trx: Trx, region: string): Promise<ServedHead> {
  await trx('served_head').insert({ region }).onConflict('region').ignore();
  const row: HeadRow | undefined = await trx('served_head').where({ region }).forUpdate().first();
  if (row === undefined) throw new Error(`the served head of ${region} is gone`);
  return headOf(row);
}

function headOf(row: HeadRow): ServedHead {
  const { at, rules } = row;
  return { no: Number(row.no), at, journalNo: Number(row.journal_no), rules };
}

export async function moveServedHead(trx: Trx, region: string, to: ServedHead): Promise<void> {
  const { no, at, journalNo, rules } = to;
  await trx('served_head').where({ region }).update({ no, at, journal_no: journalNo, rules });
}

/** Number of the last journal entry that is committed: everything it tells of is visible from here on. */
export async function journalNo(db: Db): Promise<number> {
  const row: { no: string } | undefined = await db('journal_head').first('no');
  return Number(row?.no ?? 0);
}

/** The database's clock, in whole milliseconds, and after the instant given: instants of publications never repeat. */
export async function publicationInstant(trx: Trx, last: Date | null): Promise<Date> {
  const result = (await trx.raw(
    `select greatest(date_trunc('milliseconds', clock_timestamp()), ?::timestamptz + interval '1 millisecond') as at`,
    [last],
  )) as { rows: { at: Date }[] };
  return result.rows[0]?.at ?? new Date();
}
