import type { FilrorConfig } from '../config/load.js';
import type { RegionProfile } from '../config/schema/region.js';
import type { Database } from '../db/handle.js';
import type { Db } from '../db/types.js';
import type { Slot } from '../domain/schedule.js';
import type { Logger } from '../observe/logger.js';
import type { RunContext } from '../runs/context.js';

/** What the schedule needs from outside. No clock: the database's is the only one it goes by. */
export interface ScheduleContext {
  readonly db: Db;
  readonly config: FilrorConfig;
  /** Name of this process for whoever reads the ledger: `machine:pid`. */
  readonly worker: string;
  readonly newRunId: () => string;
}

/** What running slots needs besides. */
export interface WorkerContext extends ScheduleContext {
  readonly database: Pick<Database, 'place'>;
  readonly log: Logger;
  /** Opens what a run of the region needs; a rule acts, not a person. */
  readonly openRun: (region: RegionProfile) => {
    readonly run: RunContext;
    readonly close: () => void | Promise<void>;
  };
  /** Looks at what is to be mailed in a region and sends what waits; absent: no mail. */
  readonly mail?: (region: RegionProfile) => Promise<unknown>;
}

/** A slot that this process holds, as long as it renews its lease. */
export interface Claim {
  readonly slot: Slot;
  readonly region: RegionProfile;
  /** Sources that somebody paused: the run leaves them alone. */
  readonly pausedSources: readonly string[];
}
