import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reserveLocalNumber } from '../../src/db/attempts.js';
import { ensureRegion } from '../../src/db/runs.js';
import { testDatabase, type TestDatabase } from '../support/database.js';

/** Offer numbers are taken from ranges that the GRADeS writes in the profile (DESIGN 5), and never given twice. */
let database: TestDatabase;
beforeEach(async () => {
  database = await testDatabase();
  for (const region of ['28', '53']) await ensureRegion(database.app, region);
});
afterEach(() => database.drop());

const reserve = async (from: number, to: number, region = '28'): Promise<number | null> => {
  const given = await reserveLocalNumber(database.app, region, BigInt(from), BigInt(to));
  return given === null ? null : Number(given);
};
async function reserveAll(count: number, from: number, to: number): Promise<(number | null)[]> {
  const given: (number | null)[] = [];
  for (let i = 0; i < count; i++) given.push(await reserve(from, to));
  return given;
}
const offer = async (identifier: string, region = '28'): Promise<void> => {
  await database.app('offer').insert({ region, identifier, created_by_us: true, eg: null });
};

describe('a range of offer numbers', () => {
  it('is given from its first number to its last, then is used up', async () => {
    expect(await reserveAll(3, 9000, 9001)).toEqual([9000, 9001, null]);
  });

  it('below the old one is begun at its first number', async () => {
    expect(await reserveAll(3, 9000, 9001)).toEqual([9000, 9001, null]);
    expect(await reserveAll(2, 5000, 5999)).toEqual([5000, 5001]);
  });

  it('that comes back goes on where it was', async () => {
    expect(await reserveAll(2, 9000, 9999)).toEqual([9000, 9001]);
    expect(await reserveAll(1, 5000, 5999)).toEqual([5000]);
    expect(await reserveAll(1, 9000, 9999)).toEqual([9002]);
  });

  it('made longer goes on', async () => {
    expect(await reserveAll(2, 9000, 9001)).toEqual([9000, 9001]);
    expect(await reserve(9000, 9005)).toBe(9002);
  });

  it('skips the numbers of offers that our centres are on, alone or in a row', async () => {
    for (const number of ['28/5000', '28/5001', '28/05003']) await offer(number);
    await offer('53/5002', '53');
    for (const number of ['28/ESSAI-5002', '28/5002/1', '29/5002']) await offer(number);
    expect(await reserveAll(2, 5000, 5999)).toEqual([5002, 5004]);
  });

  it('skips the numbers that an earlier overlapping range gave to attempts, settled or not', async () => {
    const { owner } = database;
    // Their changes are of no interest here: this database's own foreign keys and triggers are put aside.
    await owner.raw('alter table apply_attempt disable trigger user');
    const keys = (await owner('pg_constraint')
      .whereRaw("conrelid = 'apply_attempt'::regclass and contype = 'f'")
      .pluck('conname')) as string[];
    for (const key of keys) await owner.raw('alter table apply_attempt drop constraint ??', [key]);
    for (const [at, state] of ['open', 'uncertain', 'done', 'abandoned', 'refused'].entries())
      await owner('apply_attempt').insert({
        ...{ region: '28', change_id: `essai-${at}`, hash: 'x', target: `centre:essai-${at}`, way: 'post' },
        ...{ identifier: `28/${7000 + at}`, request_path: 'HealthcareService', request_body: '', state },
        lease_until: new Date('2026-03-12T08:00:00Z'),
      });
    expect(await reserveAll(2, 6999, 7999)).toEqual([6999, 7005]);
  });

  it('of a region has nothing to do with another region’s', async () => {
    expect(await reserve(9000, 9999)).toBe(9000);
    expect(await reserve(9000, 9999, '53')).toBe(9000);
  });

  it('gives each of several processes a number of its own', async () => {
    const given = await Promise.all(Array.from({ length: 8 }, () => reserve(9000, 9999)));
    expect([...given].sort()).toEqual([9000, 9001, 9002, 9003, 9004, 9005, 9006, 9007]);
  });
});
