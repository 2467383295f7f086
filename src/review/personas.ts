import type { RegionProfile } from '../config/schema/region.js';
import { identifyPerson } from '../db/person.js';
import { confirmGrant, type Actor } from '../db/people.js';
import type { Db } from '../db/types.js';

/**
 * A persona of a sandbox region as a person, with its roles: confirmed by use, at most once a day; one that was taken
 * back stays so.
 */
export async function personaActor(
  db: Db,
  region: Pick<RegionProfile, 'code'>,
  persona: RegionProfile['personas'][number],
  at: Date,
): Promise<Actor> {
  const id = await identifyPerson(db, {
    issuer: `persona:${region.code}`,
    subject: persona.name,
    displayName: persona.displayName,
  });
  for (const role of persona.roles) {
    const ej = role === 'establishment' ? (persona.ej ?? null) : null;
    await confirmGrant(db, { person: id, role, region: region.code, ej, at });
  }
  return { id, displayName: persona.displayName };
}
