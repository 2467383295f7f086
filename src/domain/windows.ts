/** Days of the week as a person writes them, Monday first. */
export const DAYS = ['lun', 'mar', 'mer', 'jeu', 'ven', 'sam', 'dim'] as const;
export type Day = (typeof DAYS)[number];

/** A stretch of the week, wall clock of Paris: `from` included, `to` excluded; `to` before `from` ends on the next day. */
export interface WriteWindow {
  readonly days: readonly Day[];
  /** `HH:MM`. */
  readonly from: string;
  readonly to: string;
}

const PARIS = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/Paris',
  weekday: 'short',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});
const ENGLISH = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/**
 * Whether writing is allowed at an instant. No window: always. The wall clock decides, so that 07:30 is 07:30 in summer
 * and in winter, and the hour that a night of October has twice is open twice.
 */
export function isOpen(windows: readonly WriteWindow[], at: Date): boolean {
  if (windows.length === 0) return true;
  const part = (type: string) => PARIS.formatToParts(at).find((each) => each.type === type)?.value ?? '';
  const today = ENGLISH.indexOf(part('weekday'));
  const time = `${part('hour')}:${part('minute')}`;
  const day = (shift: number): Day => DAYS[(today + shift + 7) % 7] as Day;
  return windows.some(({ days, from, to }) =>
    from < to
      ? days.includes(day(0)) && from <= time && time < to
      : (days.includes(day(0)) && from <= time) || (days.includes(day(-1)) && time < to),
  );
}

/** "lun–ven 07:30–20:00 ; sam 09:00–12:00", for a person; null when writing is always allowed. */
export function windowsText(windows: readonly WriteWindow[]): string | null {
  if (windows.length === 0) return null;
  return windows.map(({ days, from, to }) => `${days.join(', ')} de ${from} à ${to}`).join(' ; ');
}
