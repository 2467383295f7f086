import { distance } from 'fastest-levenshtein';

/** A woman is not a man: "Sainte-Marie" is no "Saint-Marie". */
const SAINTS: readonly string[] = ['saint', 'sainte'];

/**
 * Resemblance of two folded words between 0 and 1; 0 means "not the same word". One edit from five letters on, two
 * from eight; a last word may be cut ("BACLES", FINESS names stop at 38 characters). Four letters are too few for an
 * edit unless the first letter agrees ("Best" for Brest).
 */
export function wordLikeness(written: string, known: string, options: { readonly last: boolean }): number {
  if (written === known) return 1;
  if (SAINTS.includes(written) && SAINTS.includes(known)) return 0;
  if (written.length < 4 || known.length < 4) return 0;
  if (options.last && known.startsWith(written)) return 0.92;
  if (written[0] !== known[0] || /[0-9]/.test(written)) return 0;
  const longest = Math.max(written.length, known.length);
  const allowed = longest >= 8 ? 2 : longest >= 5 ? 1 : 0;
  if (Math.abs(written.length - known.length) > allowed) return 0;
  const edits = distance(written, known);
  return edits <= allowed ? 1 - (0.7 * edits) / longest : 0;
}
