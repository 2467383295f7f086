import type { Client } from 'pg';
import type { Transaction } from './handle.js';

/**
 * The pg connection under an open knex transaction, for what knex cannot say (COPY, several statements in one
 * text). It stays the transaction's: never end or release it.
 */
export async function rawConnection(trx: Transaction): Promise<Client> {
  if (!trx.isTransaction) throw new TypeError('rawConnection() needs a transaction');
  // knex types `client` as any; a transaction's client always hands out its one connection.
  const client = trx.client as { acquireConnection(): Promise<Client> };
  return client.acquireConnection();
}
