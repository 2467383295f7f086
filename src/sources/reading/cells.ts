import { hasControl } from './content.js';

/** Longest cell kept. The longest honest one seen is a title of 150 characters; evidence may cite several sources. */
export const MAX_CELL_CHARACTERS = 10_000;

/** What makes a cell unusable whatever its column, in French, with its stable code. */
export interface CellFault {
  readonly code:
    'CELL_TOO_LONG' | 'CONTROL_CHARACTER' | 'SPREADSHEET_FORMULA' | 'CELLS_MERGED' | 'CELL_HOLDS_TABLE';
  readonly message: string;
  readonly remedy: string;
}

/** Formula left as text, or the error a spreadsheet leaves in its place, in English and in French. */
const FORMULA =
  /^\s*(?:=\s*[A-Za-z(+\-@"'|0-9]|@[A-Z]+\(|#(?:REF!|N\/A|NAME\?|NOM\?|VALUE!|VALEUR!|DIV\/0!|NULL!|NUL!|NUM!|NOMBRE!))/;

export function cellFault(cell: string): CellFault | null {
  if (cell.length > MAX_CELL_CHARACTERS) {
    return {
      code: 'CELL_TOO_LONG',
      message: `La cellule compte ${String(cell.length)} caractères (${String(MAX_CELL_CHARACTERS)} au plus).`,
      remedy: 'raccourcissez la cellule ; un guillemet mal fermé peut avoir avalé les lignes suivantes.',
    };
  }
  if (hasControl(cell)) {
    return {
      code: 'CONTROL_CHARACTER',
      message: 'La cellule contient un caractère de contrôle ou illisible.',
      remedy: 'ressaisissez la cellule à la main.',
    };
  }
  if (FORMULA.test(cell)) {
    return {
      code: 'SPREADSHEET_FORMULA',
      message: 'La cellule contient une formule ou une erreur de tableur au lieu d’une valeur.',
      remedy: 'dans le tableur, recopiez la colonne en « valeurs seules », puis exportez de nouveau.',
    };
  }
  return null;
}

/** A value as faults quote it: 200 characters at most, and no NUL, which neither a database nor a terminal takes. */
export function quoted(value: string): string {
  const short = value.length > 200 ? `${value.slice(0, 199)}…` : value;
  return short.replaceAll('\u0000', '\ufffd');
}

/** Spelled `a|b`: order kept, repeats dropped. */
export function listCell(cell: string): readonly string[] {
  return [...new Set(cell.split('|').map((one) => one.trim()))].filter((one) => one !== '');
}
