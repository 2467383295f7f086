import { digestDue, digest, TOLD_IN_DIGEST } from './digest.js';
import type { RegionProfile } from '../config/schema/region.js';
import { changeHeads } from '../db/change-heads.js';
import { OPEN_STATES } from '../db/changes.js';
import { readHead } from '../db/journal.js';
import {
  endedRuns,
  entriesAfter,
  lastApplyEnd,
  lastFullReadingAt,
  lastFullReadingDue,
} from '../db/mail-facts.js';
import {
  askedBefore,
  ensureMailState,
  insertMessage,
  lockMailState,
  moveMailCursor,
  type MailState,
} from '../db/mail-messages.js';
import { closeThread, openThread, openThreads, tellAgain } from '../db/mail-threads.js';
import { scheduleClock } from '../db/clock.js';
import { inTransaction, type Trx } from '../db/types.js';
import { DAY_MS, parisDay } from '../domain/time.js';
import { agreementsAsked } from '../runs/agreements-asked.js';
import { atOnce, TOLD_AT_ONCE } from './at-once.js';
import { addressesOf, placeOf, type MailContext } from './context.js';
import type { Draft, Place } from './draft.js';
import { threadDraft, threadSubject } from './incident-texts.js';
import { standingOf, threadMoves, type ThreadMove } from './incidents.js';
import { dueReminders, type AskingDraft, type Asks } from './reminders.js';

/** Runs that are looked at to know what fails: a region makes a few each day. */
const RUNS_LOOKED_AT = 100;

interface Deciding {
  readonly context: MailContext;
  readonly region: RegionProfile;
  readonly place: Place;
  readonly trx: Trx;
  readonly now: Date;
}

/**
 * Decides what is to be told in a region and writes the messages down, in one transaction with the cursors: whatever
 * happens to the process, each thing is decided once. Two processes may do so at the same instant: one holds the
 * region's row, the other leaves. The clock and the end of the journal are read once the row is held: read before, they
 * could be older than what another process has told meanwhile. The first look only notes where the journal ends: what is
 * past is not mailed.
 * @returns false when another process was deciding
 */
export async function decide(context: MailContext, region: RegionProfile): Promise<boolean> {
  return await inTransaction(context.db, async (trx) => {
    const { digestTime } = context.config.mail;
    await beginState(trx, region.code, digestTime);
    const state = await lockMailState(trx, region.code);
    if (state === null) return false;
    const now = await scheduleClock(trx);
    const head = (await readHead(trx))?.no ?? 0;
    const deciding = { context, region, place: placeOf(context, region), trx, now };
    await tellAtOnce(deciding, state, head);
    await tellThreads(deciding);
    const day = digestDue(now, digestTime, state.digestDay);
    if (day !== null) await tellDigest(deciding, state, head, day);
    await moveMailCursor(trx, region.code, {
      seenNo: head,
      ...(day === null ? {} : { digestNo: head, digestDay: day }),
    });
    return true;
  });
}

async function beginState(trx: Trx, region: string, digestTime: string): Promise<void> {
  const now = await scheduleClock(trx);
  const no = (await readHead(trx))?.no ?? 0;
  const day = digestDue(now, digestTime, '0000-00-00') ?? isoDay(new Date(now.getTime() - DAY_MS));
  await ensureMailState(trx, region, { no, day });
}

function isoDay(at: Date): string {
  return parisDay(at).split('/').reverse().join('-');
}

async function tellAtOnce(
  { context, region, place, trx, now }: Deciding,
  state: MailState,
  head: number,
): Promise<void> {
  const entries = await entriesAfter(trx, region.code, state.seenNo, TOLD_AT_ONCE, head);
  for (const draft of atOnce(place, entries)) await write({ context, region, trx, now }, draft, null);
}

async function tellThreads(deciding: Deciding): Promise<void> {
  const { context, region, place, trx, now } = deciding;
  if (addressesOf(context, region.code, 'operators').length === 0) return;
  const { fullReadingGraceHours, repeatHours } = context.config.mail;
  const graceOver = new Date(now.getTime() - fullReadingGraceHours * 3_600_000);
  const standing = standingOf({
    runs: await endedRuns(trx, region.code, RUNS_LOOKED_AT),
    apply: await lastApplyEnd(trx, region.code),
    fullReadingDue: await lastFullReadingDue(trx, region.code, graceOver),
    fullReadingAt: await lastFullReadingAt(trx, region.code),
    sources: Object.keys(context.config.sources),
  });
  const threads = await openThreads(trx, region.code);
  for (const move of threadMoves(standing, threads, now, repeatHours)) {
    const subject = move.move === 'open' ? threadSubject(place, move.incident) : move.thread.subject;
    const no = await moved(deciding, move, subject);
    await write(deciding, threadDraft(place, move, subject), no);
  }
}

async function moved({ region, trx, now }: Deciding, move: ThreadMove, subject: string): Promise<number> {
  if (move.move === 'close') {
    await closeThread(trx, region.code, move.thread.no, now);
    return move.thread.no;
  }
  const { about, seen, code, at } = move.incident;
  const last = { lastAbout: seen, lastCode: code, lastAt: now };
  if (move.move === 'open')
    return await openThread(trx, region.code, { about, subject, openedAt: at, ...last });
  await tellAgain(trx, region.code, move.thread.no, last);
  return move.thread.no;
}

async function tellDigest(deciding: Deciding, state: MailState, head: number, day: string): Promise<void> {
  const { context, region, place, trx, now } = deciding;
  const { followup, mail } = context.config;
  const { drafts, byHand } = dueReminders(
    place,
    await agreementsAsked({ db: trx, region, config: context.config }),
    ((await askedBefore(trx, region.code)) as Asks[]).flatMap(({ forms }) => forms),
    new Set(Object.keys(mail.regions[region.code]?.establishments ?? {})),
    now,
    followup.reminderDays,
  );
  for (const draft of drafts) await write(deciding, draft, null);
  const told = digest(place, day, {
    entries: await entriesAfter(trx, region.code, state.digestNo, TOLD_IN_DIGEST, head),
    states: (await changeHeads(trx, region.code, OPEN_STATES)).map((change) => change.state),
    threads: await openThreads(trx, region.code),
    remindersByHand: byHand,
  });
  if (told !== null) await write(deciding, told, null);
}

/** A message that nobody is named for is not written: mail.yaml says who wants what. */
async function write(
  { context, region, trx, now }: Pick<Deciding, 'context' | 'region' | 'trx' | 'now'>,
  draft: Draft | AskingDraft,
  thread: number | null,
): Promise<void> {
  const { kind, audience, about, subject, body } = draft;
  if (addressesOf(context, region.code, audience).length === 0) return;
  const domain = (context.config.mail.from ?? '').split('@')[1] ?? 'localhost';
  const messageId = `filror.${region.code}.${context.newId()}@${domain}`;
  const asks = 'asks' in draft ? draft.asks : null;
  await insertMessage(
    trx,
    region.code,
    { kind, audience, messageId, thread, about, subject, body, asks },
    now,
  );
}
