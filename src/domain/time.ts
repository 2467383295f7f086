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

/** Hour of an instant in Paris, 24-hour: "06:12". */
export function parisClock(at: Date): string {
  return PARIS_CLOCK.format(at);
}

/** A day as people write it: `2026-03-12` → "12/03/2026". */
export function frenchDay(iso: string): string {
  return iso.slice(0, 10).split('-').reverse().join('/');
}
