import type { RegionProfile } from '../config/schema/region.js';
import { withdrawLink } from '../db/agreement-links.js';
import {
  claimMessage,
  holdMessage,
  mailState,
  recordRecipient,
  recordServerDown,
  recordServerUp,
  settleMessage,
  threadIds,
  type StoredMessage,
} from '../db/mail-messages.js';
import { scheduleClock } from '../db/clock.js';
import { inTransaction } from '../db/types.js';
import { sha256 } from '../domain/json.js';
import { DAY_MS } from '../domain/time.js';
import { append } from '../journal/append.js';
import { addressesOf, type MailContext } from './context.js';
import type { Audience } from './draft.js';
import { tellReminded, withSignedLink, type SignedReminder } from './sign-link.js';
import type { Post } from './smtp.js';

/** Far more than one exchange takes with the longest time-out; renewed before each address. */
const LEASE_SECONDS = 900;
/** Minutes before the next try, after one, two… failures in a row; the last one holds. */
const BACK_OFF = [1, 5, 15, 60, 240];

/** What one round did: counts, and the code of the server's refusal when it took nothing. */
export interface Delivered {
  readonly messages: number;
  readonly recipients: number;
  readonly refused: number;
  readonly later: number;
  readonly down: string | null;
}

/**
 * Sends what waits in a region. At least once: a message is recorded as sent to an address after the server took it, so
 * that a process that dies in between leaves it to be sent again, under the same Message-ID and date, which mail clients
 * show once. While the server is away all of it waits, and one try in a growing interval tells when it is back; a message
 * is given up that was tried in vain for `giveUpDays`. One that fails waits its own interval, and the others go. Two processes never hold the same message.
 * @param when `due` leaves a server alone that just failed; `now` tries it (somebody asks)
 */
export async function deliver(
  context: MailContext,
  region: RegionProfile,
  post: Post,
  when: 'due' | 'now',
): Promise<Delivered> {
  const { db, log } = context;
  const total = { messages: 0, recipients: 0, refused: 0, later: 0 };
  const state = await mailState(db, region.code);
  const waits =
    state?.retryAt !== null && state?.retryAt !== undefined && state.retryAt > (await scheduleClock(db));
  if (waits && when === 'due') return { ...total, down: null };
  let failures = state?.failures ?? 0;
  for (;;) {
    const message = await claimMessage(db, region.code, LEASE_SECONDS);
    if (message === null) break;
    const done = await deliverOne(context, region, post, message);
    if ('down' in done) {
      await noteDown(context, region, message, failures, done);
      return { ...total, down: done.down };
    }
    if (done.recipients > 0) {
      await noteUp(context, region);
      failures = 0;
    }
    total.messages += 1;
    total.recipients += done.recipients;
    total.refused += done.refused;
    total.later += done.later;
  }
  if (total.messages > 0) log.info('mail sent', { region: region.code, ...total });
  return { ...total, down: null };
}

interface Outcome {
  readonly recipients: number;
  readonly refused: number;
  readonly later: number;
}

/** Nothing can be sent now; this many addresses had taken the message just before. */
interface Down {
  readonly down: string;
  readonly recipients: number;
}

const NOTHING: Outcome = { recipients: 0, refused: 0, later: 0 };

async function deliverOne(
  context: MailContext,
  region: RegionProfile,
  post: Post,
  message: StoredMessage,
): Promise<Outcome | Down> {
  const settled = new Set([...message.taken, ...message.refused]);
  const known = addressesOf(context, region.code, message.audience as Audience);
  const left = known.filter((address) => !settled.has(saltedHash(message, address)));
  if (message.kind !== 'reminder' || left.length === 0)
    return await sendTo(context, region, post, message, left, null);
  const checked = await post.check();
  if (checked.result !== 'taken') return { down: checked.code, recipients: 0 };
  const signed = await withSignedLink(context, region, message);
  if (signed !== null) return await sendTo(context, region, post, message, left, signed);
  await end(context, region, message, 'abandoned', 'NOT_ASKED_ANY_MORE');
  return NOTHING;
}

async function sendTo(
  context: MailContext,
  region: RegionProfile,
  post: Post,
  message: StoredMessage,
  left: readonly string[],
  signed: SignedReminder | null,
): Promise<Outcome | Down> {
  const { db } = context;
  const text = signed?.text ?? message.body;
  const thread = await threadIds(db, region.code, message);
  const letter = { ...message, thread: [...thread.slice(0, 1), ...thread.slice(1).slice(-10)], text };
  let [recipients, refused] = [0, 0];
  let later: string | null = null;
  for (const address of left) {
    if (!(await holdMessage(db, region.code, message, LEASE_SECONDS)))
      return { recipients, refused, later: 0 };
    const sent = await post.send({ ...letter, date: message.decidedAt }, address);
    if (sent.result === 'down') {
      // A server that says why has not taken it; one that fell silent may have.
      if (recipients === 0 && sent.code.startsWith('SMTP ')) await takeBack(context, region, signed);
      return { down: sent.code, recipients };
    }
    if (sent.result === 'later') {
      later = sent.code;
      continue;
    }
    const { result } = sent;
    const answer = { result, code: result === 'refused' ? sent.code : null };
    await record(context, region, message, address, answer, recipients === 0 ? signed : null);
    if (sent.result === 'taken') recipients += 1;
    else refused += 1;
  }
  if (recipients === 0) await takeBack(context, region, signed);
  if (later === null) {
    const taken = message.taken.length + recipients;
    await end(
      context,
      region,
      message,
      taken > 0 ? 'sent' : 'abandoned',
      taken > 0 ? null : 'NOBODY_TOOK_IT',
    );
  } else await tryLater(context, region, message, recipients, later);
  if (refused > 0) {
    const { code } = region;
    context.log.warn('mail refused for good', {
      region: code,
      mail: message.no,
      audience: message.audience,
      refused,
    });
  }
  return { recipients, refused, later: later === null ? 0 : 1 };
}

