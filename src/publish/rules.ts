import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { sha256 } from '../domain/json.js';
import type { Audience } from './views.js';

/** Files that decide what an audience may see, under this folder; with all that they import (a test holds it). */
export const CUTTING = ['cut', 'hidden', '../domain/json', '../ror/urls'];

/** Files that decide what a view says and how it is found. */
export const DECIDING = [
  ...CUTTING,
  ...['dates', 'entries', 'extensions', 'parameters', 'source', 'views'],
  ...['../domain/centre', '../domain/errors', '../normalise/text', '../ror/arrays', '../ror/body'],
];

/** Of the code that runs: nobody has to remember to say that a rule has changed. */
function hashOf(files: readonly string[]): string {
  const extension = extname(import.meta.filename);
  return sha256(
    files
      .map((name) => readFileSync(join(import.meta.dirname, `${name}${extension}`), 'utf8'))
      .join('\u0000'),
  );
}

/** Rules of cutting: once they are others, what was shown before may be what they hide. */
export const CUT = hashOf(CUTTING);
const DECIDED = hashOf(DECIDING);

/** What everything was published under: once it is another, everything is looked at again. */
export function rulesOf(given: {
  readonly audiences: readonly Audience[];
  readonly canonical: string;
}): string {
  return sha256(JSON.stringify([DECIDED, [...given.audiences].sort(), given.canonical]));
}
