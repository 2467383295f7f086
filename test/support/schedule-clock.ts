import type { Db } from '../../src/db/handle.js';

/** The database's clock of a test: what `schedule_clock()` says to every process of this database. */
export interface ScheduleClock {
  set(at: string | Date): Promise<void>;
  advance(seconds: number): Promise<void>;
}

/** Replaces the function of sql/0020 in this test's own database: only the owner may, so that no product code can. */
export async function scheduleClock(owner: Db, at: string): Promise<ScheduleClock> {
  await owner.raw('create table test_clock (at timestamptz not null)');
  await owner.raw('grant select on test_clock to filror_app');
  await owner('test_clock').insert({ at });
  await owner.raw(
    `create or replace function schedule_clock() returns timestamptz language sql volatile
     as $$ select at from public.test_clock $$`,
  );
  return {
    set: async (to) => void (await owner('test_clock').update({ at: to })),
    advance: async (seconds) =>
      void (await owner.raw('update test_clock set at = at + make_interval(secs => ?)', [seconds])),
  };
}
