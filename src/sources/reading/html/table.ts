import { DataError, SourceError } from '../../../domain/errors.js';
import { fold } from '../../../normalise/text.js';
import type { DeliveryFacts, PageOptions, SourceInput } from '../../contract.js';
import type { CellFault } from '../cells.js';
import type { CsvRecord } from '../csv.js';
import { readHeader, type Column, type Columns, type Header } from '../headers.js';
import { LIST_LIMITS, openText, type OpenText } from '../text.js';
import { pageDate } from './date.js';
import { Room, gridFault, gridRows, isBlank, isTitle, type GridRow } from './grid.js';
import { readPage, type PageElement } from './page.js';

/** The table of a page that holds the list, with its header. */
export interface OpenPageTable<Field extends string> {
  readonly facts: DeliveryFacts;
  readonly header: Header<Field>;
  /** Rows below the header, those that say nothing left out. */
  readonly rows: () => Iterable<CsvRecord>;
}

/**
 * Finds, among the tables that the configured selector chooses, the one that has the required columns.
 * @throws SourceError `SRC_TABLE_MISSING`, `SRC_TABLES_SEVERAL`, `SRC_COLUMN_MISSING`, `SRC_COLUMN_TWICE`,
 * `SRC_TRUNCATED`, `SRC_PAGE_DATE`, `SRC_TOO_LARGE`; as `readPage` does
 */
export async function openPageTable<Field extends string>(
  input: SourceInput,
  columns: Columns<Field>,
  options: PageOptions,
  found: OpenText,
): Promise<OpenPageTable<Field>> {
  const opened = await reopened(input, found);
  const page = await readPage(input, opened.text());
  const named = withNames(columns, options);
  const tables = page.select(options.table, 'html.table').filter(({ name }) => name === 'table');
  const { table, header, headerRows } = chosen(input, options, tables, named);
  if (!page.isClosed(table)) throw cut(input);
  return {
    header,
    facts: {
      encoding: opened.encoding,
      compressed: opened.compressed,
      separator: null,
      headers: header.headers,
      unknownColumns: header.unknownColumns,
      contentDate: options.date === null ? null : pageDate(input, page, options.date),
      page: true,
    },
    rows: () => records(table, headerRows, new Room(input)),
  };
}

