import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { sha256 } from '../domain/json.js';
import type { Audience } from './views.js';

/** Files that decide what a view says and how it is found, under this folder; with all that they import (a test holds it). */
export const DECIDING = [
  ...['cut', 'dates', 'entries', 'extensions', 'parameters', 'source', 'views'],
  ...['../domain/centre', '../domain/errors', '../domain/json', '../normalise/text'],
  ...['../ror/arrays', '../ror/body', '../ror/urls'],
];

/** Of the code that runs: nobody has to remember to say that a rule has changed. */
const DECIDED = sha256(
  DECIDING.map((name) =>
    readFileSync(join(import.meta.dirname, `${name}${extname(import.meta.filename)}`), 'utf8'),
  ).join('\u0000'),
);

/** What everything was published under: once it is another, everything is looked at again. */
export function rulesOf(given: {
  readonly audiences: readonly Audience[];
  readonly canonical: string;
}): string {
  return sha256(JSON.stringify([DECIDED, [...given.audiences].sort(), given.canonical]));
}
