import { crosswalkCodes, defaultCodes, type NamedCode } from '../config/cross-check.js';
import type { FilrorConfig } from '../config/load.js';
import { CodeBook } from '../ror/codes.js';

/**
 * Retired codes that the configuration still names, each with what replaces it: told, never refused, so that a new
 * version of a nomenclature stops no run. Until somebody changes the file, a plan writes the successor, or asks.
 */
export function retiredCodesNamed(config: Pick<FilrorConfig, 'codes' | 'crosswalk' | 'defaults'>): string[] {
  const codes = new CodeBook(config.codes);
  return [
    ...[...defaultCodes(config.defaults)].flatMap((each) => told('ror-defaults.yaml', each, codes)),
    ...[...crosswalkCodes(config.crosswalk)].flatMap((each) => told('crosswalk.yaml', each, codes)),
  ];
}

function told(file: string, { system, code, path, use }: NamedCode, codes: CodeBook): string[] {
  const heir = codes.inForce(system, code);
  if (heir?.replaces === null) return [];
  const head = `${file}, ${path} : ${codes.text(system, code)} n’est plus en vigueur dans ${system} (version ${codes.version(system)})`;
  if (use === 'recognised' && heir === null) return [`${head} ; il reste reconnu à la lecture.`];
  if (heir === null)
    return [
      `${head}, et n’a pas de successeur connu : choisissez un code en vigueur, ou écrivez son successeur (successors).`,
    ];
  const next = codes.text(system, heir.code);
  return [
    heir.stated
      ? `${head} : ${next} le remplace. Écrivez ${heir.code}.`
      : `${head} : ${next} est le seul dont le libellé est proche. Écrivez ${heir.code} si c’est le même.`,
  ];
}
