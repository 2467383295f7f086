import type { PersonId } from '../domain/ids.js';
import type { Db, Transaction } from './handle.js';

export type { PersonId } from '../domain/ids.js';

/** Who signs in: the pair identifies, the name is for display and can be erased. */
export interface Person {
  readonly issuer: string;
  readonly subject: string;
  readonly displayName: string | null;
}

/** The id of (issuer, subject), created the first time. Keeps the name up to date when one is given. */
export async function identifyPerson(db: Db, person: Person): Promise<PersonId> {
  const { rows } = await db.raw<{ rows: { id: PersonId }[] }>(
    `insert into person (issuer, subject, display_name) values (:issuer, :subject, :displayName)
     on conflict (issuer, subject)
       do update set display_name = coalesce(excluded.display_name, person.display_name)
     returning id`,
    { ...person },
  );
  const [row] = rows;
  if (row === undefined) throw new Error('insert into person returned nothing');
  return row.id;
}

/** A person who signed in before, or was named by a command; null for a stranger. */
export async function findPerson(
  db: Db,
  { issuer, subject }: Pick<Person, 'issuer' | 'subject'>,
): Promise<{ readonly id: PersonId; readonly displayName: string | null } | null> {
  const row = await db('person')
    .where({ issuer, subject })
    .first<{ id: PersonId; display_name: string | null } | undefined>('id', 'display_name');
  return row === undefined ? null : { id: row.id, displayName: row.display_name };
}

/** The name to show, null when erased or never given. */
export async function personName(db: Db, id: PersonId): Promise<string | null> {
  const row = await db('person').where({ id }).first<{ display_name: string | null }>('display_name');
  return row?.display_name ?? null;
}

/**
 * Forgets who this person is; what they did stays, signed by the id. The subject goes too: it may be a
 * professional's number. The same person signing in again is a new person here.
 */
export async function erasePerson(trx: Transaction, id: PersonId, at: Date): Promise<void> {
  await trx('person')
    .where({ id })
    .update({ display_name: null, subject: `erased:${id}`, erased_at: at });
}
