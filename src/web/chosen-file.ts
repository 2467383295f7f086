import { DataError } from '../domain/errors.js';
import type { RegionRequest } from './route.js';
import type { UploadedFile } from './upload.js';

/**
 * The file that came with a form which needs one.
 * @throws DataError `UPLOAD_MISSING`, `UPLOAD_EMPTY`
 */
export function chosenFile({ file }: Pick<RegionRequest, 'file'>): UploadedFile {
  if (file === null)
    throw new DataError({
      code: 'UPLOAD_MISSING',
      message: 'Aucun fichier n’a été choisi.',
      remedy: 'revenez au formulaire, choisissez un fichier, puis recommencez.',
    });
  if (file.bytes.length > 0) return file;
  throw new DataError({
    code: 'UPLOAD_EMPTY',
    message: `Le fichier « ${file.name} » est vide : il ne contient aucun octet.`,
    remedy: 'ouvrez-le pour voir ce qu’il contient, enregistrez-le de nouveau, puis redéposez-le.',
  });
}
