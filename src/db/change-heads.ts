import type { ChangeKind, ChangeState, Reason } from '../domain/change.js';
import type { CentreId } from '../domain/ids.js';
import type { Db } from './types.js';

/** A change without its elements: what a list of thousands shows. */
export interface ChangeHead {
  readonly id: string;
  readonly no: number;
  readonly kind: ChangeKind;
  readonly state: ChangeState;
  readonly target: string;
  readonly centres: readonly CentreId[];
  readonly hash: string;
  readonly quorum: number;
  readonly reasons: readonly Reason[];
  readonly openedAt: Date;
}

/** What narrows a list of changes; null: anything. */
export interface ChangesWanted {
  readonly states: readonly ChangeState[];
  readonly kinds: readonly ChangeKind[] | null;
  /** Changes of one of these centres. */
  readonly centres: readonly string[] | null;
  /** Only those made after this one. */
  readonly after: number;
  readonly limit: number | null;
}

/** Changes of a region in some states, in the order of their making. */
export async function changeHeads(
  db: Db,
  region: string,
  states: readonly ChangeState[],
): Promise<ChangeHead[]> {
  return await wantedHeads(db, region, { states, kinds: null, centres: null, after: 0, limit: null });
}

/** The same, narrowed, a page at a time. */
export async function wantedHeads(db: Db, region: string, wanted: ChangesWanted): Promise<ChangeHead[]> {
  const query = db('change')
    .where({ region })
    .whereIn('state', [...wanted.states])
    .orderBy('no');
  if (wanted.kinds !== null) void query.whereIn('kind', [...wanted.kinds]);
  if (wanted.centres !== null) void query.whereRaw('centres && ?::text[]', [[...wanted.centres]]);
  if (wanted.after > 0) void query.where('no', '>', wanted.after);
  if (wanted.limit !== null) void query.limit(wanted.limit);
  const rows = (await query.select(
    'id',
    'no',
    'kind',
    'state',
    'target',
    'centres',
    'hash',
    'quorum',
    'reasons',
    'opened_at',
  )) as {
    id: string;
    no: string;
    kind: ChangeKind;
    state: ChangeState;
    target: string;
    centres: CentreId[];
    hash: string;
    quorum: number;
    reasons: Reason[];
    opened_at: Date;
  }[];
  return rows.map(({ opened_at, no, ...row }) => ({ ...row, no: Number(no), openedAt: opened_at }));
}
