import { fold } from '../../normalise/text.js';
import { linesOf, type Line } from '../reading/pdf/lines.js';
import { NEXT_LINE } from './header.js';
import type { PdfPage, Word } from '../reading/pdf/page.js';

/** Shares of the height of a page in which running titles and page numbers stand. */
const MARGIN = 0.14;
/** Lines looked at from each edge. */
const OUTER = 5;
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
  const margin = page.height * MARGIN;
  const isRunning = (line: Line): boolean =>
    (line.y < margin || line.y > page.height - margin) &&
    !line.words.some((word) => headers.has(word)) &&
    (PAGE_NUMBER.test(fold(line.text)) ||
      fold(line.text) === String(page.no) ||
      others.some(({ apart, lines }) =>
        lines.some((one) => Math.abs(one.y - line.y) < 3 && counts(line.text, one.text, apart)),
      ));
  const words = new Set<Word>();
  for (const lines of outerLines(page)) {
    // From the edge inwards: what stands behind the first line of a table is of the table.
    const until = lines.findIndex((line) => !isRunning(line));
    const running = until === -1 ? lines : lines.slice(0, until);
    // The last line of a cell may repeat on the next page too: a running title stands apart from what it frames.
    const apart = running.findLastIndex((line, i) => isApart(line, lines[i + 1]));
    for (const line of running.slice(0, apart + 1)) for (const word of line.words) words.add(word);
  }
  return words;
}

/** Farther from the next line inwards than two lines of one cell are. */
function isApart(line: Line, inner: Line | undefined): boolean {
  return inner === undefined || Math.abs(inner.y - line.y) > NEXT_LINE * Math.max(inner.size, line.size);
}

/** The first and last lines of a page, the outermost first. */
function outerLines({ words }: PdfPage): readonly [Line[], Line[]] {
  const lines = linesOf(words);
  return [lines.slice(0, OUTER), lines.slice(-OUTER).reverse()];
}

/** The same words, numbers apart that differ as the numbers of the pages do. */
function counts(one: string, other: string, pages: number): boolean {
  const [a, b] = [fold(one).split(' '), fold(other).split(' ')];
  return (
    a.length === b.length &&
    a.every((token, i) => token === b[i] || (/^\d+$/.test(token) && Number(token) - Number(b[i]) === pages))
  );
}
