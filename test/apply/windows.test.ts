import { expect, it } from 'vitest';
import { DAYS, type WriteWindow } from '../../src/domain/windows.js';
import type { ApprovedRegion } from '../support/approved-region.js';
import { eachOnACopy } from '../support/copies.js';
import { runFilror } from '../support/built.js';

let region: ApprovedRegion;

eachOnACopy({ creates: 1, attaches: 1 }, (copy) => {
  region = copy;
});

const requests = (): number => region.sandbox.requests.length;

function during(windows: readonly WriteWindow[]): ReturnType<ApprovedRegion['apply']> {
  const repository = {
    ...region.region.repository,
    windows: [...windows],
  } as typeof region.region.repository;
  return region.apply({ region: { ...region.region, repository } });
}

/** A day of the week that is neither today nor beside it, whatever the time zone of the machine. */
function anotherDay(): WriteWindow['days'][number] {
  return DAYS[(new Date().getUTCDay() + 2) % 7] as WriteWindow['days'][number];
}

it('outside the windows of the region nothing leaves, and everything stays approved; within them it goes', async () => {
  const before = requests();
  const closed = await during([{ days: [anotherDay()], from: '08:00', to: '18:00' }]);
  expect(closed.map(({ result }) => result)).toEqual(['waiting', 'waiting']);
  for (const { message } of closed) {
    expect(message).toContain(`(${anotherDay()} de 08:00 à 18:00, heure de Paris)`);
    expect(message).toContain('le prochain envoi, dans un créneau, le reprendra');
  }
  expect(requests()).toBe(before);
  expect(await region.database.app('apply_attempt')).toEqual([]);
  expect((await region.changes()).map(({ state }) => state)).toEqual(['approved', 'approved']);

  const days = [...DAYS];
  const always = [
    { days, from: '00:00', to: '12:00' },
    { days, from: '12:00', to: '00:00' },
  ];
  expect((await during(always)).map(({ result }) => result)).toEqual(['applied', 'applied']);
});

it('a due slot of kind "apply" sends what is approved, once, and says what it did', async () => {
  const filror = async (...args: readonly string[]) => {
    const done = await runFilror(['schedule', ...args], { ...region.env, FILROR_REGION: '28' });
    expect(done.stderr).toBe('');
    return done;
  };
  await filror('add', 'envoi', '--kind', 'apply', '--cron', '0 7 * * 1-5');
  const writes = () => region.sandbox.writes().length;
  const ran = await filror('run', 'envoi', '--output', 'json');
  expect(JSON.parse(ran.stdout)).toMatchObject([
    { ended: { state: 'done', exitCode: 0, outcome: { results: { applied: 2 }, left: 0 } } },
  ]);
  expect(ran.code).toBe(0);
  expect(writes()).toBe(2);
  expect((await region.changes()).map(({ state }) => state)).toEqual(['applied', 'applied']);

  const again = await filror('run', 'envoi', '--output', 'json');
  expect(JSON.parse(again.stdout)).toMatchObject([{ ended: { outcome: { results: {}, left: 0 } } }]);
  expect(writes()).toBe(2);
});
