import { SourceError } from '../../domain/errors.js';
import type { SourceInput } from '../contract.js';
import { NEEDED_TITLES } from './header.js';

export function noTable({ fileName }: SourceInput, pages: number): SourceError {
  return new SourceError({
    code: 'SRC_PDF_NO_TABLE',
    message: `Aucun tableau de centres n’est reconnu dans les ${String(pages)} page(s) du PDF : une ligne d’en-têtes avec ${NEEDED_TITLES.map((title) => `« ${title} »`).join(', ')} est attendue.`,
    place: `${fileName}, pages 1 à ${String(pages)}`,
    remedy:
      'vérifiez que c’est bien l’arrêté de labellisation et son annexe. Si ses en-têtes sont écrits autrement, signalez-les à l’équipe de filror, ou recopiez la liste dans le modèle de la page « Tableur ».',
  });
}

export function tooManyLines({ fileName }: SourceInput, page: number, limit: number): SourceError {
  return new SourceError({
    code: 'SRC_TOO_LARGE',
    message: `Le PDF donne plus de ${String(limit)} lignes : aucun arrêté connu n’en a tant.`,
    place: `${fileName}, page ${String(page)}`,
    remedy:
      'vérifiez que c’est bien l’arrêté ; sinon, n’en gardez que les pages de l’annexe, dans un nouveau PDF.',
  });
}
