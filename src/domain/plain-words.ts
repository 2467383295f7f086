import { DataError } from './errors.js';

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

/** Of a name that holds coordinates, the word that does; a name itself has no spaces but underscores. */
const EMAIL_WORD = /[^\s<>]*@[^\s<>]*/g;
const PHONES = new RegExp(PHONE, 'g');
const NAME_AT_MOST = 200;

/**
 * What a file is called, as tables and journal keep it: without a path, characters that steer a terminal or a page, nor
 * coordinates (rule 9); its ending stays, since it says what the file is.
 */
export function keptFileName(name: string): string {
  const last = (name.split(/[\\/]/).at(-1) ?? '').replaceAll(/\p{C}/gu, '').trim();
  const [ending = ''] = /\.[a-z0-9]{1,5}$/i.exec(last) ?? [];
  const stem = last.slice(0, last.length - ending.length);
  const plain = EMAIL.test(last) ? stem.replaceAll(EMAIL_WORD, '…') : stem;
  const kept = plain.replaceAll(PHONES, '…').slice(0, NAME_AT_MOST - ending.length) + ending;
  return kept === '' ? 'fichier sans nom' : kept;
}
