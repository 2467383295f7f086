import type { ReviewConfig } from '../config/schema/review.js';
import { standingGrants, type Role, type StandingGrant } from '../db/people.js';
import type { Db } from '../db/types.js';
import { RefusalError } from '../domain/errors.js';
import type { PersonId } from '../domain/ids.js';
import { oldestGrant } from '../review/decide.js';
import { ROLE_WORDS } from '../domain/roles.js';

/** The rights of a person in a region, now. Outside a sandbox a persona has none, whatever the table holds. */
export async function rightsOf(
  db: Db,
  want: {
    readonly person: PersonId;
    readonly issuer: string;
    readonly region: { readonly code: string; readonly sandbox: boolean };
    readonly review: ReviewConfig;
    readonly at: Date;
  },
): Promise<StandingGrant[]> {
  const { person, issuer, region, review, at } = want;
  if (!region.sandbox && issuer.startsWith('persona:')) return [];
  return await standingGrants(db, {
    person,
    region: region.code,
    at,
    confirmedAfter: oldestGrant(at, review),
  });
}

/**
 * The one place where a right opens an address.
 * @throws RefusalError `NO_GRANT` naming the roles that would
 */
export function requireOne(
  wanted: readonly Role[],
  grants: readonly StandingGrant[],
  region: string,
): ReadonlySet<Role> {
  const held = new Set(grants.map((grant) => grant.role));
  if (wanted.some((role) => held.has(role))) return held;
  const words = wanted.map((role) => ROLE_WORDS[role]).join(', ');
  throw new RefusalError({
    code: 'NO_GRANT',
    message:
      held.size === 0
        ? `Votre compte n’a aucun droit dans la région ${region}.`
        : `Votre droit (${[...held].map((role) => ROLE_WORDS[role]).join(', ')}) n’ouvre pas cette page de la région ${region}.`,
    remedy: `demandez à un administrateur de la région l’un de ces droits : ${words}.`,
  });
}
