import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyRows, type CopyRow } from '../../src/db/bulk.js';
import { testDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
  await database.owner.raw('create table "odd ""name""" (n int, "a b" text, c text)');
});

afterAll(() => database.drop());

const TABLE = 'odd "name"';

/** Copies, reads back in the order of the first column, and forgets. */
async function roundTrip(rows: readonly (readonly [string | null, string | null])[]): Promise<unknown[]> {
  const numbered = rows.map(([a, b], index): CopyRow => [String(index), a, b]);
  const trx = await database.owner.transaction();
  try {
    expect(await copyRows(trx, TABLE, ['n', 'a b', 'c'], numbered)).toBe(rows.length);
    const read = (await trx(TABLE).select('a b', 'c').orderBy('n')) as { 'a b': unknown; c: unknown }[];
    return read.map((row) => [row['a b'], row.c]);
  } finally {
    await trx.rollback();
  }
}

describe('copying rows', () => {
  it('keeps tabs, line ends, backslashes, the end-of-data mark, empty text and null apart', async () => {
    const rows = [
      ['a\tb', 'a\nb'],
      ['a\r\nb', '\\'],
      ['\\.', '\\N'],
      ['', null],
      ['\\t', '\b\f\v'],
      ['é — 𝔘\u{1F980}', '"quoted, ""csv"""'],
    ] as const;
    expect(await roundTrip(rows)).toEqual(rows);
  });

  it('gives back any text that PostgreSQL can hold', async () => {
    const hostile = fc.string({ unit: fc.constantFrom('\\', '\t', '\n', '\r', 'N', '.', 'é', '𝔘', '', '"') });
    // A NUL character is the one that a PostgreSQL text cannot hold.
    const any = fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', ''));
    const value = fc.option(fc.oneof(hostile, any));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(value, value), { maxLength: 30 }), async (rows) => {
        expect(await roundTrip(rows)).toEqual(rows);
      }),
      { numRuns: 60 },
    );
  });

  it('copies nothing from nothing', async () => {
    expect(await roundTrip([])).toEqual([]);
  });

  it('holds the rows back while the server is busy', async () => {
    let produced = 0;
    const row = 'x'.repeat(1000);
    async function* rows(): AsyncGenerator<CopyRow> {
      for (; produced < 30_000; produced++) yield [String(produced), row, null];
    }
    const [blocker, trx] = [await database.owner.transaction(), await database.owner.transaction()];
    await blocker.raw('lock table ?? in access exclusive mode', [TABLE]);
    const copying = copyRows(trx, TABLE, ['n', 'a b', 'c'], rows());
    await new Promise((resolve) => setTimeout(resolve, 300));
    // 30 MB wait; buffers of the stream and of the socket hold a small part of them.
    expect(produced).toBeLessThan(10_000);
    await blocker.rollback();
    expect(await copying).toBe(30_000);
    await trx.rollback();
  });

  it('fails with the error of the rows, and the connection can be used again', async () => {
    async function* rows(): AsyncGenerator<CopyRow> {
      yield ['1', 'a', 'b'];
      throw new Error('the source broke');
    }
    await expect(
      database.owner.transaction((trx) => copyRows(trx, TABLE, ['n', 'a b', 'c'], rows())),
    ).rejects.toThrow('the source broke');
    expect(await database.owner(TABLE).select()).toEqual([]);
  });

  it('fails with the error of the server, and leaves nothing', async () => {
    const rows: CopyRow[] = [
      ['1', 'a', 'b'],
      ['not a number', 'a', 'b'],
    ];
    await expect(
      database.owner.transaction((trx) => copyRows(trx, TABLE, ['n', 'a b', 'c'], rows)),
    ).rejects.toThrow('invalid input syntax for type integer');
    expect(await database.owner(TABLE).select()).toEqual([]);
  });

  it('refuses a row of the wrong width', async () => {
    await expect(
      database.owner.transaction((trx) => copyRows(trx, TABLE, ['n', 'c'], [['1', 'a', 'b']])),
    ).rejects.toThrow('a row has 3 values for 2 columns');
  });
});
