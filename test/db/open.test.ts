import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { checkServer, explainDatabaseError, placeOf } from '../../src/db/connection-errors.js';
import { ensureApplicationRole } from '../../src/db/application-role.js';
import { attachOrStart, stopCluster } from '../../src/db/embedded/cluster.js';
import { clusterFolder } from '../../src/db/embedded/folder.js';
import { migrate } from '../../src/db/migrate.js';
import { openDatabase, recreateDatabase } from '../../src/db/open.js';
import { testDatabase } from '../support/database.js';
import { asSuperuser } from '../support/test-server.js';

/** An embedded cluster of this file's own, found by its name as the demo's is. */
const embeddedName = `open-${process.pid}`;
const withoutRoles = `${embeddedName}-roles`;
const durability = 'disposable';

function embeddedEnv(): NodeJS.ProcessEnv {
  return { FILROR_DATA_HOME: inject('testHome') };
}

afterAll(async () => {
  for (const name of [embeddedName, withoutRoles]) await stopCluster(clusterFolder(embeddedEnv(), name));
});

/** A port on which nothing listens. */
function closedPort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

describe('opening the database', () => {
  it('gives, without DATABASE_URL, an application that cannot create tables and an owner that can', async () => {
    const database = await openDatabase({ env: embeddedEnv(), embeddedName, durability });
    expect(database.embedded).toBe(true);
    expect(database.place).toMatch(/^127\.0\.0\.1:\d+\/filror$/);
    await expect(database.app.raw('create table t ()')).rejects.toThrow('permission denied');
    await database.owner.raw('create table t ()');
    await database.owner.raw('drop table t');
    await database.close();
  });

  it('starts nothing when DATABASE_URL is set', async () => {
    const home = join(inject('testHome'), 'never');
    const { appUrl, ownerUrl, name, drop } = await testDatabase();
    const env = { DATABASE_URL: appUrl, DATABASE_OWNER_URL: ownerUrl, FILROR_DATA_HOME: home };
    const database = await openDatabase({ env });
    expect(database.embedded).toBe(false);
    expect((await database.app.raw('select current_database() as name')).rows).toEqual([{ name }]);
    expect(existsSync(home)).toBe(false);
    await database.close();
    await drop();
  });

  it('works with one account for both, and warns', async () => {
    const { ownerUrl, drop } = await testDatabase();
    const warnings: string[] = [];
    const database = await openDatabase({
      env: { DATABASE_URL: ownerUrl },
      onWarning: (message) => warnings.push(message),
    });
    expect(database.owner).toBe(database.app);
    expect(warnings).toEqual([expect.stringContaining('DATABASE_OWNER_URL')]);
    await database.close();
    await drop();
  });

  it('opens eight times at once on a new name, and the database is created once', async () => {
    const opened = await Promise.all(
      Array.from({ length: 8 }, () =>
        openDatabase({ env: embeddedEnv(), embeddedName, durability, databaseName: 'eight' }),
      ),
    );
    expect(new Set(opened.map(({ place }) => place)).size).toBe(1);
    await Promise.all(opened.map(({ close }) => close()));
  });

  it('reads a bigint as a number, refuses one that would be rounded, and a date as it is written', async () => {
    const { app, drop } = await testDatabase();
    const { rows } = await app.raw(`select 9007199254740991::bigint as n, date '2026-03-12' as d`);
    expect(rows).toEqual([{ n: 9007199254740991, d: '2026-03-12' }]);
    await expect(app.raw('select 9007199254740993::bigint')).rejects.toThrow(RangeError);
    await drop();
  });
});

