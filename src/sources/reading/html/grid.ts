import { SourceError } from '../../../domain/errors.js';
import type { SourceInput } from '../../contract.js';
import { whole } from '../../gates-words.js';
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
/**
 * Places of one row; rows and places of all the tables that are looked at, and the characters in them. A cell of a few
 * bytes may stand in millions of places, by its rows and columns, with all its text in each. The tables that lists are
 * read from have ten columns and 2,500 rows; the longest list (`LIST_BOUNDS`) fits in, with nine columns.
 */
export const TABLE_BOUNDS = { columns: 1000, cells: 500_000, characters: 32 * 1024 ** 2 };

const ROW = new Set(['tr']);
const CELL = new Set(['td', 'th']);
const TABLE = new Set(['table']);
const NOTHING: ReadonlySet<string> = new Set();
const GROUPS = new Set(['thead', 'tbody', 'tfoot']);

/** What is left of the cells that may be looked at in a page. */
export class Room {
  #cells = TABLE_BOUNDS.cells;
  #characters = TABLE_BOUNDS.characters;

  constructor(private readonly input: SourceInput) {}

  /**
   * A row begins, or one of its places is filled.
   * @param places filled so far in the row. @throws SourceError `SRC_TOO_LARGE`
   */
  take(line: number, places: number, characters: number): void {
    this.#cells--;
    this.#characters -= characters;
    const { columns, cells } = TABLE_BOUNDS;
    if (places <= columns && this.#cells >= 0 && this.#characters >= 0) return;
    throw new SourceError({
      code: 'SRC_TOO_LARGE',
      message: `Le tableau est démesuré : une page se lit jusqu’à ${whole(columns)} colonnes et ${whole(cells)} cellules, chacune comptée, avec son texte, sur chaque ligne et chaque colonne qu’elle couvre.`,
      place: `${this.input.fileName}, tableau, ligne ${String(line)}`,
      remedy:
        'ouvrez la page : si ce tableau est bien celui qui est attendu, signalez à son éditeur les cellules fusionnées (colspan, rowspan), ou recopiez-le dans un CSV.',
    });
  }
}

/**
 * The rows of a table, not those of the tables in its cells (HTML Living Standard 4.9.12, without its errors).
 * @throws SourceError `SRC_TOO_LARGE`
 */
export function* gridRows(table: PageElement, room: Room): Generator<GridRow, void, undefined> {
  let group: PageElement | null = null;
  let line = 0;
  let carried: (Carried | undefined)[] = [];
  for (const row of within(table, ROW, TABLE)) {
    const own = groupOf(row);
    // A cell never reaches beyond its group of rows.
    if (own !== group) carried = [];
    group = own;
    line++;
    room.take(line, 0, 0);
    const cells = placed(row, carried, (places, { text }) => room.take(line, places, text.length));
    yield { line, head: own?.name === 'thead', cells };
  }
}

interface Carried {
  readonly cell: GridCell;
  /** Rows still to cover. */
  left: number;
}

/** @param taken told of each place filled: how many there are so far, and the cell */
function placed(
  row: PageElement,
  carried: (Carried | undefined)[],
  taken: (places: number, cell: GridCell) => void,
): GridCell[] {
  const cells: GridCell[] = [];
  const put = (cell: GridCell): void => taken(cells.push(cell), cell);
  const takeCarried = (): void => {
    for (let above = carried[cells.length]; above !== undefined; above = carried[cells.length]) {
      above.left--;
      if (above.left <= 0) carried[cells.length] = undefined;
      put(above.cell);
    }
  };
  for (const element of within(row, CELL, TABLE)) {
    takeCarried();
    const cell = cellOf(element);
    for (let column = 0; column === 0 || (column < cell.columns && cells.length < MAX_COLUMNS); column++) {
      if (cell.rows > 1) carried[cells.length] = { cell, left: cell.rows - 1 };
      put(cell);
    }
  }
  takeCarried();
  return cells;
}

function cellOf(element: PageElement): GridCell {
  return {
    text: visibleText(element, TABLE),
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
