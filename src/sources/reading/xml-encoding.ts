import { isUtf8 } from 'node:buffer';
import { SourceError } from '../../domain/errors.js';
import type { Encoding, SourceInput } from '../contract.js';
import { isAscii, isUtf8Start } from './utf8.js';

/** Names that a prolog may give. ISO-8859-1 is read as windows-1252, which says more and contradicts it nowhere. */
const NAMES: Readonly<Record<string, Encoding>> = {
  'utf-8': 'utf-8',
  utf8: 'utf-8',
  'us-ascii': 'utf-8',
  ascii: 'utf-8',
  'iso-8859-1': 'windows-1252',
  latin1: 'windows-1252',
  'windows-1252': 'windows-1252',
  cp1252: 'windows-1252',
  'iso-8859-15': 'iso-8859-15',
};

/**
 * Encoding of an XML text: what its prolog declares, UTF-8 without one (XML 1.0, 4.3.3). The first bytes are checked
 * against it; between two encodings of one byte, which nothing in the bytes tells apart, the configuration has the last word.
 * @throws SourceError `SRC_ENCODING`
 */
export function xmlEncoding(input: SourceInput, head: Buffer, complete: boolean): Encoding {
  if (
    (head[0] === 0xff && head[1] === 0xfe) ||
    (head[0] === 0xfe && head[1] === 0xff) ||
    head.subarray(0, 8).includes(0)
  )
    throw fault(input, 'Le fichier est en UTF-16, que filror ne lit pas pour le XML.');
  const marked = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf;
  const [, prolog = ''] = /^\s*<\?xml\s([^>]*)\?>/.exec(head.toString('latin1', marked ? 3 : 0, 1024)) ?? [];
  const declared = prologEncoding(input, prolog);
  if (marked && declared !== 'utf-8')
    throw fault(input, 'Le fichier porte la marque de l’UTF-8 mais son prologue déclare un autre encodage.');
  const valid = complete ? isUtf8(head) : isUtf8Start(head);
  if (declared === 'utf-8' && !valid)
    throw fault(input, 'Le fichier doit être en UTF-8 d’après son prologue, mais ses octets n’en sont pas.');
  if (declared !== 'utf-8' && valid && !isAscii(head))
    throw fault(input, `Le prologue du fichier déclare ${declared}, mais ses octets sont en UTF-8.`);
  const { encoding: configured } = input;
  if (configured === undefined || configured === declared || isAscii(head)) return declared;
  if (configured !== 'utf-8' && configured !== 'utf-16le' && declared !== 'utf-8') return configured;
  throw fault(
    input,
    `Le fichier est en ${declared} d’après son prologue, et en ${configured} d’après la configuration.`,
  );
}

/** @param prolog attributes of `<?xml … ?>`. @throws SourceError `SRC_ENCODING` for an encoding that is not read */
export function prologEncoding(input: SourceInput, prolog: string): Encoding {
  const [, name] = /\bencoding\s*=\s*["']([^"']*)["']/.exec(prolog) ?? [];
  if (name === undefined) return 'utf-8';
  const key = name.toLowerCase();
  const encoding = Object.hasOwn(NAMES, key) ? NAMES[key] : undefined;
  if (encoding === undefined)
    throw fault(
      input,
      `Le prologue du fichier déclare l’encodage « ${name.slice(0, 40)} », que filror ne lit pas.`,
    );
  return encoding;
}

function fault(input: SourceInput, message: string): SourceError {
  return new SourceError({
    code: 'SRC_ENCODING',
    message,
    place: input.fileName,
    remedy:
      'relancez la collecte, sans passer par un éditeur ; si le défaut revient, signalez-le au propriétaire de la source.',
  });
}
