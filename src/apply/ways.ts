import type { RegionProfile } from '../config/schema/region.js';
import type { Attempt } from '../db/attempts.js';
import type { StoredChange } from '../db/changes.js';
import { RefusalError } from '../domain/errors.js';
import { noWay, rorEdits } from './request.js';

/** Ways by which nothing is written by us: somebody else types it, and the re-reading tells. */
export type HandedWay = 'sheet';

/** The first of the region's ways that can carry a change, `none` for what the ROR cannot say; null when none can. */
export function wayOrNull(region: RegionProfile, change: StoredChange): Attempt['way'] | null {
  if (rorEdits(change).length === 0) return 'none';
  const able: readonly string[] = change.kind === 'create' ? ['post', 'sheet'] : ['patch', 'put', 'sheet'];
  return region.repository.ways.find((each) => able.includes(each)) ?? null;
}

/** @throws RefusalError `NO_WAY` */
export function wayOf(region: RegionProfile, change: StoredChange): Attempt['way'] {
  const way = wayOrNull(region, change);
  if (way === null) throw noWay(region, change.kind === 'create' ? 'post' : 'patch ou put');
  return way;
}

export function isHanded(way: Attempt['way'] | null): way is HandedWay {
  return way === 'sheet';
}

export function repositoryUnset(region: RegionProfile): RefusalError {
  return new RefusalError({
    code: 'REPOSITORY_UNSET',
    message: `Le répertoire de la région ${region.name} n’est pas joignable : son secret manque.`,
    place: `variable ${region.repository.clientSecretEnv}`,
    remedy:
      'définissez la variable d’environnement indiquée (pour le compte du planificateur aussi), puis relancez.',
  });
}
