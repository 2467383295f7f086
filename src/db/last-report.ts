import type { Db } from './types.js';

/** What the last run that planned something found. */
export interface LastReport {
  readonly runId: string;
  /** Instant of the plan. */
  readonly instant: Date;
  /** Shared by all who ask: never to be changed. */
  readonly report: unknown;
}

/** The last report of each region, of each database of this process. */
const kept = new WeakMap<Db, Map<string, LastReport>>();

/**
 * The report of the last plan of a region. A run that is over never changes: its report (3 MB of JSON for 5,000 centres,
 * 100 ms to read) is read once per process, then only the id of the run is asked for.
 * @returns null before the first plan
 */
export async function lastReport(db: Db, region: string): Promise<LastReport | null> {
  const last: { id: string; instant: Date } | undefined = await db('plan_input as p')
    .join('run as r', (on) => on.on('r.region', 'p.region').andOn('r.id', 'p.run_id'))
    .where('p.region', region)
    .where('r.state', 'done')
    .orderBy('r.no', 'desc')
    .first('r.id', 'p.instant');
  if (last === undefined) return null;
  const byRegion = kept.get(db) ?? new Map<string, LastReport>();
  kept.set(db, byRegion);
  const known = byRegion.get(region);
  if (known?.runId === last.id) return known;
  const row: { report: unknown } | undefined = await db('run').where({ region, id: last.id }).first('report');
  const read = { runId: last.id, instant: last.instant, report: row?.report };
  byRegion.set(region, read);
  return read;
}
