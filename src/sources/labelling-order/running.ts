import { fold } from '../../normalise/text.js';
import { linesOf, type Line } from '../reading/pdf/lines.js';
import type { PdfPage, Word } from '../reading/pdf/page.js';

/** Shares of the height of a page in which running titles and page numbers stand. */
const MARGIN = 0.14;
/** "Page 3", "3/250"; a number alone may be the end of a cell. */
const PAGE_NUMBER = /^(?:page \d{1,4}|(?:page )?\d{1,4} (?:sur |of )?\d{1,4})$/;

/**
 * The words of running titles, and of page numbers: what stands at the same height of a neighbouring page, the same but
 * for a number that counts the pages. The outer lines of a page only: rows of a table may well repeat.
 * @param neighbours up to two pages before and after; titles of odd and even pages may differ
 * @param headers the words of rows of headers, which stand on every page and are no running titles
 */
export function runningWords(
  page: PdfPage,
  neighbours: readonly PdfPage[],
  headers: ReadonlySet<Word>,
): ReadonlySet<Word> {
  const others = neighbours.map((other) => ({ apart: page.no - other.no, lines: outerLines(other).flat() }));
  const isRunning = (line: Line): boolean =>
    !line.words.some((word) => headers.has(word)) &&
    (PAGE_NUMBER.test(fold(line.text)) ||
      fold(line.text) === String(page.no) ||
      others.some(({ apart, lines }) =>
        lines.some((one) => Math.abs(one.y - line.y) < 3 && counts(line.text, one.text, apart)),
      ));
  const words = new Set<Word>();
  for (const lines of outerLines(page)) {
    // From the edge inwards: what stands behind the first line of a table is of the table.
    for (const line of lines) {
      if (!isRunning(line)) break;
      for (const word of line.words) words.add(word);
    }
  }
  return words;
}

/** The lines of the upper and of the lower margin, the outermost first. */
function outerLines({ words, height }: PdfPage): readonly [Line[], Line[]] {
  const margin = height * MARGIN;
  return [
    linesOf(words.filter(({ y }) => y < margin)).slice(0, 3),
    linesOf(words.filter(({ y }) => y > height - margin))
      .slice(-3)
      .reverse(),
  ];
}

/** The same words, numbers apart that differ as the numbers of the pages do. */
function counts(one: string, other: string, pages: number): boolean {
  const [a, b] = [fold(one).split(' '), fold(other).split(' ')];
  return (
    a.length === b.length &&
    a.every((token, i) => token === b[i] || (/^\d+$/.test(token) && Number(token) - Number(b[i]) === pages))
  );
}
