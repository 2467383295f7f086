/** French typography varies (’ or ', case of « Ile-de-france »): displays are compared by letters and digits only. */
export function sameLetters(a: string, b: string): boolean {
  return a === b || lettersOf(a) === lettersOf(b);
}

/** What of a display is compared; empty for one without a letter or a digit. */
export const lettersOf = (text: string): string => wordsOf(text).join('');

function wordsOf(text: string): string[] {
  return text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

/** Words that say nothing of what a code means. */
const EMPTY = new Set('a au aux avec d dans de des du en et l la le les ou par pour s sur un une'.split(' '));

/** An s or an x at the end of a longer word is a plural: « compétence » and « compétences » are one word. */
const singular = (word: string): string => (word.length > 4 ? word.replace(/[sx]$/, '') : word);

const sense = (text: string): Set<string> =>
  new Set(
    wordsOf(text)
      .filter((word) => !EMPTY.has(word))
      .map(singular),
  );

export interface Named {
  readonly code: string;
  readonly display: string;
}

/** From this share of common words on, the only such name may be proposed; below, it is one to choose from. */
export const NEAR_ENOUGH = 0.6;
const WORTH_SHOWING = 0.3;

/**
 * Which of these codes bear a name near to another: all the words of the one are in the other. « Centre de référence »
 * is thus never near to « Centre de compétences », however alike the letters. Best first, with the share of the words
 * that both have.
 */
export function nearNames(
  display: string,
  among: readonly Named[],
): { readonly named: Named; readonly share: number }[] {
  const words = sense(display);
  return among
    .map((named) => ({ named, share: shareOf(words, sense(named.display)) }))
    .filter(({ share }) => share >= WORTH_SHOWING)
    .sort((a, b) => b.share - a.share || (a.named.code < b.named.code ? -1 : 1));
}

/** Common words over all words when one holds the other; 0 otherwise. */
function shareOf(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const [small, large] = a.size <= b.size ? [a, b] : [b, a];
  if (small.size === 0 || [...small].some((word) => !large.has(word))) return 0;
  return small.size / large.size;
}
