import { distance } from 'fastest-levenshtein';

/**
 * The known name that somebody most likely meant: up to a third of its letters differ, case apart, or the same letters
 * in another order; null when none is that near.
 */
export function nearest(written: string, known: readonly string[]): string | null {
  const scored = known
    .map((name) => ({ name, edits: edits(written.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, edits }) => edits * 3 <= Math.max(name.length, 3))
    .sort((a, b) => a.edits - b.edits);
  return scored[0]?.name ?? null;
}

/** ` : vouliez-vous dire « mail.yaml » ?`, or nothing. */
export function didYouMean(written: string, known: readonly string[]): string {
  const name = nearest(written, known);
  return name === null ? '' : ` : vouliez-vous dire « ${name} » ?`;
}

/** Letters that changed places are one slip of the hand. */
function edits(written: string, known: string): number {
  const letters = (word: string): string => [...word].sort().join('');
  return Math.min(distance(written, known), letters(written) === letters(known) ? 1 : Infinity);
}
