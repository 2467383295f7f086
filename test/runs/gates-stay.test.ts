import { afterAll, beforeAll, expect, it } from 'vitest';
import { regionRun, trialList, type RegionRun } from '../support/region-run.js';

let run: RegionRun;
beforeAll(async () => {
  run = await regionRun();
});
afterAll(() => run.close());

it('what a delivery does not keep is still told when the same bytes are planned anew', async () => {
  const list = (): Readonly<Record<string, string>> => ({
    'labelled-centres': run.write('centres.csv', trialList([{ number: 1 }])),
  });
  const missed = (gates: readonly { code: string; ok: boolean; source?: string }[]): string[] =>
    gates.flatMap(({ code, ok, source }) => (ok ? [] : [`${code} ${source ?? ''}`])).sort();
  const first = await run.sync(list());
  // One centre is not the 117 of the region (gate N1).
  expect(missed(first.gates)).toContain('N1 labelled-centres');
  run.sandbox.edit('HealthcareService', 'essai-1', (body) => ({ ...body, name: 'Offre d’essai modifiée' }));
  const second = await run.sync(list());
  expect([second.unchanged, second.sources.map(({ status }) => status)]).toEqual([
    false,
    second.sources.map(() => 'unchanged'),
  ]);
  expect(missed(second.gates)).toEqual(missed(first.gates));
  const third = await run.sync(list());
  expect([third.unchanged, missed(third.gates)]).toEqual([true, missed(first.gates)]);
});
