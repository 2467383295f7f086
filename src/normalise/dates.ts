import type { ApproximateDate } from '../domain/deployment.js';
import { fold, tidy } from './text.js';

/** `unreadable`: no known form. `impossible`: a known form that names no day of the calendar (31/02/2021). */
export type DateFault = 'unreadable' | 'impossible';
export type DateReading =
  | { readonly kind: 'date'; readonly date: ApproximateDate }
  | { readonly kind: 'fault'; readonly fault: DateFault };

/** Full names and the abbreviations that French spreadsheets write ("janv-21", "févr-25", "sept-24"). */
const MONTHS: Readonly<Record<string, number>> = {
  janvier: 1,
  janv: 1,
  jan: 1,
  fevrier: 2,
  fevr: 2,
  fev: 2,
  mars: 3,
  avril: 4,
  avr: 4,
  mai: 5,
  juin: 6,
  juillet: 7,
  juil: 7,
  aout: 8,
  septembre: 9,
  sept: 9,
  octobre: 10,
  oct: 10,
  novembre: 11,
  nov: 11,
  decembre: 12,
  dec: 12,
};

/**
 * Reads a date of a French table: `08/01/2021`, `8-1-21`, `2021-01-08`, `8 janvier 2021`, `janv-21`, `01/2021`,
 * `2021-01`. Two-digit years are of this century (the tables start with BaMaRa, 2015). A year alone, or the serial
 * number of a spreadsheet (44204), is not readable: nothing is guessed.
 */
export function readDate(text: string): DateReading {
  const folded = fold(text).replace(/\b1er\b/, '1');
  const parts = dayMonthYear(folded);
  if (parts === null) return { kind: 'fault', fault: 'unreadable' };
  const { day, month, year } = parts;
  if (month < 1 || month > 12) return { kind: 'fault', fault: 'impossible' };
  if (day !== null && (day < 1 || day > daysIn(year, month))) return { kind: 'fault', fault: 'impossible' };
  const monthIso = `${String(year)}-${two(month)}`;
  return {
    kind: 'date',
    date:
      day === null
        ? { text: tidy(text), precision: 'month', iso: monthIso }
        : { text: tidy(text), precision: 'day', iso: `${monthIso}-${two(day)}` },
  };
}

interface Parts {
  readonly day: number | null;
  readonly month: number;
  readonly year: number;
}

function dayMonthYear(folded: string): Parts | null {
  let match = /^([0-9]{4}) ([0-9]{1,2})(?: ([0-9]{1,2}))?$/.exec(folded);
  if (match !== null) {
    return {
      day: match[3] === undefined ? null : Number(match[3]),
      month: Number(match[2]),
      year: Number(match[1]),
    };
  }
  match = /^(?:([0-9]{1,2}) )?([0-9]{1,2}|[a-z]+) ([0-9]{4}|[0-9]{2})$/.exec(folded);
  if (match === null) return null;
  const [, day, middle = '', last = ''] = match;
  // "08/21" may be a month or a day: only a four-digit year makes two numbers readable.
  if (day === undefined && /^[0-9]/.test(middle) && last.length === 2) return null;
  const month = /^[0-9]/.test(middle) ? Number(middle) : MONTHS[middle];
  if (month === undefined) return null;
  return {
    day: day === undefined ? null : Number(day),
    month,
    year: last.length === 2 ? 2000 + Number(last) : Number(last),
  };
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
