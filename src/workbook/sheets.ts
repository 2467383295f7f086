import type { Row, Workbook, Worksheet } from 'exceljs';
import { GUIDE_SHEET, LISTS_SHEET, type Choices } from './columns.js';
import { cellText } from './cells.js';

/** Text, so that a number typed into it keeps its zeros and nothing typed into it is computed. */
export const TEXT_FORMAT = '@';
const HEADER_FILL = { type: 'pattern', pattern: 'solid', fgColor: { argb: 'FF1F3A5F' } } as const;

/** exceljs has it; its types do not. */
interface Validated {
  readonly dataValidations: { add(range: string, validation: object): void };
}

/** White on dark blue (contrast 11:1), kept in sight when the sheet scrolls. */
export function headerStyle(header: Row): void {
  header.eachCell((cell) => {
    cell.font = { bold: true, color: { argb: 'FFFFFFFF' } };
    cell.fill = HEADER_FILL;
    cell.alignment = { vertical: 'middle', wrapText: true };
  });
  header.height = 32;
}

/** A sheet of explanations, one line each; no link. */
export function addGuide(workbook: Workbook, lines: readonly string[]): void {
  const sheet = workbook.addWorksheet(GUIDE_SHEET);
  sheet.getColumn(1).width = 110;
  for (const line of lines) {
    const row = sheet.addRow([cellText(line)]);
    row.getCell(1).alignment = { wrapText: true, vertical: 'top' };
  }
  sheet.getRow(1).font = { bold: true, size: 14 };
}

/**
 * Lists of choices, on a hidden sheet: a list written into the cell itself holds 255 characters and no comma.
 * @returns gives the cells of a column their list
 */
export function addChoices<Field extends string>(
  workbook: Workbook,
  choices: Choices<Field>,
): (sheet: Worksheet, field: Field, range: string) => void {
  const lists = workbook.addWorksheet(LISTS_SHEET, { state: 'hidden' });
  const places = new Map<string, string>();
  Object.entries<readonly string[] | undefined>(choices).forEach(([field, values = []], at) => {
    const column = lists.getColumn(at + 1);
    values.forEach((value, row) => {
      lists.getCell(row + 1, at + 1).value = cellText(value);
      lists.getCell(row + 1, at + 1).numFmt = TEXT_FORMAT;
    });
    if (values.length > 0)
      places.set(field, `${LISTS_SHEET}!$${column.letter}$1:$${column.letter}$${String(values.length)}`);
  });
  return (sheet, field, range) => {
    const place = places.get(field);
    if (place === undefined) return;
    (sheet as unknown as Validated).dataValidations.add(range, {
      type: 'list',
      allowBlank: true,
      formulae: [place],
      showErrorMessage: true,
      errorStyle: 'stop',
      errorTitle: 'Valeur hors de la liste',
      error: 'Choisissez une valeur de la liste, ou laissez la cellule vide.',
    });
  };
}
