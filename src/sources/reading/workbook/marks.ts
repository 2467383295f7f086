import { XMLParser } from 'fast-xml-parser';
import type { CellFault } from '../cells.js';
import { requireFewMerged, requireSeen, SHEET_BOUNDS, type Extent } from './bounds.js';
import { broken, text, type Named, type Parts } from './package.js';

/** Limits of a sheet (ECMA-376, and every spreadsheet program): beyond, it is not one. */
const LAST_COLUMN = 16_384;
const LAST_ROW = 1_048_576;

/** A sheet as the workbook names it. */
export interface SheetPart {
  readonly name: string;
  readonly path: string;
  /** Its relation in the workbook. */
  readonly id: string;
  /** False when a person who opens the workbook does not see it. */
  readonly visible: boolean;
}

/** Cells that must not be taken for a value, rows and columns counted from 1. */
interface Marked {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
  readonly fault: CellFault;
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: false,
  isArray: (name) => ['sheet', 'Relationship', 'row', 'c', 'mergeCell'].includes(name),
});

type Node = Readonly<Record<string, unknown>>;

/** Sheets of cells in the order of their tabs; a sheet that is a chart is none. */
export function sheetParts(input: Named, parts: Parts): SheetPart[] {
  const workbook = parsed(input, parts['xl/workbook.xml']);
  const relations = parsed(input, parts['xl/_rels/workbook.xml.rels']);
  const targets = new Map(
    nodes(relations, 'Relationships', 'Relationship').map((one) => [
      String(one['Id']),
      String(one['Target']),
    ]),
  );
  return nodes(workbook, 'workbook', 'sheets', 'sheet')
    .map((sheet) => {
      const id = String(sheet['id']);
      const target = targets.get(id) ?? '';
      return {
        name: unescaped(String(sheet['name'])),
        path: target.startsWith('/') ? target.slice(1) : `xl/${target}`,
        id,
        visible: sheet['state'] === undefined || sheet['state'] === 'visible',
      };
    })
    .filter(({ path, id }) => parts[path] !== undefined && /^[\w.-]+$/.test(id));
}

/** The workbook part with these sheets alone, called 1, 2… : whoever reads its values reads no other. */
export function workbookOf(input: Named, parts: Parts, sheets: readonly SheetPart[]): Uint8Array {
  const properties = at(parsed(input, parts['xl/workbook.xml']), 'workbook', 'workbookPr');
  const since1904 = ['1', 'true'].includes(String(properties['date1904'])) ? '1' : '0';
  const listed = sheets.map(
    ({ id }, index) => `<sheet name="${String(index + 1)}" sheetId="${String(index + 1)}" r:id="${id}"/>`,
  );
  return new TextEncoder().encode(
    `<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><workbookPr date1904="${since1904}"/><sheets>${listed.join('')}</sheets></workbook>`,
  );
}

/** What the values of a sheet do not say. */
export interface Marks {
  readonly extent: Extent;
  /** The fault of a cell, if any. */
  readonly faultAt: (row: number, column: number) => CellFault | null;
}

/**
 * Looks at a sheet before its values are read: how far it goes, which values a formula computed, and which cells are
 * merged into another.
 * @throws SourceError `SRC_ARCHIVE` for addresses that no sheet has, `SRC_TOO_LARGE` for too many merged ranges
 */
export function marksOf(input: Named, name: string, part: Uint8Array): Marks {
  const sheet = parsed(input, part);
  const single = new Map<string, CellFault>();
  const ranges: Marked[] = [];
  const seen = { cells: 0, rows: 0 };
  const extent = { row: 0, column: 0 };
  let lastRow = 0;
  for (const row of nodes(sheet, 'worksheet', 'sheetData', 'row')) {
    lastRow = row['r'] === undefined ? lastRow + 1 : Number(row['r']);
    if (!(lastRow >= 1 && lastRow <= LAST_ROW)) throw broken(input, null);
    if (Object.keys(row).some((key) => !NOT_ATTRIBUTES.has(key))) seen.rows += 1;
    let lastColumn = 0;
    for (const cell of nodes(row, 'c')) {
      seen.cells += 1;
      const place =
        cell['r'] === undefined ? { row: lastRow, column: lastColumn + 1 } : address(String(cell['r']));
      if (place === null || place.row !== lastRow || place.column > LAST_COLUMN) throw broken(input, null);
      lastColumn = place.column;
      if (!HOLDERS.some((holder) => holder in cell)) continue;
      extent.row = Math.max(extent.row, place.row);
      extent.column = Math.max(extent.column, place.column);
      const key = `${String(place.row)}:${String(place.column)}`;
      if ('f' in cell) single.set(key, FORMULA);
      else if (cell['t'] === 'e') single.set(key, ERROR);
      const spread = asNode(cell['f']);
      if (spread['t'] === 'array' || spread['t'] === 'dataTable')
        ranges.push(...rangeOf(String(spread['ref'] ?? ''), FORMULA));
    }
    // An empty row is built as well, whatever its number.
    if (lastRow > extent.row && lastRow > SHEET_BOUNDS.rows) extent.row = lastRow;
  }
  requireSeen(input, part, seen);
  for (const merged of nodes(sheet, 'worksheet', 'mergeCells', 'mergeCell'))
    ranges.push(...rangeOf(String(merged['ref']), MERGED));
  requireFewMerged(input, name, ranges.length);
  const inRow = rangesByRow(ranges);
  return {
    extent,
    faultAt: (row, column) =>
      single.get(`${String(row)}:${String(column)}`) ??
      inRow(row).find(
        (one) =>
          column >= one.left &&
          column <= one.right &&
          // The first cell of a merged range holds the value of all.
          (one.fault !== MERGED || row !== one.top || column !== one.left),
      )?.fault ??
      null,
  };
}

