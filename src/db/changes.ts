import type { ChangeKind, ChangeState, ElementChange, PlannedChange, Reason } from '../domain/change.js';
import type { PersonId } from '../domain/ids.js';
import type { CentreId } from '../domain/ids.js';
import type { Json } from '../domain/json.js';
import type { Db } from './types.js';

export type AuthorWhy =
  | 'completion'
  | 'override'
  | 'declaration'
  | 'import'
  | 'match'
  | 'site'
  | 'attachOrCreate'
  | 'continuity'
  | 'revert';

export interface ChangeAuthor {
  readonly person: PersonId;
  readonly why: AuthorWhy;
}

export interface StoredChange extends PlannedChange {
  readonly id: string;
  readonly no: number;
  readonly runId: string;
  readonly quorum: number;
  readonly openedAt: Date;
  readonly closedAt: Date | null;
}

export const OPEN_STATES: readonly ChangeState[] = [
  'toComplete',
  'toReconfirm',
  'question',
  'proposed',
  'approved',
  'conflict',
  'transmitted',
  'uncertain',
];

interface ChangeRow {
  readonly id: string;
  readonly no: string;
  readonly run_id: string;
  readonly kind: ChangeKind;
  readonly state: ChangeState;
  readonly target: string;
  readonly centres: CentreId[];
  readonly hash: string;
  readonly reasons: Reason[];
  readonly quorum: number;
  readonly opened_at: Date;
  readonly closed_at: Date | null;
}

interface FieldRow {
  readonly change_id: string;
  readonly key: string;
  readonly path: string;
  readonly operation: ElementChange['operation'];
  readonly base: string | null;
  readonly before: string | null;
  readonly after: string | null;
  readonly conflict: boolean;
  readonly channel: ElementChange['channel'];
  readonly assumed: boolean;
  readonly text: string;
  readonly provenance: ElementChange['provenance'];
}

/** Authors who join changes that stay open; one who already stands is left as is. */
export async function insertAuthors(
  db: Db,
  region: string,
  authors: readonly (ChangeAuthor & { readonly changeId: string })[],
): Promise<void> {
  for (let at = 0; at < authors.length; at += 1000) {
    await db('change_author')
      .insert(
        authors
          .slice(at, at + 1000)
          .map(({ changeId, person, why }) => ({ region, change_id: changeId, person, why })),
      )
      .onConflict(['region', 'change_id', 'person', 'why'])
      .ignore();
  }
}

/** A new plan takes the place of these changes. */
export async function supersede(db: Db, region: string, ids: readonly string[], at: Date): Promise<void> {
  if (ids.length === 0) return;
  await db('change')
    .where({ region })
    .whereRaw('id = any(?)', [[...ids]])
    .update({ state: 'superseded', closed_at: at });
}

export async function setChangeState(
  db: Db,
  region: string,
  id: string,
  state: ChangeState,
  at: Date,
): Promise<void> {
  await db('change')
    .where({ region, id })
    .update({ state, closed_at: OPEN_STATES.includes(state) ? null : at });
}

/** The same for several at once. */
export async function setChangeStates(
  db: Db,
  region: string,
  ids: readonly string[],
  state: ChangeState,
  at: Date,
): Promise<void> {
  await db('change')
    .where({ region })
    .whereRaw('id = any(?)', [[...ids]])
    .update({ state, closed_at: OPEN_STATES.includes(state) ? null : at });
}

/**
 * Moves a change that is still approved or uncertain; one that was rejected or superseded meanwhile stays so.
 * @returns false when it was left as it is.
 */
export async function moveInFlight(
  db: Db,
  region: string,
  id: string,
  state: ChangeState,
  at: Date,
): Promise<boolean> {
  const moved = await db('change')
    .where({ region, id })
    .whereIn('state', ['approved', 'uncertain'])
    .update({ state, closed_at: OPEN_STATES.includes(state) ? null : at });
  return moved === 1;
}

/** Ends the wait of a change that was handed over. @returns false when it was no longer waiting. */
export async function endTransmitted(
  db: Db,
  region: string,
  id: string,
  state: 'applied' | 'conflict' | 'rejected' | 'expired',
  at: Date,
): Promise<boolean> {
  const moved = await db('change')
    .where({ region, id, state: 'transmitted' })
    .update({ state, closed_at: OPEN_STATES.includes(state) ? null : at });
  return moved === 1;
}

