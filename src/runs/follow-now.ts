import { lockRegion } from '../db/runs.js';
import { inTransaction } from '../db/types.js';
import { followUp, type Followed } from '../followup/follow.js';
import { replanNow, type Acted } from './act.js';
import type { RunContext } from './context.js';
import { refreshMirror } from './mirror.js';

/**
 * Reads the repository again and ends the waits that are over; without a repository, those that expired by the last
 * reading. What ended may be proposed again: the plan is made anew.
 */
export async function followNow(run: RunContext): Promise<readonly Followed[]> {
  const followed = await ended(run);
  if (followed.length > 0) await replanNow(run);
  return followed;
}

/** The repository read again, and the plan made anew whether or not anything moved: what somebody asks for who doubts it. */
export async function recalculateNow(run: RunContext): Promise<Acted> {
  await ended(run);
  return await replanNow(run);
}

async function ended(run: RunContext): Promise<readonly Followed[]> {
  if (run.repository !== null) return (await refreshMirror(run, 'auto', 'refuse')).followed;
  return await inTransaction(run.db, async (trx) => {
    await lockRegion(trx, run.region.code);
    return await followUp(trx, run);
  });
}
