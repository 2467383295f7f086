import { DataError } from '../domain/errors.js';
import { DAY_MS, dayAfter, frenchDay, parisIsoDay, parisMidnight } from '../domain/time.js';

/** A day in Paris and its last instant: what was recorded by then counts, what came later does not. */
export interface PastDay {
  /** `2026-03-12` */
  readonly iso: string;
  readonly end: Date;
}

/**
 * The end of a day in Paris, of 23 or 25 hours where the clocks change.
 * @param iso as it was typed
 * @throws DataError `DATE_INVALID`, `DATE_FUTURE`
 */
export function pastDay(iso: string, now: Date): PastDay {
  const following = dayAfter(iso);
  if (following === null)
    throw new DataError({
      code: 'DATE_INVALID',
      message: `« ${iso.slice(0, 20)} » n’est pas une date.`,
      remedy: 'donnez un jour qui existe, dans le champ de date, ou sous la forme 2026-03-12 dans l’adresse.',
    });
  if (iso > parisIsoDay(now))
    throw new DataError({
      code: 'DATE_FUTURE',
      message: `Le ${frenchDay(iso)} n’est pas encore passé : filror ne sait que ce qui a été lu et décidé.`,
      remedy: 'donnez la date d’aujourd’hui ou une date passée.',
    });
  return { iso, end: endOf(iso, following) };
}

/** The last millisecond: instants are kept to the millisecond. */
function endOf(iso: string, following: string): Date {
  // Before 1940 Paris is at neither of its two present offsets; nothing was recorded then, to an hour.
  const midnight = parisMidnight(following) ?? new Date(Date.parse(iso) + DAY_MS);
  return new Date(midnight.getTime() - 1);
}