/** The change as it is stored now, its row held until the transaction ends: nobody rejects or settles it meanwhile. */
export async function lockChange(trx: Db, region: string, id: string): Promise<StoredChange | null> {
  const rows = (await trx('change').where({ region, id }).forUpdate()) as ChangeRow[];
  return (await withElements(trx, region, rows))[0] ?? null;
}

/** Holds the change's row until the transaction ends. */
export async function holdChange(trx: Db, region: string, id: string): Promise<void> {
  await trx('change').where({ region, id }).forUpdate().first('id');
}

/** Reasons are not part of what an approval is bound to: they follow the latest run. */
export async function setReasons(
  db: Db,
  region: string,
  id: string,
  reasons: readonly Reason[],
): Promise<void> {
  await db('change')
    .where({ region, id })
    .update({ reasons: JSON.stringify(reasons) });
}

export async function changesInStates(
  db: Db,
  region: string,
  states: readonly ChangeState[],
): Promise<StoredChange[]> {
  const rows = (await db('change')
    .where({ region })
    .whereIn('state', [...states])
    .orderByRaw('target collate "C"')) as ChangeRow[];
  return await withElements(db, region, rows);
}

/** Changes by their whole ids, in the order of their making. */
export async function changesByIds(db: Db, region: string, ids: readonly string[]): Promise<StoredChange[]> {
  const rows = (await db('change')
    .where({ region })
    .whereRaw('id = any(?)', [[...ids]])
    .orderBy('no')) as ChangeRow[];
  return await withElements(db, region, rows);
}

export async function openChanges(db: Db, region: string): Promise<StoredChange[]> {
  return await changesInStates(db, region, OPEN_STATES);
}

/** A change by its id, or by an unambiguous beginning of it. */
export async function findChanges(db: Db, region: string, idStart: string): Promise<StoredChange[]> {
  const rows = (await db('change')
    .where({ region })
    .whereRaw('left(id, ?) = ?', [idStart.length, idStart])
    .orderBy('no')
    .limit(20)) as ChangeRow[];
  return await withElements(db, region, rows);
}

export async function authorsOf(db: Db, region: string, changeId: string): Promise<ChangeAuthor[]> {
  return (await authorsOfEach(db, region, [changeId])).get(changeId) ?? [];
}

/** Authors by change, sorted; a change without author is absent. */
export async function authorsOfEach(
  db: Db,
  region: string,
  changeIds: readonly string[],
): Promise<Map<string, ChangeAuthor[]>> {
  const rows = (await db('change_author')
    .where({ region })
    .whereRaw('change_id = any(?)', [[...changeIds]])
    .orderBy(['change_id', 'person', 'why'])
    .select('change_id', 'person', 'why')) as (ChangeAuthor & { change_id: string })[];
  return grouped(rows, (row) => ({ person: row.person, why: row.why }));
}

async function withElements(db: Db, region: string, rows: readonly ChangeRow[]): Promise<StoredChange[]> {
  const fields = (await db('field_change')
    .where({ region })
    .whereRaw('change_id = any(?)', [rows.map((row) => row.id)])
    .orderBy(['change_id', 'position'])) as FieldRow[];
  const byChange = grouped(fields, toElement);
  return rows.map((row) => ({
    id: row.id,
    no: Number(row.no),
    runId: row.run_id,
    kind: row.kind,
    state: row.state,
    target: row.target,
    centres: row.centres,
    hash: row.hash,
    reasons: row.reasons,
    quorum: row.quorum,
    openedAt: row.opened_at,
    closedAt: row.closed_at,
    elements: byChange.get(row.id) ?? [],
  }));
}

function grouped<R extends { readonly change_id: string }, T>(
  rows: readonly R[],
  read: (row: R) => T,
): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(row.change_id);
    if (group === undefined) groups.set(row.change_id, [read(row)]);
    else group.push(read(row));
  }
  return groups;
}

function toElement(row: FieldRow): ElementChange {
  return {
    key: row.key,
    path: row.path,
    operation: row.operation,
    ...(row.base === null ? {} : { base: JSON.parse(row.base) as Json }),
    ...(row.before === null ? {} : { before: JSON.parse(row.before) as Json }),
    ...(row.after === null ? {} : { after: JSON.parse(row.after) as Json }),
    conflict: row.conflict,
    channel: row.channel,
    assumed: row.assumed,
    text: row.text,
    provenance: row.provenance,
  };
}
