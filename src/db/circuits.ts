import type { Db } from './types.js';

/** State of the circuit of one server, as the last process that saw it change told it. */
export interface SeenCircuit {
  readonly host: string;
  readonly state: 'closed' | 'open' | 'halfOpen';
  readonly failuresInARow: number;
  readonly retryAt: Date | null;
  readonly changedAt: Date;
  /** `machine:pid`. */
  readonly process: string;
}

export async function recordCircuit(db: Db, region: string, seen: SeenCircuit): Promise<void> {
  await db('repository_circuit')
    .insert({
      region,
      host: seen.host,
      state: seen.state,
      failures_in_a_row: seen.failuresInARow,
      retry_at: seen.retryAt,
      changed_at: seen.changedAt,
      process: seen.process,
    })
    .onConflict(['region', 'host'])
    .merge();
}

export async function circuitsOf(db: Db, region: string): Promise<SeenCircuit[]> {
  const rows = (await db('repository_circuit').where({ region }).orderBy('host')) as {
    host: string;
    state: SeenCircuit['state'];
    failures_in_a_row: number;
    retry_at: Date | null;
    changed_at: Date;
    process: string;
  }[];
  return rows.map((row) => ({
    host: row.host,
    state: row.state,
    failuresInARow: row.failures_in_a_row,
    retryAt: row.retry_at,
    changedAt: row.changed_at,
    process: row.process,
  }));
}
