import { SourceError } from '../../domain/errors.js';
import type { SourceInput } from '../contract.js';

/** Compound file of Office: an old workbook, or a new one under a password ([MS-OFFCRYPTO] section 2.3.1). */
const OLD_OFFICE = [0xd0, 0xcf, 0x11, 0xe0];
const ENCRYPTED = Buffer.from('EncryptedPackage', 'utf16le');

/** What a reader was given bytes for. */
export type Wanted = 'table' | 'json' | 'xml';

const WANTED: Readonly<Record<Wanted, { readonly what: string; readonly remedy: string }>> = {
  table: {
    what: 'un tableau en texte (CSV)',
    remedy: 'exportez le tableau au format CSV (UTF-8) ou XLSX, puis redéposez-le.',
  },
  json: {
    what: 'le flux JSON de la source',
    remedy: 'prenez le fichier .json ou .json.gz du jeu de données, tel que son propriétaire le publie.',
  },
  xml: {
    what: 'le fichier XML de la source',
    remedy: 'prenez le fichier .xml ou .xml.gz du jeu de données, tel que son propriétaire le publie.',
  },
};

/** First bytes of what people and servers deliver in place of the data. */
const SIGNATURES: readonly {
  readonly start: readonly number[];
  readonly code: string;
  readonly what: string;
}[] = [
  { start: [0x25, 0x50, 0x44, 0x46], code: 'SRC_PDF', what: 'un document PDF' },
  {
    start: [0x50, 0x4b, 0x03, 0x04],
    code: 'SRC_ARCHIVE',
    what: 'une archive ZIP ou un classeur (XLSX, ODS)',
  },
  { start: [0x50, 0x4b, 0x05, 0x06], code: 'SRC_ARCHIVE', what: 'une archive ZIP vide' },
  { start: OLD_OFFICE, code: 'SRC_ARCHIVE', what: 'un ancien classeur Excel (XLS)' },
  { start: [0x1f, 0x8b], code: 'SRC_ARCHIVE', what: 'un fichier compressé deux fois' },
];

/** @throws SourceError `SRC_EMPTY`, `SRC_PDF`, `SRC_ARCHIVE`, `SRC_ENCRYPTED` */
export function assertDataBytes(input: SourceInput, head: Uint8Array, wanted: Wanted = 'table'): void {
  if (head.length === 0) throw emptyFile(input);
  if (OLD_OFFICE.every((byte, i) => head[i] === byte) && Buffer.from(head).includes(ENCRYPTED)) {
    throw new SourceError({
      code: 'SRC_ENCRYPTED',
      message: 'Le classeur est protégé par un mot de passe : il ne peut pas être lu.',
      place: input.fileName,
      remedy:
        'dans le tableur, retirez le mot de passe d’ouverture, enregistrez en .xlsx, puis redéposez-le.',
    });
  }
  for (const { start, code, what } of SIGNATURES) {
    if (start.every((byte, i) => head[i] === byte)) {
      throw new SourceError({
        code,
        message: `Le fichier est ${what}, et non ${WANTED[wanted].what}.`,
        place: input.fileName,
        remedy: WANTED[wanted].remedy,
      });
    }
  }
}

/** A source that reads pages takes for one whatever starts with a tag; the others only what calls itself a page. */
export type PageReading = 'refused' | 'accepted';

export function startsAsPage(head: string): boolean {
  return head.trimStart().startsWith('<');
}

/**
 * @throws SourceError `SRC_EMPTY`, `SRC_HTML` (an error page served with status 200), `SRC_BINARY` when more than ten
 * characters, and one in 200, are controls or could not be decoded. Rarer ones are left to the row that holds them.
 */
export function assertDataText(input: SourceInput, head: string, page: PageReading = 'refused'): void {
  const start = head.slice(0, 2000).trimStart().toLowerCase();
  if (start === '') throw emptyFile(input);
  if (page === 'refused' && /^<(?:!doctype html|html|head|body)\b/.test(withoutComments(start))) {
    throw new SourceError({
      code: 'SRC_HTML',
      message:
        'Le fichier est une page web, et non les données : le serveur a sans doute répondu par une page d’erreur.',
      place: input.fileName,
      remedy: 'ouvrez l’adresse de la source dans un navigateur, corrigez-la, ou réessayez plus tard.',
      transient: true,
    });
  }
  const controls = (head.match(CONTROL_ALL) ?? []).length;
  if (controls > 10 && controls * 200 > head.length) {
    throw new SourceError({
      code: 'SRC_BINARY',
      message: 'Le fichier n’est pas du texte : il contient trop de caractères de contrôle.',
      place: input.fileName,
      remedy: 'vérifiez que la source délivre bien un CSV, puis redemandez le fichier.',
    });
  }
}

/** What stands behind the comments that a page begins with; '' when one of them is not closed. */
function withoutComments(text: string): string {
  let rest = text;
  while (rest.startsWith('<!--')) {
    const end = rest.indexOf('-->', 4);
    if (end === -1) return '';
    rest = rest.slice(end + 3).trimStart();
  }
  return rest;
}

export function emptyFile(input: SourceInput): SourceError {
  return new SourceError({
    code: 'SRC_EMPTY',
    message: 'Le fichier est vide : il ne contient aucune ligne de données.',
    place: input.fileName,
    remedy:
      'vérifiez le fichier donné, ou l’adresse de la source. Rien n’est retiré du répertoire à partir d’un fichier vide.',
    transient: true,
  });
}

/** Controls that no text holds: all but tab, line ends, form feed; the C1 set; the mark of an undecoded byte. */
const CONTROL = /[\u0000-\u0008\u000e-\u001f\u007f-\u009f\ufffd]/;
const CONTROL_ALL = new RegExp(CONTROL.source, 'g');

export function hasControl(text: string): boolean {
  return CONTROL.test(text);
}
