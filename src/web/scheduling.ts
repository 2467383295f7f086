import { hostname } from 'node:os';
import type { Claim, ScheduleContext, WorkerContext } from '../schedule/context.js';
import { work, type Ended } from '../schedule/worker.js';
import type { RegionRequest } from './route.js';

/** What schedules and pauses need of a request. */
export function schedulingOf({ run }: Pick<RegionRequest, 'run'>): ScheduleContext {
  const worker = `${hostname()}:${String(process.pid)}`;
  return { db: run.db, config: run.config, worker, newRunId: run.newId.run };
}

/** The same ledger as the scheduler's: whoever asks for a run while one is under way is told so. */
export function workerOf(request: Pick<RegionRequest, 'run' | 'log'>): WorkerContext {
  const { run, log } = request;
  return {
    ...schedulingOf(request),
    database: { place: 'base de filror' },
    log,
    // A scheduled run is nobody's act; who asked for it is in the ledger and in the journal.
    openRun: () => ({ run: { ...run, actor: null }, close: () => undefined }),
  };
}

/** A claimed slot at work beyond the answer: how far it is, and when it is over. */
export interface AtWork {
  readonly end: { readonly ended: Ended | null; readonly over: boolean };
  readonly over: Promise<void>;
}

export function atWork({ later, log }: Pick<RegionRequest, 'later' | 'log'>, claim: Claim): AtWork {
  const end: { ended: Ended | null; over: boolean } = { ended: null, over: false };
  const over = later(async (run) => {
    end.ended = await work(workerOf({ run, log }), claim);
  }).finally(() => (end.over = true));
  return { end, over };
}
