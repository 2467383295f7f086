import type { Actor } from '../db/people.js';
import { insertPause, liftPauses, standingPauses, type PauseScope } from '../db/pauses.js';
import { scheduleClock } from '../db/clock.js';
import { deleteSchedule, insertSchedule, lockSchedules } from '../db/schedules.js';
import { missSlot, openSlots } from '../db/slots.js';
import { inTransaction } from '../db/types.js';
import { DataError, RefusalError } from '../domain/errors.js';
import {
  jobKey,
  type Cadence,
  type CatchUp,
  type Job,
  type Pause,
  type Schedule,
} from '../domain/schedule.js';
import { append } from '../journal/append.js';
import { checkCadence, instantOfWallClock, nextDue } from './cadence.js';
import { ensureBuiltIn, plain } from './catch-up.js';
import type { ScheduleContext } from './context.js';
import { exportFolder } from './export-job.js';
import { keptText } from '../domain/plain-words.js';
import { DAY_MS } from '../domain/time.js';

const HOUR_MS = 3_600_000;

export interface WantedSchedule extends Job {
  readonly name: string;
  /** Null: the configured cadence, of an export or of a synchronisation. */
  readonly cron: string | null;
  readonly timeZone: string | null;
  readonly catchUp: CatchUp | null;
  readonly bound: number | null;
}

/**
 * Adds a schedule to a region; its first slot is the first instant after now.
 * @throws DataError for a cadence, a name, a source or a folder that will not do; RefusalError `SCHEDULE_EXISTS`
 */
export async function addSchedule(
  context: ScheduleContext,
  region: string,
  wanted: WantedSchedule,
  actor: Actor,
): Promise<Schedule> {
  const { schedule: config, sources } = context.config;
  checkName(wanted.name);
  if (wanted.source !== null) checkSource(wanted.source, Object.keys(sources));
  if (wanted.kind === 'export') await exportFolder(context.config);
  const cadence: Cadence = {
    cron: wanted.cron ?? (wanted.kind === 'export' ? config.export.cron : config.sync),
    timeZone: wanted.timeZone ?? config.timeZone,
  };
  return await inTransaction(context.db, async (trx) => {
    const now = await scheduleClock(trx);
    checkCadence(cadence, now);
    const schedule: Schedule = {
      region,
      name: wanted.name,
      kind: wanted.kind,
      source: wanted.source,
      ...cadence,
      catchUp: wanted.catchUp ?? config.catchUp,
      bound: wanted.bound ?? config.catchUpBound,
      builtIn: false,
      seenUntil: now,
      nextAt: nextDue(cadence, now),
    };
    const known = await lockSchedules(trx, region);
    const entries = await ensureBuiltIn(trx, region, config, known, now);
    if ((await insertSchedule(trx, schedule)) === 'known') throw exists(wanted.name);
    for (const entry of entries) await append(trx, entry);
    const { kind, source, catchUp, bound, cron, timeZone } = schedule;
    await append(trx, {
      region,
      kind: 'schedule.added',
      subject: `schedule:${wanted.name}`,
      actor: actor.id,
      body: { kind, source, cron, timeZone, catchUp, bound },
    });
    return schedule;
  });
}

/**
 * Removes a schedule; what it had made due and nobody began is missed.
 * @throws DataError `SCHEDULE_UNKNOWN`, RefusalError `SCHEDULE_BUILT_IN`
 */
export async function removeSchedule(
  context: ScheduleContext,
  region: string,
  name: string,
  actor: Actor,
): Promise<Schedule> {
  return await inTransaction(context.db, async (trx) => {
    const schedules = await lockSchedules(trx, region);
    const schedule = findSchedule(schedules, name);
    if (schedule.builtIn) {
      throw new RefusalError({
        code: 'SCHEDULE_BUILT_IN',
        message:
          'La relecture hebdomadaire ne s’ôte pas : sans elle, ce qui disparaît du répertoire n’est jamais vu.',
        place: name,
        remedy: 'changez son jour ou son heure (schedule.yaml, reconcile), ou mettez la région en pause.',
      });
    }
    const waiting = (await openSlots(trx, region)).filter(
      (slot) => slot.schedule === name && slot.state === 'due',
    );
    for (const slot of waiting) await missSlot(trx, slot, REMOVED);
    await deleteSchedule(trx, region, name);
    await append(trx, {
      region,
      kind: 'schedule.removed',
      subject: `schedule:${name}`,
      actor: actor.id,
      body: plain({ job: jobKey(schedule), cron: schedule.cron, missed: waiting.map((slot) => slot.dueAt) }),
    });
    return schedule;
  });
}

/** @throws DataError `SCHEDULE_UNKNOWN` naming those that exist. */
export function findSchedule(schedules: readonly Schedule[], name: string): Schedule {
  const found = schedules.find((schedule) => schedule.name === name);
  if (found !== undefined) return found;
  throw new DataError({
    code: 'SCHEDULE_UNKNOWN',
    message: `La planification « ${name} » n’existe pas dans cette région.`,
    remedy: `choisissez parmi : ${schedules.map((each) => each.name).join(', ') || 'aucune n’est enregistrée'}.`,
  });
}

