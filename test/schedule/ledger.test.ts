import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig, regionOf, type FilrorConfig } from '../../src/config/load.js';
import { machineAccount } from '../../src/cli/region.js';
import type { RegionProfile } from '../../src/config/schema/region.js';
import type { Actor } from '../../src/db/people.js';
import { ensureRegion } from '../../src/db/runs.js';
import { schedulesOf } from '../../src/db/schedules.js';
import { endSlot, recentSlots } from '../../src/db/slots.js';
import { demoFolder } from '../../src/demo/run.js';
import type { Slot, SlotEnd } from '../../src/domain/schedule.js';
import { verify } from '../../src/journal/verify.js';
import type { ScheduleContext } from '../../src/schedule/context.js';
import { claimNext } from '../../src/schedule/ledger.js';
import {
  addSchedule,
  pause,
  removeSchedule,
  resume,
  type WantedSchedule,
} from '../../src/schedule/manage.js';
import { claimNow } from '../../src/schedule/request.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { scheduleClock, type ScheduleClock } from '../support/schedule-clock.js';

let database: TestDatabase;
let clock: ScheduleClock;
let config: FilrorConfig;
let region: RegionProfile;
let actor: Actor;
let runs = 0;

beforeEach(async () => {
  database = await testDatabase();
  config = loadConfig(demoFolder);
  region = regionOf(config, '28');
  clock = await scheduleClock(database.owner, '2026-03-28T12:00:00Z');
  await ensureRegion(database.app, '28');
  actor = await machineAccount(database.app);
});
afterEach(() => database.drop());

function context(worker = 'a'): ScheduleContext {
  return { db: database.app, config, worker, newRunId: () => `run_${++runs}` };
}

const DONE: SlotEnd = { state: 'done', exitCode: 0, outcome: null, error: null };

/** Does whatever may begin, as several processes that look at the same instant would. */
async function doDue(processes = 3): Promise<string[]> {
  const done: string[] = [];
  for (;;) {
    const claims = await Promise.all(
      Array.from({ length: processes }, (_, at) => claimNext(context(`p${at}`), region)),
    );
    const taken = claims.flatMap((claim) => claim ?? []);
    if (taken.length === 0) return done;
    for (const { slot } of taken) {
      expect(await endSlot(database.app, slot, DONE)).toBe('ours');
      done.push(`${slot.job} ${slot.dueAt.toISOString().slice(0, 16)}`);
    }
  }
}

/** The clock goes through these instants; what is done at each. */
async function through(...instants: readonly string[]): Promise<string[]> {
  const done: string[] = [];
  for (const at of instants) {
    await clock.set(at);
    done.push(...(await doDue()));
  }
  return done;
}

async function add(cron: string, more: Partial<WantedSchedule> = {}): Promise<void> {
  const wanted = {
    name: 'nuit',
    kind: 'sync',
    source: null,
    cron,
    timeZone: null,
    catchUp: null,
    bound: null,
  };
  await addSchedule(context(), '28', { ...wanted, ...more } as WantedSchedule, actor);
}

async function states(job: string): Promise<string[]> {
  const slots = await recentSlots(database.app, '28', 100);
  return slots
    .filter((slot) => slot.job === job)
    .reverse()
    .map((slot) => `${slot.dueAt.toISOString().slice(0, 16)} ${slot.state}`);
}

async function kinds(): Promise<string[]> {
  return await database.app('journal').orderBy('no').pluck('kind');
}

