import { Readable, pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { SourceError } from '../../domain/errors.js';
import type { SourceInput } from '../contract.js';
import { readHead } from './peek.js';

/** FINESS+ opens to 715 MB and 1.45 GB (September 2026); nothing we read is larger. */
export const MAX_UNPACKED_BYTES = 2 * 1024 ** 3;

export async function isGzip(input: SourceInput): Promise<boolean> {
  const { head } = await readHead(input.bytes(), 2);
  return head[0] === 0x1f && head[1] === 0x8b;
}

/**
 * The bytes of a delivery, gunzipped when they start with the gzip magic, whatever the file's name.
 * @throws SourceError `SRC_GZIP_TRUNCATED`, `SRC_GZIP_CORRUPT`, `SRC_TOO_LARGE` (a few kilobytes can open to gigabytes).
 */
export async function* unpack(
  input: SourceInput,
  compressed: boolean,
  maxBytes: number = MAX_UNPACKED_BYTES,
): AsyncGenerator<Uint8Array, void, undefined> {
  let total = 0;
  try {
    for await (const chunk of compressed ? gunzip(input.bytes()) : input.bytes()) {
      total += chunk.length;
      if (total > maxBytes) throw tooLarge(input, maxBytes);
      yield chunk;
    }
  } catch (cause) {
    throw compressed ? gzipFault(input, cause) : cause;
  }
}

function gunzip(bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  // `pipeline` closes both ends whoever stops first; the fault itself is thrown by the reading of `opened`.
  const opened = createGunzip({ chunkSize: 128 * 1024 });
  pipeline(Readable.from(bytes), opened, () => undefined);
  return opened;
}

function tooLarge(input: SourceInput, maxBytes: number): SourceError {
  return new SourceError({
    code: 'SRC_TOO_LARGE',
    message: `Le fichier dépasse ${String(Math.round(maxBytes / 1024 ** 2))} Mio une fois décompressé.`,
    place: input.fileName,
    remedy: 'vérifiez l’adresse de la source : ce n’est sans doute pas le fichier attendu.',
  });
}

function gzipFault(input: SourceInput, cause: unknown): unknown {
  const code = cause instanceof Error && 'code' in cause ? cause.code : null;
  if (code === 'Z_BUF_ERROR') {
    return new SourceError({
      code: 'SRC_GZIP_TRUNCATED',
      message: 'Le fichier compressé est coupé avant sa fin.',
      place: input.fileName,
      remedy: 'relancez la collecte : le téléchargement a sans doute été interrompu.',
      transient: true,
      cause,
    });
  }
  if (typeof code === 'string' && code.startsWith('Z_')) {
    return new SourceError({
      code: 'SRC_GZIP_CORRUPT',
      message: 'Le fichier compressé est abîmé.',
      place: input.fileName,
      remedy: 'relancez la collecte ; si le défaut revient, signalez-le au propriétaire de la source.',
      transient: true,
      cause,
    });
  }
  return cause;
}
