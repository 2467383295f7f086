import type { Db, Transaction } from './handle.js';
import type { PersonId } from './person.js';

/** One entry as it is stored. */
export interface JournalRow {
  readonly no: number;
  /** UTC with microseconds, exactly as it was hashed. */
  readonly at: string;
  readonly region: string | null;
  readonly kind: string;
  readonly subject: string;
  readonly actor: PersonId | null;
  readonly body: string;
  readonly prev_hash: string;
  readonly hash: string;
}

export type NewJournalRow = Pick<JournalRow, 'region' | 'kind' | 'subject' | 'actor' | 'body'>;

export interface JournalHeadRow {
  readonly no: number;
  readonly at: string | null;
  readonly hash: string;
}

/** Rows fetched at once when the whole journal is read. */
const PAGE = 500;
const COLUMNS = `no, public.journal_instant(at) as at, region, kind, subject, actor, body, prev_hash, hash`;

/** Locks the head until the transaction ends: number, instant and hashes are set by the database. */
export async function insertEntry(
  trx: Transaction,
  row: NewJournalRow,
): Promise<Pick<JournalRow, 'no' | 'hash'>> {
  const [inserted] = await trx<JournalRow>('journal').insert({ ...row }, ['no', 'hash']);
  if (inserted === undefined) throw new Error('insert into journal returned nothing');
  return inserted;
}

export async function insertEntries(trx: Transaction, rows: readonly NewJournalRow[]): Promise<void> {
  if (rows.length > 0) await trx<JournalRow>('journal').insert(rows.map((row) => ({ ...row })));
}

export async function readHead(db: Db): Promise<JournalHeadRow | null> {
  const { rows } = await db.raw<{ rows: JournalHeadRow[] }>(
    `select no, public.journal_instant(at) as at, hash from journal_head`,
  );
  return rows[0] ?? null;
}

/** Every entry in order, a page at a time: memory does not grow with the journal. */
export async function* readEntries(db: Db): AsyncGenerator<JournalRow> {
  let after = 0;
  for (;;) {
    const { rows } = await db.raw<{ rows: JournalRow[] }>(
      `select ${COLUMNS} from journal where no > ? order by no limit ${PAGE}`,
      [after],
    );
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = last.no;
  }
}

/** Number and hash of the last `recent` entries and of one in `every` before them, in order. */
export async function readCheckpoints(
  db: Db,
  { upTo, recent, every }: { readonly upTo: number; readonly recent: number; readonly every: number },
): Promise<readonly (readonly [number, string])[]> {
  const { rows } = await db.raw<{ rows: { no: number; hash: string }[] }>(
    `select no, hash from journal
     where no <= :upTo::bigint and (no > :upTo::bigint - :recent::bigint or no % :every::bigint = 0)
     order by no`,
    { upTo, recent, every },
  );
  return rows.map(({ no, hash }) => [no, hash] as const);
}

/** Runs `work` on one unmoving view of the journal. */
export async function withFrozenView<T>(db: Db, work: (frozen: Db) => Promise<T>): Promise<T> {
  return db.transaction(work, { isolationLevel: 'repeatable read', readOnly: true });
}
