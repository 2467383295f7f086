import type { PersonId } from '../domain/ids.js';
import type { Db } from './types.js';

/** One arrival of a content from a source, as a list shows it. */
export interface ReceivedContent {
  readonly no: number;
  readonly source: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly fileName: string;
  readonly origin: string;
  readonly contentDate: string | null;
  readonly fetchedAt: Date;
  /** Who handed the file over; null when a run fetched it. */
  readonly importedBy: PersonId | null;
  readonly rowsRead: number;
  readonly rowsAside: number;
}

interface ReceivedRow {
  readonly no: string;
  readonly source: string;
  readonly sha256: string;
  readonly bytes: string;
  readonly file_name: string;
  readonly origin: string;
  readonly content_date: string | null;
  readonly fetched_at: Date;
  readonly imported_by: PersonId | null;
  readonly rows_read: number;
  readonly rows_aside: number;
}

const COLUMNS = [
  'd.no',
  'd.source',
  'd.sha256',
  's.bytes',
  'd.file_name',
  'd.origin',
  'd.fetched_at',
  'd.imported_by',
  'd.rows_read',
  'd.rows_aside',
] as const;

/** What a source gave a region, newest first. */
export async function receivedContents(
  db: Db,
  region: string,
  source: string,
  page: { readonly limit: number; readonly offset: number },
): Promise<{ readonly total: number; readonly contents: readonly ReceivedContent[] }> {
  const counted = await db('delivery').where({ region, source }).count<{ count: string }[]>('* as count');
  const rows = (await joined(db)
    .where({ 'd.region': region, 'd.source': source })
    .orderBy('d.no', 'desc')
    .limit(page.limit)
    .offset(page.offset)) as ReceivedRow[];
  return { total: Number(counted[0]?.count ?? 0), contents: rows.map(received) };
}

/** One of them; null when this region never had it from this source. */
export async function receivedContent(
  db: Db,
  region: string,
  source: string,
  no: number,
): Promise<ReceivedContent | null> {
  const rows = (await joined(db).where({
    'd.region': region,
    'd.source': source,
    'd.no': no,
  })) as ReceivedRow[];
  return rows[0] === undefined ? null : received(rows[0]);
}

function joined(db: Db): ReturnType<Db> {
  return db('delivery as d')
    .join('snapshot as s', 's.sha256', 'd.sha256')
    .select(...COLUMNS, db.raw("to_char(d.content_date, 'YYYY-MM-DD') as content_date")) as ReturnType<Db>;
}

function received(row: ReceivedRow): ReceivedContent {
  return {
    no: Number(row.no),
    source: row.source,
    sha256: row.sha256,
    bytes: Number(row.bytes),
    fileName: row.file_name,
    origin: row.origin,
    contentDate: row.content_date,
    fetchedAt: row.fetched_at,
    importedBy: row.imported_by,
    rowsRead: row.rows_read,
    rowsAside: row.rows_aside,
  };
}
