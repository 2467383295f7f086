import type { RegionProfile } from '../config/schema/region.js';
import type { ReviewConfig } from '../config/schema/review.js';
import { findPerson } from '../db/grants.js';
import { activeRoles, type Actor, type Role } from '../db/people.js';
import type { Db } from '../db/types.js';
import { RefusalError } from '../domain/errors.js';
import { oldestGrant } from './decide.js';

/** An answer decides what will be proposed: whoever runs the region or reviews it may give one. */
const ANSWERING: readonly Role[] = ['operator', 'reviewer'];

/**
 * Who may complete, attach, match, declare…: somebody with a right. Outside a sandbox the account of the machine may as
 * well, though it can never approve (DESIGN 10).
 * @throws RefusalError `NO_GRANT`
 */
export async function requireAnswerRight(
  db: Db,
  region: Pick<RegionProfile, 'code' | 'name' | 'sandbox'>,
  review: ReviewConfig,
  person: Actor,
  now: Date,
): Promise<void> {
  // The account of a machine: whoever is at its terminal already holds the configuration and the database.
  if (!region.sandbox && (await findPerson(db, person.id))?.issuer === 'os') return;
  const roles = await activeRoles(db, {
    person: person.id,
    region: region.code,
    at: now,
    confirmedAfter: oldestGrant(now, review),
  });
  if (ANSWERING.some((role) => roles.has(role))) return;
  throw new RefusalError({
    code: 'NO_GRANT',
    message: `${person.displayName} n’a pas le droit de répondre dans la région ${region.name}.`,
    place: '--as',
    remedy:
      'demandez le droit d’opérateur ou de valideur à un administrateur de la région (page « Droits ») ; au terminal, dans une région d’essai, agissez comme un personnage qui l’a (--as PERSONNE ; voyez « filror config print »).',
  });
}
