import { gzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import type { CellValue } from 'exceljs';
import type { CentreObservation } from '../../src/domain/centre.js';
import { SourceError } from '../../src/domain/errors.js';
import { locatorText } from '../../src/domain/locator.js';
import type { RowOutcome } from '../../src/domain/rows.js';
import { readAll } from '../../src/sources/contract.js';
import { labelledCentres } from '../../src/sources/labelled-centres/index.js';
import { forged, workbookFile, type TrialSheet } from '../support/workbook-file.js';
import { delivery, fixture } from './bytes.js';

/** The list of labelled centres as a workbook (XLSX): values only, the same rows as CSV, everything else refused. */
const source = labelledCentres([
  { code: 'FIMARAD', title: 'Maladies rares en dermatologie', spellings: [], erns: [] },
  { code: 'MaRIH', title: 'Maladies rares immuno-hématologiques', spellings: [], erns: [] },
  { code: 'FAI²R', title: 'Maladies auto-immunes', spellings: [], erns: [] },
  { code: 'MUCO-CFTR', title: 'Mucoviscidose', spellings: ['MUCO'], erns: [] },
]);
const HEADER = [
  'label_type',
  'centre_nom',
  'filiere',
  'etablissement',
  'ville',
  'public',
  'millesime_label',
  'finess_eg',
];
const ROW = ['CCMR', 'Centre d’essai 1', 'MaRIH', 'Hôpital d’essai', 'Évreux', 'mixte', '2023', ''] as const;

/** As exceljs writes it; its types do not know the word. */
const ARRAY_FORMULA = { formula: 'A2:A3', result: 'mixte', shareType: 'array', ref: 'F2:F3' } as CellValue;

type Outcomes = readonly RowOutcome<CentreObservation>[];
async function read(bytes: Uint8Array, fileName = 'essai.xlsx'): Promise<Outcomes> {
  return await readAll(source, delivery(bytes, { fileName }));
}
async function readSheets(...sheets: readonly TrialSheet[]): Promise<Outcomes> {
  return await read(await workbookFile(...sheets));
}
/** One row, some of its cells replaced by column. */
async function readRow(cells: Readonly<Record<number, CellValue>>): Promise<Outcomes[number]> {
  const row = ROW.map((value, at) => cells[at] ?? value);
  const [only] = await readSheets({ rows: [HEADER, row] });
  if (only === undefined) throw new Error('no outcome');
  return only;
}
async function refusal(reading: Promise<Outcomes>): Promise<SourceError> {
  const error = await reading.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof SourceError)) throw new Error(`not refused: ${String(error)}`);
  expect(error.remedy).not.toBe('');
  return error;
}

describe('a list as a workbook', () => {
  it('gives what the same list gives as CSV', async () => {
    const bytes = fixture('labelled-centres/fixtures/centres-essai-2026-11.csv');
    const parsed = parse(bytes, { delimiter: ';', bom: true, relax_column_count: true, relax_quotes: true });
    const [header = []] = parsed;
    // Ragged lines, and cells of several lines, are numbered otherwise in a workbook.
    const rows = parsed.filter((row) => row.length === header.length && !row.join('').includes('\n'));
    const line = (row: readonly string[]): string =>
      row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(';');
    const csv = Buffer.from(rows.map(line).join('\n'));
    const fromCsv = await readAll(source, delivery(csv, { fileName: 'x' }));
    const fromXlsx = await read(await workbookFile({ name: 'Liste', rows }), 'x');
    const bare = (outcomes: Outcomes): unknown =>
      JSON.parse(JSON.stringify(outcomes).replaceAll('"sheet":"Liste",', ''));
    expect(fromXlsx.length).toBe(rows.length - 1);
    expect(new Set(fromXlsx.map(({ kind }) => kind))).toEqual(new Set(['row', 'aside']));
    expect(bare(fromXlsx)).toEqual(bare(fromCsv));
  });

  it('names sheet and line of each row, as the margin numbers them', async () => {
    const outcomes = await readSheets({ name: 'Centres 2023', rows: [[], HEADER, [], [...ROW], [...ROW]] });
    expect(outcomes.map(({ locator }) => locatorText(locator))).toEqual([
      'essai.xlsx, feuille Centres 2023, ligne 4',
      'essai.xlsx, feuille Centres 2023, ligne 5',
    ]);
  });

  it('finds its columns by their headers, wherever they stand', async () => {
    const order = [7, 3, 0, 5, 1, 6, 2, 4];
    const moved = (cells: readonly string[]): string[] => order.map((at) => cells[at] ?? '');
    const [straight] = await readSheets({ rows: [HEADER, [...ROW]] });
    const [turned] = await readSheets({
      rows: [
        ['', ...moved(HEADER)],
        ['note', ...moved(ROW)],
      ],
    });
    expect(turned).toEqual(straight);
  });

  it('is told in its facts, with the sheet that is read', async () => {
    const bytes = await workbookFile({ name: 'Liste', rows: [[...HEADER, 'Remarque'], [...ROW]] });
    expect(await source.inspect(delivery(gzipSync(bytes)))).toMatchObject({
      sheet: 'Liste',
      compressed: true,
      unknownColumns: ['Remarque'],
    });
  });
});

