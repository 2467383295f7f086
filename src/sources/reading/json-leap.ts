import { isUtf8 } from 'node:buffer';
import type { Json } from '../../domain/json.js';
import { COLON, COMMA, QUOTE, SPACES } from './json-bytes.js';

/** A longer item is gone through byte by byte: no more than this is held for a guess. */
const LONGEST_LEAP = 1024 * 1024;
const LONGEST_OPENING = 64;
const MOST_MISSES = 4;

/** Where an item ends, and what it says; `more`: the pieces to come must be seen first; null: go through it. */
export type Leapt = { readonly end: number; readonly value: Json } | 'more' | null;

/**
 * Finds the end of an item without going through its bytes: items of one list begin alike (`{"name":`), so the next
 * beginning is looked for, and what stands before it is parsed. A text that parses is the item and nothing else, since no
 * JSON object is the beginning of another; one that does not was a wrong guess, and the item is gone through. The items
 * are therefore the same with and without.
 */
export class JsonLeap {
  #opening: Buffer | null = null;
  #misses = 0;

  /** Learns how items begin, from one whose end was found by going through it. */
  learn(item: Uint8Array): void {
    const colon = item.subarray(0, LONGEST_OPENING).indexOf(COLON);
    this.#opening = colon > 2 && item.includes(QUOTE) ? Buffer.from(item.subarray(0, colon + 1)) : null;
  }

  /** @param from where the item begins; `longest`: an item beyond is nobody's */
  over(data: Buffer, from: number, longest: number): Leapt {
    const opening = this.#opening;
    if (opening === null || this.#misses >= MOST_MISSES) return null;
    const next = data.indexOf(opening, from + opening.length);
    const most = Math.min(longest, LONGEST_LEAP);
    if (next === -1 && data.length - from <= most) return 'more';
    const leapt = next === -1 || next - from > most ? null : parsedBefore(data, from, next);
    this.#misses = leapt === null ? this.#misses + 1 : 0;
    return leapt;
  }
}

function parsedBefore(data: Buffer, from: number, next: number): Exclude<Leapt, 'more'> {
  let end = next;
  let commas = 0;
  for (let byte = data[end - 1] ?? 0; SPACES.has(byte) || byte === COMMA; byte = data[end - 1] ?? 0) {
    if (byte === COMMA) commas++;
    end--;
  }
  const text = data.subarray(from, end);
  if (commas !== 1 || !isUtf8(text)) return null;
  try {
    return { end, value: JSON.parse(text.toString('utf8')) as Json };
  } catch {
    return null;
  }
}
