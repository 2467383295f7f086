import type { Db, Trx } from './types.js';

/** How far mail has read in a region, and whether its server answers. */
export interface MailState {
  readonly seenNo: number;
  readonly digestNo: number;
  /** `2026-03-12` */
  readonly digestDay: string;
  readonly failures: number;
  readonly retryAt: Date | null;
}

interface StateRow {
  readonly seen_no: string;
  readonly digest_no: string;
  readonly digest_day: string;
  readonly failures: number;
  readonly retry_at: Date | null;
}

/** Begins at the end of the journal: what is past is not mailed. */
export async function ensureMailState(
  db: Db,
  region: string,
  from: { readonly no: number; readonly day: string },
): Promise<void> {
  await db('mail_state')
    .insert({ region, seen_no: from.no, digest_no: from.no, digest_day: from.day })
    .onConflict('region')
    .ignore();
}

/** Holds the row until the transaction ends; null when another process holds it, and decides in our place. */
export async function lockMailState(trx: Trx, region: string): Promise<MailState | null> {
  return toState(await trx('mail_state').where({ region }).forUpdate().skipLocked().first(STATE(trx)));
}

export async function mailState(db: Db, region: string): Promise<MailState | null> {
  return toState(await db('mail_state').where({ region }).first(STATE(db)));
}

/** A date as text: pg would turn it into midnight of the machine's time zone. */
const STATE = (db: Db): ReturnType<Db['raw']> => db.raw('*, digest_day::text as digest_day');

function toState(row: StateRow | undefined): MailState | null {
  if (row === undefined) return null;
  const { seen_no, digest_no, digest_day, failures, retry_at } = row;
  return {
    seenNo: Number(seen_no),
    digestNo: Number(digest_no),
    digestDay: digest_day,
    failures,
    retryAt: retry_at,
  };
}

/** Forward only: what was told is never told again, whoever moves the cursor. */
export async function moveMailCursor(
  trx: Trx,
  region: string,
  to: { readonly seenNo: number; readonly digestNo?: number; readonly digestDay?: string },
): Promise<void> {
  await trx('mail_state')
    .where({ region })
    .update({
      seen_no: trx.raw('greatest(seen_no, ?)', [to.seenNo]),
      ...(to.digestNo === undefined ? {} : { digest_no: trx.raw('greatest(digest_no, ?)', [to.digestNo]) }),
      ...(to.digestDay === undefined
        ? {}
        : { digest_day: trx.raw('greatest(digest_day, ?::date)', [to.digestDay]) }),
    });
}

export async function recordServerDown(trx: Trx, region: string, retryAt: Date): Promise<void> {
  await trx('mail_state')
    .where({ region })
    .update({ failures: trx.raw('failures + 1'), retry_at: retryAt });
}

/** @returns whether it had been down */
export async function recordServerUp(trx: Trx, region: string): Promise<boolean> {
  const count = await trx('mail_state')
    .where({ region })
    .where('failures', '>', 0)
    .update({ failures: 0, retry_at: null });
  return count === 1;
}

export interface NewMessage {
  readonly kind: string;
  readonly audience: string;
  readonly messageId: string;
  readonly thread: number | null;
  readonly about: string;
  readonly subject: string;
  readonly body: string;
  readonly asks: unknown;
}

/** Writes a message down, unless the same was told to the same audience. */
export async function insertMessage(trx: Trx, region: string, message: NewMessage, at: Date): Promise<void> {
  await trx('mail_message')
    .insert({
      region,
      kind: message.kind,
      audience: message.audience,
      message_id: message.messageId,
      thread_no: message.thread,
      about: message.about,
      subject: message.subject,
      body: message.body,
      asks: message.asks === null ? null : JSON.stringify(message.asks),
      decided_at: at,
      next_try_at: at,
    })
    .onConflict(['region', 'kind', 'audience', 'about'])
    .ignore();
}

export type MessageState = 'pending' | 'sent' | 'abandoned';

/** A message as it is stored. No address: whoever took or refused it is a salted hash. */
export interface StoredMessage extends NewMessage {
  readonly no: number;
  readonly state: MessageState;
  readonly decidedAt: Date;
  readonly endedAt: Date | null;
  readonly nextTryAt: Date;
  readonly taken: readonly string[];
  readonly refused: readonly string[];
  readonly tries: number;
  readonly lastCode: string | null;
  readonly fence: number;
}

interface MessageRow {
  readonly no: string;
  readonly kind: string;
  readonly audience: string;
  readonly message_id: string;
  readonly thread_no: string | null;
  readonly about: string;
  readonly subject: string;
  readonly body: string;
  readonly asks: unknown;
  readonly state: MessageState;
  readonly decided_at: Date;
  readonly ended_at: Date | null;
  readonly next_try_at: Date;
  readonly taken: string[];
  readonly refused: string[];
  readonly tries: number;
  readonly last_code: string | null;
  readonly fence: number;
}

/**
 * Takes the oldest message that may be sent now, with a lease: whoever held it before can record nothing any more. One
 * that failed comes after those that were tried less, so that it holds up none of them.
 */