/** What makes a cell hold something: a value, a text, a formula. */
const HOLDERS = ['v', 'is', 'f'];
const NOT_ATTRIBUTES = new Set(['c', 'extLst', '#text']);

/** Cells are asked for row by row: the ranges of a row are looked for once. */
function rangesByRow(ranges: readonly Marked[]): (row: number) => readonly Marked[] {
  let last: { readonly row: number; readonly found: readonly Marked[] } = { row: 0, found: [] };
  return (row) => {
    if (last.row !== row)
      last = { row, found: ranges.filter(({ top, bottom }) => row >= top && row <= bottom) };
    return last.found;
  };
}

const FORMULA: CellFault = {
  code: 'SPREADSHEET_FORMULA',
  message: 'La cellule est calculée par une formule : ce qu’elle affiche dépend du tableur, et n’est pas lu.',
  remedy:
    'dans le tableur, copiez la colonne et recollez-la en « valeurs seules », puis redéposez le classeur.',
};
const ERROR: CellFault = {
  code: 'SPREADSHEET_FORMULA',
  message: 'La cellule contient une erreur de tableur au lieu d’une valeur.',
  remedy: 'ressaisissez la valeur, puis redéposez le classeur.',
};
const MERGED: CellFault = {
  code: 'CELLS_MERGED',
  message: 'La cellule est fusionnée avec une autre : rien ne dit si sa valeur vaut aussi pour cette ligne.',
  remedy: 'défusionnez les cellules, écrivez la valeur sur chaque ligne, puis redéposez le classeur.',
};

function rangeOf(ref: string, fault: CellFault): Marked[] {
  const [from = '', to = from] = ref.split(':');
  const [first, last] = [address(from), address(to)];
  if (first === null || last === null) return [];
  // One cell is merged with no other, and its own formula is known.
  if (first.row === last.row && first.column === last.column) return [];
  return [{ top: first.row, left: first.column, bottom: last.row, right: last.column, fault }];
}

/** `B12` is row 12, column 2. */
function address(text: string): { readonly row: number; readonly column: number } | null {
  const [, letters = '', digits = ''] = /^([A-Z]{1,3})([0-9]{1,7})$/.exec(text) ?? [];
  if (letters === '') return null;
  const column = [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0);
  return { row: Number(digits), column };
}

function parsed(input: Named, part: Uint8Array | undefined): Node {
  if (part === undefined) throw broken(input, null);
  try {
    return parser.parse(text(part)) as Node;
  } catch (cause) {
    throw broken(input, cause);
  }
}

/** The elements at the end of a path; none when a step is missing. */
function nodes(from: Node, ...path: readonly string[]): readonly Node[] {
  const found = at(from, ...path.slice(0, -1))[path.at(-1) ?? ''];
  return Array.isArray(found) ? (found as unknown[]).map(asNode) : [];
}

function at(from: Node, ...path: readonly string[]): Node {
  return path.reduce((node, step) => asNode(node[step]), from);
}

const asNode = (one: unknown): Node => (typeof one === 'object' && one !== null ? (one as Node) : {});

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Names of sheets hold `&` and quotes; entities are not otherwise processed. */
function unescaped(name: string): string {
  return name.replaceAll(/&(amp|lt|gt|quot|apos);/g, (_, entity: string) => ENTITIES[entity] ?? '');
}
