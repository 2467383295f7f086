import type { DecidedChange } from '../db/coverage.js';
import { groupsOf } from '../domain/groups.js';
import { parisWeek } from '../domain/weeks.js';

/** How long deciding took, in milliseconds; `count` is what it rests on. */
export interface Delay {
  readonly count: number;
  readonly median: number;
  readonly p90: number;
}

/** Delay of some decided changes, from their opening to their decision; null when there is none. */
export function delayOf(decided: readonly DecidedChange[]): Delay | null {
  const sorted = decided
    .map(({ openedAt, decidedAt }) => decidedAt.getTime() - openedAt.getTime())
    .sort((a, b) => a - b);
  if (sorted.length === 0) return null;
  return { count: sorted.length, median: nearestRank(sorted, 50), p90: nearestRank(sorted, 90) };
}

/** Delay of each of these weeks, by the week of the decision in Paris. */
export function delaysByWeek(
  decided: readonly DecidedChange[],
  weeks: readonly string[],
): readonly { readonly week: string; readonly delay: Delay | null }[] {
  const byWeek = groupsOf(decided, ({ decidedAt }) => parisWeek(decidedAt));
  return weeks.map((week) => ({ week, delay: delayOf(byWeek.get(week) ?? []) }));
}

/** Nearest rank: the smallest value that at least this share of all does not exceed, so that the sentence is true. */
function nearestRank(sorted: readonly number[], percent: number): number {
  const rank = Math.max(1, Math.ceil((percent * sorted.length) / 100));
  return sorted[rank - 1] ?? Number.NaN;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** "20 min", "5 h", "2,5 jours": as precise as somebody who waits needs it. */
export function delayText(ms: number): string {
  if (ms < HOUR) return `${String(Math.max(1, Math.round(ms / 60_000)))} min`;
  if (ms < 2 * DAY) return `${String(Math.round(ms / HOUR))} h`;
  return `${(Math.round((ms / DAY) * 10) / 10).toLocaleString('fr-FR')} jours`;
}
