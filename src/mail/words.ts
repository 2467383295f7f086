import { counted } from '../domain/counted.js';

/** Characters of a value that came from outside, in a subject or a sentence. */
const SHORT = 120;
const LONG = 600;

/**
 * One line, whatever came in: no control character (so no header can follow, RFC 5322, 2.2), no mark that reverses or
 * hides text, no line of its own, and never longer than `most`.
 */
export function oneLine(text: string, most: number = SHORT): string {
  const flat = text
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const letters = [...flat];
  return letters.length <= most ? flat : `${letters.slice(0, most - 1).join('')}…`;
}

/** A sentence of ours that quotes something: longer, still one line, without anybody's e-mail address. */
export function sentence(text: string): string {
  return oneLine(text.replace(/[\p{L}\p{N}._%+-]+@[\p{L}\p{N}.-]+/gu, '***'), LONG);
}

/** "[filror 28] …": every subject begins so, and is one line. */
export function subjectOf(region: string, text: string): string {
  return `[filror ${region}] ${oneLine(text)}`;
}

/** "a, b et c"; empty parts fall away. */
export function listed(parts: readonly (string | null)[]): string {
  const present = parts.filter((part): part is string => part !== null);
  const last = present.at(-1) ?? '';
  return present.length < 2 ? last : `${present.slice(0, -1).join(', ')} et ${last}`;
}

/** Null for none, so that `listed` leaves it out. */
export function some(count: number, one: string, many?: string): string | null {
  return count === 0 ? null : counted(count, one, many);
}
