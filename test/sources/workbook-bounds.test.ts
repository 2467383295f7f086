import { beforeAll, describe, expect, it } from 'vitest';
import { SourceError } from '../../src/domain/errors.js';
import { readSheets, type Sheet } from '../../src/sources/reading/workbook/read.js';
import { forged, workbookFile } from '../support/workbook-file.js';

/** A workbook of a few kilobytes cannot take the memory or the time of whoever reads it. */
let empty: Buffer;
beforeAll(async () => {
  empty = await workbookFile({ name: 'Liste', rows: [['x']] });
});

const cell = (at: string): string => `<c r="${at}" t="inlineStr"><is><t>${at}</t></is></c>`;
const row = (number: number, cells: string): string => `<row r="${String(number)}">${cells}</row>`;
const A1 = row(1, cell('A1'));

/** A sheet as nobody's program writes it. */
async function read(rows: string, after = ''): Promise<readonly Sheet[]> {
  const xml = `<worksheet><sheetData>${rows}</sheetData>${after}</worksheet>`;
  return await readSheets(
    { fileName: 'essai.xlsx' },
    forged(empty, () => ({ 'xl/worksheets/sheet1.xml': xml })),
  );
}
async function refusal(reading: Promise<unknown>): Promise<SourceError> {
  const error: unknown = await reading.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof SourceError)) throw new Error(`not refused: ${String(error)}`);
  return error;
}
function grid(rows: number, columns: number): string {
  const letters = Array.from({ length: columns }, (_, at) => String.fromCharCode(65 + at));
  return Array.from({ length: rows }, (_, at) =>
    row(at + 1, letters.map((letter) => cell(`${letter}${String(at + 1)}`)).join('')),
  ).join('');
}

describe('the room of a workbook', () => {
  it.each([
    ['two cells in opposite corners', row(20_000, cell('XFD20000')), 'la ligne 20 000 et à la colonne XFD'],
    ['one column too many', row(2, cell('IW2')), 'la ligne 2 et à la colonne IW'],
    ['one row too many', row(5001, cell('A5001')), 'la ligne 5 001 et à la colonne A'],
    ['too many cells between them', row(5000, cell('U5000')), 'la ligne 5 000 et à la colonne U'],
    ['a value on the last row of all', row(1_048_576, cell('A1048576')), 'la ligne 1 048 576'],
  ])('has no place for %s: the limit is said, and CSV', async (_what, last, place) => {
    const error = await refusal(read(A1 + last));
    expect([error.code, error.transient]).toEqual(['SRC_TOO_LARGE', false]);
    expect(error.message).toContain(`La feuille « Liste » va jusqu’à ${place}`);
    expect(error.message).toContain('5 000 lignes, 256 colonnes et 100 000 cellules');
    expect(error.remedy).toContain('donnez-la en CSV');
  });

  it.each([
    ['one attribute', `<c r="B1" a="${'x'.repeat(4_000_000)}"/>`],
    ['attributes without end', `<c r="B1" ${'a="b>" '.repeat(500_000)}/>`],
    ['a quote that is never closed', `<c r="B1" a="${'x'.repeat(4_000_000)}`],
  ])('has no place for a tag of megabytes: %s', async (_what, tag) => {
    const error = await refusal(read(row(1, cell('A1') + tag)));
    expect(error.code).toBe('SRC_TOO_LARGE');
    expect(error.message).toContain('La feuille « Liste » contient une balise démesurée');
  });

  it('is that of all its visible sheets together', async () => {
    const bytes = forged(
      await workbookFile({ name: 'Une', rows: [['x']] }, { name: 'Deux', rows: [['x']] }),
      () => {
        const half = `<worksheet><sheetData>${A1}${row(3000, cell('T3000'))}</sheetData></worksheet>`;
        return { 'xl/worksheets/sheet1.xml': half, 'xl/worksheets/sheet2.xml': half };
      },
    );
    const error = await refusal(readSheets({ fileName: 'essai.xlsx' }, bytes));
    expect([error.code, error.message.includes('« Deux »')]).toEqual(['SRC_TOO_LARGE', true]);
  });

  it('holds the largest sheet, every row of it', async () => {
    const [sheet] = await read(grid(5000, 20));
    expect([sheet?.rows.length, sheet?.rows[4999]?.cells[19]]).toEqual([5000, 'T5000']);
  }, 120_000);

  it('does not count rows that hold a format and no value', async () => {
    const [sheet] = await read(
      `${A1}${row(7000, '<c r="A7000" s="1"/><c r="XFD7000" s="1"></c>')}<row r="1048576" s="1" customFormat="1"/>`,
    );
    expect(sheet?.rows.map(({ cells }) => cells)).toEqual([['A1']]);
  });

  it('has no place for a million formatted cells either', async () => {
    const many = '<c r="A2"/>'.repeat(1_100_000);
    expect((await refusal(read(A1 + row(2, many)))).message).toContain('trop de cellules');
  });

  it.each([
    ['after the data', A1, `<other>${row(20_000, cell('XFD20000'))}</other>`],
    ['in a second table', A1, `<sheetData>${row(20_000, cell('XFD20000'))}</sheetData>`],
    ['within another cell', row(1, `<c r="A1">${cell('XFD1')}</c>`), ''],
    ['under two addresses', A1 + row(2, cell('XFD2" r="A2')), ''],
    ['in a row with two numbers', `${A1}<row r="1048576" r="2">${cell('A2')}</row>`, ''],
    ['in an empty row after the data', A1, '<other><row r="1048576"><x/></row></other>'],
  ])('is not got round by a cell %s', async (_what, rows, after) => {
    expect((await refusal(read(rows, after))).code).toBe('SRC_ARCHIVE');
  });
});

describe('merged cells', () => {
  const merges = (count: number): string =>
    `<mergeCells>${Array.from({ length: count }, (_, at) => `<mergeCell ref="A${String(at + 1)}:B${String(at + 1)}"/>`).join('')}</mergeCells>`;

  it('are refused beyond 500 ranges', async () => {
    const error = await refusal(read(A1, merges(501)));
    expect([error.code, error.transient]).toEqual(['SRC_TOO_LARGE', false]);
    expect(error.message).toContain('501 plages');
    expect(error.remedy).toContain('défusionnez');
  });

  it('are known on their rows, up to that many', async () => {
    const [sheet] = await read(grid(501, 3), merges(500));
    const faults = (sheet?.rows ?? []).map(({ faults: each }) => [...each.keys()]);
    expect([faults.length, faults[0], faults[499], faults[500]]).toEqual([501, [1], [1], []]);
  });

  it.each([
    ['rows that never end', '<row '.repeat(1_000_000)],
    ['rows in rows', '<row r="9999">'.repeat(200_000) + '</row>'.repeat(200_000)],
    ['cells that hold nothing, in one row', `<row r="9999">${'<c />'.repeat(900_000)}`],
    ['a cell of many texts', `<row r="1"><c r="A1" ${'""'.repeat(6_000_000)}/></row>`],
  ])('is told at once of %s', async (_what, rows) => {
    const { code } = await refusal(read(rows));
    expect(['SRC_ARCHIVE', 'SRC_TOO_LARGE']).toContain(code);
  });
});
