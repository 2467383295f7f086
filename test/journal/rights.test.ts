import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { append } from '../../src/journal/append.js';
import { verify } from '../../src/journal/verify.js';
import { testDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
  await database.app.transaction((trx) =>
    append(trx, { region: null, kind: 'k', subject: 's', actor: null, body: 'first' }),
  );
});

afterAll(() => database.drop());

const DENIED = /permission denied/;
const REFUSED = /n'accepte que des ajouts/;

describe('rights on the journal', () => {
  it.each(['journal', 'journal_head'])(
    'let the application neither change, delete nor truncate %s',
    async (table) => {
      const { app } = database;
      await expect(app(table).update({ no: 2 })).rejects.toThrow(DENIED);
      await expect(app(table).delete()).rejects.toThrow(DENIED);
      await expect(app.raw('truncate ??', [table])).rejects.toThrow(DENIED);
      await expect(app.raw('alter table ?? disable trigger all', [table])).rejects.toThrow(/must be owner/);
      await expect(app.raw('drop table ??', [table])).rejects.toThrow(/must be owner/);
    },
  );

  it.each(['no', 'at', 'prev_hash', 'hash'])('do not let the application choose %s', async (column) => {
    const values: Record<string, string> = {
      no: '9',
      at: 'now',
      prev_hash: 'f'.repeat(64),
      hash: 'f'.repeat(64),
    };
    const forged = { kind: 'k', subject: 's', body: 'b', [column]: values[column] };
    await expect(database.app('journal').insert(forged)).rejects.toThrow(DENIED);
  });

  it('do not let the application turn triggers off, call the chaining function or borrow it', async () => {
    const { app } = database;
    await expect(app.raw('set session_replication_role = replica')).rejects.toThrow(DENIED);
    await expect(app.raw('select journal_chain()')).rejects.toThrow(
      /permission denied|can only be called as/,
    );
    await expect(
      app.raw(
        `create temp table mine (like journal); create trigger t before insert on mine for each row execute function journal_chain()`,
      ),
    ).rejects.toThrow(DENIED);
  });

  it('do not let a table of the same name, in the temporary schema, take the journal’s place', async () => {
    await database.app.transaction(async (trx) => {
      await trx.raw('create temp table journal_head (no bigint, at timestamptz, hash text)');
      await trx.raw(`insert into pg_temp.journal_head values (41, null, repeat('f', 64))`);
      await trx.raw(`insert into public.journal (kind, subject, body) values ('k', 's', 'b')`);
      await trx.raw('drop table pg_temp.journal_head');
    });
    expect((await verify(database.app)).fault).toBeNull();
  });

  it('refuse the owner too, and a statement that would touch no row', async () => {
    const { owner } = database;
    for (const table of ['journal', 'journal_head']) {
      await expect(owner(table).where({ no: -1 }).delete()).rejects.toThrow(REFUSED);
      await expect(owner.raw('truncate ??', [table])).rejects.toThrow(REFUSED);
    }
    await expect(owner('journal').where({ no: -1 }).update({ body: 'x' })).rejects.toThrow(REFUSED);
    await expect(owner('journal_head').update({ no: 0 })).rejects.toThrow(/n'avance que d'une écriture/);
    await expect(owner('journal_head').insert({ no: 0, hash: '' })).rejects.toThrow(REFUSED);
  });

  it('give the owner’s forged entry its true number and hash', async () => {
    const before = (await verify(database.app)).entries;
    await database.owner('journal').insert({
      no: 999,
      at: '2001-01-01',
      kind: 'k',
      subject: 's',
      body: 'b',
      prev_hash: 'f'.repeat(64),
      hash: 'f'.repeat(64),
    });
    expect(await verify(database.app)).toMatchObject({ fault: null, entries: before + 1 });
  });
});
