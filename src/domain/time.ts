export const DAY_MS = 86_400_000;

const PARIS_DAY = new Intl.DateTimeFormat('fr-FR', {
  timeZone: 'Europe/Paris',
  day: '2-digit',
  month: '2-digit',
  year: 'numeric',
});
const PARIS_CLOCK = new Intl.DateTimeFormat('fr-FR', {
  timeZone: 'Europe/Paris',
  hour: '2-digit',
  minute: '2-digit',
});

/** Day of an instant in Paris: "12/03/2026". */
export function parisDay(at: Date): string {
  return PARIS_DAY.format(at);
}

/** The same for an address: "2026-03-12". */
export function parisIsoDay(at: Date): string {
  return parisDay(at).split('/').reverse().join('-');
}

/** Hour of an instant in Paris, 24-hour: "06:12". */
export function parisClock(at: Date): string {
  return PARIS_CLOCK.format(at);
}

/** Day and hour of an instant in Paris: "12/03/2026 à 06:12". */
export function momentText(at: Date): string {
  return `${parisDay(at)} à ${parisClock(at)}`;
}

/** A day as people write it: `2026-03-12` → "12/03/2026". */
export function frenchDay(iso: string): string {
  return iso.slice(0, 10).split('-').reverse().join('/');
}

/** First instant of a day in Paris, `2026-03-12`; null when there is no such day. */
export function parisMidnight(iso: string): Date | null {
  if (!isDay(iso)) return null;
  // Paris is one or two hours ahead of UTC: the one of the two that shows the day's midnight is it.
  for (const offset of [1, 2]) {
    const at = new Date(Date.parse(`${iso}T00:00:00Z`) - offset * 3_600_000);
    if (parisDay(at) === frenchDay(iso) && parisClock(at) === '00:00') return at;
  }
  return null;
}

/** `2026-03-31` → `2026-04-01`; null when there is no such day. */
export function dayAfter(iso: string): string | null {
  return isDay(iso) ? new Date(Date.parse(iso) + DAY_MS).toISOString().slice(0, 10) : null;
}

function isDay(iso: string): boolean {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(iso) ? Date.parse(iso) : Number.NaN;
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(iso);
}
