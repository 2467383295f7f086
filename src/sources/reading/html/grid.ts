import type { CellFault } from '../cells.js';
import { visibleText, within, type PageElement } from './page.js';

/** One row of a table as it stands on the screen: a cell over several rows or columns is in each place that it covers. */
export interface GridRow {
  /** Rank among the rows of the table, from 1. */
  readonly line: number;
  /** True in `<thead>`. */
  readonly head: boolean;
  readonly cells: readonly GridCell[];
}

export interface GridCell {
  readonly text: string;
  /** Columns and rows that it covers. */
  readonly columns: number;
  readonly rows: number;
  readonly holdsTable: boolean;
}

/** Places that one cell may fill in a row; further, each cell counts for one, and the row has too many cells anyway. */
const MAX_COLUMNS = 256;
const ROW = new Set(['tr']);
const CELL = new Set(['td', 'th']);
const TABLE = new Set(['table']);
const NOTHING: ReadonlySet<string> = new Set();
const GROUPS = new Set(['thead', 'tbody', 'tfoot']);

/** The rows of a table, not those of the tables in its cells (HTML Living Standard 4.9.12, without its errors). */
export function* gridRows(table: PageElement): Generator<GridRow, void, undefined> {
  let group: PageElement | null = null;
  let line = 0;
  let carried: (Carried | undefined)[] = [];
  for (const row of within(table, ROW, TABLE)) {
    const own = groupOf(row);
    // A cell never reaches beyond its group of rows.
    if (own !== group) carried = [];
    group = own;
    line++;
    const cells = placed(row, carried);
    yield { line, head: own?.name === 'thead', cells };
  }
}

interface Carried {
  readonly cell: GridCell;
  /** Rows still to cover. */
  left: number;
}

function placed(row: PageElement, carried: (Carried | undefined)[]): GridCell[] {
  const cells: GridCell[] = [];
  const takeCarried = (): void => {
    for (let above = carried[cells.length]; above !== undefined; above = carried[cells.length]) {
      above.left--;
      if (above.left <= 0) carried[cells.length] = undefined;
      cells.push(above.cell);
    }
  };
  for (const element of within(row, CELL, TABLE)) {
    takeCarried();
    const cell = cellOf(element);
    for (let column = 0; column === 0 || (column < cell.columns && cells.length < MAX_COLUMNS); column++) {
      if (cell.rows > 1) carried[cells.length] = { cell, left: cell.rows - 1 };
      cells.push(cell);
    }
  }
  takeCarried();
  return cells;
}

function cellOf(element: PageElement): GridCell {
  return {
    text: visibleText(element),
    columns: span(element.attribs['colspan'], 1),
    // Zero: down to the end of the group.
    rows: span(element.attribs['rowspan'], Number.MAX_SAFE_INTEGER),
    holdsTable: !within(element, TABLE, NOTHING).next().done,
  };
}

function span(written: string | undefined, zero: number): number {
  const number = Number(/^\s*[0-9]{1,5}/.exec(written ?? '')?.[0] ?? 1);
  return number === 0 ? zero : number;
}

function groupOf(row: PageElement): PageElement | null {
  const { parent } = row;
  return parent !== null && 'name' in parent && GROUPS.has(parent.name) ? parent : null;
}

/** A title over the whole width (the name of a region, of a group) tells nothing of a row. */
export function isTitle({ cells }: GridRow): boolean {
  const [first] = cells;
  return first !== undefined && first.columns > 1 && cells.every((cell) => cell === first);
}

export function isBlank({ cells }: GridRow): boolean {
  return cells.every(({ text, holdsTable }) => text === '' && !holdsTable);
}

/** What forbids to take a cell for a value of its column. */
export function gridFault({ text, columns, holdsTable }: GridCell): CellFault | null {
  if (holdsTable)
    return {
      code: 'CELL_HOLDS_TABLE',
      message: 'La cellule contient un autre tableau : rien ne dit quelle valeur en lire.',
      remedy: 'signalez-le à l’éditeur de la page, ou recopiez le tableau dans un CSV.',
    };
  if (columns > 1 && text !== '')
    return {
      code: 'CELLS_MERGED',
      message: `La cellule couvre ${String(columns)} colonnes : rien ne dit de laquelle elle est la valeur.`,
      remedy:
        'signalez-le à l’éditeur de la page, ou recopiez le tableau dans un CSV, une valeur par cellule.',
    };
  return null;
}
