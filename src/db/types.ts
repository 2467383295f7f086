import type { Db, Transaction } from './handle.js';

export type { Db, Transaction as Trx } from './handle.js';

/** Runs in a transaction, or in a savepoint of the one that is already open. */
export async function inTransaction<T>(db: Db, work: (trx: Transaction) => Promise<T>): Promise<T> {
  return await db.transaction(work);
}
