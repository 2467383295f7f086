import { unzipSync, zipSync, type UnzipFileInfo } from 'fflate';
import { SourceError } from '../../../domain/errors.js';

/** A workbook as a zip of parts (ECMA-376 part 2), opened within bounds. */
export type Parts = Readonly<Record<string, Uint8Array>>;

/** What a place in messages needs. */
export interface Named {
  readonly fileName: string;
}

/**
 * The national list (2,400 centres, 15 columns) makes a sheet of about 3 MiB; one entry of 16 MiB holds five of them.
 * A few kilobytes can say that they open to gigabytes: what an entry declares is looked at before it is opened, and it is
 * opened into a room of that size.
 */
export const WORKBOOK_LIMITS = {
  fileBytes: 16 * 1024 ** 2,
  entryBytes: 16 * 1024 ** 2,
  totalBytes: 48 * 1024 ** 2,
  entries: 2000,
};

const MACROS = /(?:^|\/)vbaProject[^/]*\.bin$|(?:^|\/)macrosheets\//i;
/** Parts that hold values, their names and their formats. Pictures, links, charts, comments are never opened. */
const READ =
  /^(?:\[Content_Types\]\.xml|_rels\/\.rels|xl\/workbook\.xml|xl\/_rels\/workbook\.xml\.rels|xl\/sharedStrings\.xml|xl\/styles\.xml|xl\/worksheets\/[^/]+\.xml)$/i;

/**
 * The parts of a workbook that hold its values, each within bounds.
 * @throws SourceError `SRC_ARCHIVE` (no workbook, another kind, cut), `SRC_MACROS`, `SRC_TOO_LARGE`
 */
export function openParts(input: Named, bytes: Uint8Array): Parts {
  const names: string[] = [];
  let total = 0;
  const room = ({ name, originalSize }: UnzipFileInfo): boolean => {
    names.push(name);
    if (names.length > WORKBOOK_LIMITS.entries) throw tooLarge(input);
    if (!READ.test(name)) return false;
    total += originalSize;
    if (originalSize > WORKBOOK_LIMITS.entryBytes || total > WORKBOOK_LIMITS.totalBytes)
      throw tooLarge(input);
    return true;
  };
  const parts = unzipped(input, bytes, room);
  requireWorkbook(input, names, parts);
  for (const part of Object.values(parts)) {
    // No workbook declares entities: a part that does is made to blow up a reader.
    if (Buffer.from(part.buffer, part.byteOffset, part.byteLength).includes('<!DOCTYPE'))
      throw broken(input, null);
  }
  return parts;
}

/** The same parts as a plain zip: the reader of values sees what was looked at, and nothing else. */
export function repacked(parts: Parts): Buffer {
  return Buffer.from(zipSync({ ...parts }, { level: 0 }));
}

function unzipped(input: Named, bytes: Uint8Array, room: (info: UnzipFileInfo) => boolean): Parts {
  try {
    return unzipSync(bytes, { filter: room });
  } catch (cause) {
    if (cause instanceof SourceError) throw cause;
    throw broken(input, cause);
  }
}

function requireWorkbook(input: Named, names: readonly string[], parts: Parts): void {
  if (names.some((name) => MACROS.test(name)) || text(parts['[Content_Types].xml']).includes('macroEnabled'))
    throw new SourceError({
      code: 'SRC_MACROS',
      message: 'Le classeur contient des macros : il n’est pas lu.',
      place: input.fileName,
      remedy: 'dans le tableur, « Enregistrer sous » un classeur sans macros (.xlsx), puis redéposez-le.',
    });
  if (names.includes('xl/workbook.xml')) return;
  const what = names.includes('content.xml')
    ? 'un classeur OpenDocument (ODS)'
    : names.includes('xl/workbook.bin')
      ? 'un classeur binaire (XLSB)'
      : 'une archive ZIP, et non un classeur';
  throw new SourceError({
    code: 'SRC_ARCHIVE',
    message: `Le fichier est ${what}.`,
    place: input.fileName,
    remedy: 'dans le tableur, « Enregistrer sous » un classeur .xlsx ou un CSV (UTF-8), puis redéposez-le.',
  });
}

export function text(part: Uint8Array | undefined): string {
  return part === undefined ? '' : new TextDecoder().decode(part);
}

function tooLarge(input: Named): SourceError {
  return new SourceError({
    code: 'SRC_TOO_LARGE',
    message: `Le classeur est démesuré une fois ouvert (plus de ${String(WORKBOOK_LIMITS.entryBytes / 1024 ** 2)} Mio pour une feuille) : il n’est pas lu.`,
    place: input.fileName,
    remedy:
      'gardez la seule feuille utile, sans images ni mises en forme jusqu’au bas de la feuille, puis redéposez-le.',
  });
}

/** @param cause what the reader of zip or of XML said; null when there is nothing to say */
export function broken(input: Named, cause: unknown): SourceError {
  return new SourceError({
    code: 'SRC_ARCHIVE',
    message: 'Le fichier commence comme un classeur (XLSX), mais il est coupé ou abîmé.',
    place: input.fileName,
    remedy:
      'rouvrez-le dans le tableur et enregistrez-le de nouveau en .xlsx, ou exportez-le en CSV (UTF-8).',
    transient: true,
    ...(cause === null ? {} : { cause }),
  });
}
