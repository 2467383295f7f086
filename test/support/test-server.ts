import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import pg from 'pg';
import { attachOrStart } from '../../src/db/embedded/cluster.js';
import type { ClusterFolder } from '../../src/db/embedded/folder.js';
import { withDatabaseName } from '../../src/db/connection-errors.js';
import { migrate } from '../../src/db/migrate.js';
import { openPool } from '../../src/db/pool.js';

/** The server that the tests of one run use, and the template that their databases are copied from. */
export interface TestServer {
  readonly template: string;
  /** Name of the owner's login, to give databases to. */
  readonly ownerLogin: string;
  url(role: 'superuser' | 'owner' | 'app', database: string): string;
}

const OWNER = 'filror_test_owner';
const APP = 'filror_test_app';

export function runCluster(testHome: string): ClusterFolder {
  return { home: testHome, folder: join(testHome, 'cluster') };
}

/**
 * The run's own embedded server, or the one of FILROR_TEST_DATABASE_URL (superuser's address) to try the SQL on
 * another version. Safe to call from every worker at once.
 */
export async function testServer(testHome: string): Promise<TestServer> {
  const external = process.env['FILROR_TEST_DATABASE_URL'];
  const server = external ? await externalServer(external, testHome) : await embeddedServer(testHome);
  await createTemplate(server);
  return server;
}

async function embeddedServer(testHome: string): Promise<TestServer> {
  const cluster = await attachOrStart(runCluster(testHome), 'disposable');
  return { template: templateOf(testHome), ownerLogin: 'filror_owner', url: cluster.url };
}

async function externalServer(superuserUrl: string, testHome: string): Promise<TestServer> {
  // The same for every run, so that two runs at once do not change each other's passwords.
  const password = (role: string) => createHash('sha256').update(`${superuserUrl} ${role}`).digest('hex');
  const statements = [
    `create role filror_app nologin`,
    `create role ${OWNER} login createdb createrole password '${password(OWNER)}'`,
    `create role ${APP} login in role filror_app password '${password(APP)}'`,
  ];
  await asSuperuser(superuserUrl, async (client) => {
    await client.query('select pg_advisory_lock(1)');
    for (const statement of statements) {
      await client.query(statement).catch((error: unknown) => {
        if (!(error instanceof pg.DatabaseError) || error.code !== '42710') throw error;
      });
    }
    await client.query(`alter role ${OWNER} password '${password(OWNER)}'`);
    await client.query(`alter role ${APP} password '${password(APP)}'`);
    await client.query(`grant filror_app to ${APP}`);
  });
  return {
    template: templateOf(testHome),
    ownerLogin: OWNER,
    url: (role, database) => {
      const url = new URL(withDatabaseName(superuserUrl, database));
      if (role === 'superuser') return url.toString();
      url.username = role === 'owner' ? OWNER : APP;
      url.password = password(url.username);
      return url.toString();
    },
  };
}

function templateOf(testHome: string): string {
  return `template_${runId(testHome)}_test`;
}

/** Letters and digits that only this run has. */
export function runId(testHome: string): string {
  return basename(testHome)
    .replace(/^filror-test-/, '')
    .replace(/\W/g, '_')
    .toLowerCase();
}

/** Migrated once per run, whole before it bears its name, closed to connections (a template must have none). */
async function createTemplate({ template, ownerLogin, url }: TestServer): Promise<void> {
  await asSuperuser(url('superuser', 'postgres'), async (client) => {
    const known = () => client.query('select from pg_database where datname = $1', [template]);
    if ((await known()).rowCount === 1) return;
    await client.query('select pg_advisory_lock(2)');
    if ((await known()).rowCount === 1) return;
    const draft = template.replace(/_test$/, '_draft_test');
    await client.query(`drop database if exists "${draft}" with (force)`);
    await client.query(
      `create database "${draft}" owner ${ownerLogin} template template0 encoding 'UTF8' locale 'C.UTF-8'`,
    );
    const owner = openPool(url('owner', draft), 'filror test', 1);
    await migrate(owner).finally(() => owner.destroy());
    await client.query(`alter database "${draft}" with allow_connections false`);
    await client.query(`alter database "${draft}" rename to "${template}"`);
  });
}

/** On a server that outlives the run: drops the databases that bear this run's name. */
export async function dropRun(testHome: string): Promise<void> {
  const external = process.env['FILROR_TEST_DATABASE_URL'];
  if (!external) return;
  await asSuperuser(external, async (client) => {
    const { rows } = await client.query<{ datname: string }>(
      `select datname from pg_database where datname like '%\\_test' and position($1 in datname) > 0`,
      [runId(testHome)],
    );
    for (const { datname } of rows) await client.query(`drop database if exists "${datname}" with (force)`);
  });
}

/** One connection, closed at the end. */
export async function asSuperuser<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
