import { tidy } from '../../../normalise/text.js';
import type { Word } from './page.js';

/** Words on one baseline, from left to right. */
export interface Line {
  readonly words: readonly Word[];
  readonly text: string;
  readonly x0: number;
  readonly x1: number;
  readonly y: number;
  readonly size: number;
}

/** Two baselines nearer than this, in heights of the font, are one: a superscript, a rounding. */
const SAME_LINE = 0.3;
/** Two words nearer than this are one: a ligature or a letter drawn apart. A space is 0.25 to 0.3. */
const SAME_WORD = 0.12;

/** Lines of the words given (of a page, or of one column of it), from top to bottom. */
export function linesOf(words: readonly Word[]): Line[] {
  const lines: Word[][] = [];
  for (const word of [...words].sort((a, b) => a.y - b.y || a.x0 - b.x0)) {
    const last = lines.at(-1);
    const first = last?.[0];
    if (
      last !== undefined &&
      first !== undefined &&
      word.y - first.y <= SAME_LINE * Math.max(first.size, word.size)
    )
      last.push(word);
    else lines.push([word]);
  }
  return lines.map(lineOf);
}

export function lineOf(given: readonly Word[]): Line {
  const words = [...given].sort((a, b) => a.x0 - b.x0);
  let text = '';
  let end = Number.NEGATIVE_INFINITY;
  for (const word of words) {
    text += word.x0 - end > SAME_WORD * word.size && text !== '' ? ` ${word.text}` : word.text;
    end = word.x1;
  }
  return {
    words,
    text: plain(text),
    x0: Math.min(...words.map(({ x0 }) => x0)),
    x1: Math.max(...words.map(({ x1 }) => x1)),
    y: Math.max(...words.map(({ y }) => y)),
    size: Math.max(...words.map(({ size }) => size)),
  };
}

export interface Joined {
  readonly text: string;
  /** True when a hyphen at the end of a line was taken out or kept without anything that proves it right. */
  readonly hyphenGuessed: boolean;
}

/** Words that follow a true hyphen in the names of French towns and hospitals: "Aulnay-sous-Bois", "Villeneuve-d’Ascq". */
const AFTER_TRUE_HYPHEN =
  /^(?:(?:a|au|aux|de|des|du|en|et|la|le|les|l[eè]s|sous|sur|saint|sainte)\b|[dl][’'])/iu;

/**
 * The lines of one cell as one text. A soft hyphen at the end of a line goes; so does a hyphen between two small letters,
 * unless what follows belongs to a compound name: this cannot be known from the page, and is said. Between capitals a
 * hyphen stays, and is said too. Nothing parts an apostrophe from its word.
 */
export function joinLines(texts: readonly string[]): Joined {
  let whole = '';
  let hyphenGuessed = false;
  for (const text of texts) {
    if (whole === '') whole = text;
    else if (whole.endsWith(SOFT)) whole = whole.slice(0, -1) + text;
    else if (/[\p{L}\d][-‐‑]$/u.test(whole)) {
      const small = /\p{Ll}[-‐‑]$/u.test(whole) && /^\p{Ll}/u.test(text);
      const capitals = /\p{Lu}{2}[-‐‑]$/u.test(whole) && /^\p{Lu}{2}/u.test(text);
      whole = (small && !AFTER_TRUE_HYPHEN.test(text) ? whole.slice(0, -1) : whole) + text;
      hyphenGuessed ||= small || capitals;
    } else if (/\p{L}['’]$/u.test(whole)) whole += text;
    else whole += ` ${text}`;
  }
  return { text: tidy(whole.replaceAll(SOFT, '')), hyphenGuessed };
}

/**
 * True when a line may end inside a word, broken without a hyphen: the line is full, and the word that it would be with
 * what follows is longer than a line.
 * @param room of the longest line of the column, in points
 */
export function mayBreakWord(lines: readonly Line[], room: number): boolean {
  return lines.some((line, i) => {
    const [last, first] = [line.words.at(-1), lines[i + 1]?.words[0]];
    if (last === undefined || first === undefined) return false;
    const letters = `${last.text.slice(-1)}${first.text.slice(0, 1)}`;
    return (
      /^(?:\p{L}\p{Ll}|\p{Lu}{2})$/u.test(letters) &&
      line.x1 - line.x0 > room - line.size &&
      last.x1 - last.x0 + first.x1 - first.x0 > room
    );
  });
}

const SOFT = '\u00ad';
const LIGATURES: Readonly<Record<string, string>> = {
  ﬀ: 'ff',
  ﬁ: 'fi',
  ﬂ: 'fl',
  ﬃ: 'ffi',
  ﬄ: 'ffl',
  ﬅ: 'st',
  ﬆ: 'st',
};

/** Stands for a sign that is shown, and of which the font does not say what it is. */
export const UNKNOWN_SIGN = '\ufffd';

/** Ligatures as letters; a soft hyphen inside a line was never shown. */
function plain(text: string): string {
  const letters = text
    .replace(/[ﬀ-ﬆ]/gu, (one) => LIGATURES[one] ?? one)
    .replace(/[\p{Cc}\p{Co}\p{Cs}]/gu, (one) => (/\s/u.test(one) ? ' ' : UNKNOWN_SIGN));
  const end = letters.endsWith(SOFT) ? SOFT : '';
  return tidy(letters.replaceAll(SOFT, '')) + end;
}
