import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.js';
import { verify } from '../../src/journal/verify.js';
import { addSchedule } from '../../src/schedule/manage.js';
import { approveAll } from '../support/approved-region.js';
import { scheduleClock } from '../support/schedule-clock.js';
import {
  scheduledTemplate,
  until,
  type ScheduledRegion,
  type ScheduledTemplate,
} from '../support/scheduled-region.js';
import type { Running } from '../support/node-process.js';

/** Processes look every second: long enough for each of them to look twice. */
const TWO_LOOKS_MS = 2_500;
/** A run reads Organization, Location and HealthcareService, one page each. */
const SEARCHES_OF_A_RUN = 3;

let template: ScheduledTemplate;
beforeAll(async () => {
  template = await scheduledTemplate();
});
afterAll(() => template.drop());

/** Away from the nights of the test. */
const reconcile = { day: 'mer', time: '12:00' };

async function add(
  region: ScheduledRegion,
  name: string,
  cron: string,
  kind: 'sync' | 'apply' = 'sync',
): Promise<void> {
  const context = {
    db: region.database.app,
    config: loadConfig(region.folder),
    worker: 'test',
    newRunId: () => 'none',
  };
  const wanted = {
    name,
    kind,
    source: null,
    cron,
    timeZone: null,
    catchUp: null,
    bound: null,
  } as const;
  await addSchedule(context, '28', wanted, region.author);
}

async function started(processes: readonly Running[]): Promise<void> {
  for (const each of processes) {
    await until(
      () => Promise.resolve(each.told()),
      (told) => told.includes('scheduler started'),
    );
  }
}

/** Every slot of the ledger is done, and each of them had its effects once: one run, one reading of list and repository. */
async function expectDone(region: ScheduledRegion, instants: readonly string[]): Promise<void> {
  await until(
    () => region.slots(),
    (slots) => slots.filter((slot) => slot['state'] === 'done').length >= instants.length,
  );
  await sleep(TWO_LOOKS_MS);
  const slots = await region.slots();
  expect(slots.map(({ job, due_at, state }) => [`${job} ${minuteOf(due_at)}`, state])).toEqual(
    instants.map((instant) => [instant, 'done']),
  );
  const runs = await region.runs();
  expect(runs.map((run) => run.id)).toEqual(slots.map((slot) => slot['run_id']));
  expect(runs.filter((run) => run.state === 'failed')).toEqual([]);
  expect(region.list.seen).toHaveLength(instants.length);
  expect(region.searches()).toBe(SEARCHES_OF_A_RUN * instants.length);
}

const minuteOf = (at: unknown): string => (at as Date).toISOString().slice(0, 16);

describe('three processes that send what is approved, their clocks five minutes apart', () => {
  it('write once at a due slot of the night that lacks 02:30, and nothing at the next', async () => {
    const region = await template.copy({ schedule: { reconcile } });
    await approveAll(region, region.approver);
    const processes: Running[] = [];
    try {
      const clock = await scheduleClock(region.database.owner, '2026-03-29T00:00:00Z');
      await add(region, 'envoi', '30 2 * * *', 'apply');
      processes.push(region.serve(0), region.serve(5), region.serve(-5));
      await started(processes);
      await clock.set('2026-03-29T01:29:50Z');
      await sleep(TWO_LOOKS_MS);
      expect(region.sandbox.writes()).toEqual([]);
      const done = async (count: number): Promise<void> => {
        await until(
          () => region.slots(),
          (slots) => slots.filter(({ state }) => state === 'done').length >= count,
        );
        await sleep(TWO_LOOKS_MS);
        const slots = await region.slots();
        expect(slots.map(({ job, state }) => [job, state])).toEqual(
          Array.from({ length: count }, () => ['apply', 'done']),
        );
      };
      await clock.set('2026-03-29T01:30:05Z');
      await done(1);
      expect(region.sandbox.writes().map(({ method }) => method)).toEqual(['POST']);
      expect((await region.changes()).map(({ state }) => state)).toEqual(['applied']);
      const requests = region.sandbox.requests.length;
      await clock.set('2026-03-30T00:30:05Z');
      await done(2);
      expect(region.sandbox.requests).toHaveLength(requests);
      expect((await verify(region.database.app)).fault).toBeNull();
    } finally {
      for (const each of processes) each.kill();
      await region.close();
    }
  });
});

describe('three processes whose clocks are five minutes apart', () => {
  it('do each slot once: both changes of hour, a clock set back, a restart across a slot, 29 February', async () => {
    const region = await template.copy({ schedule: { reconcile } });
    let processes: Running[] = [];
    try {
      const clock = await scheduleClock(region.database.owner, '2026-03-29T00:00:00Z');
      await add(region, 'nuit', '30 2 * * *');
      processes = [region.serve(0), region.serve(5), region.serve(-5)];
      await started(processes);

      // The night that lacks 02:30: nothing before 03:30, which is 01:30Z.
      await clock.set('2026-03-29T01:29:50Z');
      await sleep(TWO_LOOKS_MS);
      expect(await region.slots()).toEqual([]);
      await clock.set('2026-03-29T01:30:05Z');
      await expectDone(region, ['sync 2026-03-29T01:30']);

      // The database's clock goes back one hour, and comes by again.
      await clock.set('2026-03-29T00:30:05Z');
      await sleep(TWO_LOOKS_MS);
      await clock.set('2026-03-29T01:30:05Z');
      await expectDone(region, ['sync 2026-03-29T01:30']);

      await clock.set('2026-03-30T00:30:05Z');
      await expectDone(region, ['sync 2026-03-29T01:30', 'sync 2026-03-30T00:30']);

      // The night that has 02:30 twice, after a summer of which the last slot of each job alone is caught up.
      await clock.set('2026-10-24T00:30:05Z');
      const reading = 'reconcile 2026-10-21T10:00';
      const summer = ['sync 2026-03-29T01:30', 'sync 2026-03-30T00:30', reading, 'sync 2026-10-24T00:30'];
      await expectDone(region, summer);
      await clock.set('2026-10-25T00:30:05Z');
      await expectDone(region, [...summer, 'sync 2026-10-25T00:30']);
      await clock.set('2026-10-25T01:30:05Z');
      await expectDone(region, [...summer, 'sync 2026-10-25T00:30']);

      // Nobody is there when the next one comes due.
      for (const each of processes) each.stop();
      for (const each of processes) expect((await each.finished).code).toBe(0);
      await clock.set('2026-10-26T01:31:00Z');
      processes = [region.serve(-5), region.serve(5), region.serve(0)];
      await started(processes);
      const autumn = [...summer, 'sync 2026-10-25T00:30', 'sync 2026-10-26T01:30'];
      await expectDone(region, autumn);

      // Two schedules ask for 02:30 of that day.
      await add(region, 'bissextile', '30 2 29 2 *');
      await clock.set('2028-02-29T01:30:05Z');
      await expectDone(region, [...autumn, 'reconcile 2028-02-23T11:00', 'sync 2028-02-29T01:30']);
      expect((await verify(region.database.app)).fault).toBeNull();
    } finally {
      for (const each of processes) each.kill();
      await region.close();
    }
  });
});
