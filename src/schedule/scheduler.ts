import { schedule as wakeEvery } from 'node-cron';
import pLimit from 'p-limit';
import type { RegionProfile } from '../config/schema/region.js';
import { explainDatabaseError } from '../db/connection-errors.js';
import { knownRegions } from '../db/runs.js';
import { FilrorError } from '../domain/errors.js';
import type { Claim, WorkerContext } from './context.js';
import { claimNext } from './ledger.js';
import { giveBack, work } from './worker.js';

export interface Scheduler {
  /** Rejects with what is not operational: the process must end, and say so. */
  readonly crashed: Promise<never>;
  /**
   * Begins nothing more, waits for what runs until `hurry` or for `stopSeconds`, then gives back what has not ended.
   * @returns how many were given back
   */
  stop(hurry?: Promise<unknown>): Promise<number>;
}

/**
 * Looks at the ledger of each region every few seconds and does what is due. node-cron only wakes: any number of
 * processes may do the same, late, twice or with a wrong clock, and the ledger gives each slot to one of them.
 */
export function startScheduler(context: WorkerContext): Scheduler {
  const { wakeSeconds, regionsAtOnce, stopSeconds } = context.config.schedule;
  const limit = pLimit(regionsAtOnce);
  const queued = new Map<string, Promise<void>>();
  const posting = new Map<string, Promise<void>>();
  const held = new Map<string, Claim>();
  let stopping = false;
  let crash: (error: unknown) => void = () => undefined;
  const crashed = new Promise<never>((_, reject) => (crash = reject));

  const drain = async (region: RegionProfile): Promise<void> => {
    while (!stopping) {
      const claim = await claimNext(context, region);
      if (claim === null) return;
      held.set(region.code, claim);
      try {
        await work(context, claim);
      } finally {
        held.delete(region.code);
      }
    }
  };
  /** The database may be away for a while: told, and tried again at the next waking. Anything else ends the process. */
  const guarded = async (task: () => Promise<void>): Promise<void> => {
    try {
      await task();
    } catch (thrown) {
      const error = explainDatabaseError(thrown, context.database.place);
      if (!(error instanceof FilrorError)) return crash(error);
      context.log.error('scheduler hindered', {
        code: error.code,
        message: error.message,
        remedy: error.remedy,
      });
    }
  };
  /** Beside the passages, not after them: a slow server of mail holds nothing up. */
  const post = (region: RegionProfile): void => {
    const { mail } = context;
    if (mail === undefined || stopping || posting.has(region.code)) return;
    const task = guarded(async () => void (await mail(region))).finally(() => posting.delete(region.code));
    posting.set(region.code, task);
  };
  const wake = async (): Promise<void> => {
    for (const region of await regionsToServe(context)) {
      post(region);
      if (stopping || queued.has(region.code)) continue;
      const task = limit(() => guarded(() => drain(region))).finally(() => queued.delete(region.code));
      queued.set(region.code, task);
    }
  };

  // UTC has no change of hour, where node-cron has an open fault; what is due is computed elsewhere.
  const timer = wakeEvery(`*/${wakeSeconds} * * * * *`, () => guarded(wake), {
    timezone: 'Etc/UTC',
    noOverlap: true,
    suppressMissedWarning: true,
  });
  void guarded(wake);
  return {
    crashed,
    stop: async (hurry = new Promise(() => undefined)) => {
      stopping = true;
      await timer.destroy();
      await Promise.race([
        Promise.all([...queued.values(), ...posting.values()]),
        hurry,
        pause(stopSeconds * 1000),
      ]);
      let given = 0;
      for (const claim of held.values()) if ((await giveBack(context, claim)) === 'ours') given += 1;
      return given;
    },
  };
}

/** Regions of the configuration that somebody has begun to use: a first command in a region makes it known. */
export async function regionsToServe(
  context: Pick<WorkerContext, 'db' | 'config'>,
): Promise<readonly RegionProfile[]> {
  const known = await knownRegions(context.db);
  return known.flatMap((code) => context.config.regions.get(code) ?? []);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
