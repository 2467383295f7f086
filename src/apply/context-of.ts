import { setTimeout as sleep } from 'node:timers/promises';
import { writesItself } from '../config/schema/region.js';
import { applyClock } from '../db/clock.js';
import { CodeBook } from '../ror/codes.js';
import type { RorClient } from '../ror/client.js';
import type { ApplyContext } from './context.js';
import { repositoryUnset } from './ways.js';

/** What a run holds and applying needs. */
type Applying = Pick<ApplyContext, 'db' | 'config' | 'region' | 'actor' | 'now'> & {
  readonly repository: RorClient | null;
};

/**
 * The context of an `apply` by the machine's own clock. A region that only hands over is applied without reaching its
 * repository.
 * @throws RefusalError `REPOSITORY_UNSET` when the region writes by itself, or later when it is asked for
 */
export function contextOf(run: Applying, onReceipt: ApplyContext['onReceipt']): ApplyContext {
  const { db, config, region, actor, now, repository } = run;
  if (repository === null && writesItself(region)) throw repositoryUnset(region);
  return {
    db,
    config,
    region,
    codes: new CodeBook(config.codes),
    get client() {
      if (repository === null) throw repositoryUnset(region);
      return repository;
    },
    actor,
    now,
    sharedClock: applyClock,
    sleep: async (ms) => {
      await sleep(ms);
    },
    onReceipt,
  };
}
