import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { SourceError } from '../../domain/errors.js';
import type { Mention } from '../../domain/matching.js';
import type { AsideRow } from '../../domain/rows.js';
import type { SourceInput } from '../contract.js';
import type { Columns } from '../reading/headers.js';
import { openTable } from '../reading/table.js';

type MentionColumn = 'mention' | 'city' | 'department' | 'finessEj' | 'finessEg';

const MENTION_COLUMNS: Columns<MentionColumn> = {
  mention: { title: 'mention', synonyms: [], required: true },
  city: { title: 'city', synonyms: ['ville'], required: true },
  department: { title: 'department', synonyms: ['departement', 'dep'], required: true },
  finessEj: { title: 'finess_ej', synonyms: [], required: false },
  finessEg: { title: 'finess_eg', synonyms: [], required: false },
};

/** A mention to try, or a row that cannot be used, with what it says as far as it could be read. */
export type MentionRow = Mention | AsideRow;

/**
 * Hospital mentions to try: a CSV with a header `mention;city;department` in any order, opened as every list made by
 * people is (encodings, separators, gzip), other columns ignored. `finess_ej` and `finess_eg` are read when they are there.
 * @throws SourceError for a file fault
 */
export async function* readMentions(file: string): AsyncGenerator<MentionRow> {
  const input: SourceInput = { fileName: basename(file), bytes: () => fileBytes(file) };
  const { rows } = await openTable(input, MENTION_COLUMNS);
  for await (const row of rows()) {
    if (row.kind === 'aside') yield row;
    else if (row.kind === 'damaged') yield row.fault;
    else {
      const { mention, city, department, finessEj, finessEg } = row.cells;
      yield {
        mention,
        city: city || null,
        departement: department || null,
        finessEj: finessEj || null,
        finessEg: finessEg || null,
      };
    }
  }
}

async function* fileBytes(file: string): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* createReadStream(file) as AsyncIterable<Uint8Array>;
  } catch (cause) {
    if (!(cause instanceof Error && 'syscall' in cause)) throw cause;
    throw new SourceError({
      code: 'SRC_UNREADABLE',
      message: `Le fichier ${file} ne peut pas être lu.`,
      place: file,
      remedy: 'vérifiez le chemin et que ce compte peut lire le fichier.',
      cause,
    });
  }
}
