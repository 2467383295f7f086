import { DAY_MS, parisDay } from './time.js';

/** Monday of the week in which an instant falls in Paris: `2026-03-23`. */
export function parisWeek(at: Date): string {
  const day = Date.parse(parisDay(at).split('/').reverse().join('-'));
  const sinceMonday = (new Date(day).getUTCDay() + 6) % 7;
  return isoDay(day - sinceMonday * DAY_MS);
}

/** Mondays of the last weeks in Paris, oldest first; the week of `now`, which is not over, is the last one. */
export function lastWeeks(now: Date, count: number): string[] {
  const last = Date.parse(parisWeek(now));
  return Array.from({ length: count }, (_, at) => isoDay(last - (count - 1 - at) * 7 * DAY_MS));
}

/** Days are counted in UTC, where each has 24 hours: the two nights of the year that do not never matter. */
const isoDay = (at: number): string => new Date(at).toISOString().slice(0, 10);
