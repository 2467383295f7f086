import type { FinessEg, FinessEj } from './ids.js';

/** Gate X1: nine characters, the second may be a letter (2A, 2B, 9A…). Always text: `070000481` is not a number. */
const SHAPE = /^[0-9][0-9A-Z][0-9]{7}$/;

export type FinessFault = 'shape' | 'key';

/**
 * Checks a FINESS number by its shape (gate X1) and its Luhn key over the nine digits (gate X2; measured true for
 * 94,843 of 94,843 sites of the extract of 2021-01-08). Numbers with a letter carry no such key and pass on shape.
 * @returns null when the number is acceptable, else the fault. Says nothing about whose number it is (gate X12).
 */
export function finessFault(text: string): FinessFault | null {
  if (!SHAPE.test(text)) return 'shape';
  if (/[A-Z]/.test(text)) return null;
  return luhnSum(text) % 10 === 0 ? null : 'key';
}

export function isFinessEg(text: string): text is FinessEg {
  return finessFault(text) === null;
}

export function isFinessEj(text: string): text is FinessEj {
  return finessFault(text) === null;
}

/** Luhn key of a SIRET (gate X3): fourteen digits. */
export function isSiret(text: string): boolean {
  return /^[0-9]{14}$/.test(text) && luhnSum(text) % 10 === 0;
}

function luhnSum(digits: string): number {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    const weighted = i % 2 === 0 ? digit : digit * 2;
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return sum;
}
