import type { Db } from './types.js';

/** The last that was heard of a run. */
export interface RunProgress {
  readonly step: string;
  readonly done: number;
  readonly total: number | null;
  readonly at: Date;
}

export async function recordProgress(
  db: Db,
  region: string,
  runId: string,
  progress: RunProgress,
): Promise<void> {
  await db('run_progress')
    .insert({ region, run_id: runId, ...progress })
    .onConflict(['region', 'run_id'])
    .merge(['step', 'done', 'total', 'at']);
}

/** Once a run has ended its row says how, and nobody asks how far it was; what a killed one left goes with the next. */
export async function forgetProgress(db: Db, region: string): Promise<void> {
  await db('run_progress')
    .where({ region })
    .whereIn('run_id', db('run').select('id').where({ region }).whereNot('state', 'running'))
    .delete();
}

export async function progressOf(db: Db, region: string, runId: string): Promise<RunProgress | null> {
  const row = (await db('run_progress').where({ region, run_id: runId }).first()) as
    { step: string; done: string; total: string | null; at: Date } | undefined;
  if (row === undefined) return null;
  return {
    step: row.step,
    done: Number(row.done),
    total: row.total === null ? null : Number(row.total),
    at: row.at,
  };
}