describe('a cell', () => {
  it.each<[string, CellValue, string | null]>([
    ['a number of nine digits', 760000158, '760000158'],
    ['the same as a text', '760000158', '760000158'],
  ])('that holds %s in a FINESS column is that number', async (_what, cell, number) => {
    expect(await readRow({ 7: cell })).toMatchObject({ kind: 'row', value: { finessEg: number } });
  });

  it('that lost its leading zero is set aside: format the column as text, nothing is guessed', async () => {
    const outcome = await readRow({ 7: 10000123 });
    expect(outcome).toMatchObject({ kind: 'aside', code: 'X1', value: '10000123', field: 'finess_eg' });
    expect(outcome.kind === 'aside' && outcome.remedy).toContain('format texte');
  });

  it('that shows its zeros by a format only has lost them all the same', async () => {
    const [outcome] = await readSheets({
      rows: [HEADER, ROW.map((value, at) => (at === 7 ? 10000123 : value))],
      dress: (sheet) => (sheet.getCell('H2').numFmt = '000000000'),
    });
    expect(outcome).toMatchObject({ kind: 'aside', code: 'X1' });
  });

  it('that holds a year is the year, as a number or as a text', async () => {
    expect(await readRow({ 6: 2023 })).toMatchObject({ value: { label: { campaign: 2023 } } });
  });

  it('that holds a date is that day, never a number of days', async () => {
    expect(await readRow({ 6: new Date('2023-12-29T00:00:00Z') })).toMatchObject({
      value: { label: { campaign: null, campaignText: '2023-12-29' } },
    });
  });

  it('keeps the text of a link and of a formatted text, and neither address nor format', async () => {
    const outcome = await readRow({
      1: { text: 'Centre d’essai lié', hyperlink: 'https://ailleurs.invalid/' },
      3: { richText: [{ text: 'Hôpital ' }, { text: 'd’essai', font: { bold: true } }] },
    });
    expect(outcome).toMatchObject({ value: { title: 'Centre d’essai lié', hospital: 'Hôpital d’essai' } });
    expect(JSON.stringify(outcome)).not.toContain('ailleurs');
  });

  it.each<[string, CellValue]>([
    ['a formula with its value', { formula: 'CONCATENATE("Centre"," d’essai")', result: 'Centre d’essai' }],
    ['a formula never computed', { formula: 'WEBSERVICE("https://ailleurs.invalid")' }],
    ['a formula that names another file', { formula: "'[autre.xlsx]Feuil1'!A1", result: 'Centre d’essai' }],
    ['the error of a formula', { error: '#REF!' }],
    ['a formula typed as text', '=HYPERLINK("https://ailleurs.invalid";"x")'],
  ])('with %s is not trusted: its row alone is set aside', async (_what, cell) => {
    const outcomes = await readSheets({
      rows: [HEADER, ROW.map((value, at) => (at === 1 ? cell : value)), ROW.map((v) => v.replace('1', '2'))],
    });
    expect(outcomes.map((one) => [one.kind, 'code' in one ? one.code : null])).toEqual([
      ['aside', 'SPREADSHEET_FORMULA'],
      ['row', null],
    ]);
  });

  it('filled by an array formula above it is not trusted either', async () => {
    const outcomes = await readSheets({
      rows: [HEADER, [...ROW], ROW.map((value) => value.replace('1', '2'))],
      dress: (sheet) => {
        sheet.getCell('F2').value = ARRAY_FORMULA;
      },
    });
    expect(outcomes.map((one) => one.kind)).toEqual(['aside', 'aside']);
  });

  it('merged into the one above sets its row aside, not that one’s', async () => {
    const outcomes = await readSheets({
      rows: [HEADER, [...ROW], ROW.map((value) => value.replace('1', '2'))],
      dress: (sheet) => sheet.mergeCells('F2:F3'),
    });
    expect(outcomes.map((one) => [one.kind, 'code' in one ? one.code : null])).toEqual([
      ['row', null],
      ['aside', 'CELLS_MERGED'],
    ]);
  });
});