describe('a slot is done once', () => {
  // The weekly reading of Sunday 03:10 Paris is among what is done: it stands beside the schedule of the test.
  it('in the night that lacks 02:30', async () => {
    await add('30 2 * * *');
    expect(
      await through(
        '2026-03-29T00:59:59Z',
        '2026-03-29T01:00:00Z',
        '2026-03-29T01:29:59Z',
        '2026-03-29T01:30:00Z',
        '2026-03-29T01:30:15Z',
        '2026-03-29T12:00:00Z',
      ),
    ).toEqual(['reconcile 2026-03-29T01:10', 'sync 2026-03-29T01:30']);
  });

  it('in the night that has 02:30 twice', async () => {
    await clock.set('2026-10-24T12:00:00Z');
    await add('30 2 * * *');
    expect(
      await through(
        '2026-10-25T00:29:59Z',
        '2026-10-25T00:30:00Z',
        '2026-10-25T00:59:59Z',
        '2026-10-25T01:00:00Z',
        '2026-10-25T01:30:00Z',
        '2026-10-25T02:00:00Z',
        '2026-10-25T12:00:00Z',
      ),
    ).toEqual(['sync 2026-10-25T00:30', 'reconcile 2026-10-25T02:10']);
  });

  it('when the clock of the database goes back one hour over it', async () => {
    await add('30 2 * * *');
    const done = await through(
      '2026-03-28T12:30:00Z',
      '2026-03-30T00:35:00Z',
      '2026-03-29T23:35:00Z',
      '2026-03-30T00:29:00Z',
      '2026-03-30T00:31:00Z',
      '2026-03-30T00:50:00Z',
    );
    expect(done.filter((each) => each.startsWith('sync'))).toEqual(['sync 2026-03-30T00:30']);
  });

  it('when the clock had been a month ahead: what was done stays, what comes is done', async () => {
    await add('30 2 * * *');
    await through('2026-05-01T00:35:00Z');
    const back = await through('2026-03-30T00:00:00Z', '2026-03-30T00:31:00Z');
    expect(back).toContain('sync 2026-03-30T00:30');
    const again = await through('2026-05-01T00:00:00Z', '2026-05-01T00:35:00Z');
    expect(again.filter((each) => each === 'sync 2026-05-01T00:30')).toEqual([]);
    expect(await kinds()).toContain('schedule.clock');
  });

  it('on 29 February', async () => {
    await clock.set('2028-02-28T12:00:00Z');
    await add('30 2 29 2 *');
    const done = await through('2028-02-29T01:29:00Z', '2028-02-29T01:31:00Z', '2028-03-01T01:31:00Z');
    expect(done).toEqual(['sync 2028-02-29T01:30']);
    expect((await schedulesOf(database.app, '28')).map((each) => each.nextAt.toISOString())).toEqual([
      '2032-02-29T01:30:00.000Z',
      '2028-03-05T02:10:00.000Z',
    ]);
  });

  it('when two schedules ask for the same job at the same instant', async () => {
    await add('30 2 * * *');
    await add('30 2 * * 1', { name: 'lundi' });
    const done = await through('2026-03-30T00:31:00Z');
    expect(done.filter((each) => each.startsWith('sync'))).toEqual(['sync 2026-03-30T00:30']);
  });

  it('after its schedule was removed and added again', async () => {
    await add('30 2 * * *');
    await through('2026-03-30T00:31:00Z');
    await removeSchedule(context(), '28', 'nuit', actor);
    await clock.set('2026-03-30T00:20:00Z');
    await add('30 2 * * *');
    expect(await through('2026-03-30T00:40:00Z')).toEqual([]);
  });
});

describe('a region', () => {
  it('runs one slot at a time, whatever asks', async () => {
    await add('0 4 * * *');
    await add('0 4 * * *', { name: 'filieres', source: 'filieres' });
    await clock.set('2026-03-28T12:30:00Z');
    await doDue();
    await clock.set('2026-03-30T02:01:00Z');
    await doDue();
    await clock.set('2026-03-31T02:01:00Z');
    const claims = await Promise.all(Array.from({ length: 8 }, () => claimNext(context(), region)));
    const taken = claims.flatMap((claim) => claim ?? []);
    expect(taken).toHaveLength(1);
    await expect(claimNow(context(), region, 'nuit', actor)).rejects.toMatchObject({ code: 'SLOT_BUSY' });
    await expect(
      database.app('slot').where({ state: 'due' }).update({
        state: 'running',
        worker: 'x',
        lease_until: new Date(),
      }),
    ).rejects.toThrow(/slot_running/);
  });

  it('is read again once a week without anybody asking', async () => {
    await claimNext(context(), region);
    expect(await through('2026-04-02T00:00:00Z', '2026-04-06T00:00:00Z', '2026-04-13T00:00:00Z')).toEqual([
      'reconcile 2026-03-29T01:10',
      'reconcile 2026-04-05T01:10',
      'reconcile 2026-04-12T01:10',
    ]);
    await expect(removeSchedule(context(), '28', 'relecture', actor)).rejects.toMatchObject({
      code: 'SCHEDULE_BUILT_IN',
    });
  });

  it('follows the configuration when the weekly reading moves', async () => {
    await claimNext(context(), region);
    const reconcile = { day: 'mer', time: '04:00' } as const;
    config = { ...config, schedule: { ...config.schedule, reconcile } };
    expect(await through('2026-03-30T00:00:00Z', '2026-04-01T02:00:00Z')).toEqual([
      'reconcile 2026-04-01T02:00',
    ]);
  });
});

