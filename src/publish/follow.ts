import { explainDatabaseError } from '../db/connection-errors.js';
import { FilrorError } from '../domain/errors.js';
import { publish, type PublishContext, type Published } from './publish.js';

/** Publishes again and again, until it is stopped. */
export interface Follower {
  /** Ends after the publication under way. */
  stop(): Promise<void>;
}

export interface Following {
  readonly everyMs: number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly published: (region: string, result: Published) => void;
  /** What failed is told and tried again at the next look: readers go on with what was served. */
  readonly failed: (region: string, error: FilrorError) => void;
}

/**
 * Looks at the journal from time to time: two small readings when nothing moved. What cannot be foreseen (a programmer's
 * error) ends it, and is thrown by `stop`.
 */
export function follow(contexts: readonly PublishContext[], given: Following): Follower {
  const ended = new AbortController();
  const work = (async () => {
    while (!ended.signal.aborted) {
      for (const context of contexts) {
        try {
          const result = await publish(context);
          if (result.moved + result.gone > 0) given.published(context.region, result);
        } catch (error) {
          const told = explainDatabaseError(error, `région ${context.region}`);
          if (!(told instanceof FilrorError)) throw error;
          given.failed(context.region, told);
        }
      }
      await given.sleep(given.everyMs, ended.signal);
    }
  })();
  // Told by `stop`; until then nobody waits for it.
  work.catch(() => undefined);
  return {
    stop: async () => {
      ended.abort();
      await work;
    },
  };
}
