import { afterAll, beforeAll, expect, it } from 'vitest';
import { append } from '../../src/journal/append.js';
import { answer, type Acted } from '../../src/runs/act.js';
import { regionRun, trialList, type RegionRun } from '../support/region-run.js';

/** The journal has one head for the whole server: whoever plans for seconds does not hold it meanwhile. */
let region: RegionRun;
let subject: string;
beforeAll(async () => {
  region = await regionRun();
  const list = region.write('centres.csv', trialList([{ number: 1 }]));
  await region.sync({ 'labelled-centres': list });
  subject = (await region.open())[0]?.centres[0] ?? '';
});
afterAll(() => region.close());

const complete = (value: string): Promise<Acted> =>
  answer({ ...region.context, actor: region.camille }, [
    { kind: 'complete', subject, body: { field: 'public', value } },
    { kind: 'complete', subject, body: { field: 'site', value: '760000158' } },
  ]);

it('another region journals while an answer is being planned', async () => {
  const { app, owner } = region.database;
  const gate = await owner.transaction();
  try {
    // Where a plan writes what it rests on: the answer stops there until this transaction ends.
    await gate.raw('lock table plan_input in exclusive mode');
    const planned = complete('adulte');
    const isStopped = async (): Promise<boolean> => {
      const { rows } = await owner.raw<{ rows: unknown[] }>(
        `select 1 from pg_locks where not granted and relation = 'plan_input'::regclass`,
      );
      return rows.length > 0;
    };
    await expect.poll(isStopped, { timeout: 20_000 }).toBe(true);
    const told = app.transaction(async (trx) => {
      await trx.raw(`set local lock_timeout = '2s'`);
      return await append(trx, { region: '53', kind: 'essai', subject: 'essai', actor: null, body: {} });
    });
    await expect(told).resolves.toMatchObject({ no: expect.any(Number) as number });
    await gate.commit();
    await planned;
  } finally {
    if (!gate.isCompleted()) await gate.rollback();
  }
});

it('an answer still stands in the journal before the plan that it led to, both or neither', async () => {
  const { app } = region.database;
  const before = await app('journal').where({ region: '28' });
  await complete('mixte');
  const after = (await app('journal').where({ region: '28' }).orderBy('no')) as { kind: string }[];
  expect(after.slice(before.length).map(({ kind }) => kind)).toEqual([
    'answer.complete',
    'answer.complete',
    'plan',
  ]);
});
