import type { CellValue } from 'read-excel-file/node';
import type { CellFault } from '../cells.js';
import { requireRoom, withoutEmptyEnd } from './bounds.js';
import { marksOf, sheetParts, workbookOf } from './marks.js';
import { broken, openParts, repacked, type Named } from './package.js';

/** One line of a sheet: texts by place, and what makes some of them unusable. */
export interface SheetRow {
  /** As the margin of the spreadsheet numbers it. */
  readonly line: number;
  readonly cells: readonly string[];
  /** By place among the cells. */
  readonly faults: ReadonlyMap<number, CellFault>;
}

export interface Sheet {
  readonly name: string;
  /** All lines from the first one, empty ones included, up to the last that holds something. */
  readonly rows: readonly SheetRow[];
}

/**
 * The values of the sheets that a person sees on opening the workbook; hidden ones are not read. Nothing is computed, no
 * link is followed, no part but values and formats is opened.
 *
 * - a cell computed by a formula is a fault, whatever value the spreadsheet left beside it: it may be old, absent, or
 *   written by hand, and nobody typed it;
 * - a number is the shortest text of that number (2023, 760780239): a zero that a spreadsheet dropped stays dropped, and
 *   the reader of the column says so;
 * - a date is AAAA-MM-JJ, a boolean VRAI or FAUX.
 * @throws SourceError when it is no workbook that can be read
 */
export async function readSheets(input: Named, bytes: Uint8Array): Promise<readonly Sheet[]> {
  const opened = openParts(input, bytes);
  const visible = sheetParts(input, opened).filter((sheet) => sheet.visible);
  const parts = { ...opened };
  for (const { name, path } of visible)
    parts[path] = withoutEmptyEnd(input, name, opened[path] ?? new Uint8Array());
  const marks = visible.map(({ name, path }) => marksOf(input, name, parts[path] ?? new Uint8Array()));
  requireRoom(
    input,
    visible.map(({ name }, at) => ({ name, row: 0, column: 0, ...marks[at]?.extent })),
  );
  const values = await valuesOf(
    input,
    repacked({ ...parts, 'xl/workbook.xml': workbookOf(input, parts, visible) }),
  );
  return visible.map((sheet, at) => {
    const data = values[at] ?? [];
    const faultAt = marks[at]?.faultAt ?? (() => null);
    return { name: sheet.name, rows: data.map((cells, index) => sheetRow(cells, index + 1, faultAt)) };
  });
}

type Data = readonly (readonly (CellValue<string> | null)[])[];

async function valuesOf(input: Named, workbook: Buffer): Promise<readonly Data[]> {
  // Read only here: few lists are workbooks.
  const { default: readValues } = await import('read-excel-file/node');
  try {
    const sheets = await readValues(workbook, { parseNumber: numberText, trim: false });
    return sheets.map(({ data }) => data);
  } catch (cause) {
    // Whatever the library throws is about these bytes: it is given nothing else.
    throw broken(input, cause);
  }
}

function sheetRow(
  cells: readonly (CellValue<string> | null)[],
  line: number,
  faultAt: (row: number, column: number) => CellFault | null,
): SheetRow {
  const faults = new Map<number, CellFault>();
  cells.forEach((_, place) => {
    const fault = faultAt(line, place + 1);
    if (fault !== null) faults.set(place, fault);
  });
  return { line, cells: cells.map(cellText), faults };
}

function cellText(value: CellValue<string> | null): string {
  if (value === null) return '';
  if (value instanceof Date) return value.toISOString().slice(0, 10);
  if (typeof value === 'boolean') return value ? 'VRAI' : 'FAUX';
  return String(value).replaceAll(/\r\n?/g, '\n');
}

/** `760780239.0` and `7.60780239E8` are the number that a person typed as 760780239. */
function numberText(text: string): string {
  const number = Number(text);
  return Number.isFinite(number) ? String(number) : text;
}
