/** Lower case, no accent, punctuation to single spaces: the form in which texts are compared, never shown. */
export function fold(text: string): string {
  return bounded(text)
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/œ/g, 'oe')
    .replace(/æ/g, 'ae')
    .replace(/[^a-z0-9]+/g, ' ')
    .trim();
}

/** NFC, no-break and repeated spaces to one space, trimmed: the form in which texts are kept and shown. */
export function tidy(text: string): string {
  return bounded(text)
    .normalize('NFC')
    .replace(/[\s\u00a0\u202f\u2007]+/g, ' ')
    .trim();
}

/** Accents on one letter that are kept (Unicode, annex 15, stream-safe texts). */
const MOST_MARKS = 30;
/** Marks, and the letters that decompose into nothing but marks: these alone are put in order. */
const MARKS = /[\p{M}\u0e33\u0eb3\uff9e\uff9f]{31,}/gu;

/** A letter under thousands of accents is nobody's text, and putting them in order takes the square of their number. */
function bounded(text: string): string {
  return text.length < 1000
    ? text
    : text.replace(MARKS, (marks) => Array.from(marks).slice(0, MOST_MARKS).join(''));
}
