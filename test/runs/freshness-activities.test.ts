import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SourceConfig } from '../../src/config/schema/sources.js';
import type { GateResult } from '../../src/domain/gates.js';
import { sync } from '../../src/runs/sync.js';
import { regionRun, trialList, type RegionRun } from '../support/region-run.js';

/** The flow of activities is made anew every day under a new date, and the few records kept may stay the same for years. */
const fixture = readFileSync(
  new URL('../../src/sources/finess-activites/fixtures/activites-essai-2026-11.json', import.meta.url),
  'utf8',
);
let run: RegionRun;
beforeAll(async () => {
  run = await regionRun();
});
afterAll(() => run.close());

async function syncOn(day: string, change: (text: string) => string = (text) => text): Promise<GateResult[]> {
  const text = change(fixture.replace('2026-11-02T02:15', `${day}T02:15`));
  const place = run.write('activites.json', text);
  const list = run.config.sources['labelled-centres'] as SourceConfig;
  const activities: SourceConfig = {
    ...list,
    reader: 'finess-activites',
    place,
    cadence: 'daily',
    complete: false,
  };
  const config = { ...run.config, sources: { ...run.config.sources, 'finess-activites': activities } };
  const replaced = new Map([['labelled-centres', run.write('centres.csv', trialList([{ number: 1 }]))]]);
  const now = (): Date => new Date(`${day}T05:00:00Z`);
  const output = await sync({ ...run.context, config, now }, { replaced }, 'real');
  expect(output.sources.find(({ source }) => source === 'finess-activites')?.status).toBe('new');
  return output.gates.filter(
    ({ code, message }) => code === 'X14' && message.startsWith('« finess-activites »'),
  );
}

it('is as old as the last thing it said of any activity, whatever date it bears', async () => {
  expect(await syncOn('2026-11-02')).toMatchObject([{ ok: true, found: 0 }]);
  // Fourteen days are allowed of a daily flow.
  expect(await syncOn('2026-11-16')).toMatchObject([{ ok: true, found: 14 }]);
  const [dead] = await syncOn('2026-11-17');
  expect(dead).toMatchObject({ ok: false, found: 15 });
  expect(dead?.message).toContain('daté du 17/11/2026, mais rien de nouveau depuis le 02/11/2026');
  // Another activity than those kept moves: the flow lives, though every recognition is the same.
  const moved = (text: string): string =>
    text.replace('"9003", "etatObjet" : "A"', '"9003", "etatObjet" : "I"');
  expect(await syncOn('2026-11-18', moved)).toMatchObject([{ ok: true, found: 0 }]);
  expect(await syncOn('2026-11-19', moved)).toMatchObject([{ ok: true, found: 1 }]);
});

it('says that a date is to come, and takes the content', async () => {
  const gates = await syncOn('2026-11-20', (text) => text.replace('2026-11-20T', '2999-01-01T'));
  expect(gates.map(({ ok, level }) => [ok, level])).toEqual([
    [true, 'A'],
    [false, 'A'],
  ]);
  expect(gates[1]?.message).toContain('daté du 01/01/2999, qui est à venir');
});
