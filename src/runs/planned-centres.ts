import { DataError } from '../domain/errors.js';
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

/** @throws DataError `CENTRE_UNKNOWN`: it stands in no plan now */
export async function requirePlanned(
  run: Pick<RunContext, 'db' | 'region'>,
  centre: string,
): Promise<CentreIdentity> {
  const known = (await plannedCentres(run))[centre];
  if (known !== undefined) return known;
  throw new DataError({
    code: 'CENTRE_UNKNOWN',
    message: `Aucune source ne dit aujourd’hui le centre « ${centre} » dans la région ${run.region.name}.`,
    place: centre,
    remedy: 'choisissez un centre de la page « Centres », ou faites corriger la liste qui le disait.',
  });
}
