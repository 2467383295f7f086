import type { JournalRow } from './journal.js';
import type { Db } from './types.js';

/** What is looked for in the journal of a region; null: anything. */
export interface JournalWanted {
  readonly kind: string | null;
  /** Part of the subject. */
  readonly subject: string | null;
  readonly actors: readonly string[] | null;
  readonly from: Date | null;
  readonly until: Date | null;
}

const COLUMNS = `no, public.journal_instant(at) as at, region, kind, subject, actor, body, prev_hash, hash`;

/** Newest first, below a number: the next page begins where the last one ended, whatever was added meanwhile. */
export async function searchJournal(
  db: Db,
  region: string,
  wanted: JournalWanted,
  page: { readonly below: number | null; readonly limit: number },
): Promise<JournalRow[]> {
  const query = db<JournalRow>('journal').select(db.raw(COLUMNS)).where({ region });
  if (wanted.kind !== null) void query.where({ kind: wanted.kind });
  if (wanted.subject !== null) void query.whereRaw('strpos(lower(subject), lower(?)) > 0', [wanted.subject]);
  if (wanted.actors !== null) void query.whereRaw('actor = any(?::uuid[])', [[...wanted.actors]]);
  if (wanted.from !== null) void query.where('at', '>=', wanted.from);
  if (wanted.until !== null) void query.where('at', '<', wanted.until);
  if (page.below !== null) void query.where('no', '<', page.below);
  return (await query.orderBy('no', 'desc').limit(page.limit)) as unknown as JournalRow[];
}

export async function journalKinds(db: Db, region: string): Promise<string[]> {
  return await db('journal').where({ region }).distinct('kind').orderBy('kind').pluck('kind');
}

export async function journalEntry(db: Db, region: string, no: number): Promise<JournalRow | null> {
  const query = db<JournalRow>('journal').select(db.raw(COLUMNS)).where({ region, no });
  const rows = (await query) as unknown as JournalRow[];
  return rows[0] ?? null;
}

/** In the order of their writing, from a number on: whoever keeps a copy asks for what comes after its last one. */
export async function journalFrom(
  db: Db,
  region: string,
  from: number,
  limit: number,
): Promise<JournalRow[]> {
  const query = db<JournalRow>('journal').select(db.raw(COLUMNS)).where({ region });
  return (await query.where('no', '>=', from).orderBy('no').limit(limit)) as unknown as JournalRow[];
}
