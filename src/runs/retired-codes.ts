import type { Reason } from '../domain/change.js';
import type { RetiredCode } from '../domain/offer.js';
import type { CodeBook } from '../ror/codes.js';
import { CLOSURE_CODE } from '../ror/closure.js';

/**
 * What the reviewer reads of a code that its nomenclature has retired: the old one, the new one, the version, and who
 * says so. Without successor it holds the approval back, until the operator says one.
 */
export function retiredReason({ system, version, text, successor, field, candidates }: RetiredCode): Reason {
  const head = `Le code ${text} (${system}) n’est plus en vigueur dans la version ${version} de la nomenclature`;
  if (successor === null)
    return {
      code: 'codeRetired',
      blocking: true,
      field,
      message: `${head}, et aucun successeur n’est connu : par quel code le remplacer ? L’opérateur l’écrit dans la configuration (codes/${fileOf(system)}, successors), puis lance un passage.`,
      ...(candidates.length === 0 ? {} : { candidates }),
    };
  return {
    code: 'codeRetired',
    blocking: false,
    field,
    message: successor.stated
      ? `${head} : ${successor.text} le remplace, comme la nomenclature suivie le dit.`
      : `${head} : ${successor.text} est supposé le remplacer, parce que son libellé est le seul proche. Vérifiez-le avant d’approuver.`,
  };
}

/** The code that closes an offer, when it is itself out of use. */
export function retiredClosure(codes: CodeBook): Reason[] {
  const { system, code } = CLOSURE_CODE;
  const heir = codes.inForce(system, code);
  if (heir?.replaces === null) return [];
  return [
    retiredReason({
      system,
      version: codes.version(system),
      text: codes.text(system, code),
      successor: heir === null ? null : { text: codes.text(system, heir.code), stated: heir.stated },
      field: 'activity',
      candidates: [],
    }),
  ];
}

/** Name that the shipped configuration gives to the file of a nomenclature. */
export function fileOf(system: string): string {
  return `${system.toLowerCase().replace('_', '-')}.yaml`;
}