export async function claimMessage(
  db: Db,
  region: string,
  leaseSeconds: number,
): Promise<StoredMessage | null> {
  const { rows } = await db.raw<{ rows: MessageRow[] }>(
    `update mail_message set fence = fence + 1,
       lease_until = schedule_clock() + make_interval(secs => :leaseSeconds)
     where (region, no) in (
       select region, no from mail_message
       where region = :region and state = 'pending' and next_try_at <= schedule_clock()
         and (lease_until is null or lease_until <= schedule_clock())
       order by tries, no limit 1 for update skip locked)
     returning *`,
    { region, leaseSeconds },
  );
  return rows[0] === undefined ? null : toMessage(rows[0]);
}

/** Whether a message may be sent now: nobody connects to a server for nothing. */
export async function isMailDue(db: Db, region: string): Promise<boolean> {
  const row: unknown = await db('mail_message')
    .where({ region, state: 'pending' })
    .whereRaw('next_try_at <= schedule_clock()')
    .whereRaw('(lease_until is null or lease_until <= schedule_clock())')
    .first('no');
  return row !== undefined;
}

type Held = Pick<StoredMessage, 'no' | 'fence'>;

/** Somebody asks for a try now: what waits for its hour waits no more. */
export async function bringForward(db: Db, region: string): Promise<void> {
  await db('mail_message')
    .where({ region, state: 'pending' })
    .whereRaw('next_try_at > schedule_clock()')
    .update({ next_try_at: db.raw('schedule_clock()') });
}

/** Extends the lease. @returns false when somebody else took the message over */
export async function holdMessage(
  db: Db,
  region: string,
  held: Held,
  leaseSeconds: number,
): Promise<boolean> {
  const count = await db('mail_message')
    .where({ region, no: held.no, fence: held.fence, state: 'pending' })
    .update({ lease_until: db.raw('schedule_clock() + make_interval(secs => ?)', [leaseSeconds]) });
  return count === 1;
}

/** Records that one address took the message, or refused it for good. @returns false when somebody else took it over */
export async function recordRecipient(
  db: Db,
  region: string,
  held: Held,
  recipient: string,
  as: 'taken' | 'refused',
  code: string | null,
): Promise<boolean> {
  const count = await db('mail_message')
    .where({ region, no: held.no, fence: held.fence, state: 'pending' })
    .update({
      [as]: db.raw(`array_append(${as}, ?)`, [recipient]),
      ...(code === null ? {} : { last_code: code }),
    });
  return count === 1;
}

/** Ends the message, or gives it back for later. @returns false when somebody else took it over */
export async function settleMessage(
  trx: Trx,
  region: string,
  held: Held,
  end:
    | { readonly state: 'sent' | 'abandoned'; readonly at: Date; readonly code: string | null }
    | { readonly state: 'pending'; readonly nextTryAt: Date; readonly code: string },
): Promise<boolean> {
  const count = await trx('mail_message')
    .where({ region, no: held.no, fence: held.fence, state: 'pending' })
    .update({
      lease_until: null,
      state: end.state,
      ...(end.code === null ? {} : { last_code: end.code }),
      tries: trx.raw('tries + 1'),
      ...(end.state === 'pending' ? { next_try_at: end.nextTryAt } : { ended_at: end.at }),
    });
  return count === 1;
}

/** Message-IDs of the messages of a thread before one of them, oldest first. */
export async function threadIds(
  db: Db,
  region: string,
  { thread, no }: Pick<StoredMessage, 'thread' | 'no'>,
): Promise<string[]> {
  if (thread === null) return [];
  return await db('mail_message')
    .where({ region, thread_no: thread })
    .where('no', '<', no)
    .orderBy('no')
    .pluck('message_id');
}

/** Newest first. */
export async function lastMessages(db: Db, region: string, limit: number): Promise<StoredMessage[]> {
  const rows = (await db('mail_message')
    .where({ region })
    .orderBy('no', 'desc')
    .limit(limit)) as MessageRow[];
  return rows.map(toMessage);
}

export async function pendingMessages(db: Db, region: string): Promise<StoredMessage[]> {
  const rows = (await db('mail_message').where({ region, state: 'pending' }).orderBy('no')) as MessageRow[];
  return rows.map(toMessage);
}

/** What reminders and deadlines were already about, whatever became of them. */
export async function askedBefore(db: Db, region: string): Promise<unknown[]> {
  return await db('mail_message').where({ region }).whereNotNull('asks').pluck('asks');
}

function toMessage(row: MessageRow): StoredMessage {
  return {
    no: Number(row.no),
    kind: row.kind,
    audience: row.audience,
    messageId: row.message_id,
    thread: row.thread_no === null ? null : Number(row.thread_no),
    about: row.about,
    subject: row.subject,
    body: row.body,
    asks: row.asks,
    state: row.state,
    decidedAt: row.decided_at,
    endedAt: row.ended_at,
    nextTryAt: row.next_try_at,
    taken: row.taken,
    refused: row.refused,
    tries: row.tries,
    lastCode: row.last_code,
    fence: row.fence,
  };
}
