import type { FilrorConfig } from '../config/load.js';
import type { RegionProfile } from '../config/schema/region.js';
import type { Db } from '../db/types.js';
import type { OpenReader } from '../followup/readers.js';
import type { Logger } from '../observe/logger.js';
import type { Actor } from '../db/people.js';
import type { RunContext } from '../runs/context.js';

/** Whoever vouches for people, as the server uses it. */
export interface Issuer {
  readonly name: string;
  readonly label: string;
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string | null;
  readonly scopes: string;
  readonly acrValues: string | null;
  /** Audience of the access tokens that open the API; null: none of this issuer does. */
  readonly apiAudience: string | null;
  /** The one that filror itself starts, whose people are the personas of the sandbox regions. */
  readonly local: boolean;
}

/** What the pages need from outside. */
export interface WebContext {
  readonly db: Db;
  readonly config: FilrorConfig;
  readonly regions: readonly RegionProfile[];
  readonly issuers: readonly Issuer[];
  /** Without a slash at its end: `https://filror.example`. */
  readonly publicUrl: string;
  readonly log: Logger;
  readonly now: () => Date;
  /** Unguessable text, 32 random bytes. */
  readonly newToken: () => string;
  /** What one request needs to act in a region; closed when the request ends. */
  readonly openRun: (region: RegionProfile, actor: Actor) => OpenedRun;
}

export interface OpenedRun {
  readonly run: RunContext;
  /** The other readers of the region's directory; whoever opens them closes them. */
  readers(): OpenReader[];
  close(): Promise<void>;
}
