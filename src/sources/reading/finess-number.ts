import { finessFault } from '../../domain/finess.js';

export type FinessReading =
  | { readonly kind: 'number'; readonly number: string }
  | { readonly kind: 'fault'; readonly code: 'X1' | 'X2'; readonly message: string; readonly remedy: string };

/** What a spreadsheet leaves of a number it took for an amount: `2,601E+13`, `7.6078E+08`. */
const SCIENTIFIC = /^[0-9](?:[.,][0-9]+)?E\+?[0-9]+$/;

/**
 * Reads a FINESS number written by a person: inner spaces and small letters are accepted, nothing is guessed (gate X1,
 * X2): a lost leading zero cannot be told from another missing digit, as `70000481` for 370000481 showed.
 */
export function readFinessNumber(text: string): FinessReading {
  const number = text.replace(/\s/g, '').toUpperCase();
  const fault = finessFault(number);
  if (fault === null) return { kind: 'number', number };
  if (fault === 'key') {
    return {
      kind: 'fault',
      code: 'X2',
      message: `Le numéro FINESS « ${text} » a une clé fausse : un chiffre est erroné ou deux sont inversés.`,
      remedy: 'relisez le numéro à sa source (fiche FINESS de l’établissement) ; rien n’est deviné.',
    };
  }
  return {
    kind: 'fault',
    code: 'X1',
    message: SCIENTIFIC.test(number)
      ? `« ${text} » est un numéro abîmé par un tableur, qui l’a pris pour un nombre.`
      : `« ${text} » n’est pas un numéro FINESS : ${shapeOf(number)}.`,
    remedy:
      'ressaisissez les neuf caractères dans une colonne au format texte (un tableur retire le zéro de tête) ; rien n’est deviné.',
  };
}

function shapeOf(number: string): string {
  return number.length === 9
    ? 'neuf chiffres sont attendus, dont le deuxième seul peut être une lettre (2A, 2B, 9A…)'
    : `${String(number.length)} caractères au lieu de neuf`;
}
