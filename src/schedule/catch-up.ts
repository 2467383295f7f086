import { insertSlot, missSlot } from '../db/slots.js';
import { changeCadence, insertSchedule, moveCursor } from '../db/schedules.js';
import type { Trx } from '../db/types.js';
import { jobKey, type Schedule, type Slot, type SlotFault } from '../domain/schedule.js';
import type { ScheduleConfig } from '../config/schema/schedule.js';
import { DAYS } from '../domain/windows.js';
import type { JournalEntry } from '../journal/append.js';
import { dueBetween, nextDue } from './cadence.js';

/** A clock set back by an hour or a time zone is waited for; beyond, it had been wrong before. */
const CLOCK_TRUST_MS = 25 * 3_600_000;
const MINUTE_MS = 60_000;

export const BUILT_IN = 'relecture';

/** The weekly full reading of a region (DESIGN 7): a delta does not show what disappeared. */
export function builtIn(region: string, config: ScheduleConfig, now: Date): Schedule {
  const [hour, minute] = config.reconcile.time.split(':').map(Number);
  const cron = `${minute} ${hour} * * ${(DAYS.indexOf(config.reconcile.day) + 1) % 7}`;
  const cadence = { cron, timeZone: config.timeZone };
  return {
    region,
    name: BUILT_IN,
    kind: 'reconcile',
    source: null,
    ...cadence,
    catchUp: 'last',
    bound: 1,
    builtIn: true,
    seenUntil: now,
    nextAt: nextDue(cadence, now),
  };
}

/** Adds the weekly reading where it lacks; follows the configuration where it changed. No entry: nothing to do. */
export async function ensureBuiltIn(
  trx: Trx,
  region: string,
  config: ScheduleConfig,
  known: readonly Schedule[],
  now: Date,
): Promise<JournalEntry[]> {
  const wanted = builtIn(region, config, now);
  const { cron, timeZone } = wanted;
  const present = known.find((schedule) => schedule.name === BUILT_IN);
  if (present === undefined) {
    await insertSchedule(trx, wanted);
    return [entry(wanted, 'schedule.added', { cron, timeZone })];
  }
  if (present.cron === cron && present.timeZone === timeZone) return [];
  await changeCadence(trx, present, { cron, timeZone, nextAt: nextDue(wanted, present.seenUntil) });
  return [entry(wanted, 'schedule.changed', { cron, timeZone, before: present.cron })];
}

/**
 * Writes the slots that came due since the last look, no more of them than the policy keeps: the others are told to the
 * journal alone, so that a clock that was far ahead for a moment does not use up the slots of the days to come. The
 * cursor only goes forward, so that a clock set back a little gives nothing twice; and were it lost, the key of the
 * ledger would still refuse the same slot.
 */
export async function writeDue(trx: Trx, schedule: Schedule, now: Date): Promise<JournalEntry[]> {
  const ahead = schedule.seenUntil.getTime() - now.getTime();
  if (ahead > CLOCK_TRUST_MS) {
    await moveCursor(trx, schedule, { seenUntil: now, nextAt: nextDue(schedule, now) });
    return [entry(schedule, 'schedule.clock', { seenUntil: schedule.seenUntil, now })];
  }
  if (schedule.nextAt > now) return [];
  const { instants, more } = dueBetween(schedule, schedule.seenUntil, now, keptBy(schedule));
  for (const dueAt of instants) {
    const { region, name } = schedule;
    await insertSlot(trx, { region, job: jobKey(schedule), dueAt, schedule: name });
  }
  await moveCursor(trx, schedule, { seenUntil: now, nextAt: nextDue(schedule, now) });
  if (!more) return [];
  return [
    entry(schedule, 'slot.missed', {
      from: schedule.seenUntil,
      before: instants[0] ?? now,
      policy: schedule.catchUp,
    }),
  ];
}

/** Applies the catch-up policy to what waits: the slots of one schedule that nobody began. */
export async function settleBacklog(
  trx: Trx,
  schedule: Schedule,
  waiting: readonly Slot[],
  at: { readonly now: Date; readonly graceMinutes: number },
): Promise<{ readonly missed: readonly Slot[]; readonly entries: JournalEntry[] }> {
  const oldest = at.now.getTime() - at.graceMinutes * MINUTE_MS;
  const own = waiting.filter((slot) => slot.schedule === schedule.name && slot.state === 'due');
  const late = (slot: Slot): boolean => schedule.catchUp === 'none' && slot.dueAt.getTime() < oldest;
  const missed = own.filter((slot, index) => index < own.length - keptBy(schedule) || late(slot));
  for (const slot of missed) await missSlot(trx, slot, late(slot) ? TOO_LATE : SUPERSEDED);
  if (missed.length === 0) return { missed, entries: [] };
  const instants = missed.map((slot) => slot.dueAt);
  return { missed, entries: [entry(schedule, 'slot.missed', { instants, policy: schedule.catchUp })] };
}

function keptBy(schedule: Schedule): number {
  return schedule.catchUp === 'all' ? schedule.bound : 1;
}

const TOO_LATE: SlotFault = {
  code: 'SLOT_LATE',
  message: 'Personne n’a pu la faire à l’heure, et cette planification ne rattrape rien.',
  remedy:
    'lancez le passage à la main (page « Passages », ou « filror schedule run » au terminal) ; l’exploitant peut ajouter la planification avec --catch-up last.',
};
const SUPERSEDED: SlotFault = {
  code: 'SLOT_SUPERSEDED',
  message: 'Personne n’a pu la faire à l’heure ; une échéance plus récente en tient lieu.',
  remedy: 'rien : la plus récente lit le même état du monde.',
};

/** A rule acts, not a person. */
function entry(schedule: Schedule, kind: string, body: Readonly<Record<string, unknown>>): JournalEntry {
  const { region, name } = schedule;
  return {
    region,
    kind,
    subject: `schedule:${name}`,
    actor: null,
    body: { job: jobKey(schedule), ...plain(body) },
  };
}

/** Instants as text: the journal's canonical form knows no dates. */
export function plain(body: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return JSON.parse(JSON.stringify(body)) as Record<string, unknown>;
}
