import type { Db } from './types.js';

/** How a synchronisation that is over ended, as far as mail is concerned. */
export interface EndedRun {
  readonly id: string;
  readonly no: number;
  readonly ok: boolean;
  readonly finishedAt: Date;
  /** Sources that it collected; null when it failed. */
  readonly collected: readonly string[] | null;
  readonly error: RunFault | null;
  /** True when its slot failed for good, so that nobody does it again. */
  readonly gaveUp: boolean;
}

export interface RunFault {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  /** Source that failed; null when the whole run did. */
  readonly source: string | null;
}

interface EndedRow {
  readonly id: string;
  readonly no: string;
  readonly state: 'done' | 'unchanged' | 'failed';
  readonly finished_at: Date;
  readonly collected: string[] | null;
  readonly error: Partial<RunFault> | null;
  readonly gave_up: boolean;
}

/** Synchronisations that are over, newest first. */
export async function endedRuns(db: Db, region: string, limit: number): Promise<EndedRun[]> {
  const rows = (await db('run')
    .where({ region, kind: 'sync' })
    .whereNot({ state: 'running' })
    .orderBy('no', 'desc')
    .limit(limit)
    .select('id', 'no', 'state', 'finished_at', 'collected', 'error')
    .select(
      db.raw(
        `exists (select 1 from slot s
           where s.region = run.region and s.run_id = run.id and s.state = 'failed') as gave_up`,
      ),
    )) as EndedRow[];
  return rows.map((row) => ({
    id: row.id,
    no: Number(row.no),
    ok: row.state !== 'failed',
    finishedAt: row.finished_at,
    collected: row.state === 'failed' ? null : (row.collected ?? []),
    error:
      row.state === 'failed'
        ? {
            code: row.error?.code ?? 'BUG',
            message: row.error?.message ?? '',
            remedy: row.error?.remedy ?? '',
            source: row.error?.source ?? null,
          }
        : null,
    gaveUp: row.gave_up,
  }));
}

/** How the last scheduled sending that is over ended. */
export interface ApplyEnd {
  readonly at: Date;
  readonly error: Omit<RunFault, 'source'> | null;
}

export async function lastApplyEnd(db: Db, region: string): Promise<ApplyEnd | null> {
  const row = (await db('slot')
    .where({ region, job: 'apply' })
    .whereIn('state', ['done', 'failed'])
    .orderBy('due_at', 'desc')
    .first('ended_at', 'state', 'error')) as
    { ended_at: Date; state: string; error: Partial<RunFault> | null } | undefined;
  if (row === undefined) return null;
  const { code = 'BUG', message = '', remedy = '' } = row.error ?? {};
  return { at: row.ended_at, error: row.state === 'failed' ? { code, message, remedy } : null };
}

/** Last instant at which a full reading of the repository was due in the ledger, by then; null before the first. */
export async function lastFullReadingDue(db: Db, region: string, by: Date): Promise<Date | null> {
  const row = (await db('slot')
    .where({ region, job: 'reconcile' })
    .where('due_at', '<=', by)
    .orderBy('due_at', 'desc')
    .first('due_at')) as { due_at: Date } | undefined;
  return row?.due_at ?? null;
}

/** When the repository was last read whole; null when it never was. */
export async function lastFullReadingAt(db: Db, region: string): Promise<Date | null> {
  const row = (await db('mirror_reading')
    .where({ region })
    .whereIn('mode', ['full', 'export'])
    .orderBy('no', 'desc')
    .first('recorded_at')) as { recorded_at: Date } | undefined;
  return row?.recorded_at ?? null;
}

/** Entries of a region's journal after a number, in order: what mail may have to tell. */
export interface ToldEntry {
  readonly no: number;
  readonly kind: string;
  readonly body: string;
}

export async function entriesAfter(
  db: Db,
  region: string,
  after: number,
  kinds: readonly string[],
  upTo: number,
): Promise<ToldEntry[]> {
  const rows = (await db('journal')
    .where({ region })
    .where('no', '>', after)
    .where('no', '<=', upTo)
    .whereIn('kind', [...kinds])
    .orderBy('no')
    .select('no', 'kind', 'body')) as { no: string; kind: string; body: string }[];
  return rows.map((row) => ({ ...row, no: Number(row.no) }));
}
