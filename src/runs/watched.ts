import { forgetProgress, recordProgress } from '../db/run-progress.js';
import type { ProgressEvent, RunContext } from './context.js';

/** Between two rows of one step: who watches a page sees it move, and the run loses nothing by it. */
const EVERY_MS = 500;

/** What a run tells besides, so that a page can follow it from another process. */
export interface Watched {
  readonly progress: RunContext['progress'];
  /** Once the run has ended: nothing is being written nor kept any more, and its connections may be closed. */
  ended(): Promise<void>;
}

/**
 * Writes how far a run is, a step at once and its counts twice a second, beside the run's own transaction. It never
 * waits for it, and an event that cannot be written stops no run: the next one says more.
 */
export function watched({ db, region, now, progress }: RunContext, runId: string): Watched {
  let last: { step: string; at: number } | null = null;
  let writing: Promise<void> | null = null;
  let unwritten: ProgressEvent | null = null;
  const write = async (event: ProgressEvent): Promise<void> => {
    for (let next: ProgressEvent | null = event; next !== null; next = unwritten) {
      unwritten = null;
      try {
        await recordProgress(db, region.code, runId, { ...next, at: now() });
      } catch {
        // The database is away: the run itself is about to say so, with its remedy.
        return;
      }
    }
  };
  return {
    progress: (event) => {
      progress(event);
      const at = now().getTime();
      if (last !== null && last.step === event.step && at - last.at < EVERY_MS) return;
      last = { step: event.step, at };
      unwritten = event;
      writing ??= write(event).finally(() => (writing = null));
    },
    ended: async () => {
      await writing;
      if (last === null) return;
      try {
        await forgetProgress(db, region.code);
      } catch {
        // The database went away after the run: the next one forgets this too.
      }
    },
  };
}
