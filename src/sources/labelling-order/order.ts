import type { FiliereIndex } from '../../normalise/filieres.js';
import type { SourceInput } from '../contract.js';
import type { CentreColumn } from '../labelled-centres/schema.js';
import { joinLines, mayBreakWord, UNKNOWN_SIGN } from '../reading/pdf/lines.js';
import { pdfPages } from '../reading/pdf/document.js';
import type { PdfLimits } from '../reading/pdf/limits.js';
import { noTextPdf } from '../reading/pdf/faults.js';
import type { PdfPage } from '../reading/pdf/page.js';
import { isLoose, labelTextOf } from './blocks.js';
import { noTable, tooManyLines } from './faults.js';
import { OrderPages } from './pages.js';
import type { Doubt, ReadRow } from './rows.js';

/** One row of an order as it was read: a proposal, until a person says that it is right. */
export interface OrderLine {
  readonly page: number;
  /** From 1, in the order of the document: "ligne 214". */
  readonly line: number;
  /** By column; one that the row lacks is absent. */
  readonly cells: Readonly<Partial<Record<CentreColumn, string>>>;
  /** Cells under headers that filror does not know: "N° : 12". */
  readonly others: readonly string[];
  readonly doubts: readonly Doubt[];
}

/** What reading an order gave. */
export interface OrderReading {
  readonly pages: number;
  readonly lines: readonly OrderLine[];
  /** Pages without a text: blank, or an image. */
  readonly textless: readonly number[];
  /** Pages with text and no row of a table: the articles of the order, signatures. */
  readonly outside: readonly number[];
  /** Texts written across the others, left out. */
  readonly askew: number;
}

/** An order of 2,400 centres has as many lines; ten times that is another document. */
const MAX_LINES = 25_000;

/**
 * Reads the tables of a labelling order. Pages come one after another: memory holds five of them, and the lines.
 * @throws SourceError those of `pdfPages`, `SRC_PDF_NO_TEXT`, `SRC_PDF_NO_TABLE`, `SRC_TOO_LARGE`
 */
export async function readOrder(
  input: SourceInput,
  filieres: FiliereIndex,
  onPage: (done: number, total: number) => void = () => undefined,
  limits?: PdfLimits,
): Promise<OrderReading> {
  const tables = new OrderPages(filieres);
  const rows: ReadRow[] = [];
  const outside: number[] = [];
  const textless: number[] = [];
  let [pages, askew] = [0, 0];
  for await (const { page, near } of withNeighbours(pdfPages(input, limits))) {
    pages = page.pages;
    askew += page.askew;
    onPage(page.no, page.pages);
    if (page.words.length === 0) {
      textless.push(page.no);
      continue;
    }
    const found = tables.read(page, near);
    if (found === null) outside.push(page.no);
    else rows.push(...found);
    if (rows.length > MAX_LINES) throw tooManyLines(input, page.no, MAX_LINES);
  }
  if (textless.length === pages) throw noTextPdf(input, pages);
  if (!tables.found) throw noTable(input, pages);
  return {
    pages,
    lines: rows.map((row, i) => lineOf(row, i + 1, tables.filiereOf(row))),
    textless,
    outside,
    askew,
  };
}

const AROUND = 2;

/** Each page with up to two pages on either side: running titles are told by their neighbours. */
async function* withNeighbours(
  pages: AsyncIterable<PdfPage>,
): AsyncGenerator<{ readonly page: PdfPage; readonly near: readonly PdfPage[] }, void, undefined> {
  const held: PdfPage[] = [];
  let given = 0;
  const give = function* (until: number) {
    for (; given < until; given++) {
      const page = held.find(({ no }) => no === given + 1);
      if (page !== undefined)
        yield { page, near: held.filter(({ no }) => no !== page.no && Math.abs(no - page.no) <= AROUND) };
      while ((held[0]?.no ?? Number.POSITIVE_INFINITY) <= given + 1 - AROUND) held.shift();
    }
  };
  let last = 0;
  for await (const page of pages) {
    held.push(page);
    last = page.no;
    yield* give(page.no - AROUND);
  }
  yield* give(last);
}

function lineOf({ page, cells, doubts }: ReadRow, line: number, filiere: string | null): OrderLine {
  const texts: Partial<Record<CentreColumn, string>> = filiere === null ? {} : { filiere };
  const others: string[] = [];
  const all = new Set(doubts);
  for (const [column, cell] of cells) {
    const { text, hyphenGuessed } =
      column.field === 'label'
        ? { text: labelTextOf(cell.texts()), hyphenGuessed: false }
        : joinLines(cell.texts());
    const lines = cell.blocks.flatMap((block) => block.lines);
    if (column.field !== 'label' && mayBreakWord(lines, column.room)) all.add('hyphen');
    for (const doubt of cell.doubts) all.add(doubt);
    if (cell.blocks.some(isLoose)) all.add('joined');
    if (hyphenGuessed) all.add('hyphen');
    if (text.includes(UNKNOWN_SIGN)) all.add('unread');
    if (text === '') continue;
    if (column.field === null) others.push(`${column.text} : ${text}`);
    else texts[column.field] = text;
  }
  return { page, line, cells: texts, others, doubts: [...all].sort() };
}
