import type { PersonId } from '../domain/ids.js';
import type { Db } from './types.js';

/** Ends of the follow-up of a change that was handed over. */
export const FOLLOWUP_ENDS = ['seen', 'differs', 'refused', 'expired'] as const;
export type FollowupEnd = (typeof FOLLOWUP_ENDS)[number];

export type FollowupKind = 'transmitted' | 'assigned' | 'reminded' | FollowupEnd;

/** One step of a change that was handed over. */
export interface FollowupEvent {
  readonly no: number;
  readonly changeId: string;
  readonly hash: string;
  readonly kind: FollowupKind;
  readonly owner: string | null;
  readonly expiresAt: Date | null;
  readonly reason: string | null;
  readonly body: unknown;
  readonly attempt: number | null;
  readonly person: PersonId | null;
  readonly at: Date;
}

interface FollowupRow {
  readonly no: string;
  readonly change_id: string;
  readonly hash: string;
  readonly kind: FollowupKind;
  readonly owner: string | null;
  readonly expires_at: Date | null;
  readonly reason: string | null;
  readonly body: unknown;
  readonly attempt: string | null;
  readonly person: PersonId | null;
  readonly at: Date;
}

export async function addFollowup(
  db: Db,
  region: string,
  event: Pick<FollowupEvent, 'changeId' | 'hash' | 'kind' | 'person' | 'at'> &
    Partial<Pick<FollowupEvent, 'owner' | 'expiresAt' | 'reason' | 'body' | 'attempt'>>,
): Promise<void> {
  await db('followup_event').insert({
    region,
    change_id: event.changeId,
    hash: event.hash,
    kind: event.kind,
    owner: event.owner ?? null,
    expires_at: event.expiresAt ?? null,
    reason: event.reason ?? null,
    body: event.body === undefined ? null : JSON.stringify(event.body),
    attempt: event.attempt ?? null,
    person: event.person,
    at: event.at,
  });
}

/** Steps by change, oldest first; a change without any is absent. */
export async function followupsOf(
  db: Db,
  region: string,
  changeIds: readonly string[],
): Promise<Map<string, FollowupEvent[]>> {
  const rows = (await db('followup_event')
    .where({ region })
    .whereRaw('change_id = any(?)', [[...changeIds]])
    .orderBy('no')) as FollowupRow[];
  const byChange = new Map<string, FollowupEvent[]>();
  for (const row of rows) {
    const event = toEvent(row);
    const known = byChange.get(event.changeId);
    if (known === undefined) byChange.set(event.changeId, [event]);
    else known.push(event);
  }
  return byChange;
}

/** Changes whose follow-up ended after an instant. */
export async function endedSince(db: Db, region: string, since: Date): Promise<string[]> {
  return (await db('followup_event')
    .where({ region })
    .whereIn('kind', [...FOLLOWUP_ENDS])
    .where('at', '>=', since)
    .orderBy('no')
    .pluck('change_id')) as string[];
}

function toEvent(row: FollowupRow): FollowupEvent {
  return {
    no: Number(row.no),
    changeId: row.change_id,
    hash: row.hash,
    kind: row.kind,
    owner: row.owner,
    expiresAt: row.expires_at,
    reason: row.reason,
    body: row.body,
    attempt: row.attempt === null ? null : Number(row.attempt),
    person: row.person,
    at: row.at,
  };
}
