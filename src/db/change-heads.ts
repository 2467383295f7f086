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

/** Changes of a region in some states, in the order of their making. */
export async function changeHeads(
  db: Db,
  region: string,
  states: readonly ChangeState[],
): Promise<ChangeHead[]> {
  const rows = (await db('change')
    .where({ region })
    .whereIn('state', [...states])
    .orderBy('no')
    .select('id', 'no', 'kind', 'state', 'target', 'centres', 'hash', 'quorum', 'reasons', 'opened_at')) as {
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
