import { DataError } from '../domain/errors.js';
import type { Filiere } from '../domain/filiere.js';
import { fold } from './text.js';

/** Canonical acronym by folded spelling, without spaces: `FAI²R`, `FAI2R` and `fai 2r` are one. */
export type FiliereIndex = ReadonlyMap<string, string>;

export type FiliereReading =
  | { readonly kind: 'one'; readonly code: string }
  /** One cell that names several filières: gate R6 refuses it. */
  | { readonly kind: 'several'; readonly codes: readonly string[] }
  | { readonly kind: 'unknown' };

/** @throws DataError `CFG_FILIERE_TWICE` when one spelling stands for two filières: reading would depend on order. */
export function indexFilieres(filieres: readonly Filiere[]): FiliereIndex {
  const index = new Map<string, string>();
  for (const filiere of filieres) {
    for (const spelling of [filiere.code, filiere.title, ...filiere.spellings]) {
      const key = compact(spelling);
      const other = index.get(key);
      if (other !== undefined && other !== filiere.code) {
        throw new DataError({
          code: 'CFG_FILIERE_TWICE',
          message: `L’écriture « ${spelling} » désigne deux filières : ${other} et ${filiere.code}.`,
          remedy: 'retirez cette écriture de l’une des deux lignes de config/filieres.csv.',
        });
      }
      if (key !== '') index.set(key, filiere.code);
    }
  }
  return index;
}

/** Reads a filière from any known spelling, with or without "filière" or "FSMR" in front. */
export function readFiliere(index: FiliereIndex, text: string): FiliereReading {
  const whole = lookUp(index, text);
  if (whole !== undefined) return { kind: 'one', code: whole };
  const parts = text.split(/[/,;|&+]|\bet\b/u).filter((part) => compact(part) !== '');
  const found = new Set(parts.map((part) => lookUp(index, part)));
  if (parts.length < 2 || found.has(undefined)) return { kind: 'unknown' };
  const codes = [...found].filter((code) => code !== undefined).sort();
  const [only] = codes;
  return codes.length === 1 && only !== undefined ? { kind: 'one', code: only } : { kind: 'several', codes };
}

function lookUp(index: FiliereIndex, text: string): string | undefined {
  const bare = fold(text).replace(/^(?:filiere|fsmr)(?: de sante(?: maladies rares)?)? /, '');
  return index.get(compact(bare));
}

function compact(text: string): string {
  return fold(text).replace(/ /g, '');
}