/** @param first what the journal is told when this address takes it and nobody had yet */
async function record(
  { db }: MailContext,
  { code: region }: RegionProfile,
  message: StoredMessage,
  address: string,
  { result, code }: { readonly result: 'taken' | 'refused'; readonly code: string | null },
  first: SignedReminder | null,
): Promise<void> {
  const recipient = saltedHash(message, address);
  await inTransaction(db, async (trx) => {
    const ours = await recordRecipient(trx, region, message, recipient, result, code);
    if (!ours || result !== 'taken' || first === null || message.taken.length > 0) return;
    await tellReminded(trx, region, message, first.asked);
  });
}

/** Nobody got this link: nothing may be answered by it. */
async function takeBack(
  { db }: MailContext,
  { code }: RegionProfile,
  signed: SignedReminder | null,
): Promise<void> {
  if (signed !== null) await withdrawLink(db, code, signed.link, await scheduleClock(db));
}

/** Who took the message, told without saying who: the address cannot be read from it, nor found in another message. */
function saltedHash({ messageId }: Pick<StoredMessage, 'messageId'>, address: string): string {
  return sha256(`${messageId}\n${address.toLowerCase()}`);
}

async function end(
  { db }: MailContext,
  { code: region }: RegionProfile,
  message: StoredMessage,
  state: 'sent' | 'abandoned',
  code: string | null,
): Promise<void> {
  await inTransaction(db, async (trx) => {
    const at = await scheduleClock(trx);
    const ours = await settleMessage(trx, region, message, { state, at, code });
    if (!ours || state === 'sent') return;
    await append(trx, {
      region,
      kind: 'mail.abandoned',
      subject: `mail:${message.no}`,
      actor: null,
      body: { mail: message.no, kind: message.kind, about: message.about, code, tries: message.tries + 1 },
    });
  });
}

async function tryLater(
  context: MailContext,
  region: RegionProfile,
  message: StoredMessage,
  recipients: number,
  code: string,
): Promise<void> {
  const { db, log } = context;
  const now = await scheduleClock(db);
  log.warn('mail not taken for now', { region: region.code, mail: message.no, code });
  if (isOver(context, message, now)) return await giveUp(context, region, message, recipients, code);
  const nextTryAt = afterFailures(now, message.tries);
  await inTransaction(db, (trx) =>
    settleMessage(trx, region.code, message, { state: 'pending', nextTryAt, code }),
  );
}

function isOver({ config }: MailContext, { decidedAt }: StoredMessage, now: Date): boolean {
  return now.getTime() - decidedAt.getTime() > config.mail.giveUpDays * DAY_MS;
}

async function giveUp(
  context: MailContext,
  region: RegionProfile,
  message: StoredMessage,
  recipients: number,
  code: string,
): Promise<void> {
  const taken = message.taken.length + recipients;
  await end(context, region, message, taken > 0 ? 'sent' : 'abandoned', code);
}

function afterFailures(now: Date, failures: number): Date {
  const minutes = BACK_OFF[Math.min(failures, BACK_OFF.length - 1)] ?? 240;
  return new Date(now.getTime() + minutes * 60_000);
}

/** Told once when it begins, in the log and the journal, then in the log alone at each try. */
async function noteDown(
  context: MailContext,
  profile: RegionProfile,
  message: StoredMessage,
  failures: number,
  down: Down,
): Promise<void> {
  const { db, log } = context;
  const { code: region } = profile;
  const code = down.down;
  const since = await scheduleClock(db);
  if (isOver(context, message, since)) await giveUp(context, profile, message, down.recipients, down.down);
  await inTransaction(db, async (trx) => {
    const now = await scheduleClock(trx);
    const retryAt = afterFailures(now, failures);
    const own = afterFailures(now, message.tries);
    const nextTryAt = own > retryAt ? own : retryAt;
    // Of one that was just given up, nothing is changed.
    await settleMessage(trx, region, message, { state: 'pending', nextTryAt, code });
    await recordServerDown(trx, region, retryAt);
    log.warn('mail server takes nothing', {
      region,
      code,
      failures: failures + 1,
      retryAt: retryAt.toISOString(),
    });
    if (failures > 0) return;
    await append(trx, { region, kind: 'mail.down', subject: 'mail', actor: null, body: { code } });
  });
}

async function noteUp({ db, log }: MailContext, { code: region }: RegionProfile): Promise<void> {
  await inTransaction(db, async (trx) => {
    if (!(await recordServerUp(trx, region))) return;
    log.info('mail server is back', { region });
    await append(trx, { region, kind: 'mail.up', subject: 'mail', actor: null, body: {} });
  });
}
