import type { FiliereIndex } from '../../normalise/filieres.js';
import { linesOf, type Line } from '../reading/pdf/lines.js';
import type { PdfPage, Word } from '../reading/pdf/page.js';
import { isLabel, labelTextOf } from './blocks.js';
import { columnOf, columnsOf, type Column } from './columns.js';
import { headingsOf } from './filiere-heading.js';
import { headersOf, type Header, type HeaderCell } from './header.js';
import { rowsOf, type ReadRow, type TableState } from './rows.js';
import { runningWords } from './running.js';

/** What parts a page: a row of headers, or the name of a filière. */
type Mark = { readonly from: number; readonly to: number } & (
  | { readonly kind: 'header'; readonly cells: readonly HeaderCell[] }
  | { readonly kind: 'filiere'; readonly filiere: string }
);

/** Words of earlier pages of a table that help to tell its columns apart: a page may show one row of it. */
const SAMPLE = 1_500;
/** Texts without a label at the top of a page: the end of a cell has a few lines, an article has more. */
const END_OF_CELL = 6;

/** Reads the pages of an order in turn: what a table showed on one page holds on the next. */
export class OrderPages {
  /** True once a row of headers was seen. */
  found = false;
  private cells: readonly HeaderCell[] | null = null;
  private sample: Word[] = [];
  private filiere: string | null = null;
  private fresh = true;
  /** What stands above the next table: the name of a filière, or a text of which that is not known. */
  private above: 'filiere' | 'text' | null = null;
  private readonly state: TableState = { above: new Map(), last: null, votes: { top: 0, middle: 0 } };
  private readonly filieres = new Map<ReadRow, string | null>();

  constructor(private readonly index: FiliereIndex) {}

  /** The filière that stood above the row. */
  filiereOf(row: ReadRow): string | null {
    return this.filieres.get(row) ?? null;
  }

  /** @returns the rows of a page, or null for one that shows no part of a table */
  read(page: PdfPage, near: readonly PdfPage[]): ReadRow[] | null {
    const headers = headersOf(page.words);
    const inHeader = new Set(page.words.filter(({ y }) => headers.some((one) => isWithin(y, one))));
    const running = runningWords(page, near, inHeader);
    const words = page.words.filter((word) => !running.has(word));
    const marks = this.marksOf(headers, words);
    const rows: ReadRow[] = [];
    let shown = marks.some(({ kind }) => kind === 'header');
    for (let i = -1; i < marks.length; i++) {
      const mark = marks[i];
      if (mark !== undefined) this.take(mark);
      const [from, to] = [
        mark?.to ?? Number.NEGATIVE_INFINITY,
        marks[i + 1]?.from ?? Number.POSITIVE_INFINITY,
      ];
      const part = words.filter(({ y }) => y > from + 0.1 && y < to - 0.1);
      const found = this.part(page.no, part, mark?.kind ?? 'top');
      this.look(part, found);
      if (found === null) continue;
      shown = true;
      rows.push(...found);
    }
    return shown ? rows : null;
  }

  private marksOf(rows: readonly Header[], words: readonly Word[]): Mark[] {
    const headers = rows.map(({ top: from, bottom: to, cells }): Mark => ({
      kind: 'header',
      from,
      to,
      cells,
    }));
    const free = words.filter(({ y }) => !rows.some((row) => isWithin(y, row)));
    const headings = headingsOf(linesOf(free), this.index).map(({ filiere, lines }): Mark => {
      const all = lines.flatMap((line) => line.words.map(({ y }) => y));
      return { kind: 'filiere', from: Math.min(...all), to: Math.max(...all), filiere };
    });
    return [...headers, ...headings].sort((a, b) => a.from - b.from);
  }

  private take(mark: Mark): void {
    if (mark.kind === 'filiere') {
      if (mark.filiere !== this.filiere) this.fresh = true;
      this.filiere = mark.filiere;
      this.above = 'filiere';
      return;
    }
    this.found = true;
    // A text that may name another filière stands above this table: its rows must not pass for those of the last one.
    if (this.above === 'text') this.filiere = null;
    if (!sameCells(mark.cells, this.cells)) {
      this.sample = [];
      if (this.cells !== null && !sameFields(mark.cells, this.cells)) this.fresh = true;
    }
    this.cells = mark.cells;
  }

  /** The rows between two marks; null when no table goes on there. */
  private part(page: number, words: readonly Word[], after: Mark['kind'] | 'top'): ReadRow[] | null {
    if (this.cells === null || words.length === 0) return null;
    const columns = columnsOf(this.cells, [...this.sample, ...words]);
    const labelled = labelsAmong(words, columns);
    if (labelled === 0 && after !== 'header' && !this.isEndOfCell(words, after)) return null;
    const rows = rowsOf(page, columns, words, this.fresh, this.state);
    if (labelled > 0) {
      this.fresh = false;
      this.sample = [...this.sample, ...words].slice(-SAMPLE);
    }
    const hasColumn = columns.some(({ field }) => field === 'filiere');
    for (const row of rows) this.filieres.set(row, hasColumn ? null : this.filiere);
    return rows;
  }

  /** What a part leaves above the table that may follow it. */
  private look(words: readonly Word[], found: readonly ReadRow[] | null): void {
    const rows = found ?? [];
    const hasRows = rows.some(({ doubts }) => !doubts.has('unread'));
    if (hasRows) this.above = null;
    const last = linesOf(words).at(-1);
    if (last === undefined || this.above === 'filiere') return;
    const isBelowRows = !hasRows || rows.at(-1)?.doubts.has('unread') === true;
    if (isBelowRows && isOneText(last)) this.above = 'text';
  }

  private isEndOfCell(words: readonly Word[], after: Mark['kind'] | 'top'): boolean {
    return after === 'top' && !this.fresh && this.state.last !== null && linesOf(words).length <= END_OF_CELL;
  }
}

/** Words of one run: those of a row stand apart in its columns. */
function isOneText({ words }: Line): boolean {
  return words.every((word, i) => {
    const before = words[i - 1];
    return before === undefined || word.x0 - before.x1 < 0.8 * word.size;
  });
}

function isWithin(y: number, { top, bottom }: Pick<Header, 'top' | 'bottom'>): boolean {
  return y >= top - 1 && y <= bottom + 1;
}

function labelsAmong(words: readonly Word[], columns: readonly Column[]): number {
  const own = words.filter((word) => columnOf(columns, word)?.field === 'label');
  const lines = linesOf(own);
  return lines.filter(
    ({ text }, i) => isLabel(text) || isLabel(labelTextOf([text, lines[i + 1]?.text ?? ''])),
  ).length;
}

function sameCells(one: readonly HeaderCell[], other: readonly HeaderCell[] | null): boolean {
  return (
    other !== null &&
    sameFields(one, other) &&
    one.every(
      ({ x0, x1 }, i) => Math.abs(x0 - (other[i]?.x0 ?? 0)) < 2 && Math.abs(x1 - (other[i]?.x1 ?? 0)) < 2,
    )
  );
}

function sameFields(one: readonly HeaderCell[], other: readonly HeaderCell[]): boolean {
  return (
    one.length === other.length &&
    one.every(({ field, text }, i) => field === other[i]?.field && text === other[i].text)
  );
}
