import { Workbook, type CellValue, type Worksheet } from 'exceljs';
import { unzipSync, zipSync } from 'fflate';

export interface TrialSheet {
  readonly name?: string;
  readonly state?: 'hidden' | 'veryHidden';
  readonly rows: readonly (readonly CellValue[])[];
  /** Whatever else the sheet has: merged cells, formats. */
  readonly dress?: (sheet: Worksheet) => void;
}

/** A workbook as a person's spreadsheet program writes it. */
export async function workbookFile(...sheets: readonly TrialSheet[]): Promise<Buffer> {
  const workbook = new Workbook();
  for (const [at, { name, state, rows, dress }] of sheets.entries()) {
    const sheet = workbook.addWorksheet(
      name ?? `Feuille${String(at + 1)}`,
      state === undefined ? {} : { state },
    );
    for (const row of rows) sheet.addRow([...row]);
    dress?.(sheet);
  }
  return Buffer.from(await workbook.xlsx.writeBuffer());
}

/** The same workbook with parts replaced, added or (null) removed, as no program writes it. */
export function forged(
  workbook: Uint8Array,
  change: (parts: Record<string, string>) => Readonly<Record<string, string | null>>,
): Buffer {
  const parts = unzipSync(workbook);
  const texts = Object.fromEntries(
    Object.entries(parts).map(([name, bytes]) => [name, Buffer.from(bytes).toString()]),
  );
  for (const [name, text] of Object.entries(change(texts))) {
    if (text === null) delete parts[name];
    else parts[name] = Buffer.from(text);
  }
  return Buffer.from(zipSync(parts));
}

/** A workbook as a person sends it back: opened, changed and saved by a spreadsheet program. */
export async function edited(
  bytes: Uint8Array,
  change: (sheet: Worksheet, book: Workbook) => void,
): Promise<Buffer> {
  const workbook = new Workbook();
  await workbook.xlsx.load(bytes as unknown as Parameters<typeof workbook.xlsx.load>[0]);
  const [sheet] = workbook.worksheets;
  if (sheet === undefined) throw new Error('a workbook without sheet');
  change(sheet, workbook);
  return Buffer.from(await workbook.xlsx.writeBuffer());
}

/** Puts a value under a header, on the row whose first cell starts so. */
export function put(sheet: Worksheet, row: string, header: string, value: CellValue): void {
  let [line, column] = [0, 0];
  sheet.getColumn(1).eachCell((cell, at) => (cell.text.startsWith(row) ? (line = at) : null));
  sheet.getRow(1).eachCell((cell, at) => (cell.text.startsWith(header) ? (column = at) : null));
  if (line === 0 || column === 0) throw new Error(`no cell ${row}, ${header}`);
  sheet.getRow(line).getCell(column).value = value;
}
