import { SourceError } from '../../domain/errors.js';
import type { Locator } from '../../domain/locator.js';
import { asOneFault, type AsideRow } from '../../domain/rows.js';
import { fold, tidy } from '../../normalise/text.js';
import type { DeliveryFacts, PageOptions, SourceInput } from '../contract.js';
import { whole } from '../gates-words.js';
import { MAX_CELL_CHARACTERS, cellFault, quoted } from './cells.js';
import { emptyFile, startsAsPage } from './content.js';
import { csvRecords, firstRecords, type CsvRecord } from './csv.js';
import { openPageTable } from './html/table.js';
import { mendC1 } from './mend.js';
import { readHeader, type Columns, type Header } from './headers.js';
import { readHead } from './peek.js';
import { LIST_BOUNDS, LIST_LIMITS, openText, type OpenText } from './text.js';
import { isGzip, unpack } from './unpack.js';
import { isZip, openSheet, type OpenSheet } from './workbook/table.js';

/**
 * A row with its recognised cells, tidied; a column that the file does not have gives ''. A row with an unusable cell is
 * set aside with the cells that can be used, from which its source makes what can be made of its key.
 */
export type TableRow<Field extends string> =
  | { readonly kind: 'cells'; readonly locator: Locator; readonly cells: Readonly<Record<Field, string>> }
  | { readonly kind: 'damaged'; readonly fault: AsideRow; readonly cells: ReadableCells<Field> }
  | AsideRow;

/** Null: the cell is there, but unusable. */
export type ReadableCells<Field extends string> = Readonly<Record<Field, string | null>>;

export interface Table<Field extends string> {
  readonly facts: DeliveryFacts;
  /** Header of a field as the file writes it, for faults. */
  readonly headerOf: (field: Field) => string;
  /** @throws SourceError when the text stops being readable, when there is no row at all, `SRC_TOO_MANY_ROWS` */
  readonly rows: () => AsyncIterable<TableRow<Field>>;
}

/**
 * Opens a list made by people, CSV or workbook (XLSX): one header line, one row per record.
 * @param page how to find the table in a page (HTML); null: a page is refused, as the error page that it mostly is
 * @throws SourceError
 */
export async function openTable<Field extends string>(
  input: SourceInput,
  columns: Columns<Field>,
  page: PageOptions | null = null,
): Promise<Table<Field>> {
  const { head } = await readHead(unpack(input, await isGzip(input), LIST_LIMITS.maxBytes), 4);
  if (isZip(head)) return await workbookTable(input, columns);
  const opened = await openText(input, LIST_LIMITS, page === null ? 'refused' : 'accepted');
  return page !== null && startsAsPage(opened.head)
    ? await pageTable(input, columns, page, opened)
    : textTable(input, columns, opened);
}

async function pageTable<Field extends string>(
  input: SourceInput,
  columns: Columns<Field>,
  page: PageOptions,
  opened: OpenText,
): Promise<Table<Field>> {
  const { facts, header, rows } = await openPageTable(input, columns, page, opened);
  return {
    facts,
    headerOf: headerNames(columns, header),
    rows: () => readRecords(input, columns, header, rows(), 'page'),
  };
}

async function workbookTable<Field extends string>(
  input: SourceInput,
  columns: Columns<Field>,
): Promise<Table<Field>> {
  const opened = await openSheet(input, columns);
  return {
    facts: opened.facts,
    headerOf: headerNames(columns, opened.header),
    rows: () => sheetRows(input, columns, opened),
  };
}

function textTable<Field extends string>(
  input: SourceInput,
  columns: Columns<Field>,
  opened: OpenText,
): Table<Field> {
  const header = readHeader(input, columns, (separator) => firstRecords(opened.head, separator));
  const facts: DeliveryFacts = {
    encoding: opened.encoding,
    compressed: opened.compressed,
    separator: header.separator,
    headers: header.headers,
    unknownColumns: header.unknownColumns,
    contentDate: null,
  };
  return {
    facts,
    headerOf: headerNames(columns, header),
    rows: () => readRecords(input, columns, header, recordsBelow(input, opened, header), 'text'),
  };
}

