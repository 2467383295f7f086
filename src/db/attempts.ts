import type { Db } from './types.js';

export type AttemptState = 'open' | 'done' | 'refused' | 'uncertain' | 'abandoned';

/** Where an attempt is not settled yet: what is settled never changes again. */
const UNSETTLED: readonly AttemptState[] = ['open', 'uncertain'];

/** One try at sending one change: the intent before the request, the outcome after. */
export interface Attempt {
  readonly region: string;
  readonly no: number;
  readonly changeId: string;
  readonly hash: string;
  readonly target: string;
  readonly way: 'patch' | 'post' | 'put' | 'none' | 'sheet' | 'task';
  readonly identifier: string | null;
  readonly remoteId: string | null;
  readonly requestPath: string;
  readonly requestBody: string;
  readonly state: AttemptState;
  readonly fence: number;
  readonly leaseUntil: Date;
  readonly sentAt: Date | null;
}

interface AttemptRow {
  readonly region: string;
  readonly no: string;
  readonly change_id: string;
  readonly hash: string;
  readonly target: string;
  readonly way: Attempt['way'];
  readonly identifier: string | null;
  readonly remote_id: string | null;
  readonly request_path: string;
  readonly request_body: string;
  readonly state: AttemptState;
  readonly fence: number;
  readonly lease_until: Date;
  readonly sent_at: Date | null;
}

/**
 * Opens the attempt: from here on this process is the offer's only writer, by the partial unique index.
 * @returns null when another attempt is open or uncertain for the same offer.
 */
export async function openAttempt(
  db: Db,
  attempt: {
    region: string;
    changeId: string;
    hash: string;
    target: string;
    way: Attempt['way'];
    identifier: string | null;
    remoteId: string | null;
    requestPath: string;
    requestBody: string;
    leaseUntil: Date;
  },
): Promise<Attempt | null> {
  const rows = (await db('apply_attempt')
    .insert({
      region: attempt.region,
      change_id: attempt.changeId,
      hash: attempt.hash,
      target: attempt.target,
      way: attempt.way,
      identifier: attempt.identifier,
      remote_id: attempt.remoteId,
      request_path: attempt.requestPath,
      request_body: attempt.requestBody,
      state: 'open',
      lease_until: attempt.leaseUntil,
    })
    .onConflict(db.raw("(region, target) where state in ('open', 'uncertain')"))
    .ignore()
    .returning('*')) as AttemptRow[];
  return rows[0] === undefined ? null : toAttempt(rows[0]);
}

/** Attempts whose end nobody recorded: a crash, or an outcome that could not be known. */
export async function unsettledAttempts(db: Db, region: string): Promise<Attempt[]> {
  const rows = (await db('apply_attempt')
    .where({ region })
    .whereIn('state', [...UNSETTLED])
    .orderBy('no')) as AttemptRow[];
  return rows.map(toAttempt);
}

/** By which way an attempt went; null when there is none of that number. */
export async function attemptWay(db: Db, region: string, no: number): Promise<Attempt['way'] | null> {
  const row = (await db('apply_attempt').where({ region, no }).first('way')) as
    { way: Attempt['way'] } | undefined;
  return row?.way ?? null;
}

/** Whether the attempt still waits to be settled. */
export async function isUnsettled(db: Db, { region, no }: Pick<Attempt, 'region' | 'no'>): Promise<boolean> {
  const row = (await db('apply_attempt').where({ region, no }).first('state')) as
    { state: AttemptState } | undefined;
  return row !== undefined && UNSETTLED.includes(row.state);
}

/**
 * Writes on an attempt only if nobody took it over (fencing number) or settled it meanwhile.
 * @returns whether the attempt was still ours.
 */
export async function updateAttempt(
  db: Db,
  attempt: Pick<Attempt, 'region' | 'no' | 'fence'>,
  set: {
    state?: AttemptState;
    leaseUntil?: Date;
    sentAt?: Date;
    endedAt?: Date;
    remoteId?: string;
    requestPath?: string;
    requestBody?: string;
    outcome?: unknown;
  },
): Promise<'ours' | 'lost'> {
  const count = await db('apply_attempt')
    .where({ region: attempt.region, no: attempt.no, fence: attempt.fence })
    .whereIn('state', [...UNSETTLED])
    .update({
      ...(set.state === undefined ? {} : { state: set.state }),
      ...(set.leaseUntil === undefined ? {} : { lease_until: set.leaseUntil }),
      ...(set.sentAt === undefined ? {} : { sent_at: set.sentAt }),
      ...(set.endedAt === undefined ? {} : { ended_at: set.endedAt }),
      ...(set.remoteId === undefined ? {} : { remote_id: set.remoteId }),
      ...(set.requestPath === undefined ? {} : { request_path: set.requestPath }),
      ...(set.requestBody === undefined ? {} : { request_body: set.requestBody }),
      ...(set.outcome === undefined ? {} : { outcome: JSON.stringify(set.outcome) }),
    });
  return count === 1 ? 'ours' : 'lost';
}

/**
 * Takes over an unsettled attempt whose lease has run out; its former writer can record nothing any more.
 * @returns null when it was settled, taken over or its lease extended meanwhile.
 */
export async function takeOver(
  db: Db,
  attempt: Attempt,
  now: Date,
  leaseUntil: Date,
): Promise<Attempt | null> {
  const rows = (await db('apply_attempt')
    .where({ region: attempt.region, no: attempt.no, fence: attempt.fence })
    .whereIn('state', [...UNSETTLED])
    .where('lease_until', '<=', now)
    .update({ fence: attempt.fence + 1, lease_until: leaseUntil })
    .returning('*')) as AttemptRow[];
  return rows[0] === undefined ? null : toAttempt(rows[0]);
}

/**
 * Reserves the next local number of a range given by the GRADeS; each range, known by its first number, keeps its own
 * place. A number is never given twice, nor one that any attempt or any offer of our centres bears.
 * @returns null when the range is used up
 */
export async function reserveLocalNumber(
  db: Db,
  region: string,
  from: bigint,
  to: bigint,
): Promise<bigint | null> {
  const first = from.toString();
  await db('identifier_range')
    .insert({ region, first, next: first })
    .onConflict(['region', 'first'])
    .ignore();
  // The first free number is `next` itself, or one above a taken one.
  const free = `(select min(free) from
      (select next as free union all select taken + 1 from taken_offer_numbers(region) as taken where taken >= next) as f
      where free not in (select taken_offer_numbers(region)))`;
  const rows = (await db('identifier_range')
    .where({ region, first })
    .update({ next: db.raw(`${free} + 1`) })
    .returning('next')) as { next: string }[];
  const reserved = BigInt(rows[0]?.next ?? '0') - 1n;
  return reserved > to ? null : reserved;
}

function toAttempt(row: AttemptRow): Attempt {
  return {
    region: row.region,
    no: Number(row.no),
    changeId: row.change_id,
    hash: row.hash,
    target: row.target,
    way: row.way,
    identifier: row.identifier,
    remoteId: row.remote_id,
    requestPath: row.request_path,
    requestBody: row.request_body,
    state: row.state,
    fence: row.fence,
    leaseUntil: row.lease_until,
    sentAt: row.sent_at,
  };
}