describe('a database that cannot be opened', () => {
  async function failure(url: string): Promise<unknown> {
    return openDatabase({ env: { DATABASE_URL: url, DATABASE_OWNER_URL: url } }).then(
      () => 'opened',
      (error: unknown) => error,
    );
  }

  it('says in French that nothing listens, and what to do', async () => {
    const port = await closedPort();
    expect(await failure(`postgresql://u:hidden@127.0.0.1:${port}/filror`)).toMatchObject({
      name: 'RemoteError',
      code: 'DB_DOWN',
      message: 'La base refuse la connexion.',
      place: `127.0.0.1:${port}/filror`,
      transient: true,
      remedy: expect.stringContaining('DATABASE_URL') as string,
    });
  });

  it('tells a wrong password from an absent database', async () => {
    const { appUrl, drop } = await testDatabase();
    const [password, absent] = [new URL(appUrl), new URL(appUrl)];
    password.password = 'wrong';
    absent.pathname = '/absent_test';
    expect(await failure(password.toString())).toMatchObject({ code: 'DB_LOGIN', transient: false });
    expect(await failure(absent.toString())).toMatchObject({ code: 'DB_ABSENT', transient: false });
    await drop();
  });

  it('never repeats the password, even when the address cannot be read', async () => {
    const error = (await failure('mysql://u:hidden@host/db')) as Error & { remedy: string };
    expect(error).toMatchObject({ code: 'DB_URL_INVALID' });
    expect(JSON.stringify([error.message, error.remedy])).not.toContain('hidden');
    expect(placeOf('postgresql://u:hidden@host/db')).toBe('host:5432/db');
  });

  it('refuses PostgreSQL 14 and a database that is not in UTF8', () => {
    expect(() => checkServer(140_012, 'UTF8', 'p')).toThrow(/version 14 ; filror demande la version 15/);
    expect(() => checkServer(150_000, 'LATIN1', 'p')).toThrow(/LATIN1/);
    expect(() => checkServer(150_000, 'UTF8', 'p')).not.toThrow();
  });

  it('leaves a fault in our own SQL as it is', async () => {
    const { app, drop } = await testDatabase();
    const fault: unknown = await app.raw('selec 1').catch((error: unknown) => error);
    expect(explainDatabaseError(fault, 'p')).toBe(fault);
    await drop();
  });
});

describe('recreating a database', () => {
  it('empties it although the application is connected', async () => {
    const options = { env: embeddedEnv(), embeddedName, durability } as const;
    const before = await openDatabase({ ...options, databaseName: 'demo' });
    await before.owner.raw('create table left_over ()');
    await before.app.raw('select 1');
    await recreateDatabase('demo', options);
    const after = await openDatabase({ ...options, databaseName: 'demo' });
    const { rows } = await after.owner.raw(`select to_regclass('left_over') as found`);
    expect(rows).toEqual([{ found: null }]);
    await Promise.all([before.close(), after.close()]);
  });

  it('refuses the main database, embedded or given', async () => {
    const given = { DATABASE_URL: 'postgresql://u@127.0.0.1:1/ours' };
    await expect(recreateDatabase('filror', { env: {} })).rejects.toMatchObject({
      code: 'DB_NOT_DISPOSABLE',
    });
    await expect(recreateDatabase('ours', { env: given })).rejects.toMatchObject({
      code: 'DB_NOT_DISPOSABLE',
    });
  });
});

describe('roles on a server that has none of ours', () => {
  it('come from the first migration, and the application login is made a member', async () => {
    const options = { env: embeddedEnv(), embeddedName: withoutRoles, durability } as const;
    const cluster = await attachOrStart(clusterFolder(options.env, withoutRoles), durability);
    await asSuperuser(cluster.url('superuser', 'postgres'), (client) => client.query('drop role filror_app'));
    const database = await openDatabase(options);
    await migrate(database.owner);
    await expect(database.app('journal').select()).rejects.toThrow('permission denied');
    await ensureApplicationRole(database);
    expect(await database.app('journal').select()).toEqual([]);
    await database.close();
  });

  it('are asked of the administrator when the owner may not grant them', async () => {
    const { app, owner, superuserUrl, drop } = await testDatabase();
    const login = `stranger_${process.pid}`;
    await asSuperuser(superuserUrl, (client) => client.query(`create role ${login} login password 'x'`));
    const url = new URL(superuserUrl);
    [url.username, url.password] = [login, 'x'];
    const env = { DATABASE_URL: url.toString(), DATABASE_OWNER_URL: url.toString() };
    const stranger = await openDatabase({ env });
    await expect(ensureApplicationRole({ ...stranger, owner: app })).rejects.toMatchObject({
      code: 'DB_ROLE',
      remedy: expect.stringContaining(`GRANT filror_app TO "${login}"`) as string,
    });
    await stranger.close();
    await asSuperuser(superuserUrl, (client) => client.query(`drop role ${login}`));
    await owner.destroy();
    await drop();
  });
});
