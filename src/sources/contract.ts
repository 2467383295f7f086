import type { RowFault, RowOutcome } from '../domain/rows.js';

/** Encodings that French public lists were seen in. ISO-8859-15 is read only when it is declared. */
export type Encoding = 'utf-8' | 'utf-16le' | 'windows-1252' | 'iso-8859-15';

/** A delivery already stored: its bytes can be read from the start any number of times. */
export interface SourceInput {
  /** Name that locators and messages show. */
  readonly fileName: string;
  readonly bytes: () => AsyncIterable<Uint8Array>;
  /** Encoding declared by the configuration; absent, it is found from the bytes. */
  readonly encoding?: Encoding;
}

export type Separator = ';' | ',' | '\t';

/** What the head of a delivery says, before its rows. */
export interface DeliveryFacts {
  readonly encoding: Encoding;
  readonly compressed: boolean;
  /** Null for a format that has none (JSON, XML). */
  readonly separator: Separator | null;
  /** Headers as written; empty for a format without header. */
  readonly headers: readonly string[];
  /** Headers that no column of the source recognises: ignored, counted, shown. */
  readonly unknownColumns: readonly string[];
  /** ISO date of the content, when the file states it (gate X14 follows this date, not the day of the visit). */
  readonly contentDate: string | null;
  /** Faults of the head that do not refuse the delivery: a date that is none. */
  readonly flags?: readonly RowFault[];
  /** The sheet that is read, when the delivery is a workbook (XLSX). */
  readonly sheet?: string;
  /** Present when the delivery is a page (HTML) whose table is read. */
  readonly page?: true;
}

/** How the table of a page is found, for a source that is published as one: a change of layout is mended by configuration. */
export interface PageOptions {
  /** CSS selector of the table; several may answer, one of them has the columns. */
  readonly table: string;
  /** Headers as the page writes them, each with the name of the column that filror knows. */
  readonly columns: Readonly<Record<string, string>>;
  /** Where the page says the date of its content; null: nowhere. */
  readonly date: PageDate | null;
}

export interface PageDate {
  readonly selector: string;
  /** Regular expression, whose first group is the date; null: the text is a date. */
  readonly pattern: string | null;
}

/**
 * One public list. A source does no I/O of its own: it reads the bytes it is given, and the same bytes always give the
 * same outcomes in the same order.
 */
export interface Source<Row> {
  /** Stable, kebab-case: stored with every observation. */
  readonly id: string;
  /** French. */
  readonly title: string;
  readonly owner: string;
  readonly licence: string;
  /** How often the owner publishes, in French. */
  readonly cadence: string;
  /** No real delivery was at hand: tried on synthetic ones only, and told so wherever the source is named. */
  readonly trial?: true;
  /**
   * Streams the rows. A bad row is set aside with its reason and the rest goes on.
   * @throws SourceError when the file cannot be used at all: nothing read before may then be used.
   */
  read(input: SourceInput): AsyncIterable<RowOutcome<Row>>;
  /** Reads the head only. @throws SourceError as `read` does. */
  inspect(input: SourceInput): Promise<DeliveryFacts>;
  /**
   * For a flow made anew every day of which few records are kept: mark of all that the last whole reading went through,
   * its header apart. Equal marks, equal content; null before any. One source object reads one delivery at a time.
   */
  contentMark?(): string | null;
  /** Observation key of a row taken alone (DESIGN 5): never an identity by itself. */
  keyOf?(row: Row): string;
  /**
   * Second look, once every row is known: rules across rows, and keys that depend on neighbours. Takes and gives one
   * outcome per row, in file order. Absent when rows do not depend on one another; the key is then `keyOf(value)`.
   */
  settle?(outcomes: readonly RowOutcome<Row>[]): readonly RowOutcome<Row>[];
}

/** Reads a whole delivery, with its second look. For lists made by people; large files are streamed with `read`. */
export async function readAll<Row>(
  source: Source<Row>,
  input: SourceInput,
): Promise<readonly RowOutcome<Row>[]> {
  const outcomes: RowOutcome<Row>[] = [];
  for await (const outcome of source.read(input)) outcomes.push(outcome);
  if (source.settle !== undefined) return source.settle(outcomes);
  const keyOf = source.keyOf;
  if (keyOf === undefined) return outcomes;
  return outcomes.map((one) => (one.kind === 'row' ? { ...one, key: keyOf(one.value) } : one));
}
