import { z } from 'zod';
import { invalid } from './outcome.js';

/** Where a page ends: opaque for the reader. */
export interface Cursor {
  /** Value of the sort key, and id, of the last resource given. */
  readonly value: string;
  readonly id: string;
  /** What the first page counted; null when it did not. */
  readonly total: number | null;
  /** Instant of the last publication when the first page was read; null when nothing was published then. */
  readonly seen: Date | null;
  /** What was searched and in which order (`Query.mark`): a page of another search is none of this one. */
  readonly of: string;
}

const shape = z.tuple([
  z.string().max(500),
  z.string().regex(/^[A-Za-z0-9\-.]{1,64}$/),
  z.int().min(0).max(100_000_000).nullable(),
  z.iso.datetime({ precision: 3 }).nullable(),
  z.string().max(20),
]);

export function cursorText({ value, id, total, seen, of }: Cursor): string {
  return Buffer.from(JSON.stringify([value, id, total, seen?.toISOString() ?? null, of])).toString(
    'base64url',
  );
}

/** @throws Fault 400 */
export function cursorOf(text: string): Cursor {
  const read = shape.safeParse(parsed(text));
  if (!read.success) throw broken();
  const [value, id, total, seen, of] = read.data;
  if (/[\u0000-\u001f]/.test(value)) throw broken();
  return { value, id, total, seen: seen === null ? null : new Date(seen), of };
}

function parsed(text: string): unknown {
  if (!/^[A-Za-z0-9_-]{1,1000}$/.test(text)) throw broken();
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) throw broken();
    throw error;
  }
}

export function broken(): Error {
  return invalid(
    '_cursor',
    'Ce lien de page suivante n’est pas des nôtres : recommencez la recherche à sa première page.',
  );
}
