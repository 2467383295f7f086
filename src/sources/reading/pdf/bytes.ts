import type { SourceInput } from '../../contract.js';
import { assertDataText, emptyFile } from '../content.js';
import { cutPdf, notPdf, tooLargePdf } from './faults.js';

/** Where a reader looks for the marks of a PDF: its start, and the end mark after the last update. */
const HEAD = 1024;
const TAIL = 2048;

/**
 * The whole document, in memory: its table of contents stands at its end.
 * @throws SourceError `SRC_EMPTY`, `SRC_HTML`, `SRC_NOT_PDF`, `SRC_PDF_CUT`, `SRC_TOO_LARGE`
 */
export async function pdfBytes(input: SourceInput, maxBytes: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of input.bytes()) {
    size += piece.length;
    if (size > maxBytes)
      throw tooLargePdf(input, 'le fichier', `${String(Math.floor(maxBytes / 1024 ** 2))} Mio`);
    pieces.push(piece);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  if (size === 0) throw emptyFile(input);
  const head = Buffer.from(bytes.subarray(0, HEAD)).toString('latin1');
  if (!head.includes('%PDF-')) {
    assertDataText(input, head.replace(/[^\t\n\r -~]/g, ' '));
    throw notPdf(input);
  }
  if (!Buffer.from(bytes.subarray(-TAIL)).toString('latin1').includes('%%EOF')) throw cutPdf(input);
  return bytes;
}
