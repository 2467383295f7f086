import { hostname } from 'node:os';
import type { ScheduleContext, WorkerContext } from '../schedule/context.js';
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
