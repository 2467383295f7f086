import { readFile, stat } from 'node:fs/promises';
import { DataError } from '../domain/errors.js';

/** What a command takes as a file, and what its reader may do. */
export interface GivenFile {
  readonly maxBytes: number;
  /** French: what to give instead. */
  readonly remedies: { readonly unreadable: string; readonly tooLarge: string };
}

/**
 * A file named on the command line, whole.
 * @throws DataError `FILE_UNREADABLE`, `FILE_TOO_LARGE`
 */
export async function readGiven(path: string, { maxBytes, remedies }: GivenFile): Promise<Buffer> {
  try {
    const { size } = await stat(path);
    if (size <= maxBytes) return await readFile(path);
  } catch (cause) {
    throw new DataError({
      code: 'FILE_UNREADABLE',
      message: `Le fichier ${path} ne peut pas être lu.`,
      place: path,
      remedy: remedies.unreadable,
      cause,
    });
  }
  throw new DataError({
    code: 'FILE_TOO_LARGE',
    message: `Le fichier ${path} dépasse ${String(Math.floor(maxBytes / 1024 ** 2))} Mio.`,
    place: path,
    remedy: remedies.tooLarge,
  });
}