function headerNames<Field extends string>(
  columns: Columns<Field>,
  header: Header<Field>,
): (field: Field) => string {
  return (field) => header.headers[header.places.get(field) ?? -1] ?? columns[field].title;
}

/**
 * A line of a sheet has the cells of its columns whatever their number: what stands right of the headers is a note to
 * oneself, as an unknown column is.
 */
async function* sheetRows<Field extends string>(
  input: SourceInput,
  columns: Columns<Field>,
  { sheet, header }: OpenSheet<Field>,
): AsyncGenerator<TableRow<Field>, void, undefined> {
  const headerKeys = header.headers.map(fold);
  let rows = 0;
  for (const { line, cells, faults } of sheet.rows.slice(header.records)) {
    const own = header.headers.map((_, place) => cells[place] ?? '');
    if (own.every((cell, place) => cell.trim() === '' && faults.get(place)?.code !== 'SPREADSHEET_FORMULA'))
      continue;
    rows++;
    const record = { line, lastLine: line, cells: own, faults };
    const locator = { file: input.fileName, sheet: sheet.name, line };
    yield (
      shapeFault(record, header, headerKeys, locator, 'text') ?? tableRow(record, columns, header, locator)
    );
  }
  if (rows === 0) throw emptyFile(input);
}

async function* recordsBelow(
  input: SourceInput,
  opened: OpenText,
  header: Header<string>,
): AsyncGenerator<CsvRecord, void, undefined> {
  let rank = 0;
  for await (const record of csvRecords(input, opened.text(), header.separator)) {
    rank++;
    if (rank > LIST_BOUNDS.lines) throw tooLong(input, record.line, 'lines');
    if (rank > header.records && record.cells.some((cell) => cell.trim() !== '')) yield record;
  }
}

async function* readRecords<Field extends string>(
  input: SourceInput,
  columns: Columns<Field>,
  header: Header<Field>,
  records: AsyncIterable<CsvRecord> | Iterable<CsvRecord>,
  medium: Medium,
): AsyncGenerator<TableRow<Field>, void, undefined> {
  const headerKeys = header.headers.map(fold);
  let rows = 0;
  for await (const record of records) {
    rows++;
    if (rows > LIST_BOUNDS.rows) throw tooLong(input, record.line, 'rows');
    const locator = { file: input.fileName, line: record.line };
    yield (
      shapeFault(record, header, headerKeys, locator, medium) ?? tableRow(record, columns, header, locator)
    );
  }
  if (rows === 0) throw emptyFile(input);
}

function tooLong(input: SourceInput, line: number, bound: keyof typeof LIST_BOUNDS): SourceError {
  const most = `${whole(LIST_BOUNDS[bound])} lignes${bound === 'rows' ? '' : ', vides comprises'}`;
  return new SourceError({
    code: 'SRC_TOO_MANY_ROWS',
    message: `La liste a plus de ${most} : les plus longues que filror lise en ont quelques milliers, ce n’est pas elle.`,
    place: `${input.fileName}, ligne ${String(line)}`,
    remedy:
      'vérifiez que l’adresse ou le fichier donné est bien celui de la liste, ou retirez-en les lignes vides et ce qui n’en est pas ; rien n’en est lu.',
  });
}

