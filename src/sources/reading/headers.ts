import { SourceError } from '../../domain/errors.js';
import { fold } from '../../normalise/text.js';
import type { Separator, SourceInput } from '../contract.js';

/** One column of a list made by people: headers are recognised in any order, without case, accents nor punctuation. */
export interface Column {
  /** French name used in messages. */
  readonly title: string;
  readonly synonyms: readonly string[];
  readonly required: boolean;
}

export type Columns<Field extends string> = Readonly<Record<Field, Column>>;

export interface Header<Field extends string> {
  /** Records up to the header included: Excel may write `sep=;` above it. */
  readonly records: number;
  readonly separator: Separator;
  /** Place of each recognised column among the cells. */
  readonly places: ReadonlyMap<Field, number>;
  readonly headers: readonly string[];
  readonly unknownColumns: readonly string[];
}

const SEPARATORS = [';', ',', '\t'] as const;

/**
 * Finds the separator as the one under which most headers are recognised (titles may hold commas), then the columns.
 * @throws SourceError `SRC_COLUMN_MISSING`, `SRC_COLUMN_TWICE`
 */
export function readHeader<Field extends string>(
  input: SourceInput,
  columns: Columns<Field>,
  recordsUnder: (separator: string) => readonly (readonly string[])[],
): Header<Field> {
  const fieldByName = new Map<string, Field>();
  for (const field of Object.keys(columns) as Field[]) {
    for (const name of [columns[field].title, ...columns[field].synonyms]) fieldByName.set(fold(name), field);
  }
  const readings = SEPARATORS.map((separator) => {
    const records = recordsUnder(separator);
    const rank = records.findIndex((cells) => !isBlank(cells) && !/^sep=/i.test(cells[0] ?? ''));
    const headers = trimEnd(records[rank] ?? []);
    return {
      separator,
      records: rank + 1,
      headers,
      known: headers.filter((one) => fieldByName.has(fold(one))).length,
    };
  });
  const { separator, records, headers } = readings.reduce((best, one) =>
    one.known > best.known ? one : best,
  );
  const places = new Map<Field, number>();
  const unknownColumns: string[] = [];
  headers.forEach((name, place) => {
    const field = fieldByName.get(fold(name));
    if (field === undefined) unknownColumns.push(name);
    else if (places.has(field))
      throw columnTwice(input, columns[field], headers[places.get(field) ?? 0] ?? '', name);
    else places.set(field, place);
  });
  const missing = (Object.keys(columns) as Field[]).filter(
    (one) => columns[one].required && !places.has(one),
  );
  if (missing.length > 0)
    throw columnMissing(
      input,
      missing.map((one) => columns[one]),
      headers,
    );
  return { separator, records, places, headers, unknownColumns };
}

function isBlank(cells: readonly string[]): boolean {
  return cells.every((cell) => cell.trim() === '');
}

/** Spreadsheets export the empty columns on the right of the table. */
function trimEnd(cells: readonly string[]): readonly string[] {
  const last = cells.findLastIndex((cell) => cell.trim() !== '');
  return cells.slice(0, last + 1);
}

function columnMissing(
  input: SourceInput,
  missing: readonly Column[],
  headers: readonly string[],
): SourceError {
  const names = missing.map((one) => `« ${one.title} »`).join(', ');
  const accepted = missing
    .map((one) => `« ${one.title} » peut s’écrire : ${[one.title, ...one.synonyms].join(', ')}`)
    .join(' ; ');
  return new SourceError({
    code: 'SRC_COLUMN_MISSING',
    message: `${missing.length === 1 ? 'La colonne' : 'Les colonnes'} ${names} ${
      missing.length === 1 ? 'manque' : 'manquent'
    }. En-têtes trouvés : ${headers.length === 0 ? 'aucun' : headers.join(', ').slice(0, 500)}.`,
    place: `${input.fileName}, ligne 1`,
    remedy: `vérifiez la première ligne du fichier. ${accepted}.`,
  });
}

function columnTwice(input: SourceInput, column: Column, first: string, second: string): SourceError {
  return new SourceError({
    code: 'SRC_COLUMN_TWICE',
    message: `Deux colonnes donnent « ${column.title} » : « ${first} » et « ${second} ».`,
    place: `${input.fileName}, ligne 1`,
    remedy: 'gardez une seule de ces colonnes, ou renommez l’autre.',
  });
}
