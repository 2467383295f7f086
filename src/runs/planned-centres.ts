import { lastReport } from '../db/last-report.js';
import type { RunContext } from './context.js';
import type { CentreIdentity, RunReport } from './report.js';

/** Identities of the centres of the last plan, by their id. */
export async function plannedCentres(
  run: Pick<RunContext, 'db' | 'region'>,
): Promise<Readonly<Record<string, CentreIdentity>>> {
  const last = await lastReport(run.db, run.region.code);
  return last === null ? {} : (last.report as RunReport).centres;
}
