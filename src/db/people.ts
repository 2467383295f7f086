import type { PersonId } from '../domain/ids.js';
import type { Db } from './types.js';

/** A person known to the database, with the name to show. */
export interface Actor {
  readonly id: PersonId;
  readonly displayName: string;
}

export type Role = 'reader' | 'operator' | 'reviewer' | 'establishment' | 'administrator';

export async function displayNames(db: Db, ids: readonly PersonId[]): Promise<Map<PersonId, string>> {
  const rows = (await db('person').whereIn('id', [...ids])) as {
    id: PersonId;
    display_name: string | null;
  }[];
  return new Map(rows.map((row) => [row.id, row.display_name ?? 'personne effacée']));
}

/** Gives a role or confirms it; an active grant is confirmed, never doubled. */
export async function confirmGrant(
  db: Db,
  grant: { person: PersonId; role: Role; region: string; at: Date },
): Promise<void> {
  const active = await db('person_grant')
    .where({ person: grant.person, role: grant.role, region: grant.region })
    .whereNull('revoked_at')
    .update({ confirmed_at: grant.at });
  if (active > 0) return;
  await db('person_grant').insert({
    person: grant.person,
    role: grant.role,
    region: grant.region,
    granted_at: grant.at,
    confirmed_at: grant.at,
  });
}

export async function activeRoles(
  db: Db,
  want: { person: PersonId; region: string; confirmedAfter: Date },
): Promise<Set<Role>> {
  const rows = (await db('person_grant')
    .where({ person: want.person, region: want.region })
    .whereNull('revoked_at')
    .where('confirmed_at', '>=', want.confirmedAfter)
    .select('role')) as { role: Role }[];
  return new Set(rows.map((row) => row.role));
}