/** ISO-8859-15 is told from windows-1252 by what the page says of itself, and by nothing else. */
async function reopened(input: SourceInput, found: OpenText): Promise<OpenText> {
  const says = /<meta\b[^>]{0,200}\bcharset\s*=\s*["']?iso-8859-15\b/i.test(found.head.slice(0, 4096));
  if (!says || found.encoding !== 'windows-1252' || input.encoding !== undefined) return found;
  return await openText({ ...input, encoding: 'iso-8859-15' }, LIST_LIMITS, 'accepted');
}

interface Chosen<Field extends string> {
  readonly table: PageElement;
  readonly header: Header<Field>;
  readonly headerRows: number;
}

function chosen<Field extends string>(
  input: SourceInput,
  options: PageOptions,
  tables: readonly PageElement[],
  columns: Columns<Field>,
): Chosen<Field> {
  if (tables.length === 0) throw noTable(input, options);
  const faults: TableFault[] = [];
  const known = new Set((Object.values(columns) as Column[]).flatMap(namesOf));
  const room = new Room(input);
  const found = tables.flatMap((table) => {
    const { names, rows } = headerNames(table, room);
    try {
      return [{ table, header: readHeader(input, columns, () => [names]), headerRows: rows }];
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      faults.push({ error, known: names.filter((name) => known.has(fold(name))).length });
      return [];
    }
  });
  const [one, ...others] = found;
  if (one === undefined) throw changedLayout(input, faults);
  if (others.length > 0) throw severalTables(input, options, found.length);
  return one;
}

/**
 * The header is the first row that is neither a title over the whole width nor blank, with the rows that its cells
 * reach into, or all of `<thead>`: a name over several columns goes before those below it.
 */
function headerNames(
  table: PageElement,
  room: Room,
): { readonly names: readonly string[]; readonly rows: number } {
  const stack: GridRow[] = [];
  let last = 0;
  for (const row of gridRows(table, room)) {
    const [first] = stack;
    if (first === undefined && (isTitle(row) || isBlank(row))) continue;
    if (first !== undefined && row.line > last && !(first.head && row.head)) break;
    stack.push(row);
    // As many rows as its deepest cell below which another stands.
    if (first === undefined && row.cells.some(({ rows }) => rows === 1))
      last = row.line + Math.min(3, largest(row.cells.map(({ rows }) => rows))) - 1;
  }
  const width = largest(stack.map(({ cells }) => cells.length));
  const names = Array.from({ length: width }, (_, place) => {
    const down = stack.flatMap(({ cells }) => cells[place] ?? []);
    return [...new Set(down)].flatMap(({ text }) => (text === '' ? [] : [text])).join(' ');
  });
  return { names, rows: stack.at(-1)?.line ?? 0 };
}

/** Without the arguments of `Math.max`: a header of 100,000 rows would be too many. */
function largest(numbers: readonly number[]): number {
  return numbers.reduce((most, one) => Math.max(most, one), 0);
}

function* records(table: PageElement, headerRows: number, room: Room): Generator<CsvRecord, void, undefined> {
  for (const row of gridRows(table, room)) {
    if (row.line <= headerRows || isTitle(row) || isBlank(row)) continue;
    const faults = new Map<number, CellFault>();
    row.cells.forEach((cell, place) => {
      const fault = gridFault(cell);
      if (fault !== null) faults.set(place, fault);
    });
    yield { line: row.line, lastLine: row.line, cells: row.cells.map(({ text }) => text), faults };
  }
}

/** Headers as the page writes them, by the configuration, beside those that the source knows. @throws DataError */
function withNames<Field extends string>(columns: Columns<Field>, options: PageOptions): Columns<Field> {
  const own: Record<Field, Column> = { ...columns };
  const fields = Object.keys(columns) as Field[];
  for (const [written, known] of Object.entries(options.columns)) {
    const field = fields.find((one) => namesOf(columns[one]).includes(fold(known)));
    if (field === undefined)
      throw new DataError({
        code: 'CFG_COLUMN',
        message: `« ${known} » n’est pas une colonne de cette source.`,
        place: `sources.yaml, html.columns.${written}`,
        remedy: `écrivez l’une de celles-ci : ${fields.map((one) => columns[one].title).join(', ')}.`,
      });
    own[field] = { ...own[field], synonyms: [...own[field].synonyms, written] };
  }
  return own;
}

function noTable(input: SourceInput, { table }: PageOptions): SourceError {
  return new SourceError({
    code: 'SRC_TABLE_MISSING',
    message: `La page ne contient aucun tableau (« ${table} ») : le serveur a répondu par une page d’erreur, ou la mise en page a changé.`,
    place: input.fileName,
    remedy:
      'ouvrez l’adresse de la source dans un navigateur ; si le tableau y est, corrigez html.table dans sources.yaml, sinon réessayez plus tard.',
    transient: true,
  });
}

function severalTables(input: SourceInput, { table }: PageOptions, count: number): SourceError {
  return new SourceError({
    code: 'SRC_TABLES_SEVERAL',
    message: `La page contient ${String(count)} tableaux qui ont les colonnes attendues : rien ne dit lequel lire.`,
    place: input.fileName,
    remedy: `donnez dans sources.yaml un sélecteur (html.table, « ${table} » aujourd’hui) qui n’en choisisse qu’un.`,
  });
}

/** Why a table is not the list, and how many of its headers are known all the same. */
interface TableFault {
  readonly error: SourceError;
  readonly known: number;
}

function namesOf({ title, synonyms }: Column): readonly string[] {
  return [title, ...synonyms].map(fold);
}

/** No table has the columns: the fault of the one that comes nearest is told. */
function changedLayout(input: SourceInput, faults: readonly TableFault[]): SourceError {
  const { error: first } = faults.reduce((best, one) => (one.known > best.known ? one : best));
  return new SourceError({
    code: first.code,
    message: `${faults.length > 1 ? `Aucun des ${String(faults.length)} tableaux de la page n’a les colonnes attendues. ` : ''}${first.message}`,
    place: `${input.fileName}, tableau`,
    remedy: `la mise en page a sans doute changé : ouvrez la page, et donnez dans sources.yaml le nom nouveau de la colonne (html.columns) ou le bon tableau (html.table). ${first.remedy}`,
    cause: first,
  });
}

function cut(input: SourceInput): SourceError {
  return new SourceError({
    code: 'SRC_TRUNCATED',
    message: 'La page est coupée : le tableau n’y est pas refermé.',
    place: input.fileName,
    remedy: 'relancez la collecte : le téléchargement a sans doute été interrompu.',
    transient: true,
  });
}
