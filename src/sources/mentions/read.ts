import { readFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import { SourceError } from '../../domain/errors.js';
import type { Mention } from '../../domain/matching.js';
import { tidy } from '../../normalise/text.js';

/** More is not a hand-written trial list; a list of centres has its own streaming source. */
const MAX_BYTES = 50 * 1024 * 1024;

/**
 * Hospital mentions to try: CSV with a header `mention;city;department` in any order, separator `;` or `,`, UTF-8 or
 * windows-1252, other columns ignored. `finess_ej` and `finess_eg` are read when they are there.
 * @throws SourceError `SRC_UNREADABLE`, `SRC_COLUMN_MISSING`
 */
export async function* readMentions(file: string): AsyncGenerator<Mention> {
  const text = decode(await bytesOf(file));
  const header = text.slice(0, text.search(/\r?\n|$/));
  const delimiter = header.split(';').length >= header.split(',').length ? ';' : ',';
  const rows = rowsOf(text, delimiter, file);
  const names = (rows.shift() ?? []).map((name) => tidy(name).toLowerCase());
  for (const column of ['mention', 'city', 'department']) {
    if (!names.includes(column)) {
      throw new SourceError({
        code: 'SRC_COLUMN_MISSING',
        message: `La colonne « ${column} » manque dans ${file}.`,
        place: `${file}, ligne 1`,
        remedy: 'la première ligne doit porter « mention;city;department ».',
      });
    }
  }
  for (const row of rows) {
    const cell = (name: string): string | null => tidy(row[names.indexOf(name)] ?? '') || null;
    yield {
      mention: cell('mention') ?? '',
      city: cell('city'),
      departement: cell('department'),
      finessEj: cell('finess_ej'),
      finessEg: cell('finess_eg'),
    };
  }
}

async function bytesOf(file: string): Promise<Buffer> {
  try {
    const bytes = await readFile(file);
    if (bytes.length <= MAX_BYTES) return bytes;
  } catch (cause) {
    throw new SourceError({
      code: 'SRC_UNREADABLE',
      message: `Le fichier ${file} ne peut pas être lu.`,
      place: file,
      remedy: 'vérifiez le chemin et que ce compte peut lire le fichier.',
      cause,
    });
  }
  throw new SourceError({
    code: 'SRC_UNREADABLE',
    message: `Le fichier ${file} dépasse 50 Mio.`,
    place: file,
    remedy: 'découpez la liste de mentions à essayer.',
  });
}

/** Strict UTF-8, else windows-1252, which accepts every byte. */
function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return new TextDecoder('windows-1252').decode(bytes);
    throw error;
  }
}

function rowsOf(text: string, delimiter: string, file: string): string[][] {
  try {
    return parse(text, { delimiter, relaxColumnCount: true, skipEmptyLines: true });
  } catch (cause) {
    throw new SourceError({
      code: 'SRC_UNREADABLE',
      message: `Le fichier ${file} n’est pas un CSV lisible : ${(cause as Error).message}`,
      place: file,
      remedy: 'vérifiez les guillemets de la ligne indiquée, puis relancez.',
      cause,
    });
  }
}
