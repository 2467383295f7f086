import { existsSync, readFileSync } from 'node:fs';
import iconv from 'iconv-lite';
import type { Encoding, SourceInput } from '../../src/sources/contract.js';

const root = new URL('../../', import.meta.url);

/** A delivery kept in memory, given in the chunks wanted. */
export function delivery(
  content: Uint8Array | readonly Uint8Array[],
  options: { readonly fileName?: string; readonly encoding?: Encoding } = {},
): SourceInput {
  const chunks = content instanceof Uint8Array ? [content] : content;
  return {
    fileName: options.fileName ?? 'essai.csv',
    bytes: async function* () {
      await Promise.resolve();
      yield* chunks;
    },
    ...(options.encoding === undefined ? {} : { encoding: options.encoding }),
  };
}

export function encoded(text: string, encoding: Encoding): Buffer {
  return encoding === 'utf-8' ? Buffer.from(text) : iconv.encode(text, encoding);
}

export function fixture(path: string): Buffer {
  return readFileSync(new URL(`src/sources/${path}`, root));
}

export function shipped(path: string): Buffer {
  return readFileSync(new URL(path, root));
}

const material = new URL('../shared/data/', root);
/** Real extracts stand beside the repository; without them the tests that need them are skipped, and say so. */
export const hasMaterial = existsSync(material);

export function realExtract(path: string): Buffer {
  return readFileSync(new URL(path, material));
}