export interface WantedPause extends PauseScope {
  readonly reason: string;
  /** `AAAA-MM-JJTHH:MM` by the wall clock of the configured time zone; null when the length is given. */
  readonly until: string | null;
  readonly hours: number | null;
}

/**
 * Pauses a source, a region or everything, for a reason and until an instant. What runs goes on; nothing new begins.
 * @throws DataError `PAUSE_REASON`, `PAUSE_EXPIRY`, `SOURCE_UNKNOWN`, `TEXT_PERSONAL`
 */
export async function pause(context: ScheduleContext, wanted: WantedPause, actor: Actor): Promise<Pause> {
  const { region, source } = wanted;
  const { maxPauseDays, timeZone } = context.config.schedule;
  if (wanted.reason.trim() === '') throw noReason();
  const reason = keptText(wanted.reason, '--reason', 'la raison de la pause');
  if (source !== null) checkSource(source, Object.keys(context.config.sources));
  return await inTransaction(context.db, async (trx) => {
    const beginsAt = await scheduleClock(trx);
    const expiresAt =
      wanted.until === null
        ? new Date(beginsAt.getTime() + (wanted.hours ?? 0) * HOUR_MS)
        : instantOfWallClock(wanted.until, timeZone, beginsAt);
    if (
      expiresAt === null ||
      expiresAt <= beginsAt ||
      expiresAt.getTime() - beginsAt.getTime() > maxPauseDays * DAY_MS
    ) {
      throw badExpiry(maxPauseDays);
    }
    const asked = { region, source, author: actor.id, reason, beginsAt, expiresAt };
    const no = await insertPause(trx, asked);
    await append(trx, {
      region,
      kind: 'schedule.paused',
      subject: scopeText(wanted),
      actor: actor.id,
      body: plain({ no, source, reason, expiresAt }),
    });
    return { no, ...asked };
  });
}

/** Lifts every standing pause of exactly this scope. @returns how many there were @throws DataError `TEXT_PERSONAL` */
export async function resume(
  context: ScheduleContext,
  scope: PauseScope & { readonly reason: string | null },
  actor: Actor,
): Promise<number> {
  const reason =
    (scope.reason ?? '').trim() === ''
      ? null
      : keptText(scope.reason ?? '', '--reason', 'la raison de la reprise');
  return await inTransaction(context.db, async (trx) => {
    const at = await scheduleClock(trx);
    const numbers = await liftPauses(trx, scope, actor.id, at);
    if (numbers.length === 0) return 0;
    await append(trx, {
      region: scope.region,
      kind: 'schedule.resumed',
      subject: scopeText(scope),
      actor: actor.id,
      body: { pauses: numbers, source: scope.source, reason },
    });
    return numbers.length;
  });
}

export async function pausesOf(context: ScheduleContext, region: string | null): Promise<readonly Pause[]> {
  return await standingPauses(context.db, region);
}

function scopeText(scope: PauseScope): string {
  return `pause:${scope.region ?? 'all'}${scope.source === null ? '' : `:${scope.source}`}`;
}

function checkName(name: string): void {
  if (/^[a-z][a-z0-9-]{0,39}$/.test(name)) return;
  throw new DataError({
    code: 'SCHEDULE_NAME',
    message: `« ${name} » n’est pas un nom de planification.`,
    remedy: 'écrivez des minuscules, des chiffres et des tirets, 40 au plus, par exemple « quotidien ».',
  });
}

function checkSource(source: string, known: readonly string[]): void {
  if (known.includes(source)) return;
  throw new DataError({
    code: 'SOURCE_UNKNOWN',
    message: `La source « ${source} » n’existe pas.`,
    place: '--source',
    remedy: `choisissez parmi : ${known.join(', ')}.`,
  });
}

function exists(name: string): RefusalError {
  return new RefusalError({
    code: 'SCHEDULE_EXISTS',
    message: `La région a déjà une planification « ${name} ».`,
    remedy: `donnez un autre nom, ou ôtez d’abord celle-ci (au terminal : filror schedule remove ${name}).`,
  });
}

function noReason(): DataError {
  return new DataError({
    code: 'PAUSE_REASON',
    message: 'Une pause dit pourquoi.',
    place: '--reason',
    remedy: 'écrivez par exemple « maintenance du répertoire régional » (au terminal : --reason).',
  });
}

function badExpiry(days: number): DataError {
  return new DataError({
    code: 'PAUSE_EXPIRY',
    message: `Une pause finit plus tard que maintenant, et dans ${days} jours au plus.`,
    place: '--until, --hours',
    remedy:
      'donnez la fin de la pause, par exemple le 01/12/2026 à 08:00 (au terminal : --hours 48, ou --until 2026-12-01T08:00).',
  });
}

const REMOVED = {
  code: 'SCHEDULE_REMOVED',
  message: 'La planification a été ôtée avant que l’échéance soit faite.',
  remedy:
    's’il manque, faites-le à la main (un passage : page « Passages », ou filror sync ; un jeu à télécharger : filror offers export).',
};
