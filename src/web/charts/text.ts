/**
 * A name as it fits in a chart: on one line, of at most so many characters. What XML does not allow (FFFE, FFFF, half of
 * a pair) becomes a replacement character; the rest is escaped where it is written.
 */
export function clipped(text: string, most: number): string {
  const line = text
    .replaceAll(/[\p{Cs}\uFFFE\uFFFF]/gu, '\uFFFD')
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim();
  const chars = [...line];
  return chars.length <= most
    ? line
    : `${chars
        .slice(0, most - 1)
        .join('')
        .trimEnd()}…`;
}

/** Pixels that a text takes at most, at the size of the charts (13 px, DejaVu Sans: the widest that is asked for). */
export function widthOf(text: string): number {
  return Math.ceil([...text].length * 8.2);
}

/** A coordinate with one decimal: finer than a pixel, and the same text on every machine. */
export function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** Round values from 0 to at least `most`, five steps or fewer; whole ones only when nothing is between. */
export function ticks(most: number, unit: 'whole' | 'any'): number[] {
  const raw = Math.max(most, unit === 'whole' ? 1 : 1e-9) / 5;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= raw * 0.999) ?? raw;
  const whole = unit === 'whole' ? Math.max(1, Math.round(step)) : step;
  const count = Math.max(1, Math.ceil(most / whole - 1e-9));
  return Array.from({ length: count + 1 }, (_, at) => Math.round(at * whole * 1e6) / 1e6);
}

export function french(value: number): string {
  return value.toLocaleString('fr-FR');
}
