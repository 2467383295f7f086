import { sha256 } from '../domain/json.js';

/** Longest text of a cell (ECMA-376; every spreadsheet program). */
const LONGEST = 32_000;

/**
 * A text as a cell holds it. It is written as a shared string with the format "text": a spreadsheet shows `=1+1`, `+33`,
 * `-2`, `@SUM(A1)` or a leading tab as they are and computes nothing (OWASP, CSV injection: a workbook needs no quote in
 * front, since strings and formulas are two types). Controls that XML refuses are left out; `_x0041_`, which a reader
 * takes for an escaped character (ECMA-376, 22.9.2.19), is escaped itself.
 */
export function cellText(text: string): string {
  const line = text
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '');
  const short = wellFormed(line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line);
  return short.replaceAll(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_');
}

/** What a cell shows of a text, as it is read back. */
export function shownText(text: string): string {
  return cellText(text).replaceAll('_x005F_', '_');
}

/** Spaces around and between do not count. */
export function sameText(one: string, other: string): boolean {
  return tidied(one) === tidied(other);
}

/** Mark of a shown text: enough to see that somebody typed over it, short enough for one cell. */
export function markOf(text: string): string {
  return sha256(tidied(shownText(text))).slice(0, 10);
}

/** Half a character, which no encoding writes, becomes U+FFFD. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}

function tidied(text: string): string {
  return text.normalize('NFC').replaceAll(/\s+/g, ' ').trim();
}
