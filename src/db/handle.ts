import type { Knex } from 'knex';

/** A connection pool, or a transaction on it: what every function of src/db takes to read or write. */
export type Db = Knex;
/** An open transaction: what every function that must be atomic with its caller takes. */
export type Transaction = Knex.Transaction;

/** The database of one process. */
export interface Database {
  /** Connects as the application role: everything but migrations goes through it. */
  readonly app: Db;
  /** Connects as the role that owns the tables: migrations and the recreation of databases only. */
  readonly owner: Db;
  /** True when PostgreSQL is the one that filror starts itself. */
  readonly embedded: boolean;
  /** Where it is, without password: `127.0.0.1:5432/filror`. */
  readonly place: string;
  /** Connections of the application role whose statements PostgreSQL stops after so many milliseconds; to be closed by who asks. */
  reader(statementMs: number): Db;
  /** Closes the connections. The embedded server goes on: the next command attaches to it. */
  close(): Promise<void>;
}
