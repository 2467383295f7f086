import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scheduleContext } from '../../src/cli/schedule-context.js';
import { loadConfig, regionOf } from '../../src/config/load.js';
import type { Database } from '../../src/db/handle.js';
import { silentLogger } from '../../src/observe/logger.js';
import type { Claim, WorkerContext } from '../../src/schedule/context.js';
import { claimNext } from '../../src/schedule/ledger.js';
import { addSchedule } from '../../src/schedule/manage.js';
import { work } from '../../src/schedule/worker.js';
import { scheduleClock } from '../support/schedule-clock.js';
import {
  scheduledTemplate,
  until,
  type ScheduledRegion,
  type ScheduledTemplate,
} from '../support/scheduled-region.js';
import type { Running } from '../support/node-process.js';

let template: ScheduledTemplate;
beforeAll(async () => {
  template = await scheduledTemplate();
});
afterAll(() => template.drop());

/** The list is asked for at once and comes when the test says so: a run under way, as long as is needed. */
function slowList(): { readonly serveList: (request: unknown, response: Answer) => void; release(): void } {
  const waiting: Answer[] = [];
  let open = false;
  const answer = (response: Answer): void => void response.end(ONE_CENTRE);
  return {
    serveList: (_request, response) => (open ? answer(response) : waiting.push(response)),
    release: () => {
      open = true;
      waiting.splice(0).forEach(answer);
    },
  };
}
interface Answer {
  end(body: string): unknown;
}
const ONE_CENTRE = `label;centre;réseau;filière;établissement;ville;public;campagne;preuve
CCMR;Centre d’essai 101;;FIMARAD;CHI Caux Vallée de Seine;Lillebonne;mixte;2023;synthétique
`;

function context(region: ScheduledRegion): WorkerContext {
  const database: Database = {
    ...region.database,
    embedded: false,
    place: 'essai',
    reader: () => region.database.app,
    close: async () => {},
  };
  return scheduleContext(
    { env: region.env, out: async () => {}, err: () => {} },
    loadConfig(region.folder),
    database,
    silentLogger,
  );
}

/** A slot of `sync` is due now, by the database's real clock. */
async function dueNow(region: ScheduledRegion): Promise<void> {
  const wanted = { name: 'nuit', kind: 'sync', source: null, cron: '30 2 * * *' } as const;
  const rest = { timeZone: null, catchUp: null, bound: null };
  await addSchedule(context(region), '28', { ...wanted, ...rest }, region.author);
  await region.database.app.raw(
    `update schedule set seen_until = now() - interval '25 hours', next_at = now() - interval '1 minute'
     where name = 'nuit'`,
  );
}

async function whole(region: ScheduledRegion): Promise<{ slots: unknown; runs: unknown }> {
  const slots = (await region.slots()).map(({ state, starts, exit_code }) => ({ state, starts, exit_code }));
  const runs = (await region.runs()).map(({ state, error }) => [state, error?.code ?? null]);
  return { slots, runs };
}

const done = (slots: readonly Record<string, unknown>[]): boolean =>
  slots.some((slot) => slot['state'] === 'done');

describe('a process killed in the middle of a run', () => {
  it('is followed by another once its lease has run out: one slot, one run that stands', async () => {
    const list = slowList();
    const region = await template.copy(list);
    const processes: Running[] = [];
    try {
      await dueNow(region);
      processes.push(region.serve());
      await until(
        () => Promise.resolve(region.list.seen.length),
        (seen) => seen === 1,
      );
      processes[0]?.kill();
      expect((await region.slots())[0]).toMatchObject({ state: 'running', starts: 1 });
      list.release();
      processes.push(region.serve());
      await until(() => region.slots(), done);
      expect(await whole(region)).toEqual({
        slots: [{ state: 'done', starts: 2, exit_code: 2 }],
        runs: [
          ['failed', 'SLOT_TAKEN_OVER'],
          ['done', null],
        ],
      });
      const kinds: string[] = await region.database.app('journal').where({ region: '28' }).pluck('kind');
      expect(kinds).toContain('slot.takenOver');
    } finally {
      for (const each of processes) each.kill();
      await region.close();
    }
  });

  it.each([0, 40, 120, 300])(
    'leaves its slot done once, killed %i ms after the list came',
    async (milliseconds) => {
      const list = slowList();
      const region = await template.copy(list);
      const processes: Running[] = [];
      try {
        await dueNow(region);
        processes.push(region.serve());
        await until(
          () => Promise.resolve(region.list.seen.length),
          (seen) => seen === 1,
        );
        list.release();
        await sleep(milliseconds);
        processes[0]?.kill();
        processes.push(region.serve());
        await until(() => region.slots(), done);
        const slots = await region.slots();
        expect(slots).toHaveLength(1);
        const stand = (await region.runs()).filter((run) => run.state !== 'failed');
        expect(stand.map((run) => run.id)).toEqual([slots[0]?.['run_id']]);
      } finally {
        for (const each of processes) each.kill();
        await region.close();
      }
    },
  );
});

