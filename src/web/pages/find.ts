import type { DecisionContext } from '../../review/decide.js';
import { findChanges, type StoredChange } from '../../db/changes.js';
import { lastPlan } from '../../db/runs.js';
import { DataError } from '../../domain/errors.js';
import type { CentreIdentity, RunReport } from '../../runs/report.js';
import type { RegionRequest } from '../route.js';

/** @throws DataError `CHANGE_UNKNOWN` */
export async function oneChange({ run, region, params }: RegionRequest): Promise<StoredChange> {
  const id = params['change'] ?? '';
  const found = (await findChanges(run.db, region.code, id)).find((change) => change.id === id);
  if (found !== undefined) return found;
  throw new DataError({
    code: 'CHANGE_UNKNOWN',
    message: `Le changement « ${id} » n’existe pas dans la région ${region.name}.`,
    remedy: 'partez de la liste des changements.',
  });
}

export type Centres = Readonly<Record<string, CentreIdentity>>;

/** Identities of the centres of the last plan. */
export async function centresOf({ run, region }: RegionRequest): Promise<Centres> {
  const last = await lastPlan(run.db, region.code);
  return last === null ? {} : (last.report as RunReport).centres;
}

export function decider({ run, region, person }: RegionRequest): DecisionContext {
  return { db: run.db, region: region.code, review: run.config.review, person, now: run.now() };
}
