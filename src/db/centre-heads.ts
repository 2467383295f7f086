import type { PersonId } from '../domain/ids.js';
import type { Db } from './types.js';

/** Who leads a centre: a public professional name, for signed-in professionals only (DESIGN 6, rule 9). */
export interface CentreHead {
  readonly name: string;
  /** Day, `2026-03-12`. */
  readonly since: string;
  readonly proof: string;
  readonly declaredBy: PersonId;
  readonly declaredAt: Date;
}

/** The one declared last takes the place of the one before, whose name is then nowhere. */
export async function setHead(db: Db, region: string, centre: string, head: CentreHead): Promise<void> {
  const row = {
    name: head.name,
    since: head.since,
    proof: head.proof,
    declared_by: head.declaredBy,
    declared_at: head.declaredAt,
  };
  await db('centre_head')
    .insert({ region, centre, ...row })
    .onConflict(['region', 'centre'])
    .merge(row);
}

/** @returns whether there was one */
export async function eraseHead(db: Db, region: string, centre: string): Promise<boolean> {
  return (await db('centre_head').where({ region, centre }).delete()) === 1;
}

export async function headOf(db: Db, region: string, centre: string): Promise<CentreHead | null> {
  const row = (await db('centre_head')
    .where({ region, centre })
    .first('name', db.raw('since::text as since'), 'proof', 'declared_by', 'declared_at')) as
    { name: string; since: string; proof: string; declared_by: PersonId; declared_at: Date } | undefined;
  if (row === undefined) return null;
  const { name, since, proof } = row;
  return { name, since, proof, declaredBy: row.declared_by, declaredAt: row.declared_at };
}
