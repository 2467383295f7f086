import pg from 'pg';
import { explainDatabaseError, placeOf } from './connection-errors.js';
import { serverAddress, type OpenOptions } from './open.js';

/** The right to a database, for as long as this process lives or until `release`. */
export interface Held {
  readonly state: 'held';
  release(): Promise<void>;
}

/** Another process has it; `holder` is what that one said of itself. */
export interface HeldByAnother {
  readonly state: 'taken';
  readonly holder: string;
}

/**
 * Takes a database for this process alone, with a session's advisory lock in the server's maintenance database: the lock
 * ends with the process however it ends, and stays when the database itself is dropped.
 * @param holder told to whoever comes second; ASCII, 63 bytes at most (application_name of PostgreSQL)
 */
export async function holdDatabase(
  name: string,
  holder: string,
  options: Omit<OpenOptions, 'databaseName'> = {},
): Promise<Held | HeldByAnother> {
  const address = await serverAddress(options);
  const client = new pg.Client({ connectionString: address, application_name: holder, keepAlive: true });
  // A server that stops takes the database away with the lock: whoever works in it finds out there.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const key = `filror database ${name}`;
    const { rows } = await client.query<{ taken: boolean }>(
      'select pg_try_advisory_lock(hashtextextended($1, 0)) as taken',
      [key],
    );
    if (rows[0]?.taken === true) return { state: 'held', release: () => client.end() };
    const other = await client.query<{ holder: string }>(HOLDER, [key]);
    await client.end();
    return { state: 'taken', holder: other.rows[0]?.holder ?? '' };
  } catch (error) {
    await client.end().catch(() => undefined);
    throw explainDatabaseError(error, placeOf(address));
  }
}

/** A key of 64 bits stands in pg_locks as two halves (https://www.postgresql.org/docs/15/view-pg-locks.html). */
const HOLDER = `
  select application_name as holder from pg_locks join pg_stat_activity using (pid)
  where locktype = 'advisory' and objsubid = 1 and granted
    and pg_locks.database = (select oid from pg_database where datname = current_database())
    and (classid::bigint << 32) | objid::bigint = hashtextextended($1, 0)`;
