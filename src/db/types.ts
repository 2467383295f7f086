import type { Db, Transaction } from './handle.js';

export type { Db, Transaction as Trx } from './handle.js';

/** Runs in a transaction, or in a savepoint of the one that is already open. */
export async function inTransaction<T>(db: Db, work: (trx: Transaction) => Promise<T>): Promise<T> {
  return await db.transaction(work);
}

/** Thrown to leave a transaction that must not be committed. */
class NeverWas extends Error {}

/** Runs in a transaction that is always rolled back: what is written there never was. */
export async function rolledBack<T>(db: Db, work: (trx: Transaction) => Promise<T>): Promise<T> {
  let result: { readonly value: T } | null = null;
  try {
    await inTransaction(db, async (trx) => {
      result = { value: await work(trx) };
      throw new NeverWas();
    });
  } catch (error) {
    if (!(error instanceof NeverWas)) throw error;
  }
  const done = result as { readonly value: T } | null;
  if (done === null) throw new Error('a rolled back transaction ended without a result');
  return done.value;
}
