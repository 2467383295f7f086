import type { RegionProfile } from '../config/schema/region.js';
import type { ReviewConfig } from '../config/schema/review.js';
import { activeRoles, type Actor, type Role } from '../db/people.js';
import type { Db } from '../db/types.js';
import { RefusalError } from '../domain/errors.js';
import { oldestGrant } from './decide.js';

/** An answer decides what will be proposed: whoever runs the region or reviews it may give one. */
const ANSWERING: readonly Role[] = ['operator', 'reviewer'];

/**
 * Who may complete, attach, match, declare… Where people have rights (a sandbox region has personas), one of them is
 * asked for; elsewhere nobody can sign in yet (DESIGN 10) and the account of the machine answers, though it can never
 * approve.
 * @throws RefusalError `NO_GRANT`
 */
export async function requireAnswerRight(
  db: Db,
  region: Pick<RegionProfile, 'code' | 'name' | 'sandbox'>,
  review: ReviewConfig,
  person: Actor,
  now: Date,
): Promise<void> {
  if (!region.sandbox) return;
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
      'dans une région d’essai, agissez comme un personnage qui a le rôle « operator » ou « reviewer » (--as PERSONNE ; voyez « filror config print »).',
  });
}
