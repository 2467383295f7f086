import type { CoveredCentre, Standing } from '../../runs/coverage.js';

/** How many centres stand where. */
export function tally(centres: readonly Pick<CoveredCentre, 'standing'>[]): Record<Standing, number> {
  const counts = { seen: 0, asked: 0, hidden: 0 };
  for (const { standing } of centres) counts[standing] += 1;
  return counts;
}

/** "aucun n’est visible", "2 sont visibles", "tous sont visibles" */
export function seenWords(seen: number, all: number): string {
  if (seen === 0) return all === 1 ? 'il n’est pas visible' : 'aucun n’est visible';
  if (seen === all) return all === 1 ? 'il est visible' : 'tous sont visibles';
  return seen === 1 ? 'un seul est visible' : `${String(seen)} sont visibles`;
}

/** "A", "A et B", "A, B et C" */
export function list(names: readonly string[]): string {
  const last = names.at(-1);
  if (last === undefined) return '';
  return names.length === 1 ? last : `${names.slice(0, -1).join(', ')} et ${last}`;
}
