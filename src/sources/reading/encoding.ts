import { isUtf8 } from 'node:buffer';
import { SourceError } from '../../domain/errors.js';
import type { Encoding, SourceInput } from '../contract.js';
import { countSequences, isAscii, isUtf8Start, unfinishedTail } from './utf8.js';

/**
 * Finds the encoding: byte order mark, then NULs of UTF-16, then strict UTF-8, else windows-1252 (never plain latin1:
 * its 0x80–0x9F are controls where French files have € ' œ). A declared encoding is checked against the same signs.
 * @param head first bytes, all of them when `complete`
 * @throws SourceError `SRC_ENCODING`, `SRC_TRUNCATED`
 */
export function detectEncoding(input: SourceInput, head: Uint8Array, complete: boolean): Encoding {
  const found = markedEncoding(input, head) ?? unmarkedEncoding(input, head, complete);
  const { encoding: declared } = input;
  if (declared === undefined || declared === found || isAscii(head)) return declared ?? found;
  // Between the two single-byte encodings bytes decide nothing: the declaration does.
  if (isSingleByte(declared) && isSingleByte(found)) return declared;
  // Short UTF-16 shows no pattern, but any Latin letter of it has a NUL.
  if (declared === 'utf-16le' && isSingleByte(found) && head.includes(0)) return declared;
  throw encodingFault(
    input,
    `Le fichier est déclaré en ${declared}, mais ses octets sont en ${found}.`,
    `corrigez l’encodage déclaré de la source (${found}), ou retirez-le : il est alors détecté.`,
  );
}

export function encodingFault(input: SourceInput, message: string, remedy: string): SourceError {
  return new SourceError({ code: 'SRC_ENCODING', message, place: input.fileName, remedy });
}

export const RESAVE = 'demandez le fichier en UTF-8, ou enregistrez-le au format « CSV UTF-8 ».';

function isSingleByte(encoding: Encoding): boolean {
  return encoding === 'windows-1252' || encoding === 'iso-8859-15';
}

function markedEncoding(input: SourceInput, head: Uint8Array): Encoding | null {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return 'utf-8';
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) {
    throw bigEndian(input);
  }
  return null;
}

function unmarkedEncoding(input: SourceInput, head: Uint8Array, complete: boolean): Encoding {
  const sixteen = looksUtf16(head);
  if (sixteen === 'big') throw bigEndian(input);
  if (sixteen === 'little') return 'utf-16le';
  if (complete ? isUtf8(head) : isUtf8Start(head)) return 'utf-8';
  const body = head.subarray(0, head.length - unfinishedTail(head));
  if (isUtf8(body) && !isAscii(body)) {
    throw new SourceError({
      code: 'SRC_TRUNCATED',
      message: 'Le fichier est coupé au milieu d’un caractère.',
      place: input.fileName,
      remedy: 'relancez la collecte : le téléchargement a sans doute été interrompu.',
      transient: true,
    });
  }
  const { multibyte, invalid } = countSequences(head);
  if (multibyte > invalid) {
    throw encodingFault(
      input,
      `Le fichier mélange deux encodages : ${String(multibyte)} caractères UTF-8 et ${String(invalid)} octets qui ne le sont pas.`,
      RESAVE,
    );
  }
  return 'windows-1252';
}

function bigEndian(input: SourceInput): SourceError {
  return encodingFault(input, 'Le fichier est en UTF-16 gros-boutiste, que filror ne lit pas.', RESAVE);
}

/** Latin text in UTF-16 has a NUL in nearly every second byte, odd ones when it is little-endian, and none elsewhere. */
function looksUtf16(head: Uint8Array): 'little' | 'big' | null {
  const size = Math.min(head.length, 4096) & ~1;
  if (size < 8) return null;
  let even = 0;
  let odd = 0;
  for (let i = 0; i < size; i += 2) {
    if (head[i] === 0) even++;
    if (head[i + 1] === 0) odd++;
  }
  const [nearlyAll, nearlyNone] = [(size / 2) * 0.7, (size / 2) * 0.05];
  if (odd > nearlyAll && even < nearlyNone) return 'little';
  return even > nearlyAll && odd < nearlyNone ? 'big' : null;
}
