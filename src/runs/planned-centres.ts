import { lastPlan } from '../db/runs.js';
import type { RunContext } from './context.js';
import type { CentreIdentity, RunReport } from './report.js';

/** Identities of the centres of the last plan, by their id. */
export async function plannedCentres(
  run: Pick<RunContext, 'db' | 'region'>,
): Promise<Record<string, CentreIdentity>> {
  const last = await lastPlan(run.db, run.region.code);
  return last === null ? {} : { ...(last.report as RunReport).centres };
}
