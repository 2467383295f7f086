import type { FilrorConfig } from '../config/load.js';
import type { RegionProfile } from '../config/schema/region.js';
import type { Db } from '../db/types.js';
import type { Logger } from '../observe/logger.js';
import { placeNamed, type Audience, type Place } from './draft.js';
import type { Post } from './smtp.js';

/** What mail needs from outside. No clock: the database's is the only one it goes by, as the schedule does. */
export interface MailContext {
  readonly db: Db;
  readonly config: FilrorConfig;
  readonly log: Logger;
  /** Twenty lower-case characters that nobody has had before. */
  readonly newId: () => string;
  /** Secret of a signed link, 32 random bytes in base64url. */
  readonly newToken: () => string;
  readonly openPost: () => Post | null;
}

export function placeOf({ config }: Pick<MailContext, 'config'>, region: RegionProfile): Place {
  return placeNamed(region, config.web.publicUrl);
}

/** Addresses of an audience, each once; they stay in memory. */
export function addressesOf(
  { config }: Pick<MailContext, 'config'>,
  region: string,
  audience: Audience,
): readonly string[] {
  const known = config.mail.regions[region];
  if (known === undefined) return [];
  const { operators, reviewers, establishments } = known;
  const [sort, ej = ''] = audience.split(':');
  const addresses =
    sort === 'establishment'
      ? (establishments[ej] ?? [])
      : [...(sort === 'reviewers' ? [] : operators), ...(sort === 'operators' ? [] : reviewers)];
  const unique = new Map(addresses.map((address) => [address.toLowerCase(), address]));
  return [...unique.values()];
}