describe('what nobody could do in time', () => {
  const STOPPED = ['2026-03-28T12:30:00Z', '2026-04-03T12:00:00Z'] as const;
  const sync = (done: readonly string[]): string[] => done.filter((each) => each.startsWith('sync'));

  it('is done for the last time only, by default', async () => {
    await add('30 5 * * *');
    expect(sync(await through(...STOPPED))).toEqual(['sync 2026-04-03T03:30']);
    const [missed] = (await database
      .app('journal')
      .where({ kind: 'slot.missed', subject: 'schedule:nuit' })
      .pluck('body')) as string[];
    expect(JSON.parse(missed ?? '{}')).toEqual({
      job: 'sync',
      policy: 'last',
      from: '2026-03-28T12:00:00.000Z',
      before: '2026-04-03T03:30:00.000Z',
    });
  });

  it('gives way to the next one while it waits, and the ledger says so', async () => {
    await add('30 5 * * *');
    await pause(context(), { region: '28', source: null, reason: 'essai', until: null, hours: 60 }, actor);
    await through('2026-03-29T04:00:00Z', '2026-03-30T04:00:00Z');
    expect(sync(await through('2026-03-31T04:00:00Z'))).toEqual(['sync 2026-03-31T03:30']);
    expect((await states('sync')).slice(0, 2)).toEqual([
      '2026-03-29T03:30 missed',
      '2026-03-30T03:30 missed',
    ]);
  });

  it('is done as often as the bound says', async () => {
    await add('30 5 * * *', { catchUp: 'all', bound: 3 });
    expect(sync(await through(...STOPPED))).toEqual([
      'sync 2026-04-01T03:30',
      'sync 2026-04-02T03:30',
      'sync 2026-04-03T03:30',
    ]);
  });

  it('is not done when nothing is to be caught up, and what is on time is', async () => {
    await add('30 5 * * *', { catchUp: 'none' });
    expect(sync(await through(...STOPPED))).toEqual([]);
    expect(sync(await through('2026-04-04T03:31:00Z'))).toEqual(['sync 2026-04-04T03:30']);
  });
});

describe('a pause', () => {
  beforeEach(async () => {
    await add('30 5 * * *');
    await add('40 5 * * *', { name: 'filieres', source: 'filieres' });
  });
  const scope = (source: string | null, everywhere: '28' | null = '28') => ({ region: everywhere, source });
  const week = { reason: 'maintenance du répertoire', until: null, hours: 168 };

  it.each(['28', null] as const)('of %s holds everything until it expires', async (where) => {
    await pause(context(), { ...scope(null, where), ...week }, actor);
    expect(await through('2026-03-30T12:00:00Z', '2026-04-04T11:59:59Z')).toEqual([]);
    expect((await through('2026-04-04T12:00:00Z')).sort()).toEqual([
      'reconcile 2026-03-29T01:10',
      'sync 2026-04-04T03:30',
      'sync:filieres 2026-04-04T03:40',
    ]);
  });

  it('lifted by hand lets the last slot go, and is journalled with author and reason', async () => {
    await pause(context(), { ...scope(null), ...week }, actor);
    expect(await through('2026-03-30T12:00:00Z')).toEqual([]);
    expect(await resume(context(), { ...scope(null), reason: 'fini' }, actor)).toBe(1);
    expect(await resume(context(), { ...scope(null), reason: 'fini' }, actor)).toBe(0);
    expect(await doDue()).toContain('sync 2026-03-30T03:30');
    const entries = (await database
      .app('journal')
      .whereIn('kind', ['schedule.paused', 'schedule.resumed'])
      .orderBy('no')) as { kind: string; actor: string; body: string; subject: string }[];
    expect(entries.map(({ kind, actor: by, subject }) => [kind, by, subject])).toEqual([
      ['schedule.paused', actor.id, 'pause:28'],
      ['schedule.resumed', actor.id, 'pause:28'],
    ]);
    expect(JSON.parse(entries[0]?.body ?? '')).toMatchObject({
      reason: 'maintenance du répertoire',
      expiresAt: '2026-04-04T12:00:00.000Z',
    });
    expect((await verify(database.app)).fault).toBeNull();
  });

  it('of one source holds its own slots and takes it out of the others', async () => {
    await pause(context(), { ...scope('filieres'), ...week }, actor);
    await clock.set('2026-03-28T12:30:00Z');
    await doDue();
    await clock.set('2026-03-30T12:00:00Z');
    const first = await claimNext(context(), region);
    expect(first).toMatchObject({ slot: { job: 'reconcile' }, pausedSources: ['filieres'] });
    await endSlot(database.app, first?.slot as Slot, DONE);
    expect(await doDue()).toEqual(['sync 2026-03-30T03:30']);
  });

  it('refuses a run by hand, and says who to see', async () => {
    await pause(context(), { ...scope(null), ...week }, actor);
    await expect(claimNow(context(), region, 'nuit', actor)).rejects.toMatchObject({
      code: 'PAUSED',
      message: expect.stringContaining('maintenance du répertoire') as string,
    });
  });

  it.each([
    [{ reason: '  ', until: null, hours: 4 }, 'PAUSE_REASON'],
    [{ reason: 'essai', until: null, hours: 24 * 91 }, 'PAUSE_EXPIRY'],
    [{ reason: 'essai', until: '2026-03-28T12:00', hours: null }, 'PAUSE_EXPIRY'],
  ])('%j is refused as %s', async (wanted, code) => {
    await expect(pause(context(), { ...scope(null), ...wanted }, actor)).rejects.toMatchObject({ code });
  });
});

