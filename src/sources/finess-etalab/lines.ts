import { SourceError } from '../../domain/errors.js';
import type { RowOutcome } from '../../domain/rows.js';
import type { DeliveryFacts, SourceInput } from '../contract.js';
import { emptyFile } from '../reading/content.js';
import { REGISTER_LIMITS, openText, type OpenText } from '../reading/text.js';
import { LineScanner } from './line-scanner.js';
import { finessLineReader } from './read.js';
import type { FinessRecord } from './schema.js';

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
      contentDate: announced && /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(date.trim()) ? date.trim() : null,
    },
  };
}

/**
 * Streams the lines: one pass, one line in memory. FINESS never breaks a line inside quotes, so that lines are cut
 * first, which is what keeps it near the speed of a bare reader. @throws SourceError
 */
export async function* finessRecords(
  input: SourceInput,
): AsyncGenerator<RowOutcome<FinessRecord>, void, undefined> {
  const { opened } = await openFiness(input);
  const { chunks, decodeCell } = opened.byteText();
  const scanner = new LineScanner(decodeCell);
  const readLine = finessLineReader();
  const file = input.fileName;
  let line = 0;
  let rows = 0;
  for await (const chunk of chunks) {
    scanner.feed(chunk);
    while (scanner.next()) {
      line++;
      if (isSkipped(scanner, line)) continue;
      rows++;
      yield readLine(scanner, { file, line });
    }
    if (scanner.pending > MAX_PENDING_CHARACTERS) throw lineTooLong(input, line + 1);
  }
  // The last line may lack its end.
  scanner.feed('\n');
  while (scanner.next()) {
    line++;
    if (isSkipped(scanner, line)) continue;
    rows++;
    yield readLine(scanner, { file, line });
  }
  if (rows === 0) throw emptyFile(input);
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
