import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { basename } from 'node:path';
import { SourceError } from '../domain/errors.js';
import type { Establishment } from '../domain/establishment.js';
import { finessEtalab } from '../sources/finess-etalab/index.js';

/** Establishments of a FINESS file; lines that are set aside are left out. @throws SourceError `SRC_UNREADABLE` */
export async function* readEstablishments(file: string): AsyncIterable<Establishment> {
  await access(file).catch((cause: NodeJS.ErrnoException) => {
    throw new SourceError({
      code: 'SRC_UNREADABLE',
      message: `« ${file} » ne peut pas être lu (${cause.code ?? 'erreur'}).`,
      place: file,
      remedy: 'vérifiez le chemin et les droits de lecture de ce compte.',
      cause,
    });
  });
  const input = { fileName: basename(file), bytes: () => createReadStream(file) };
  for await (const outcome of finessEtalab().read(input)) {
    if (outcome.kind === 'row' && outcome.value.kind === 'establishment') yield outcome.value.establishment;
  }
}
