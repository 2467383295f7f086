import { createHash } from 'node:crypto';
import type { AgreementDocument } from '../db/agreements.js';
import { DataError } from '../domain/errors.js';

/** Bytes of a signed document at most: a few scanned pages. */
export const DOCUMENT_BYTES = 5 * 1024 ** 2;
/** A reader looks for the end mark in the last kilobyte (ISO 32000-1, annex H.3.18). */
const END_WITHIN = 1024;

/** A document as it was sent, which is kept and given back byte for byte, and never opened or shown here. */
export interface SignedDocument {
  readonly bytes: Buffer;
  readonly sha256: string;
}

/**
 * A PDF by its first and last marks, so that the wrong file is refused while the person is there.
 * @throws DataError `DOCUMENT_NOT_PDF`, `DOCUMENT_TOO_LARGE`
 */
export function signedDocument(file: { readonly name: string; readonly bytes: Buffer }): SignedDocument {
  const { bytes } = file;
  if (bytes.length > DOCUMENT_BYTES)
    throw new DataError({
      code: 'DOCUMENT_TOO_LARGE',
      message: `Le document « ${file.name} » dépasse 5 Mio : rien n’a été enregistré.`,
      remedy: 'numérisez-le en noir et blanc ou en moindre définition, puis recommencez.',
    });
  const whole = bytes.subarray(0, 5).toString('latin1') === '%PDF-';
  const ended = bytes.subarray(-END_WITHIN).includes('%%EOF');
  if (!whole || !ended)
    throw new DataError({
      code: 'DOCUMENT_NOT_PDF',
      message: whole
        ? `Le document « ${file.name} » est un PDF coupé avant sa fin : rien n’a été enregistré.`
        : `Le document « ${file.name} » n’est pas un PDF : rien n’a été enregistré.`,
      remedy: 'joignez le document signé au format PDF, ou donnez seulement sa référence.',
    });
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** What the agreement keeps of it: no name given by somebody, which could be a person's. */
export function citedDocument({ sha256 }: SignedDocument, reference: string | null): AgreementDocument {
  return { name: `accord-${sha256.slice(0, 8)}.pdf`, sha256, reference };
}
