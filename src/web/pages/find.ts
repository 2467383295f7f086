import type { DecisionContext } from '../../review/decide.js';
import { changesByIds, type StoredChange } from '../../db/changes.js';
import { DataError } from '../../domain/errors.js';
import type { RegionRequest } from '../route.js';

/**
 * The change that the address names.
 * @param remedy where to start again
 * @throws DataError `CHANGE_UNKNOWN`
 */
export async function oneChange(
  { run, region, params }: Pick<RegionRequest, 'run' | 'region' | 'params'>,
  remedy = 'partez de la liste des changements.',
): Promise<StoredChange> {
  const id = params['change'] ?? '';
  const [found] = await changesByIds(run.db, region.code, [id]);
  if (found !== undefined) return found;
  throw new DataError({
    code: 'CHANGE_UNKNOWN',
    message: `Le changement « ${id} » n’existe pas dans la région ${region.name}.`,
    remedy,
  });
}

export function decider({
  run,
  region,
  person,
}: Pick<RegionRequest, 'run' | 'region' | 'person'>): DecisionContext {
  return { db: run.db, region: region.code, review: run.config.review, person, now: run.now() };
}
