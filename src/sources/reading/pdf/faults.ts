import { SourceError } from '../../../domain/errors.js';
import type { SourceInput } from '../../contract.js';

/** Every way in which a PDF is refused whole: nothing that was read before then counts. */

const AGAIN =
  'téléchargez de nouveau l’arrêté depuis le Bulletin officiel, ouvrez-le pour vérifier, puis relisez-le.';
const PRINTED =
  'ouvrez-le dans un lecteur de PDF, « imprimez » ses pages dans un nouveau PDF, puis relisez celui-ci.';

export function notPdf(input: SourceInput): SourceError {
  return new SourceError({
    code: 'SRC_NOT_PDF',
    message: 'Le fichier n’est pas un PDF.',
    place: input.fileName,
    remedy: 'donnez le PDF de l’arrêté ; une liste (CSV, XLSX) se dépose à la page « Tableur ».',
  });
}

export function cutPdf(input: SourceInput): SourceError {
  return new SourceError({
    code: 'SRC_PDF_CUT',
    message: 'Le PDF est coupé : sa marque de fin (%%EOF) manque.',
    place: `${input.fileName}, fin du fichier`,
    remedy: AGAIN,
    transient: true,
  });
}

export function brokenPdf(input: SourceInput, page: number, cause: unknown): SourceError {
  return new SourceError({
    code: 'SRC_PDF_BROKEN',
    message:
      page === 0
        ? 'Le PDF ne s’ouvre pas : il est abîmé.'
        : `La page ${String(page)} du PDF est abîmée : rien n’en est gardé.`,
    place: placeOf(input, page),
    remedy: AGAIN,
    cause,
  });
}

export function encryptedPdf(input: SourceInput): SourceError {
  return new SourceError({
    code: 'SRC_ENCRYPTED',
    message: 'Le PDF est protégé par un mot de passe : il ne peut pas être lu.',
    place: input.fileName,
    remedy: 'demandez l’arrêté sans mot de passe, ou téléchargez celui que publie le Bulletin officiel.',
  });
}

export function noPagePdf(input: SourceInput): SourceError {
  return new SourceError({
    code: 'SRC_PDF_NO_PAGE',
    message: 'Le PDF n’a aucune page.',
    place: input.fileName,
    remedy: AGAIN,
  });
}

export function noTextPdf(input: SourceInput, pages: number): SourceError {
  return new SourceError({
    code: 'SRC_PDF_NO_TEXT',
    message: `Le PDF ne contient pas de texte (${String(pages)} page(s)) : c’est sans doute une image numérisée.`,
    place: `${input.fileName}, pages 1 à ${String(pages)}`,
    remedy:
      'prenez le PDF publié par le Bulletin officiel plutôt qu’une copie numérisée. filror ne reconnaît pas de caractères dans une image.',
  });
}

export function tooLargePdf(input: SourceInput, what: string, limit: string): SourceError {
  return new SourceError({
    code: 'SRC_TOO_LARGE',
    message: `Le PDF est trop grand : ${what}, pour une limite de ${limit}.`,
    place: input.fileName,
    remedy:
      'vérifiez que c’est bien l’arrêté ; sinon, n’en gardez que les pages de l’annexe, dans un nouveau PDF.',
  });
}

/** A stream that unpacks without end, a loop, a font that eats memory: which of them is of no use to whoever reads this. */
export function tooMuchPdf(input: SourceInput, page: number): SourceError {
  return new SourceError({
    code: 'SRC_PDF_TOO_MUCH',
    message: `${page === 0 ? 'L’ouverture du PDF' : `La page ${String(page)} du PDF`} demande trop de mémoire ou de temps : la lecture est arrêtée, rien n’en est gardé.`,
    place: placeOf(input, page),
    remedy: `vérifiez d’où vient ce fichier. S’il vient du Bulletin officiel, ${PRINTED}`,
  });
}

function placeOf({ fileName }: SourceInput, page: number): string {
  return page === 0 ? fileName : `${fileName}, page ${String(page)}`;
}