describe('the sheet that is read', () => {
  const other = { name: 'Mode d’emploi', rows: [['À lire'], ['Écrivez une ligne par centre.']] };

  it('is the only visible one with the columns, wherever it stands', async () => {
    const outcomes = await readSheets(other, { name: 'A & B "C"', rows: [HEADER, [...ROW]] });
    expect(outcomes.map(({ locator }) => locator.sheet)).toEqual(['A & B "C"']);
  });

  it('is never a hidden one', async () => {
    const hidden = { name: 'Cachée', state: 'veryHidden', rows: [HEADER, [...ROW]] } as const;
    expect((await readSheets({ name: 'Vue', rows: [HEADER, [...ROW]] }, hidden))[0]?.locator.sheet).toBe(
      'Vue',
    );
    expect((await refusal(readSheets(other, hidden))).code).toBe('SRC_COLUMN_MISSING');
  });

  it('is not chosen among several: they are named', async () => {
    const error = await refusal(
      readSheets({ name: '2017', rows: [HEADER, [...ROW]] }, { name: '2023', rows: [HEADER, [...ROW]] }),
    );
    expect([error.code, error.message.includes('« 2017 », « 2023 »')]).toEqual(['SRC_SHEETS_SEVERAL', true]);
  });

  it('says which column it lacks', async () => {
    const error = await refusal(readSheets({ name: 'Liste', rows: [HEADER.slice(1), ROW.slice(1)] }));
    expect([error.code, error.place]).toEqual(['SRC_COLUMN_MISSING', 'essai.xlsx, feuille Liste, ligne 1']);
  });

  it.each([
    ['nothing', []],
    ['a header alone', [HEADER]],
  ])('is refused with %s', async (_what, rows) => {
    expect((await refusal(readSheets({ rows }))).code).toBe('SRC_EMPTY');
  });
});

describe('is refused whole, with what to do:', () => {
  const good = workbookFile({ rows: [HEADER, [...ROW]] });

  it('a workbook with macros', async () => {
    const bytes = forged(await good, () => ({ 'xl/vbaProject.bin': 'macro' }));
    const error = await refusal(read(bytes));
    expect([error.code, error.remedy.includes('sans macros')]).toEqual(['SRC_MACROS', true]);
    const typed = forged(await good, (parts) => ({
      '[Content_Types].xml': (parts['[Content_Types].xml'] ?? '').replace(
        'sheet.main',
        'sheet.macroEnabled.main',
      ),
    }));
    expect((await refusal(read(typed))).code).toBe('SRC_MACROS');
  });

  it('a workbook under a password, and an old one', async () => {
    const old = Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(600)]);
    expect((await refusal(read(old))).message).toContain('ancien classeur Excel (XLS)');
    const locked = Buffer.concat([old, Buffer.from('EncryptedPackage', 'utf16le')]);
    expect((await refusal(read(locked))).code).toBe('SRC_ENCRYPTED');
  });

  it('an OpenDocument workbook, a binary one, any other archive', async () => {
    const without = { 'xl/workbook.xml': null };
    const says = async (extra: Record<string, string>): Promise<string> =>
      (await refusal(read(forged(await good, () => ({ ...without, ...extra }))))).message;
    expect(await says({ 'content.xml': '<x/>' })).toContain('OpenDocument (ODS)');
    expect(await says({ 'xl/workbook.bin': 'x' })).toContain('XLSB');
    expect(await says({})).toContain('une archive ZIP, et non un classeur');
  });

  it('a cut one, at any place', async () => {
    const bytes = await good;
    for (const part of [0.1, 0.5, 0.9, 0.999]) {
      const error = await refusal(read(bytes.subarray(0, Math.floor(bytes.length * part))));
      expect([error.code, error.transient]).toEqual(['SRC_ARCHIVE', true]);
    }
  });

  it('a bomb: a few kilobytes that open to more than any list', async () => {
    const bytes = forged(await good, () => ({ 'xl/sharedStrings.xml': 'a'.repeat(20 * 1024 ** 2) }));
    expect(bytes.length).toBeLessThan(100_000);
    expect((await refusal(read(bytes))).code).toBe('SRC_TOO_LARGE');
  });

  it('a bomb that lies about its size opens into the room that it declared', async () => {
    const bytes = forged(await good, () => ({
      'xl/sharedStrings.xml': `<sst>${' '.repeat(9_000_000)}</sst>`,
    }));
    const real = Buffer.alloc(4);
    real.writeUInt32LE(9_000_011);
    const small = Buffer.alloc(4);
    small.writeUInt32LE(100);
    for (let at = bytes.indexOf(real); at !== -1; at = bytes.indexOf(real)) small.copy(bytes, at);
    const before = process.memoryUsage().arrayBuffers;
    await read(bytes).catch(() => undefined);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8_000_000);
  });

  it.each([
    ['a row at the end of the world', (xml: string) => xml.replace('<row r="2"', '<row r="4000000000"')],
    ['a cell out of its row', (xml: string) => xml.replace('r="B2"', 'r="B7"')],
    [
      'a column that no sheet has',
      (xml: string) => xml.replace('r="H2"', 'r="ZZZ2"').replace('r="G2"', 'r="ZZY2"'),
    ],
    ['entities', (xml: string) => xml.replace('<worksheet', '<!DOCTYPE a [<!ENTITY b "c">]><worksheet')],
    ['no end', (xml: string) => xml.slice(0, -40)],
  ])('a sheet with %s', async (_what, change) => {
    const name = 'xl/worksheets/sheet1.xml';
    const bytes = forged(await good, (parts) => {
      const changed = change(parts[name] ?? '');
      expect(changed).not.toBe(parts[name]);
      return { [name]: changed };
    });
    expect((await refusal(read(bytes))).code).toBe('SRC_ARCHIVE');
  });
});