describe('a process that slept through its lease', () => {
  it('keeps nothing of its run: the one that took over stands', async () => {
    const list = slowList();
    const region = await template.copy(list);
    try {
      const clock = await scheduleClock(region.database.owner, '2026-11-21T12:00:00Z');
      await addSchedule(
        context(region),
        '28',
        {
          name: 'nuit',
          kind: 'sync',
          source: null,
          cron: '30 2 * * *',
          timeZone: null,
          catchUp: null,
          bound: null,
        },
        region.author,
      );
      await clock.set('2026-11-22T01:31:00Z');
      const profile = regionOf(loadConfig(region.folder), '28');
      const first = (await claimNext(context(region), profile)) as Claim;
      const sleeper = work(context(region), first);
      await until(
        () => Promise.resolve(region.list.seen.length),
        (seen) => seen === 1,
      );
      await clock.advance(4);
      const second = (await claimNext(context(region), profile)) as Claim;
      expect(second.slot.starts).toBe(2);
      list.release();
      const [slept, other] = await Promise.all([sleeper, work(context(region), second)]);
      expect(slept).toBe('lost');
      expect(other).toMatchObject({ state: 'done' });
      const runs = await region.runs();
      expect(runs.map((run) => run.id)).toEqual([first.slot.runId, second.slot.runId]);
      expect(runs.map((run) => run.state)).toEqual(['failed', 'done']);
      expect(await region.database.app('plan_input').where({ run_id: first.slot.runId })).toEqual([]);
    } finally {
      await region.close();
    }
  });
});

describe('a process asked to stop', () => {
  it('finishes what it runs', async () => {
    const list = slowList();
    const region = await template.copy(list);
    const server = region.serve();
    try {
      await dueNow(region);
      await until(
        () => Promise.resolve(region.list.seen.length),
        (seen) => seen === 1,
      );
      server.stop();
      await until(
        () => Promise.resolve(server.told()),
        (told) => told.includes('scheduler stopping'),
      );
      list.release();
      expect((await server.finished).code).toBe(0);
      expect(await whole(region)).toEqual({
        slots: [{ state: 'done', starts: 1, exit_code: 2 }],
        runs: [['done', null]],
      });
    } finally {
      server.kill();
      await region.close();
    }
  });

  it('gives back what does not end in time, for another to do', async () => {
    const list = slowList();
    const region = await template.copy({ ...list, schedule: { stopSeconds: 1 } });
    const processes = [region.serve()];
    try {
      await dueNow(region);
      await until(
        () => Promise.resolve(region.list.seen.length),
        (seen) => seen === 1,
      );
      processes[0]?.stop();
      expect((await processes[0]?.finished)?.code).toBe(0);
      expect(await whole(region)).toEqual({
        slots: [{ state: 'due', starts: 0, exit_code: null }],
        runs: [['failed', 'SLOT_GIVEN_BACK']],
      });
      list.release();
      processes.push(region.serve());
      await until(() => region.slots(), done);
      expect(await whole(region)).toEqual({
        slots: [{ state: 'done', starts: 1, exit_code: 2 }],
        runs: [
          ['failed', 'SLOT_GIVEN_BACK'],
          ['done', null],
        ],
      });
    } finally {
      for (const each of processes) each.kill();
      await region.close();
    }
  });
});
