import { RefusalError } from '../domain/errors.js';
import { checkServer, codeOf, explainDatabaseError, placeOf, withDatabaseName } from './connection-errors.js';
import { attachOrStart } from './embedded/cluster.js';
import { clusterFolder } from './embedded/folder.js';
import type { Durability } from './embedded/initialise.js';
import type { Database, Db } from './handle.js';
import { openPool } from './pool.js';

/** Name of the database in the embedded server when none is asked for. */
export const DEFAULT_DATABASE = 'filror';

export interface OpenOptions {
  /** Where DATABASE_URL, DATABASE_OWNER_URL, FILROR_DATA_HOME and XDG_DATA_HOME are read; default process.env. */
  readonly env?: NodeJS.ProcessEnv;
  /** Folder name of the embedded cluster; default a hash of the checkout's path and of the account. */
  readonly embeddedName?: string;
  /** Database of the server; default `filror` when embedded, the one of DATABASE_URL otherwise. */
  readonly databaseName?: string;
  /** Cost of a commit in an embedded cluster that this call starts; default `durable`. */
  readonly durability?: Durability;
  /** Told once, in French, when the configuration works but is not what production should have. */
  readonly onWarning?: (message: string) => void;
}

interface Addresses {
  readonly app: string;
  readonly owner: string;
  readonly embedded: boolean;
}

const ONE_ROLE =
  'DATABASE_OWNER_URL n’est pas définie : filror travaille avec le compte propriétaire de la base, que ses droits ne retiennent pas de modifier le journal. En production, donnez deux comptes.';

/**
 * Opens the database: the one of DATABASE_URL (nothing is started), or the embedded server, attached to or
 * started. Migrates nothing.
 * @throws RemoteError when it cannot be reached, refuses the account or is older than PostgreSQL 15.
 */
export async function openDatabase(options: OpenOptions = {}): Promise<Database> {
  const addresses = await resolveAddresses(options);
  const place = placeOf(addresses.app);
  const app = openPool(addresses.app, 'filror', 10);
  const owner = addresses.owner === addresses.app ? app : openPool(addresses.owner, 'filror owner', 4);
  const close = async (): Promise<void> => {
    await Promise.all([app.destroy(), owner === app ? undefined : owner.destroy()]);
  };
  try {
    if (addresses.embedded) await createIfAbsent(addresses.owner);
    await checkConnection(app, place);
    if (owner !== app) await checkConnection(owner, placeOf(addresses.owner));
  } catch (error) {
    await close();
    throw explainDatabaseError(error, place);
  }
  const reader = (statementMs: number): Db => openPool(addresses.app, 'filror fhir', 10, statementMs);
  return { app, owner, embedded: addresses.embedded, place, reader, close };
}

/** Address of the owner in the server's maintenance database; the embedded server is started when it must be. */
export async function serverAddress(options: Omit<OpenOptions, 'databaseName'>): Promise<string> {
  return (await resolveAddresses({ ...options, databaseName: 'postgres' })).owner;
}

async function resolveAddresses(options: OpenOptions): Promise<Addresses> {
  const env = options.env ?? process.env;
  const given = env['DATABASE_URL'];
  if (!given) {
    const cluster = await attachOrStart(clusterFolder(env, options.embeddedName), options.durability);
    const name = options.databaseName ?? DEFAULT_DATABASE;
    return { app: cluster.url('app', name), owner: cluster.url('owner', name), embedded: true };
  }
  const ownerGiven = env['DATABASE_OWNER_URL'];
  if (!ownerGiven) options.onWarning?.(ONE_ROLE);
  const named = (url: string) =>
    options.databaseName === undefined ? url : withDatabaseName(url, options.databaseName);
  return { app: named(given), owner: named(ownerGiven || given), embedded: false };
}

async function checkConnection(db: Db, place: string): Promise<void> {
  const { rows } = await db.raw<{ rows: { version: number; encoding: string }[] }>(
    `select current_setting('server_version_num')::int as version, current_setting('server_encoding') as encoding`,
  );
  const [server] = rows;
  if (server) checkServer(server.version, server.encoding, place);
}

/** `18.4`, as the server says it. */
export async function serverVersion(db: Db): Promise<string> {
  const { rows } = await db.raw<{ rows: { version: string }[] }>(
    `select current_setting('server_version') as version`,
  );
  return rows[0]?.version ?? '';
}

/** Several processes may open a new cluster at once: the one that loses finds the database created. */
async function createIfAbsent(ownerUrl: string): Promise<void> {
  const name = databaseOf(ownerUrl);
  const maintenance = openPool(withDatabaseName(ownerUrl, 'postgres'), 'filror owner', 1);
  try {
    const known = await maintenance('pg_database').where({ datname: name }).first('datname');
    if (known === undefined) await maintenance.raw('create database ??', [name]);
  } catch (error) {
    // duplicate_database, or unique_violation on pg_database when two statements cross.
    if (!(error instanceof Error) || !['42P04', '23505'].includes(codeOf(error) ?? '')) throw error;
  } finally {
    await maintenance.destroy();
  }
}

/**
 * Drops the named database with everything in it, sessions included, and creates it empty. For the demo and the
 * tests, which have a database of their own.
 * @throws RefusalError `DB_NOT_DISPOSABLE` for the main database.
 */
export async function recreateDatabase(
  name: string,
  options: Omit<OpenOptions, 'databaseName'> = {},
): Promise<void> {
  const main = (options.env ?? process.env)['DATABASE_URL'];
  const protectedNames = [DEFAULT_DATABASE, 'postgres', 'template0', 'template1'];
  if (protectedNames.includes(name) || (main && databaseOf(main) === name)) {
    throw new RefusalError({
      code: 'DB_NOT_DISPOSABLE',
      message: `La base « ${name} » n’est pas une base d’essai : elle ne peut pas être effacée et recréée.`,
      remedy: 'donnez un autre nom de base.',
    });
  }
  const address = await serverAddress(options);
  const maintenance = openPool(address, 'filror owner', 1);
  try {
    await maintenance.raw('drop database if exists ?? with (force)', [name]);
    await maintenance.raw('create database ??', [name]);
  } catch (error) {
    throw explainDatabaseError(error, placeOf(address));
  } finally {
    await maintenance.destroy();
  }
}

function databaseOf(url: string): string {
  return placeOf(url).split('/').slice(1).join('/');
}
