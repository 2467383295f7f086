import type { Db } from './types.js';

/** Now, by the clock that every process shares: leases written on one machine are read on another. */
export async function applyClock(db: Db): Promise<Date> {
  return await clock(db, 'apply_clock');
}

/** The clock that the schedule goes by: no machine's own decides what is due. */
export async function scheduleClock(db: Db): Promise<Date> {
  return await clock(db, 'schedule_clock');
}

async function clock(db: Db, name: 'apply_clock' | 'schedule_clock'): Promise<Date> {
  const { rows } = await db.raw<{ rows: { at: Date }[] }>(`select ${name}() as at`);
  const [row] = rows;
  if (row === undefined) throw new Error(`${name} returned nothing`);
  return row.at;
}
