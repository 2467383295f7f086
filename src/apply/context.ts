import type { FilrorConfig } from '../config/load.js';
import type { RegionProfile } from '../config/schema/region.js';
import type { Db } from '../db/types.js';
import type { Actor } from '../db/people.js';
import type { RorClient } from '../ror/client.js';
import type { CodeBook } from '../ror/codes.js';

/** What applying needs from outside. */
export interface ApplyContext {
  readonly db: Db;
  readonly config: FilrorConfig;
  readonly region: RegionProfile;
  readonly codes: CodeBook;
  readonly client: RorClient;
  readonly actor: Actor | null;
  readonly now: () => Date;
  /** The clock that every machine shares: leases and waits are reckoned by it, never by `now` (rule 6). */
  readonly sharedClock: (db: Db) => Promise<Date>;
  readonly sleep: (ms: number) => Promise<void>;
  readonly onReceipt: (receipt: Receipt, done: number, total: number) => void;
}

/** What became of one change: partial success is a normal state, told item by item. */
export interface Receipt {
  readonly change: string;
  readonly result: 'applied' | 'transmitted' | 'conflict' | 'refused' | 'uncertain' | 'waiting' | 'skipped';
  readonly offer: string | null;
  readonly way: 'patch' | 'post' | 'put' | 'none' | 'sheet' | 'task' | null;
  /** HTTP status of the write, when there was an answer. */
  readonly status: number | null;
  readonly version: string | null;
  /** French: what happened, and what to do when it is not applied. */
  readonly message: string;
}
