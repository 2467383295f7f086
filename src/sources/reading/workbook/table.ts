import { SourceError } from '../../../domain/errors.js';
import type { DeliveryFacts, SourceInput } from '../../contract.js';
import { emptyFile } from '../content.js';
import { readHeader, type Columns, type Header } from '../headers.js';
import { isGzip, unpack } from '../unpack.js';
import { WORKBOOK_LIMITS } from './package.js';
import { readSheets, type Sheet } from './read.js';

/** The sheet of a workbook that holds the list, with its header. */
export interface OpenSheet<Field extends string> {
  readonly sheet: Sheet;
  readonly header: Header<Field>;
  readonly facts: DeliveryFacts;
}

/** A zip starts with its first entry, or with its end when it has none (APPNOTE 4.3). */
export function isZip(head: Uint8Array): boolean {
  const start = Buffer.from(head).toString('latin1', 0, 4);
  return start === 'PK\u0003\u0004' || start === 'PK\u0005\u0006';
}

/**
 * Finds the one visible sheet whose first line has the required columns: its place among the tabs and its name do not
 * matter, and a sheet of explanations is left alone. Its name goes into every locator.
 * @throws SourceError `SRC_SHEETS_SEVERAL`, `SRC_COLUMN_MISSING`, `SRC_COLUMN_TWICE`, `SRC_EMPTY`, as `readSheets` does
 */
export async function openSheet<Field extends string>(
  input: SourceInput,
  columns: Columns<Field>,
): Promise<OpenSheet<Field>> {
  const compressed = await isGzip(input);
  const chunks: Uint8Array[] = [];
  for await (const chunk of unpack(input, compressed, WORKBOOK_LIMITS.fileBytes)) chunks.push(chunk);
  const sheets = (await readSheets(input, Buffer.concat(chunks))).filter(({ rows }) => rows.length > 0);
  if (sheets.length === 0) throw emptyFile(input);
  const faults: SourceError[] = [];
  const found = sheets.flatMap((sheet) => {
    const header = headerOf(input, columns, sheet);
    if (!(header instanceof SourceError)) return [{ sheet, header }];
    faults.push(header);
    return [];
  });
  const [one, ...others] = found;
  if (one === undefined)
    throw faults.find(({ code }) => code !== 'SRC_COLUMN_MISSING') ?? faults[0] ?? emptyFile(input);
  if (others.length > 0)
    throw several(
      input,
      found.map(({ sheet }) => sheet.name),
    );
  const { headers, unknownColumns, separator } = one.header;
  return {
    ...one,
    facts: {
      encoding: 'utf-8',
      compressed,
      separator,
      headers,
      unknownColumns,
      contentDate: null,
      sheet: one.sheet.name,
    },
  };
}

function headerOf<Field extends string>(
  input: SourceInput,
  columns: Columns<Field>,
  sheet: Sheet,
): Header<Field> | SourceError {
  const named = { ...input, fileName: `${input.fileName}, feuille ${sheet.name}` };
  try {
    return readHeader(named, columns, () => sheet.rows.slice(0, 10).map(({ cells }) => cells));
  } catch (error) {
    if (error instanceof SourceError) return error;
    throw error;
  }
}

function several(input: SourceInput, names: readonly string[]): SourceError {
  return new SourceError({
    code: 'SRC_SHEETS_SEVERAL',
    message: `Plusieurs feuilles du classeur ont les colonnes attendues (${names.map((name) => `« ${name} »`).join(', ')}) : rien ne dit laquelle lire.`,
    place: input.fileName,
    remedy: 'gardez une seule de ces feuilles (ou masquez les autres), puis redéposez le classeur.',
  });
}
