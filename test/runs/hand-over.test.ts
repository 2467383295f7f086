import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '../../src/db/people.js';
import type { RegionCode } from '../../src/domain/ids.js';
import { acceptList, tryList, type HandedList } from '../../src/runs/hand-over.js';
import { regionRun, trialList, type RegionRun } from '../support/region-run.js';

/** A list that was shown waits for the one person who saw it, in that region, for a day; unconfirmed it leaves. */
const HOUR_MS = 3_600_000;
const MONDAY = new Date('2026-03-09T09:00:00Z');
const bytesOf = (number: number): Buffer => Buffer.from(trialList([{ number: 1 }, { number }]));

let region: RegionRun;
beforeAll(async () => {
  region = await regionRun();
  await region.sync({ 'labelled-centres': region.write('centres.csv', trialList([{ number: 1 }])) });
});
afterAll(() => region.close());
beforeEach(() => region.database.owner('list_preview').delete());

const run = (actor: Actor, hours = 0, code = '28'): Parameters<typeof tryList>[0] => ({
  ...region.context,
  region: { ...region.context.region, code: code as RegionCode },
  actor,
  now: () => new Date(MONDAY.getTime() + hours * HOUR_MS),
});
const show = (number: number, hours = 0, actor = region.camille): Promise<HandedList> =>
  tryList(run(actor, hours), { name: `liste ${String(number)}.csv`, bytes: bytesOf(number) });
const confirm = (
  { file, hash }: Pick<HandedList, 'file' | 'hash'>,
  by = run(region.camille),
): Promise<unknown> => acceptList(by, file.sha256, hash);
const waiting = async (): Promise<string[]> =>
  (await region.database.app<{ file_name: string }>('list_preview').orderBy('shown_at')).map(
    (row) => row.file_name,
  );
const isSnapshot = async (sha256: string): Promise<boolean> =>
  (await region.database.app('snapshot').where({ sha256 })).length === 1;
const UNKNOWN = { code: 'LIST_UNKNOWN' };

describe('a list that was shown', () => {
  it('is confirmed by nobody else, and in no other region', async () => {
    const shown = await show(2);
    await expect(confirm(shown, run(region.dominique))).rejects.toMatchObject(UNKNOWN);
    await expect(confirm(shown, run(region.camille, 0, '53'))).rejects.toMatchObject(UNKNOWN);
  });

  it('is confirmed within a day, and not after', async () => {
    const shown = await show(2);
    await expect(confirm(shown, run(region.camille, 24))).rejects.toMatchObject(UNKNOWN);
    await expect(confirm(shown, run(region.camille, 23))).resolves.toMatchObject({ unchanged: false });
  });

  it('is no list that waits any more once it was confirmed: its bytes are a snapshot then', async () => {
    const shown = await show(3);
    expect(await isSnapshot(shown.file.sha256)).toBe(false);
    await confirm(shown);
    expect([await isSnapshot(shown.file.sha256), await waiting()]).toEqual([true, []]);
    await expect(confirm(shown)).rejects.toMatchObject(UNKNOWN);
  });

  it('and is not confirmed leaves no snapshot, and goes with the first run or preview a day later', async () => {
    const shown = await show(4);
    await expect(confirm({ ...shown, hash: 'b'.repeat(64) })).rejects.toMatchObject({ code: 'NOT_AS_SHOWN' });
    expect(await isSnapshot(shown.file.sha256)).toBe(false);
    await show(5, 24, region.dominique);
    expect(await waiting()).toEqual(['liste 5.csv']);
    // The runs of this world go by the machine's clock, months after.
    await region.sync({ 'labelled-centres': region.write('centres.csv', bytesOf(2)) });
    expect(await waiting()).toEqual([]);
  });

  it('gives way to newer ones of the same person, and to nobody else’s', async () => {
    await show(20, 0, region.dominique);
    for (const number of [11, 12, 13, 14, 15, 16]) await show(number, number - 10);
    await show(14, 7);
    expect(await waiting()).toEqual([
      'liste 20.csv',
      'liste 12.csv',
      'liste 13.csv',
      'liste 15.csv',
      'liste 16.csv',
      'liste 14.csv',
    ]);
  });
});

describe('a snapshot of something else', () => {
  it('is no list that was shown', async () => {
    const { sha256 } = (await region.database
      .app('delivery')
      .whereNot({ source: 'labelled-centres' })
      .first('sha256')) as { sha256: string };
    await expect(acceptList(run(region.camille), sha256, 'b'.repeat(64))).rejects.toMatchObject(UNKNOWN);
  });
});
