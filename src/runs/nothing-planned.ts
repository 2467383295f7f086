import type { RegionProfile } from '../config/schema/region.js';
import { RefusalError } from '../domain/errors.js';

/** Nothing can be listed, answered, exported or called up to date before a first run. */
export function nothingPlanned(region: RegionProfile): RefusalError {
  return new RefusalError({
    code: 'NOTHING_PLANNED',
    message: `Aucun passage n’a encore été fait pour la région ${region.name}.`,
    remedy: `lancez d’abord un passage (page « Passages » ; au terminal : « filror sync --region ${region.code} »).`,
  });
}
