import type { ReviewConfig } from '../config/schema/review.js';
import type { RegionProfile } from '../config/schema/region.js';
import type { Actor } from '../db/people.js';
import type { Db } from '../db/types.js';

/** Who records something about a change that is agreed to or handed over, and when. */
export interface FollowupContext {
  readonly db: Db;
  readonly region: RegionProfile;
  readonly review: ReviewConfig;
  readonly person: Actor;
  readonly now: Date;
}

/** The same, from what a run holds. */
export function followupContext(run: {
  readonly db: Db;
  readonly region: RegionProfile;
  readonly config: { readonly review: ReviewConfig };
  readonly actor: Actor | null;
  readonly now: () => Date;
}): FollowupContext {
  if (run.actor === null) throw new Error('a follow-up needs a person');
  return {
    db: run.db,
    region: run.region,
    review: run.config.review,
    person: run.actor,
    now: run.now(),
  };
}
