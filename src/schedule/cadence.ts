import { CronExpressionParser } from 'cron-parser';
import { parse, validate } from 'node-cron';
import { DataError } from '../domain/errors.js';
import type { Cadence } from '../domain/schedule.js';
import { DAY_MS } from '../domain/time.js';

const HOUR_MS = 3_600_000;
/**
 * Started inside the hour that a night of October has twice, or in the one that a night of March lacks, the library
 * gives other instants than when it comes from before. It is always started this long before what is asked for, so
 * that the instants of a cadence do not depend on who asks, nor when.
 */
const RUN_UP_MS = 26 * HOUR_MS;
/** The library takes 0.6 ms an instant: the near past is looked at first, and nothing older than the last of these. */
const LOOK_BACK_DAYS = [2, 40, 400];
/** Public lists change at most daily: below this, somebody mistook a field for another. Minutes. */
const SMALLEST_GAP = 5;

/** Instants of a cadence within a stretch of time, the newest ones. */
export interface DueInstants {
  readonly instants: readonly Date[];
  /** True when older ones of the same stretch were left out. */
  readonly more: boolean;
}

/**
 * The newest instants of (after, upTo], at most `atMost`, oldest first. At the changes of hour: a wall-clock time that
 * exists twice counts once, the first time; one that does not exist comes at the same distance after the gap (02:30 at
 * 03:30); an expression whose hour is `*` follows real time, 25 or 23 times that day.
 */
export function dueBetween(cadence: Cadence, after: Date, upTo: Date, atMost: number): DueInstants {
  for (const [index, days] of LOOK_BACK_DAYS.entries()) {
    const from = new Date(Math.max(after.getTime(), upTo.getTime() - days * DAY_MS));
    const found = [...instantsAfter(cadence, from, upTo)];
    const whole = from.getTime() === after.getTime();
    if (whole || found.length >= atMost || index === LOOK_BACK_DAYS.length - 1) {
      return { instants: found.slice(-atMost), more: !whole || found.length > atMost };
    }
  }
  throw new Error('no look-back was tried');
}

/** The first instant after another. */
export function nextDue(cadence: Cadence, after: Date): Date {
  for (const instant of instantsAfter(cadence, after, null)) return instant;
  throw new Error(`${cadence.cron} never comes`);
}

/**
 * The next time that a wall clock shows this date and time.
 * @returns null when the text is not `AAAA-MM-JJTHH:MM` (or with a space), or that date is past
 */
export function instantOfWallClock(text: string, timeZone: string, now: Date): Date | null {
  const [, year, month, day, hour, minute] = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)$/.exec(text) ?? [];
  if (year === undefined) return null;
  const cron = [minute, hour, day, month].map(Number).join(' ') + ' *';
  if (!validate(cron)) return null;
  const at = nextDue({ cron, timeZone }, now);
  const shown = new Intl.DateTimeFormat('en-GB', { timeZone, year: 'numeric' }).format(at);
  return shown === year ? at : null;
}

function* instantsAfter(cadence: Cadence, after: Date, upTo: Date | null): Generator<Date> {
  const expression = CronExpressionParser.parse(cadence.cron, {
    tz: cadence.timeZone,
    currentDate: new Date(after.getTime() - RUN_UP_MS),
  });
  let last = after.getTime();
  for (;;) {
    const at = expression.next().getTime();
    if (upTo !== null && at > upTo.getTime()) return;
    if (at <= last) continue;
    last = at;
    yield new Date(at);
  }
}

/**
 * A cadence that both libraries understand, of five fields, that comes, and not more often than every five minutes.
 * @throws DataError `CRON_INVALID`, `CRON_TOO_OFTEN`, `TIME_ZONE_UNKNOWN`
 */
export function checkCadence(cadence: Cadence, now: Date): void {
  if (!isTimeZone(cadence.timeZone)) {
    throw new DataError({
      code: 'TIME_ZONE_UNKNOWN',
      message: `Le fuseau horaire « ${cadence.timeZone} » est inconnu.`,
      place: '--time-zone',
      remedy: 'écrivez un nom de la base IANA, par exemple Europe/Paris ou Indian/Reunion.',
    });
  }
  const { cron } = cadence;
  if (cron.trim().split(/\s+/).length !== 5 || !validate(cron)) throw invalid(cron, undefined);
  try {
    nextDue(cadence, now);
  } catch (cause) {
    throw invalid(cron, cause);
  }
  const gap = smallestGap(cron);
  if (gap < SMALLEST_GAP) {
    throw new DataError({
      code: 'CRON_TOO_OFTEN',
      message: `« ${cron} » revient à ${gap} minute(s) d’intervalle ; cinq minutes sont le minimum.`,
      place: '--cron',
      remedy: 'les listes publiques changent au plus une fois par jour : écrivez par exemple "30 5 * * *".',
    });
  }
}

/** Minutes between two instants of the same day, by the minute and hour fields alone. */
function smallestGap(cron: string): number {
  const { minute, hour } = parse(cron);
  const minutes = [...minute].sort((a, b) => a - b);
  const gaps = minutes.slice(1).map((value, index) => value - (minutes[index] ?? 0));
  if (hour.length > 1) gaps.push(60 - (minutes.at(-1) ?? 0) + (minutes[0] ?? 0));
  return Math.min(...gaps, 24 * 60);
}

function invalid(cron: string, cause: unknown): DataError {
  return new DataError({
    code: 'CRON_INVALID',
    message: `« ${cron} » n’est pas une cadence : cinq champs sont attendus (minute, heure, jour du mois, mois, jour de la semaine).`,
    place: '--cron',
    remedy: 'écrivez par exemple "30 5 * * *" (chaque jour à 05:30) ou "0 3 * * 0" (le dimanche à 03:00).',
    ...(cause === undefined ? {} : { cause }),
  });
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('fr-FR', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
