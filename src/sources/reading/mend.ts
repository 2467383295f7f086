import iconv from 'iconv-lite';

const C1 = /[\u0080-\u009f]/g;

/**
 * Undoes a reading as latin1 made upstream: U+0092 stands where the author typed the windows-1252 apostrophe. Real: 24
 * lines of the FINESS extract of 2021-01-08 (`LA FERME D\u0092ASCROS`). C1 controls have no other use in a text, so that
 * nothing is guessed; the five bytes that windows-1252 does not define become U+FFFD, and the row is set aside.
 */
export function mendC1(text: string): string {
  return text.replace(C1, (sign) => iconv.decode(Buffer.from([sign.charCodeAt(0)]), 'windows-1252'));
}

/** What `neat` mends: most cells hold none of it, and registers have millions. */
const UNTIDY = /[\u0080-\u009f]| {2}|""|^\s|\s$/;

/** Inner runs of spaces and of quotes to one, ends trimmed; the text is otherwise as FINESS writes it. */
export function neat(cell: string): string {
  if (!UNTIDY.test(cell)) return cell;
  return mendC1(cell).replace(/ {2,}/g, ' ').replace(/"{2,}/g, '"').trim();
}
