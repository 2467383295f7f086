import { SourceError } from '../../domain/errors.js';
import type { RowOutcome } from '../../domain/rows.js';
import type { DeliveryFacts, SourceInput } from '../contract.js';
import { statedDate } from '../reading/content-date.js';
import { emptyFile } from '../reading/content.js';
import type { FinessRecord } from '../reading/finess-record.js';
import { REGISTER_LIMITS, openText, type OpenText } from '../reading/text.js';
import { LineScanner } from './line-scanner.js';
import { finessLineReader } from './read.js';

/** A text without line ends is no register: past this size nothing more is kept in memory. */
const MAX_PENDING_CHARACTERS = 8 * 1024 ** 2;

export async function openFiness(
  input: SourceInput,
): Promise<{ readonly opened: OpenText; readonly facts: DeliveryFacts }> {
  const opened = await openText(input, REGISTER_LIMITS);
  const [type = '', label = '', , date = ''] = (opened.head.split('\n', 1)[0] ?? '').split(';');
  const announced = type === 'finess' && label === 'etalab';
  if (!announced && type !== 'structureet' && type !== 'geolocalisation') throw wrongFormat(input, type);
  return {
    opened,
    facts: {
      encoding: opened.encoding,
      compressed: opened.compressed,
      separator: ';',
      headers: [],
      unknownColumns: [],
      ...(announced ? statedDate(input, date, 'ligne 1, colonne 4') : { contentDate: null }),
    },
  };
}

/**
 * Streams the lines: one pass, one line in memory. FINESS never breaks a line inside quotes, so that lines are cut
 * first, which is what keeps it near the speed of a bare reader. The faults of the file (SourceError) come from `next`.
 */
export function finessRecords(input: SourceInput): AsyncIterable<RowOutcome<FinessRecord>> {
  return { [Symbol.asyncIterator]: () => new RecordIterator(input) };
}

/**
 * Written by hand where a generator would read better: a generator takes three turns of the microtask queue per row, a
 * promise already kept takes one, and there are 100,000 rows (a quarter of the whole time). As with `for await`, `next`
 * is called again only once its last promise is kept.
 */
class RecordIterator implements AsyncIterator<RowOutcome<FinessRecord>, undefined> {
  private readonly readLine = finessLineReader();
  private source: { readonly scanner: LineScanner; readonly chunks: AsyncIterator<string> } | null = null;
  private line = 0;
  private rows = 0;
  private ended = false;

  constructor(private readonly input: SourceInput) {}

  next(): Promise<IteratorResult<RowOutcome<FinessRecord>, undefined>> {
    const value = this.source === null ? null : this.nextRow(this.source.scanner);
    return value === null ? this.refill() : Promise.resolve({ done: false, value });
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.ended = true;
    await this.source?.chunks.return?.();
    return { done: true, value: undefined };
  }

  private nextRow(scanner: LineScanner): RowOutcome<FinessRecord> | null {
    while (scanner.next()) {
      this.line++;
      if (isSkipped(scanner, this.line)) continue;
      this.rows++;
      return this.readLine(scanner, { file: this.input.fileName, line: this.line });
    }
    return null;
  }

  private async refill(): Promise<IteratorResult<RowOutcome<FinessRecord>, undefined>> {
    this.source ??= await this.open();
    const { scanner, chunks } = this.source;
    while (!this.ended) {
      const chunk = await chunks.next();
      // The last line may lack its end.
      if (chunk.done === true) this.ended = true;
      scanner.feed(chunk.done === true ? '\n' : chunk.value);
      const value = this.nextRow(scanner);
      if (value !== null) return { done: false, value };
      if (scanner.pending > MAX_PENDING_CHARACTERS) {
        await this.return();
        throw lineTooLong(this.input, this.line + 1);
      }
    }
    if (this.rows === 0) throw emptyFile(this.input);
    return { done: true, value: undefined };
  }

  private async open(): Promise<{ readonly scanner: LineScanner; readonly chunks: AsyncIterator<string> }> {
    const { opened } = await openFiness(this.input);
    const { chunks, decodeCell } = opened.byteText();
    return { scanner: new LineScanner(decodeCell), chunks: chunks[Symbol.asyncIterator]() };
  }
}

function isSkipped(scanner: LineScanner, line: number): boolean {
  if (scanner.count > 1) return line === 1 && scanner.cell(0) === 'finess';
  return scanner.line().trim() === '';
}

function wrongFormat(input: SourceInput, found: string): SourceError {
  const entities = found === 'structureej';
  return new SourceError({
    code: 'SRC_FORMAT',
    message: entities
      ? 'Le fichier est l’extraction des entités juridiques, et non celle des établissements.'
      : `Le fichier n’est pas une extraction FINESS etalab : il commence par « ${found.slice(0, 80)} » au lieu de « finess;etalab ».`,
    place: `${input.fileName}, ligne 1`,
    remedy: 'prenez le fichier des établissements (etalab-cs1100502 ou etalab-cs1100507).',
  });
}

function lineTooLong(input: SourceInput, line: number): SourceError {
  return new SourceError({
    code: 'SRC_FORMAT',
    message: `La ligne ${String(line)} dépasse ${String(MAX_PENDING_CHARACTERS)} caractères : le fichier est abîmé.`,
    place: `${input.fileName}, ligne ${String(line)}`,
    remedy: 'relancez la collecte ; si le défaut revient, signalez-le au propriétaire de la source.',
  });
}
