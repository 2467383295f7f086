import { isUtf8 } from 'node:buffer';

/** Number of bytes at the end that start a character without finishing it (0 to 3). */
export function unfinishedTail(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return back < sequenceLength(byte) ? back : 0;
  }
  return 0;
}

/** True when all is valid UTF-8, the last character possibly cut. */
export function isUtf8Start(bytes: Uint8Array): boolean {
  return isUtf8(bytes.subarray(0, bytes.length - unfinishedTail(bytes)));
}

export function isAscii(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte < 0x80);
}

/**
 * Counts characters that can only be UTF-8 and bytes that cannot be: French text in windows-1252 has nearly none of the
 * former, so that a file with more of them than of the latter mixes two encodings.
 */
export function countSequences(bytes: Uint8Array): { readonly multibyte: number; readonly invalid: number } {
  let multibyte = 0;
  let invalid = 0;
  for (let i = 0; i < bytes.length;) {
    const byte = bytes[i] ?? 0;
    const length = byte < 0x80 ? 1 : sequenceLength(byte);
    if (length === 1) {
      if (byte >= 0x80) invalid++;
      i++;
      continue;
    }
    if (isUtf8(bytes.subarray(i, i + length))) {
      multibyte++;
      i += length;
    } else {
      invalid++;
      i++;
    }
  }
  return { multibyte, invalid };
}

/** Length announced by a lead byte; 1 for a byte that leads nothing. */
function sequenceLength(lead: number): number {
  if (lead >= 0xf0 && lead <= 0xf4) return 4;
  if (lead >= 0xe0) return lead <= 0xef ? 3 : 1;
  return lead >= 0xc2 ? 2 : 1;
}
