import { Readable, pipeline } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { parse as parseNow } from 'csv-parse/sync';
import { SourceError } from '../../domain/errors.js';
import type { SourceInput } from '../contract.js';
import type { CellFault } from './cells.js';

export interface CsvRecord {
  /** Line on which the record starts, as an editor numbers it: quoted cells may span several. */
  readonly line: number;
  /** Its last line: more than `line` when quotes joined lines. */
  readonly lastLine: number;
  readonly cells: readonly string[];
  /** Cells that a workbook marks as no value (formula, merged), by place. */
  readonly faults?: ReadonlyMap<number, CellFault>;
}

/** A quote left open swallows the rest of the file: past this size it is a fault, not a cell. */
const MAX_RECORD_CHARACTERS = 8 * 1024 ** 2;

const DIALECT = {
  record_delimiter: '\n',
  relax_quotes: true,
  relax_column_count: true,
  skip_empty_lines: false,
} as const;

/** The first whole records of a text under one separator, as far as they can be cut with it. */
export function firstRecords(head: string, separator: string): readonly (readonly string[])[] {
  const records: string[][] = [];
  try {
    parseNow(head.slice(0, 65_536), {
      ...DIALECT,
      delimiter: separator,
      to: 10,
      on_record: (record: string[]) => {
        records.push(record);
        return null;
      },
    });
  } catch (cause) {
    // The head may end inside a quoted cell: the records before it are whole.
    if (!(cause instanceof CsvError)) throw cause;
  }
  return records;
}

/** What csv-parse gives with `info: true`. */
interface InformedRecord {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/**
 * Cuts a text (line ends as `\n`) into records, one per line or per group of lines joined by quotes. Empty lines come as
 * a record of one empty cell. A quote inside an unquoted cell (`CH "Jacques Monod"`) is a character like another.
 * @throws SourceError `SRC_QUOTE_OPEN`, `SRC_LINE_TOO_LONG`
 */
export async function* csvRecords(
  input: SourceInput,
  text: AsyncIterable<string>,
  separator: string,
): AsyncGenerator<CsvRecord, void, undefined> {
  const parser = parse({
    ...DIALECT,
    delimiter: separator,
    info: true,
    max_record_size: MAX_RECORD_CHARACTERS,
  });
  pipeline(Readable.from(text), parser, () => undefined);
  let line = 1;
  try {
    for await (const item of parser as AsyncIterable<InformedRecord>) {
      yield { line, lastLine: item.info.lines, cells: item.record };
      line = item.info.lines + 1;
    }
  } catch (cause) {
    throw cause instanceof CsvError ? quoteFault(input, cause) : cause;
  }
}

function quoteFault(input: SourceInput, cause: CsvError): SourceError {
  const lines: unknown = cause['lines'];
  if (cause.code === 'CSV_MAX_RECORD_SIZE') {
    return new SourceError({
      code: 'SRC_LINE_TOO_LONG',
      message: `Une ligne dépasse ${String(MAX_RECORD_CHARACTERS)} caractères${typeof lines === 'number' ? ` (ligne ${String(lines)})` : ''}, ou un guillemet y a avalé les lignes suivantes.`,
      place: input.fileName,
      remedy:
        'cherchez à cette ligne une cellule trop longue ou un guillemet ouvert, ou redemandez le fichier.',
      cause,
    });
  }
  return new SourceError({
    code: 'SRC_QUOTE_OPEN',
    message:
      typeof lines === 'number'
        ? `Un guillemet ouvert n’est jamais refermé (lecture arrêtée à la ligne ${String(lines)}).`
        : 'Un guillemet ouvert n’est jamais refermé.',
    place: input.fileName,
    remedy: 'refermez le guillemet, ou redemandez le fichier : il est peut-être coupé.',
    cause,
  });
}