describe('a window of the region', () => {
  it('holds what writes, and only that', async () => {
    const windows = [{ days: ['lun', 'mar', 'mer', 'jeu', 'ven'] as const, from: '20:00', to: '23:00' }];
    region = { ...region, repository: { ...region.repository, windows: windows as never } };
    await add('0 7 * * *', { name: 'envoi', kind: 'apply' });
    await add('0 7 * * *');
    // Monday 30 March 2026, 08:00, 19:59, 20:00 in Paris.
    expect(await through('2026-03-30T06:00:00Z')).toEqual([
      'reconcile 2026-03-29T01:10',
      'sync 2026-03-30T05:00',
    ]);
    expect(await through('2026-03-30T17:59:00Z')).toEqual([]);
    await expect(claimNow(context(), region, 'envoi', actor)).rejects.toMatchObject({
      code: 'WINDOW_CLOSED',
    });
    expect(await through('2026-03-30T18:00:00Z')).toEqual(['apply 2026-03-30T05:00']);
  });
});

describe('a lease', () => {
  const LEASE = 120;

  it('that runs out gives the slot to another process, and the first can record nothing', async () => {
    await add('30 5 * * *');
    await clock.set('2026-03-28T12:30:00Z');
    await clock.set('2026-03-29T03:31:00Z');
    const first = await claimNext(context('dies'), region);
    expect(first?.slot).toMatchObject({ job: 'reconcile', fence: 1, starts: 1, worker: 'dies' });
    await clock.advance(LEASE - 1);
    expect(await claimNext(context('lives'), region)).toBeNull();
    await clock.advance(1);
    const second = await claimNext(context('lives'), region);
    expect(second?.slot).toMatchObject({ job: 'reconcile', starts: 2, worker: 'lives' });
    expect(second?.slot.dueAt).toEqual(first?.slot.dueAt);
    expect(await endSlot(database.app, first?.slot as Slot, DONE)).toBe('lost');
    expect(await endSlot(database.app, second?.slot as Slot, DONE)).toBe('ours');
    expect(await kinds()).toContain('slot.takenOver');
  });

  it('that runs out at every start ends in failure, and the next slot goes on', async () => {
    await add('30 5 * * *');
    await clock.set('2026-03-29T03:31:00Z');
    for (const starts of [1, 2, 3]) {
      const claim = await claimNext(context(), region);
      expect(claim?.slot).toMatchObject({ job: 'reconcile', starts });
      await clock.advance(LEASE);
    }
    expect(await doDue()).toEqual(['sync 2026-03-29T03:30']);
    const [failed] = (await recentSlots(database.app, '28', 9)).filter((slot) => slot.state === 'failed');
    expect(failed).toMatchObject({ job: 'reconcile', starts: 3, error: { code: 'SLOT_GAVE_UP' } });
  });
});

describe('the database', () => {
  it('keeps what ended as it ended, and lets nobody delete a slot', async () => {
    await add('30 5 * * *');
    await through('2026-03-29T04:00:00Z');
    const slots = (): ReturnType<typeof database.app> => database.app('slot').where({ job: 'sync' });
    await expect(slots().update({ state: 'due', ended_at: null, exit_code: null })).rejects.toThrow(/close/);
    await expect(slots().delete()).rejects.toThrow(/permission denied/);
    await expect(database.owner('slot').delete()).rejects.toThrow(/slot/);
    await expect(database.app('pause').delete()).rejects.toThrow(/permission denied/);
  });
});
