import { SourceError } from '../../../domain/errors.js';
import { broken, text, type Named } from './package.js';

/**
 * What a workbook may hold, all visible sheets together. The reader of values builds every cell up to the last one, empty
 * or not: two cells in opposite corners of a file of one kilobyte would fill the memory. The national list has 2,400
 * centres and 15 columns; a longer one comes as CSV, which is read line by line.
 */
export const SHEET_BOUNDS = { rows: 5000, columns: 256, cells: 100_000, merged: 500, tags: 1_000_000 };

/** Bytes of one tag with its attributes; a real one has some tens. */
const LONGEST_TAG = 64 * 1024;

/** Last row and last column that hold something, counted from 1; 0 in an empty sheet. */
export interface Extent {
  readonly row: number;
  readonly column: number;
}

/** Rows that hold nothing, or only cells that hold nothing: a format put on them down to the bottom of the sheet. */
const EMPTY_ROW = /<row\b[^<>]*(?:\/>|>\s*(?:<c\b[^<>]*(?:\/>|>\s*<\/c>)\s*){0,16384}<\/row>)/g;
/** Rows and cells wherever they stand, with the end of their tag if it is found; in quotes, `>` is none. */
const TAG = /<(?:[^\s<>/:]+:)?(row|c)(?=[\s/>])((?:[^>"']+|"[^"]*"|'[^']*'){0,1000})(>?)/g;

/**
 * The same sheet without the empty rows beyond the bound: they count for nothing.
 * @throws SourceError `SRC_TOO_LARGE` for more tags than the largest sheet has, or a longer one than any
 */
export function withoutEmptyEnd(input: Named, sheet: string, part: Uint8Array): Uint8Array {
  requireShortTags(input, sheet, part);
  const xml = text(part);
  const shorter = xml.replaceAll(EMPTY_ROW, (row) =>
    Number(/\sr="([0-9]+)"/.exec(row)?.[1] ?? 0) > SHEET_BOUNDS.rows ? '' : row,
  );
  const left = shorter === xml ? part : new TextEncoder().encode(shorter);
  let tags = 0;
  for (const byte of left) if (byte === 0x3c) tags += 1;
  if (tags > SHEET_BOUNDS.tags)
    throw tooLarge(input, sheet, 'contient trop de cellules, vides ou mises en forme comprises');
  return left;
}

const [OPEN, CLOSE, DOUBLE, SINGLE] = [0x3c, 0x3e, 0x22, 0x27];

/** A tag of megabytes costs the readers behind minutes; in quotes, `>` ends none. */
function requireShortTags(input: Named, sheet: string, part: Uint8Array): void {
  let start = -1;
  let quote = 0;
  for (const [at, byte] of part.entries()) {
    if (start === -1) {
      if (byte === OPEN) start = at;
      continue;
    }
    if (at - start > LONGEST_TAG) throw tooLarge(input, sheet, 'contient une balise démesurée');
    if (quote !== 0) quote = byte === quote ? 0 : quote;
    else if (byte === DOUBLE || byte === SINGLE) quote = byte;
    else if (byte === CLOSE) start = -1;
  }
}

/**
 * The reader of values takes rows and cells wherever they stand, and the first of two addresses: a sheet where it would see
 * other ones than those looked at is refused.
 * @param seen cells, and rows with attributes, of the sheet's data
 * @throws SourceError `SRC_ARCHIVE`
 */
export function requireSeen(
  input: Named,
  part: Uint8Array,
  seen: { readonly cells: number; readonly rows: number },
): void {
  let [cells, rows] = [0, 0];
  for (const [, name, attributes = '', end] of text(part).matchAll(TAG)) {
    if (end === '' || (attributes.match(/["'\s:]r\s*=/g) ?? []).length > 1) throw broken(input, null);
    if (name === 'c') cells += 1;
    else if (/[^\s/]/.test(attributes)) rows += 1;
  }
  if (cells !== seen.cells || rows !== seen.rows) throw broken(input, null);
}

/** @throws SourceError `SRC_TOO_LARGE` */
export function requireRoom(input: Named, sheets: readonly (Extent & { readonly name: string })[]): void {
  let cells = 0;
  for (const { name, row, column } of sheets) {
    cells += row * column;
    if (row > SHEET_BOUNDS.rows || column > SHEET_BOUNDS.columns || cells > SHEET_BOUNDS.cells)
      throw tooLarge(
        input,
        name,
        `va jusqu’à la ligne ${grouped(row)} et à la colonne ${letters(Math.max(column, 1))}`,
      );
  }
}

/** @throws SourceError `SRC_TOO_LARGE` */
export function requireFewMerged(input: Named, sheet: string, count: number): void {
  if (count <= SHEET_BOUNDS.merged) return;
  throw new SourceError({
    code: 'SRC_TOO_LARGE',
    message: `La feuille « ${sheet} » a ${grouped(count)} plages de cellules fusionnées ou de formules matricielles : un classeur se lit jusqu’à ${grouped(SHEET_BOUNDS.merged)}.`,
    place: input.fileName,
    remedy: 'défusionnez les cellules, écrivez la valeur sur chaque ligne, puis redéposez le classeur.',
  });
}

function tooLarge(input: Named, sheet: string, what: string): SourceError {
  const { rows, columns, cells } = SHEET_BOUNDS;
  return new SourceError({
    code: 'SRC_TOO_LARGE',
    message: `La feuille « ${sheet} » ${what} : un classeur se lit jusqu’à ${grouped(rows)} lignes, ${grouped(columns)} colonnes et ${grouped(cells)} cellules.`,
    place: input.fileName,
    remedy:
      'supprimez ce qui est écrit loin de la liste et les lignes vides mises en forme ; si la liste est vraiment plus longue, donnez-la en CSV (UTF-8).',
  });
}

/** 5000 is `5 000`. */
function grouped(count: number): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ' ');
}

/** 28 is `AB`. */
function letters(column: number): string {
  if (column === 0) return '';
  return letters(Math.floor((column - 1) / 26)) + String.fromCharCode(65 + ((column - 1) % 26));
}
