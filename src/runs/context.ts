import type { FilrorConfig } from '../config/load.js';
import type { RegionProfile } from '../config/schema/region.js';
import type { Db } from '../db/types.js';
import type { Actor } from '../db/people.js';
import type { CentreId } from '../domain/ids.js';
import type { RorClient } from '../ror/client.js';

/** Told to whoever watches a run: step names are stable, totals may be unknown. */
export interface ProgressEvent {
  readonly step: string;
  readonly done: number;
  readonly total: number | null;
}

/** What a run needs from outside: time, randomness, the repository and progress come in as parameters. */
export interface RunContext {
  readonly db: Db;
  readonly config: FilrorConfig;
  readonly region: RegionProfile;
  readonly actor: Actor | null;
  readonly now: () => Date;
  readonly newId: {
    readonly centre: () => CentreId;
    readonly change: () => string;
    readonly run: () => string;
  };
  /** Null when the region's repository is not configured to be reached. */
  readonly repository: RorClient | null;
  /** Waits asked by the repository; the machine's own by default. */
  readonly sleep?: (ms: number) => Promise<unknown>;
  readonly progress: (event: ProgressEvent) => void;
}
