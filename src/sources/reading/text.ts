import type { Encoding, SourceInput } from '../contract.js';
import { assertDataBytes, assertDataText, type PageReading } from './content.js';
import { byteTextDecoder, chunkDecoder, type ChunkDecoder } from './decode.js';
import { detectEncoding } from './encoding.js';
import { readHead } from './peek.js';
import { MAX_UNPACKED_BYTES, isGzip, unpack } from './unpack.js';

export interface TextLimits {
  /** Bytes on which the encoding is decided: a file that fits is checked whole. */
  readonly headBytes: number;
  readonly maxBytes: number;
}

/** Lists made by people: the national list (2,400 centres, 0.6 MB) is checked whole. */
export const LIST_LIMITS: TextLimits = { headBytes: 8 * 1024 ** 2, maxBytes: 256 * 1024 ** 2 };
/**
 * Rows that say something, and lines with the empty ones between and below them. The national list has 2,400 centres,
 * the longest list of hospital mentions some thousands: beyond twenty times that the file is another one, and every row
 * would be held. A few kilobytes of gzip open to millions of lines, each of which takes its time, even empty.
 */
export const LIST_BOUNDS = { rows: 50_000, lines: 100_000 };
/** Registers: strict on the first megabyte (FINESS has accents from its second line), then fatal where it breaks. */
export const REGISTER_LIMITS: TextLimits = { headBytes: 1024 ** 2, maxBytes: MAX_UNPACKED_BYTES };

export interface OpenText {
  readonly encoding: Encoding;
  readonly compressed: boolean;
  /** Decoded start, line ends as `\n`, its last line possibly cut. */
  readonly head: string;
  /** The whole text from its start, line ends as `\n`, without byte order mark. Can be asked any number of times. */
  readonly text: () => AsyncIterable<string>;
  /** The same with one character per byte, for registers: see `byteTextDecoder`. */
  readonly byteText: () => {
    readonly chunks: AsyncIterable<string>;
    readonly decodeCell: (cell: string) => string;
  };
}

/**
 * Opens a delivery as text: gunzip, encoding, and the faults that make a file useless.
 * @throws SourceError, here or later while the text is read (a gzip cut near its end, bytes that stop decoding)
 */
export async function openText(
  input: SourceInput,
  limits: TextLimits,
  page: PageReading = 'refused',
): Promise<OpenText> {
  const compressed = await isGzip(input);
  const { head, complete } = await readHead(unpack(input, compressed, limits.maxBytes), limits.headBytes);
  assertDataBytes(input, head);
  const encoding = detectEncoding(input, head, complete);
  const start = chunkDecoder(input, encoding).push(head);
  assertDataText(input, start, page);
  return {
    encoding,
    compressed,
    head: start.replace(/\r\n?/g, '\n'),
    text: () => decoded(unpack(input, compressed, limits.maxBytes), chunkDecoder(input, encoding)),
    byteText: () => {
      const { chunks, decodeCell } = byteTextDecoder(input, encoding);
      return { chunks: decoded(unpack(input, compressed, limits.maxBytes), chunks), decodeCell };
    },
  };
}

async function* decoded(
  bytes: AsyncIterable<Uint8Array>,
  decoder: ChunkDecoder,
): AsyncGenerator<string, void, undefined> {
  const lineEnds = unifyLineEnds();
  for await (const chunk of bytes) {
    const text = lineEnds(decoder.push(chunk));
    if (text !== '') yield text;
  }
  const last = lineEnds(decoder.end());
  if (last !== '') yield last;
}

/** CRLF and CR to LF, a CRLF cut between two chunks included. */
function unifyLineEnds(): (text: string) => string {
  let afterReturn = false;
  return (text) => {
    if (text === '') return text;
    const rest = afterReturn && text.startsWith('\n') ? text.slice(1) : text;
    if (rest === '') {
      afterReturn = false;
      return rest;
    }
    afterReturn = rest.endsWith('\r');
    return rest.includes('\r') ? rest.replace(/\r\n?/g, '\n') : rest;
  };
}
