import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from '../../src/db/handle.js';
import type { ApprovedRegion } from './approved-region.js';
import type { BuiltProgram } from './built.js';
import type { Finished, Running } from './node-process.js';

/** Between a power cut and the next start: leases and lags are over by then, nobody has to wait for them. */
const LATER_SECONDS = 60;

/**
 * `filror apply` on a region, in a process of its own.
 * @param starts how many were started before it: each finds the shared clock a minute further, as after a power cut
 */
export async function startApply(
  program: BuiltProgram,
  region: ApprovedRegion,
  starts: number,
): Promise<Running> {
  if (starts > 0) await moveApplyClock(region.database.owner, starts * LATER_SECONDS);
  return startApplyNow(program, region, { resume: starts > 0 });
}

/**
 * The same at once: leases and waits are the real ones.
 * @param skewMs how far this machine's own clock is ahead of the database's
 */
export function startApplyNow(
  program: BuiltProgram,
  region: ApprovedRegion,
  { resume = false, skewMs = 0 }: { readonly resume?: boolean; readonly skewMs?: number } = {},
): Running {
  const args = ['apply', '--region', '28', '--output', 'json', ...(resume ? ['--resume'] : [])];
  return program.start(args, { ...region.env, FILROR_TEST_SKEW_MS: String(skewMs) });
}

/** Replaces the function of sql/0030 in this test's own database: only the owner may, so that no product code can. */
async function moveApplyClock(owner: Db, seconds: number): Promise<void> {
  await owner.raw(
    `create or replace function apply_clock() returns timestamptz language sql volatile
     as $$ select clock_timestamp() + interval '${seconds} seconds' $$`,
  );
}

/** Starts it again until it says that nothing is left; what each said, when it never does. */
export async function resumeToTheEnd(
  program: BuiltProgram,
  region: ApprovedRegion,
  starts: number,
): Promise<Finished> {
  let said: Finished = { code: null, stdout: '', stderr: 'never started' };
  for (let tries = 0; tries < 4 && said.code !== 0; tries++) {
    said = await (await startApply(program, region, starts + tries)).finished;
  }
  return said;
}

/** Waits until it speaks to the database, before it has done anything: node's own start is over. */
export async function atWork(region: ApprovedRegion, running: Running): Promise<void> {
  let over = false;
  void running.finished.then(() => (over = true));
  const connected = async (): Promise<boolean> => {
    const { rows } = await region.database.owner.raw<{ rows: unknown[] }>(
      `select 1 from pg_stat_activity
       where datname = current_database() and application_name not in ('filror test', '') limit 1`,
    );
    return rows.length > 0;
  };
  while (!over && !(await connected())) await sleep(25);
}

/** Transactions of this database that wait for a lock. */
export async function waiters(owner: Db): Promise<number> {
  const { rows } = await owner.raw<{ rows: { count: string }[] }>(
    `select count(*) from pg_locks join pg_stat_activity using (pid)
     where datname = current_database() and not granted`,
  );
  return Number(rows[0]?.count);
}

/** Kills it from outside, that long after it came to work. @returns how it ended: code null when the signal ended it */
export async function killAfter(region: ApprovedRegion, running: Running, ms: number): Promise<Finished> {
  await atWork(region, running);
  await Promise.race([sleep(ms), running.finished]);
  running.kill();
  return await running.finished;
}
