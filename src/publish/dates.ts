import type { Range } from './parameters.js';

const DATE =
  /^(\d{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01])(?:T([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d|60)(\.\d{1,9})?)?(Z|[+-](?:0\d|1[0-4]):[0-5]\d)?)?)?)?$/;

/**
 * First and last instant, in seconds since 1970, that a FHIR date or dateTime covers (R4, date search): a day is the
 * whole day, a minute the whole minute. Without a time zone it is taken as UTC. Null when no such date exists.
 */
export function bounds(text: string): (Range & { readonly low: number; readonly high: number }) | null {
  const parts = DATE.exec(text);
  if (parts === null) return null;
  const [, year = '', month, day, hour, minute, second, fraction = '', zone = 'Z'] = parts;
  const [y, m, d] = [Number(year), Number(month ?? 1), Number(day ?? 1)];
  if (day !== undefined && d > lastDay(y, m)) return null;
  const offset = zone === 'Z' ? 0 : minutesOf(zone) * 60;
  const clock = Number(hour ?? 0) * 3600 + Number(minute ?? 0) * 60 + Number(second ?? 0);
  const start = utc(y, m, d) + clock + Number(fraction === '' ? 0 : fraction) - offset;
  const end = start + lengthOf(y, m, { month, day, hour, second, fraction });
  // Years 1 to 9999, once the time zone is taken off: no database knows the others.
  if (start < FIRST || end >= LAST) return null;
  return { low: start, high: end };
}

const FIRST = utc(1, 1, 1);
const LAST = utc(10_000, 1, 1);

/** Seconds that are covered beyond the first instant; a millisecond is the finest that is told apart. */
function lengthOf(
  year: number,
  month: number,
  given: {
    month: string | undefined;
    day: string | undefined;
    hour: string | undefined;
    second: string | undefined;
    fraction: string;
  },
): number {
  if (given.month === undefined) return utc(year + 1, 1, 1) - utc(year, 1, 1) - 0.001;
  if (given.day === undefined) return lastDay(year, month) * 86_400 - 0.001;
  if (given.hour === undefined) return 86_400 - 0.001;
  if (given.second === undefined) return 60 - 0.001;
  return given.fraction === '' ? 0.999 : 0;
}

function utc(year: number, month: number, day: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getTime() / 1000;
}

function lastDay(year: number, month: number): number {
  return new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
}

function minutesOf(zone: string): number {
  const [hours = 0, minutes = 0] = zone.slice(1).split(':').map(Number);
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}
