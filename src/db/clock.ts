import type { Db } from './types.js';

/** Now, by the clock that every process shares: leases written on one machine are read on another. */
export async function applyClock(db: Db): Promise<Date> {
  const { rows } = await db.raw<{ rows: { at: Date }[] }>('select apply_clock() as at');
  const [row] = rows;
  if (row === undefined) throw new Error('apply_clock returned nothing');
  return row.at;
}