function tableRow<Field extends string>(
  record: CsvRecord,
  columns: Columns<Field>,
  header: Header<Field>,
  locator: Locator,
): TableRow<Field> {
  const cells = Object.fromEntries(Object.keys(columns).map((field) => [field, ''])) as Record<Field, string>;
  const unusable = new Map<Field, AsideRow>();
  for (const [field, place] of header.places) {
    const written = record.cells[place] ?? '';
    const cell = written.length > MAX_CELL_CHARACTERS ? written : mendC1(written);
    const fault = record.faults?.get(place) ?? cellFault(cell);
    if (fault === null) cells[field] = tidy(cell);
    else {
      const where = { locator, field: header.headers[place] ?? field, value: quoted(cell) };
      unusable.set(field, { kind: 'aside', ...fault, ...where });
    }
  }
  const fault = asOneFault([...unusable.values()]);
  if (fault === undefined) return { kind: 'cells', locator, cells };
  const left = Object.entries(cells).map(([field, cell]) => [
    field,
    unusable.has(field as Field) ? null : cell,
  ]);
  return { kind: 'damaged', fault, cells: Object.fromEntries(left) as ReadableCells<Field> };
}

/** What carries the rows: what is wrong with one is mended in a file, or by whoever writes the page. */
type Medium = 'text' | 'page';
const PAGE_REMEDY = 'signalez-le à l’éditeur de la page, ou recopiez le tableau dans un CSV.';

/** Too many or too few cells: everything after the wrong separator would be read in its neighbour's column. */
function shapeFault<Field extends string>(
  record: CsvRecord,
  header: Header<Field>,
  headerKeys: readonly string[],
  locator: Locator,
  medium: Medium,
): AsideRow | null {
  const { cells } = record;
  const wanted = header.headers.length;
  const filled = cells.findLastIndex((cell) => cell.trim() !== '') + 1;
  if (cells.length >= wanted && headerKeys.every((key, place) => fold(cells[place] ?? '') === key)) {
    return {
      kind: 'aside',
      code: 'HEADER_REPEATED',
      locator,
      message:
        'La ligne d’en-têtes est répétée : le fichier est sans doute fait de deux fichiers mis bout à bout.',
      remedy: 'supprimez cette ligne, et vérifiez que les lignes ne sont pas en double.',
    };
  }
  if (filled > wanted) {
    return {
      kind: 'aside',
      code: 'TOO_MANY_CELLS',
      locator,
      value: quoted(cells.join(header.separator)),
      words: wordsOf(cells, header.separator),
      message: `${subjectOf(record)} ${String(filled)} cellules pour ${String(wanted)} colonnes.`,
      remedy:
        medium === 'page'
          ? PAGE_REMEDY
          : `${quoteRemedy(record)}mettez entre guillemets la cellule qui contient « ${header.separator === '\t' ? 'tabulation' : header.separator} ».`,
    };
  }
  if (cells.length < wanted) {
    return {
      kind: 'aside',
      code: 'TOO_FEW_CELLS',
      locator,
      value: quoted(cells.join(header.separator)),
      words: wordsOf(cells, header.separator),
      message: `${subjectOf(record)} ${String(cells.length)} cellules pour ${String(wanted)} colonnes.`,
      remedy:
        medium === 'page'
          ? PAGE_REMEDY
          : `${quoteRemedy(record)}complétez la ligne ; un retour à la ligne hors guillemets peut l’avoir coupée.`,
    };
  }
  return null;
}

/** The cells as they stand in the text, whatever a stray quote or separator made of them. */
function wordsOf(cells: readonly string[], separator: string): readonly string[] {
  const words = cells.flatMap((cell) => [cell, ...cell.split('\n').flatMap((line) => line.split(separator))]);
  return [...new Set(words.map(fold))].filter((word) => word !== '');
}

/** A stray quote joins a line to those after it: they are named, since no other fault will. */
function subjectOf({ line, lastLine }: CsvRecord): string {
  return lastLine === line
    ? 'La ligne a'
    : `Les lignes ${String(line)} à ${String(lastLine)}, qu’un guillemet réunit, ont ensemble`;
}

function quoteRemedy({ line, lastLine }: CsvRecord): string {
  return lastLine === line
    ? ''
    : `cherchez un guillemet de trop ou manquant à partir de la ligne ${String(line)} ; sinon, `;
}
