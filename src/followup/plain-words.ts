import { DataError } from '../domain/errors.js';

const EMAIL = /[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+/;
/** Ten French digits, however they are set apart, or an international number. */
const PHONE = /(?<!\d)(?:\+\d{2}[\s.-]?\d|0\d)(?:[\s.-]?\d{2}){4}(?!\d)/;

/**
 * A text that tables and journal keep for ever: trimmed, on one line, not empty, without e-mail nor phone number
 * (rule 9). Names cannot be told from functions by a machine: the help asks for a function.
 * @throws DataError `TEXT_EMPTY`, `TEXT_PERSONAL`
 */
export function keptText(text: string, option: string, asked: string): string {
  const kept = text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  if (kept === '') {
    throw new DataError({
      code: 'TEXT_EMPTY',
      message: `Il manque un texte : ${asked}.`,
      place: option,
      remedy: `donnez ${asked}.`,
    });
  }
  if (EMAIL.test(kept) || PHONE.test(kept)) {
    throw new DataError({
      code: 'TEXT_PERSONAL',
      message:
        'Ce texte contient une adresse électronique ou un numéro de téléphone ; or il est gardé pour toujours.',
      place: option,
      remedy: `donnez ${asked}, sans coordonnées ni nom de personne.`,
    });
  }
  return kept;
}
