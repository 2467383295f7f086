import type { Db } from './types.js';
import type { PersonId } from '../domain/ids.js';
import { canonicalText } from '../domain/json.js';

export interface Decision {
  readonly no: number;
  readonly changeId: string;
  readonly hash: string;
  readonly verdict: 'approve' | 'reject';
  readonly person: PersonId;
  /** Of whom the person was the deputy when deciding. */
  readonly onBehalfOf: PersonId | null;
  readonly reason: string | null;
  readonly at: Date;
}

export type NewDecision = Omit<Decision, 'no'> & { readonly region: string };

export async function addDecision(db: Db, decision: NewDecision): Promise<void> {
  await addDecisions(db, [decision]);
}

/** Decisions of one statement, in this order; one that the database refuses refuses all. */
export async function addDecisions(db: Db, decisions: readonly NewDecision[]): Promise<void> {
  if (decisions.length === 0) return;
  await db('decision').insert(
    decisions.map((decision) => ({
      region: decision.region,
      change_id: decision.changeId,
      hash: decision.hash,
      verdict: decision.verdict,
      person: decision.person,
      on_behalf_of: decision.onBehalfOf,
      reason: decision.reason,
      at: decision.at,
    })),
  );
}

export async function decisionsOf(db: Db, region: string, changeId: string): Promise<Decision[]> {
  return await decisionsOn(db, region, [changeId]);
}

/** What was decided on some changes, in any form of theirs, oldest first. */
export async function decisionsOn(db: Db, region: string, changeIds: readonly string[]): Promise<Decision[]> {
  const rows = (await db('decision')
    .where({ region })
    .whereRaw('change_id = any(?)', [[...changeIds]])
    .orderBy('no')) as {
    no: string;
    change_id: string;
    hash: string;
    verdict: 'approve' | 'reject';
    person: PersonId;
    on_behalf_of: PersonId | null;
    reason: string | null;
    at: Date;
  }[];
  return rows.map((row) => ({
    no: Number(row.no),
    changeId: row.change_id,
    hash: row.hash,
    verdict: row.verdict,
    person: row.person,
    onBehalfOf: row.on_behalf_of,
    reason: row.reason,
    at: row.at,
  }));
}

/** Everyone who ever approved each of these changes, whatever their rights now. */
export async function approversOfEach(
  db: Db,
  region: string,
  changeIds: readonly string[],
): Promise<Map<string, Set<PersonId>>> {
  const rows = (await db('decision')
    .where({ region, verdict: 'approve' })
    .whereRaw('change_id = any(?)', [[...changeIds]])
    .select('change_id', 'person')) as { change_id: string; person: PersonId }[];
  const approvers = new Map<string, Set<PersonId>>();
  for (const { change_id, person } of rows) {
    approvers.set(change_id, (approvers.get(change_id) ?? new Set()).add(person));
  }
  return approvers;
}

/** By change to approve: who of these people made a value of it, whose voice approved its form as it stands, who gave it. */
export async function votersOfProposed(
  db: Db,
  region: string,
  people: readonly PersonId[],
): Promise<Record<'authors' | 'voices' | 'approvers', Map<string, Set<PersonId>>>> {
  const result = (await db.raw(
    `select 'authors' as part, a.change_id as id, a.person
     from change c join change_author a on a.region = c.region and a.change_id = c.id
     where c.region = :region and c.state = 'proposed' and a.person = any(:people::uuid[])
     union all
     select part.name, d.change_id, part.person
     from change c join decision d on d.region = c.region and d.change_id = c.id and d.hash = c.hash,
       lateral (values ('voices', coalesce(d.on_behalf_of, d.person)), ('approvers', d.person)) as part (name, person)
     where c.region = :region and c.state = 'proposed' and d.verdict = 'approve'
       and part.person = any(:people::uuid[])`,
    { region, people: [...people] },
  )) as { rows: { part: 'authors' | 'voices' | 'approvers'; id: string; person: PersonId }[] };
  const parts = { authors: new Map(), voices: new Map(), approvers: new Map() } as Record<
    'authors' | 'voices' | 'approvers',
    Map<string, Set<PersonId>>
  >;
  for (const { part, id, person } of result.rows) {
    parts[part].set(id, (parts[part].get(id) ?? new Set<PersonId>()).add(person));
  }
  return parts;
}

/**
 * People whose approval of this exact form counts now, each voice once: entitled, right confirmed recently, no author; a
 * deputy in the place of the person who is away. Outside a sandbox no persona of the configuration, whatever it approved
 * when the region was one.
 */
export async function countingApprovers(
  db: Db,
  want: { region: string; changeId: string; hash: string; confirmedAfter: Date },
): Promise<PersonId[]> {
  const result = (await db.raw(
    `select person from counting_approvals(:region, :changeId, :hash, :confirmedAfter) order by person`,
    want,
  )) as { rows: { person: PersonId }[] };
  return result.rows.map((row) => row.person);
}

/** How many voices count for each of these forms now, by change; a form without any is absent. */
export async function countingApproversOfEach(
  db: Db,
  want: {
    readonly region: string;
    readonly forms: readonly { readonly changeId: string; readonly hash: string }[];
    readonly confirmedAfter: Date;
  },
): Promise<Map<string, number>> {
  const { region, forms, confirmedAfter } = want;
  const result = (await db.raw(
    `select form.id, count(*)::integer as voices
     from unnest(:ids::text[], :hashes::text[]) as form (id, hash),
       lateral counting_approvals(:region, form.id, form.hash, :confirmedAfter)
     group by form.id`,
    {
      region,
      ids: forms.map(({ changeId }) => changeId),
      hashes: forms.map(({ hash }) => hash),
      confirmedAfter,
    },
  )) as { rows: { id: string; voices: number }[] };
  return new Map(result.rows.map(({ id, voices }) => [id, voices]));
}

/**
 * A rejection is remembered by (offer, element key, value): what was refused is not proposed again.
 * @param takenBack changes whose rejection somebody took back since
 */
export async function rejectedElements(
  db: Db,
  region: string,
  takenBack: readonly string[],
  asOf?: number,
): Promise<Set<string>> {
  const query = db('decision as d')
    .join('change as c', (on) => on.on('c.region', 'd.region').andOn('c.id', 'd.change_id'))
    .join('field_change as f', (on) => on.on('f.region', 'd.region').andOn('f.change_id', 'd.change_id'))
    .where('d.region', region)
    .where('d.verdict', 'reject')
    .whereRaw('not (d.change_id = any(?))', [[...takenBack]])
    .distinct('c.target', 'f.key', 'f.operation', 'f.after');
  if (asOf !== undefined) void query.where('d.no', '<=', asOf);
  const rows = (await query) as { target: string; key: string; operation: string; after: string | null }[];
  return new Set(
    rows.map((row) =>
      rejectionKey(row.target, row.key, row.after === null ? undefined : JSON.parse(row.after)),
    ),
  );
}

/** The same for equal values, whatever the order of their keys and their Unicode form. */
export function rejectionKey(target: string, key: string, after: unknown): string {
  return canonicalText([target, key, after ?? null]);
}

/** Offers and centres of which the last thing decided is a rejection: nothing else was proposed for them since. */
export async function rejectedTargets(db: Db, region: string): Promise<number> {
  const result = (await db.raw(
    `select count(*) as rejected from (
       select distinct on (target) state from change where region = ? order by target, no desc) as latest
     where state = 'rejected'`,
    [region],
  )) as { rows: { rejected: string }[] };
  return Number(result.rows[0]?.rejected ?? 0);
}
