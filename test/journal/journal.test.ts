import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { erasePerson, identifyPerson, personName } from '../../src/db/person.js';
import { openPool } from '../../src/db/pool.js';
import { append, type JournalEntry } from '../../src/journal/append.js';
import { exportJournal } from '../../src/journal/export.js';
import { entryHash, hashedText } from '../../src/journal/hash.js';
import { head } from '../../src/journal/head.js';
import { verify } from '../../src/journal/verify.js';
import { testDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;

beforeEach(async () => {
  database = await testDatabase();
});

afterEach(() => database.drop());

function entry(change: Partial<JournalEntry> = {}): JournalEntry {
  return { region: '28', kind: 'change.approved', subject: '28/1', actor: null, body: { a: 1 }, ...change };
}

function add(change: Partial<JournalEntry> = {}): Promise<{ no: number; hash: string }> {
  return database.app.transaction((trx) => append(trx, entry(change)));
}

async function lines(): Promise<string[]> {
  const all: string[] = [];
  await exportJournal(database.app, (line) => void all.push(line));
  return all;
}

describe('appending to the journal', () => {
  it('numbers from 1 without a gap, each entry following the one before', async () => {
    const first = await add();
    const second = await add();
    expect([first.no, second.no]).toEqual([1, 2]);
    expect(await database.app('journal').orderBy('no').pluck('prev_hash')).toEqual([
      '0'.repeat(64),
      first.hash,
    ]);
    expect((await verify(database.app)).fault).toBeNull();
  });

  it('leaves no trace and no gap when the caller rolls back', async () => {
    const trx = await database.app.transaction();
    await append(trx, entry());
    await trx.rollback();
    expect((await add()).no).toBe(1);
    expect((await verify(database.app)).entries).toBe(1);
  });

  it('by eight connections at once gives a chain without gap', async () => {
    const pools = Array.from({ length: 8 }, () => openPool(database.appUrl, 'filror test', 1));
    await Promise.all(
      pools.map(async (pool, worker) => {
        for (let turn = 0; turn < 25; turn++) {
          await pool.transaction((trx) => append(trx, entry({ body: { worker, turn } })));
        }
      }),
    );
    const result = await verify(database.app);
    expect(result).toMatchObject({ entries: 200, fault: null, last: { no: 200 } });
    await Promise.all(pools.map((pool) => pool.destroy()));
  });

  it('keeps a text byte for byte, and writes anything else as JSON with sorted keys', async () => {
    await add({ body: 'e\u0301 "tel quel"\n' });
    await add({ body: { b: 2, a: [1, null] } });
    expect(await database.app('journal').orderBy('no').pluck('body')).toEqual([
      'e\u0301 "tel quel"\n',
      '{"a":[1,null],"b":2}',
    ]);
    expect((await verify(database.app)).fault).toBeNull();
  });

  it('never goes back in time, even when the clock does', async () => {
    await add();
    await database.owner.raw('alter table journal_head disable trigger user');
    await database.owner('journal_head').update({ at: '2999-01-01T00:00:00Z' });
    await add();
    expect((await verify(database.app)).last?.at).toBe('2999-01-01T00:00:00.000000Z');
  });
});

describe('hash of an entry', () => {
  it('is the SHA-256 of a text in which every field is preceded by its length', () => {
    const fields = {
      no: 7,
      at: '2026-03-12T06:12:00.000000Z',
      region: '28',
      kind: 'k',
      subject: 'é',
      actor: null,
      body: 'a,b',
      prev_hash: '0'.repeat(64),
    };
    const text = `16:filror.journal/1,1:7,27:2026-03-12T06:12:00.000000Z,2:28,1:k,2:é,-,3:a,b,64:${'0'.repeat(64)},`;
    expect(hashedText(fields)).toBe(text);
    expect(entryHash(fields)).toBe(createHash('sha256').update(text).digest('hex'));
  });

  it('differs when a value moves from one field to the next', () => {
    const fields = {
      no: 1,
      at: 'x',
      region: null,
      kind: 'a',
      subject: 'b:c',
      actor: null,
      body: '',
      prev_hash: '',
    };
    expect(entryHash({ ...fields, kind: 'a1:b', subject: ':c' })).not.toBe(entryHash(fields));
    expect(entryHash({ ...fields, region: '' })).not.toBe(entryHash(fields));
  });

  it('is the same in SQL and in TypeScript, null fields and every kind of character included', async () => {
    const actor = await identifyPerson(database.app, { issuer: 'i', subject: 's', displayName: 'Anne' });
    await add({ region: null, subject: '', body: '' });
    await add({ actor, subject: 'é𝔘\u{1F980}\u2028', body: '\u0001 "\\" \r\n\t' });
    expect((await verify(database.app)).entries).toBe(2);
    expect((await verify(database.app)).fault).toBeNull();
  });
});

describe('exporting the journal', () => {
  it('gives one line of JSON for each entry, in order, beyond one page of reading', async () => {
    await database.owner.raw(
      `insert into journal (kind, subject, body) select 'k', n::text, 'body ' || n from generate_series(1, 1234) n`,
    );
    const all = await lines();
    expect(all.length).toBe(1234);
    expect(all.every((line) => line.endsWith('}\n'))).toBe(true);
    expect((JSON.parse(all[1233] ?? '') as { body: string }).body).toBe('body 1234');
  });

  it('of the head keeps every recent entry, and one in a hundred before', async () => {
    for (let batch = 0; batch < 41; batch++) {
      await database.owner.raw(
        `insert into journal (kind, subject, body) select 'k', '', '' from generate_series(1, 250)`,
      );
    }
    const taken = await head(database.app);
    const numbers = taken.checkpoints.map(([no]) => no);
    expect(numbers.slice(0, 4)).toEqual([100, 200, 251, 252]);
    expect(numbers.length).toBe(10_002);
    expect(taken.checkpoints.at(-1)).toEqual([taken.no, taken.hash]);
    expect(await verify(database.app, taken)).toMatchObject({ fault: null, entries: 10_250 });
  });

  it('of the head of an empty journal is a head that verifies', async () => {
    const taken = await head(database.app);
    expect(taken).toMatchObject({ no: 0, checkpoints: [] });
    expect((await verify(database.app, taken)).fault).toBeNull();
  });
});

describe('a person named in the journal', () => {
  it('is found again by issuer and subject, and can be erased without touching the chain', async () => {
    const anne = { issuer: 'https://idp', subject: '801234', displayName: 'Anne Martin' };
    const id = await identifyPerson(database.app, anne);
    expect(await identifyPerson(database.app, { ...anne, displayName: null })).toBe(id);
    await add({ actor: id });
    await database.app.transaction((trx) => erasePerson(trx, id, new Date('2026-03-12')));
    expect(await personName(database.app, id)).toBeNull();
    expect((await verify(database.app)).fault).toBeNull();
    const people = JSON.stringify([await database.app('person').select(), await lines()]);
    expect(people).not.toMatch(/Martin|801234/);
    expect(await identifyPerson(database.app, anne)).not.toBe(id);
  });

  it('cannot be deleted by the application', async () => {
    await expect(database.app('person').delete()).rejects.toThrow('permission denied');
  });
});
