import { InvalidArgumentError } from 'commander';

/** Reads the value of an option that is a whole number between two bounds. */
export function integer(min: number, max: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^[0-9]+$/.test(text) && number >= min && number <= max) return number;
    throw new InvalidArgumentError(`un entier de ${min} à ${max} est attendu.`);
  };
}
