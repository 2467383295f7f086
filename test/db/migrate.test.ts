import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrate, pendingMigrations } from '../../src/db/migrate.js';
import { sqlFolder } from '../../src/db/migrations-folder.js';
import { openPool } from '../../src/db/pool.js';
import { testDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
let folder: string;

beforeEach(async () => {
  database = await testDatabase({ from: 'empty' });
  folder = mkdtempSync(join(tmpdir(), 'filror-sql-'));
});

afterEach(async () => {
  rmSync(folder, { recursive: true });
  await database.drop();
});

function file(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

async function tables(): Promise<string[]> {
  const rows = await database
    .owner('pg_tables')
    .where({ schemaname: 'public' })
    .orderBy('tablename')
    .pluck('tablename');
  return rows as string[];
}

describe('migrations', () => {
  it('run once each in the order of their numbers, then there is nothing left to do', async () => {
    file('0010_second.sql', 'insert into a select 2;');
    file('0002_first.sql', 'create table a (n int); insert into a values (1);');
    expect(await pendingMigrations(database.owner, folder)).toEqual(['0002_first.sql', '0010_second.sql']);
    expect(await migrate(database.owner, { folder })).toEqual({
      applied: ['0002_first.sql', '0010_second.sql'],
      already: 0,
    });
    expect(await database.owner('a').pluck('n')).toEqual([1, 2]);
    expect(await migrate(database.owner, { folder })).toEqual({ applied: [], already: 2 });
    expect(await pendingMigrations(database.owner, folder)).toEqual([]);
  });

  it('run once when eight connections start on an empty database at once', async () => {
    file('0001_a.sql', 'create table a (n int); insert into a values (1); select pg_sleep(0.05);');
    file('0002_b.sql', 'create table b (n int); insert into b values (1); select pg_sleep(0.05);');
    const pools = Array.from({ length: 8 }, () => openPool(database.ownerUrl, 'filror test', 1));
    const results = await Promise.all(pools.map((pool) => migrate(pool, { folder })));
    expect(results.flatMap(({ applied }) => applied).sort()).toEqual(['0001_a.sql', '0002_b.sql']);
    expect(results.every(({ applied, already }) => applied.length + already === 2)).toBe(true);
    expect(await database.owner('a').pluck('n')).toEqual([1]);
    await Promise.all(pools.map((pool) => pool.destroy()));
  });

  it('of this package run whole on an empty database, eight at once', async () => {
    const pools = Array.from({ length: 8 }, () => openPool(database.ownerUrl, 'filror test', 1));
    await Promise.all(pools.map((pool) => migrate(pool)));
    expect(await pendingMigrations(database.owner)).toEqual([]);
    expect(await tables()).toEqual(expect.arrayContaining(['journal', 'journal_head', 'person']));
    await Promise.all(pools.map((pool) => pool.destroy()));
  });

  it('leave nothing behind when one fails, and keep those before it', async () => {
    file('0001_good.sql', 'create table good ();');
    file('0002_bad.sql', 'create table bad (); select 1 / 0;');
    await expect(migrate(database.owner, { folder })).rejects.toThrow('division by zero');
    expect(await tables()).toEqual(['good', 'migration']);
    file('0002_bad.sql', 'create table mended ();');
    expect((await migrate(database.owner, { folder })).applied).toEqual(['0002_bad.sql']);
  });

  it('in a dry run are all executed and all undone', async () => {
    file('0001_a.sql', 'create table a ();');
    file('0002_b.sql', 'alter table a add n int;');
    expect(await migrate(database.owner, { folder, dryRun: true })).toEqual({
      applied: ['0001_a.sql', '0002_b.sql'],
      already: 0,
    });
    expect(await tables()).toEqual([]);
    file('0002_b.sql', 'alter table absent add n int;');
    await expect(migrate(database.owner, { folder, dryRun: true })).rejects.toThrow('does not exist');
  });

  it('are refused when a file that ran has changed', async () => {
    file('0001_a.sql', 'create table a ();');
    await migrate(database.owner, { folder });
    file('0001_a.sql', 'create table a (); -- harmless, but who knows');
    await expect(migrate(database.owner, { folder })).rejects.toMatchObject({
      name: 'DataError',
      code: 'MIG_CHANGED',
      place: 'sql/0001_a.sql',
      message: expect.stringContaining('0001_a.sql a été modifiée') as string,
    });
  });

  it('do not take a checkout that converts line ends for a change', async () => {
    file('0001_a.sql', 'create table a (\n);\n');
    await migrate(database.owner, { folder });
    file('0001_a.sql', 'create table a (\r\n);\r\n');
    expect(await migrate(database.owner, { folder })).toEqual({ applied: [], already: 1 });
  });

  it('are refused when the database comes from a newer version', async () => {
    file('0001_a.sql', 'create table a ();');
    file('0002_b.sql', 'create table b ();');
    await migrate(database.owner, { folder });
    rmSync(join(folder, '0002_b.sql'));
    await expect(migrate(database.owner, { folder })).rejects.toMatchObject({ code: 'MIG_MISSING' });
  });

  it('are refused when a new file is numbered before one that ran', async () => {
    file('0005_a.sql', 'create table a ();');
    await migrate(database.owner, { folder });
    file('0003_late.sql', 'create table late ();');
    await expect(migrate(database.owner, { folder })).rejects.toMatchObject({ code: 'MIG_LATE' });
  });

  it('crash on a number used twice, a fault of ours', async () => {
    file('0001_a.sql', '');
    file('0001_b.sql', '');
    await expect(migrate(database.owner, { folder })).rejects.toThrow(
      '0001_b.sql: this number is used twice',
    );
  });

  it('keep question marks of the SQL as they are written', async () => {
    file('0001_a.sql', `create table a (t text); insert into a values ('pourquoi ? parce que');`);
    await migrate(database.owner, { folder });
    expect(await database.owner('a').pluck('t')).toEqual(['pourquoi ? parce que']);
  });

  it('of this package keep their files when copied elsewhere', async () => {
    await migrate(database.owner);
    cpSync(sqlFolder, folder, { recursive: true });
    expect((await migrate(database.owner, { folder })).applied).toEqual([]);
  });
});
