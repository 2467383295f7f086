import { confirmGrant, type Actor } from '../../src/db/people.js';
import { identifyPerson } from '../../src/db/person.js';
import type { Db } from '../../src/db/types.js';

/** Somebody who signed in, with the right to review: outside a sandbox nobody else approves. */
export async function namedReviewer(db: Db, subject = 'essai', region = '28'): Promise<Actor> {
  const displayName = `Relectrice ${subject} (essai)`;
  const id = await identifyPerson(db, { issuer: 'https://connexion.test', subject, displayName });
  await confirmGrant(db, { person: id, role: 'reviewer', region, at: new Date() });
  return { id, displayName };
}
