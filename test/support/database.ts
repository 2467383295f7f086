import type { Db } from '../../src/db/handle.js';
import { openPool } from '../../src/db/pool.js';
import { asSuperuser, runId, testServer, type TestServer } from './test-server.js';

export interface TestDatabase {
  /** Always ends with `_test`. */
  readonly name: string;
  readonly app: Db;
  readonly owner: Db;
  readonly superuserUrl: string;
  /** For DATABASE_URL of a subprocess. */
  readonly appUrl: string;
  /** For DATABASE_OWNER_URL of a subprocess. */
  readonly ownerUrl: string;
  /** Closes the pools and drops the database, whoever is connected to it. */
  drop(): Promise<void>;
}

export interface TestDatabaseOptions {
  /**
   * `migrated` (default): every file of sql/ has run. `empty`: nothing has. Otherwise a copy of the test database of
   * that name, to which nobody may be connected.
   */
  readonly from?: 'migrated' | 'empty' | { readonly copyOf: string };
}

/** The folder of this run: the test runner's, or that of a bench, which runs without it. */
async function runHome(): Promise<string> {
  return process.env['FILROR_BENCH_HOME'] ?? (await import('vitest')).inject('testHome');
}

let server: Promise<TestServer> | undefined;
let made = 0;

/**
 * A fresh database of this test's own, copied from the migrated template (about 60 ms). Call `drop()` in
 * `afterEach` or `afterAll`; the end of the run removes what is left.
 */
export async function testDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const testHome = await runHome();
  server ??= testServer(testHome);
  const { template, ownerLogin, url } = await server;
  const name = `t_${runId(testHome)}_${process.pid}_${++made}_test`;
  const source = sourceOf(options.from, template);
  await asSuperuser(url('superuser', 'postgres'), (client) =>
    client.query(
      `create database "${name}" owner ${ownerLogin} template "${source}" encoding 'UTF8' locale 'C.UTF-8'`,
    ),
  );
  const app = openPool(url('app', name), 'filror test', 10);
  const owner = openPool(url('owner', name), 'filror test', 10);
  return {
    name,
    app,
    owner,
    superuserUrl: url('superuser', name),
    appUrl: url('app', name),
    ownerUrl: url('owner', name),
    drop: async () => {
      await Promise.all([app.destroy(), owner.destroy()]);
      await dropTestDatabase(url('superuser', 'postgres'), name);
    },
  };
}

function sourceOf(from: TestDatabaseOptions['from'], template: string): string {
  if (typeof from === 'object') return from.copyOf;
  return from === 'empty' ? 'template0' : template;
}

/** Refuses any database whose name does not end with `_test`: a wrong variable must not cost anybody's data. */
export async function dropTestDatabase(superuserUrl: string, name: string): Promise<void> {
  if (!/^\w+_test$/.test(name)) throw new RangeError(`${name} is not a test database`);
  await asSuperuser(superuserUrl, (client) => client.query(`drop database if exists "${name}" with (force)`));
}
