import { lastReading, type ReadingMode, type RecordedReading } from '../db/mirror.js';
import type { Db } from '../db/types.js';
import { DAY_MS } from '../domain/time.js';

/**
 * What was asked for: `auto` chooses between a delta and a full reading; `reconcile` is the weekly full reading, which
 * ends an export that was begun; `full` is a person's, who wants a search now: an open export is let go.
 */
export type MirrorWish = 'auto' | 'reconcile' | 'full' | 'export';

/**
 * "At least one full synchronisation a week" (ANS): a daily run that comes a few minutes earlier than the week before
 * must not wait for the next day.
 */
export const FULL_EVERY_MS = 7 * DAY_MS - DAY_MS / 2;
/** Overlap of a delta, besides the region's declared lag: clocks five minutes apart, and a reading that lasts. */
export const OVERLAP_MS = 15 * 60_000;

export type Chosen =
  | { readonly mode: Exclude<ReadingMode, 'delta'> }
  | { readonly mode: 'delta'; readonly last: RecordedReading };

/** A delta only from a full reading of the same repository with the same rights, of the last days. */
export async function chooseMode(
  db: Db,
  region: string,
  repository: string,
  wish: MirrorWish,
  now: Date,
): Promise<Chosen> {
  if (wish === 'full' || wish === 'export') return { mode: wish };
  if (wish === 'reconcile') return { mode: 'full' };
  const full = await lastReading(db, region, 'full');
  const last = await lastReading(db, region, 'any');
  if (full === null || last === null) return { mode: 'full' };
  if (full.repository !== repository || last.repository !== repository) return { mode: 'full' };
  const age = now.getTime() - full.startedAt.getTime();
  // A negative age is a clock put back: nothing is known about how old it is.
  return age >= 0 && age < FULL_EVERY_MS ? { mode: 'delta', last } : { mode: 'full' };
}

/** First instant of a delta. */
export function deltaStart(last: RecordedReading, lagMs: number): Date {
  return new Date(last.seenUntil.getTime() - OVERLAP_MS - lagMs);
}
