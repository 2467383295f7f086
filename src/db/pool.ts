import knex, { type Knex } from 'knex';
import pg from 'pg';

/** Type numbers of PostgreSQL (pg_type.dat). */
const [INT8, DATE] = [20, 1082];

/**
 * `bigint` comes as a number, refused beyond 2^53 rather than rounded; `date` comes as `YYYY-MM-DD`: pg's own
 * parser makes an instant at local midnight, which is the day before in UTC.
 */
const types = {
  getTypeParser(oid: number, format: string): (value: string) => unknown {
    if (format !== 'binary' && oid === INT8) return safeInteger;
    if (format !== 'binary' && oid === DATE) return (text) => text;
    return pg.types.getTypeParser(oid, format as 'text') as (value: string) => unknown;
  },
};

function safeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`bigint ${text} does not fit a number`);
  return value;
}

/**
 * knex writes to the standard output, where a command's result goes. What fails is thrown as well, so its own
 * lines are dropped; what is about to change in knex is for developers, on the standard error.
 */
const log: NonNullable<Knex.Config['log']> = {
  warn: () => undefined,
  error: () => undefined,
  debug: () => undefined,
  deprecate: (message) => process.emitWarning(String(message), 'DeprecationWarning'),
};

/**
 * A pool on one address. Connections open when asked for and close when idle, so that an unused pool costs
 * nothing. Keep-alive probes find a peer that vanished without closing (half-open TCP).
 * @param statementMs milliseconds after which PostgreSQL stops a statement; none by default
 */
export function openPool(url: string, applicationName: string, max: number, statementMs?: number): Knex {
  return knex({
    client: 'pg',
    connection: {
      connectionString: url,
      application_name: applicationName,
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      ...(statementMs === undefined ? {} : { statement_timeout: statementMs }),
      types,
    },
    pool: { min: 0, max, idleTimeoutMillis: 10_000 },
    acquireConnectionTimeout: 30_000,
    log,
  });
}
