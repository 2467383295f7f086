import type { PersonId } from '../domain/ids.js';
import { canonicalText } from '../domain/json.js';
import type { Role } from '../domain/roles.js';
import { insertEntry } from './journal.js';
import { inTransaction, type Db, type Trx } from './types.js';

export type { PersonId } from '../domain/ids.js';

/** A person known to the database, with the name to show. */
export interface Actor {
  readonly id: PersonId;
  readonly displayName: string;
}

export { ROLES, type Role } from '../domain/roles.js';

/** Names to show; an issuer that gives none leaves the subject, as in the session of the person. */
export async function displayNames(db: Db, ids: readonly PersonId[]): Promise<Map<PersonId, string>> {
  const rows = (await db('person').whereIn('id', [...ids])) as {
    id: PersonId;
    subject: string;
    display_name: string | null;
    erased_at: Date | null;
  }[];
  return new Map(
    rows.map((row) => [
      row.id,
      row.erased_at === null ? (row.display_name ?? row.subject) : 'personne effacée',
    ]),
  );
}

export interface Grant {
  readonly person: PersonId;
  readonly role: Role;
  readonly region: string;
  /** The one legal entity that an establishment's right is about. */
  readonly ej?: string | null;
}

/** A right confirmed less than this long ago is not confirmed again: nothing would be learnt. */
const CONFIRMED_FOR_MS = 86_400_000;

/**
 * Gives a role, or confirms it: an active grant is confirmed at most once a day, and never doubled. Each act is
 * journalled, by the person's key.
 * @param by who gives it; null when the configuration does
 * @param onceRevoked `leave` never gives again what was taken back; `giveAgain` is a person's decision
 */
export async function confirmGrant(
  db: Db,
  grant: Grant & { readonly at: Date },
  by: PersonId | null = null,
  onceRevoked: 'leave' | 'giveAgain' = 'leave',
): Promise<'given' | 'confirmed' | 'unchanged' | 'revoked'> {
  const { person, role, region, at, ej = null } = grant;
  return await inTransaction(db, async (trx) => {
    const rows = (await trx('person_grant')
      .where({ region, person, role, on_behalf_of: null, ej })
      .forUpdate()) as {
      no: string;
      confirmed_at: Date;
      revoked_at: Date | null;
    }[];
    const active = rows.find((row) => row.revoked_at === null);
    if (active !== undefined) {
      if (at.getTime() - active.confirmed_at.getTime() < CONFIRMED_FOR_MS) return 'unchanged';
      await trx('person_grant').where({ region, no: active.no }).update({ confirmed_at: at });
      await journalGrant(trx, 'confirmGrant', grant, by);
      return 'confirmed';
    }
    if (rows.length > 0 && onceRevoked === 'leave') return 'revoked';
    const given: { no: string }[] = await trx('person_grant')
      .insert({ person, role, region, ej, granted_at: at, confirmed_at: at })
      .onConflict(
        trx.raw(
          `(region, person, role, coalesce(on_behalf_of, person), coalesce(ej, '')) where revoked_at is null`,
        ),
      )
      .ignore()
      .returning('no');
    if (given.length === 0) return 'unchanged';
    await journalGrant(trx, 'giveGrant', grant, by);
    return 'given';
  });
}

/** Takes a role back; approvals given under it count no more. @returns false when it was not held. */
export async function revokeGrant(
  db: Db,
  grant: Grant & { readonly at: Date },
  by: PersonId | null,
): Promise<boolean> {
  const { person, role, region, at } = grant;
  return await inTransaction(db, async (trx) => {
    const count = await trx('person_grant')
      .where({ region, person, role })
      .whereNull('revoked_at')
      .update({ revoked_at: at });
    if (count > 0) await journalGrant(trx, 'revokeGrant', grant, by);
    return count > 0;
  });
}

/** Names of people stay out of the journal: the key stands for them (DESIGN 5). */
async function journalGrant(
  trx: Trx,
  kind: 'giveGrant' | 'confirmGrant' | 'revokeGrant',
  { person, role, region, ej = null }: Grant,
  by: PersonId | null,
): Promise<void> {
  const body = canonicalText({ person, role, ...(ej === null ? {} : { ej }) });
  await insertEntry(trx, { region, kind, subject: `person:${person}`, actor: by, body });
}

/** A right that counts now. */
export interface StandingGrant {
  readonly role: Role;
  /** Of whom one is the deputy; null for a right of one's own. */
  readonly onBehalfOf: PersonId | null;
  /** The only legal entity that an establishment's right is about; null for every other right. */
  readonly ej: string | null;
}

/** Rights of a person that count at an instant: not revoked, confirmed lately, a deputy's between its dates. */
export async function standingGrants(
  db: Db,
  want: { person: PersonId; region: string; at: Date; confirmedAfter: Date },
): Promise<StandingGrant[]> {
  const { rows } = await db.raw<{
    rows: { role: Role; on_behalf_of: PersonId | null; ej: string | null }[];
  }>(
    `select role, on_behalf_of, ej from standing_grants(:region, :at, :confirmedAfter)
     where person = :person order by role, on_behalf_of nulls first`,
    want,
  );
  return rows.map((row) => ({ role: row.role, onBehalfOf: row.on_behalf_of, ej: row.ej }));
}

export async function activeRoles(
  db: Db,
  want: { person: PersonId; region: string; at: Date; confirmedAfter: Date },
): Promise<Set<Role>> {
  return new Set((await standingGrants(db, want)).map((grant) => grant.role));
}
