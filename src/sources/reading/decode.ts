import { isUtf8 } from 'node:buffer';
import iconv from 'iconv-lite';
import type { Encoding, SourceInput } from '../contract.js';
import { RESAVE, encodingFault } from './encoding.js';
import { unfinishedTail } from './utf8.js';

/** One decoder per stream: a character cut between two chunks waits for its end. */
export interface ChunkDecoder {
  push(chunk: Uint8Array): string;
  /** @throws SourceError when the stream ends inside a character. */
  end(): string;
}

/** Decodes and drops the byte order mark. @throws SourceError `SRC_ENCODING` on the first bytes that do not decode. */
export function chunkDecoder(input: SourceInput, encoding: Encoding): ChunkDecoder {
  switch (encoding) {
    case 'utf-8':
      return withoutMark(utf8Decoder(input, 'utf8'), '\ufeff');
    case 'utf-16le':
      return withoutMark(utf16Decoder(input), '\ufeff');
    case 'windows-1252':
    case 'iso-8859-15':
      // Not TextDecoder: several Node releases take windows-1252 for latin1 on their fast path.
      return singleByteDecoder(encoding);
  }
}

/**
 * For registers: the bytes are checked but given as one character each, which costs a tenth of decoding (9 ms against 95
 * for 25 MB), and only the cells that are kept and not ASCII are decoded, by `decodeCell`. Separators, quotes and line
 * ends are the same bytes in these encodings; UTF-16 is decoded at once and its cells are left as they are.
 */
export function byteTextDecoder(
  input: SourceInput,
  encoding: Encoding,
): { readonly chunks: ChunkDecoder; readonly decodeCell: (cell: string) => string } {
  switch (encoding) {
    case 'utf-8':
      return {
        chunks: withoutMark(utf8Decoder(input, 'latin1'), '\u00ef\u00bb\u00bf'),
        decodeCell: (cell) => Buffer.from(cell, 'latin1').toString('utf8'),
      };
    case 'utf-16le':
      return { chunks: chunkDecoder(input, encoding), decodeCell: (cell) => cell };
    case 'windows-1252':
    case 'iso-8859-15':
      return {
        chunks: { push: (chunk) => asBuffer(chunk).toString('latin1'), end: () => '' },
        decodeCell: (cell) => iconv.decode(Buffer.from(cell, 'latin1'), encoding),
      };
  }
}

/** `isUtf8` then `toString` is the fast path of Node (simdutf), several times a fatal TextDecoder in stream mode. */
function utf8Decoder(input: SourceInput, as: 'utf8' | 'latin1'): ChunkDecoder {
  let rest: Buffer = Buffer.alloc(0);
  let offset = 0;
  return {
    push(chunk) {
      const bytes = rest.length === 0 ? asBuffer(chunk) : Buffer.concat([rest, chunk]);
      const size = bytes.length - unfinishedTail(bytes);
      const whole = bytes.subarray(0, size);
      if (!isUtf8(whole)) throw invalid(input, 'utf-8', offset);
      offset += size;
      rest = Buffer.from(bytes.subarray(size));
      return whole.toString(as);
    },
    end() {
      if (rest.length > 0) throw invalid(input, 'utf-8', offset);
      return '';
    },
  };
}

function utf16Decoder(input: SourceInput): ChunkDecoder {
  const decoder = new TextDecoder('utf-16le', { fatal: true, ignoreBOM: true });
  let offset = 0;
  return {
    push(chunk) {
      try {
        const text = decoder.decode(chunk, { stream: true });
        offset += chunk.length;
        return text;
      } catch {
        throw invalid(input, 'utf-16le', offset);
      }
    },
    end() {
      try {
        return decoder.decode();
      } catch {
        throw invalid(input, 'utf-16le', offset);
      }
    },
  };
}

function singleByteDecoder(encoding: Encoding): ChunkDecoder {
  const decoder = iconv.getDecoder(encoding);
  return { push: (chunk) => decoder.write(asBuffer(chunk)), end: () => decoder.end() ?? '' };
}

function withoutMark(decoder: ChunkDecoder, mark: string): ChunkDecoder {
  let started = false;
  return {
    push(chunk) {
      const text = decoder.push(chunk);
      // The mark is one character, never given in parts.
      if (started || text === '') return text;
      started = true;
      return text.startsWith(mark) ? text.slice(mark.length) : text;
    },
    end: () => decoder.end(),
  };
}

function asBuffer(chunk: Uint8Array): Buffer {
  return Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

function invalid(input: SourceInput, encoding: Encoding, offset: number): Error {
  return encodingFault(
    input,
    `Le fichier n’est plus en ${encoding} après l’octet ${String(offset)} : des caractères ne peuvent pas être lus.`,
    RESAVE,
  );
}
