import type { Json } from '../domain/json.js';
import { plain } from './body.js';
import { describe, type Labels } from './describe.js';
import { sameValue } from './equality.js';

/** Where no list of codes is at hand: each code is shown with the label that came with it. */
export const OWN_LABELS: Labels = { find: () => null };

/** What a value says, on one line, as the entry sheet says it; `rien` for none. */
export function lineOf(value: Json | null | undefined, codes: Labels): string {
  if (value === undefined || value === null) return 'rien';
  const { lines } = describe(value, codes);
  return lines.length === 0 ? JSON.stringify(plain(value)) : lines.join(', ');
}

/**
 * Values of one element side by side, a line each. Two that differ and would read alike (another label of one code, an
 * extension that nobody types) show their JSON too: a conflict of three equal columns explains nothing.
 */
export function columnsOf(values: readonly (Json | null | undefined)[], codes: Labels): string[] {
  const lines = values.map((value) => lineOf(value, codes));
  return values.map((value, at) => {
    const line = lines[at] ?? '';
    const alike = values.some((other, i) => i !== at && lines[i] === line && !same(value, other));
    return alike ? `${line} [${JSON.stringify(plain(value ?? null))}]` : line;
  });
}

function same(a: Json | null | undefined, b: Json | null | undefined): boolean {
  return a == null || b == null ? (a ?? null) === (b ?? null) : sameValue(a, b);
}
