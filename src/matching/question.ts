import type { FinessEj } from '../domain/ids.js';
import type { Mention } from '../domain/matching.js';
import type { MatchingOptions } from '../domain/matching-options.js';
import { readHospitalName, townWords, type HospitalName } from '../normalise/names.js';
import { fold } from '../normalise/text.js';
import { foldDepartement } from './entities.js';
import type { Register } from './register.js';
import { wordLikeness } from './similar.js';

/** A mention made ready to be compared. */
export interface Question {
  readonly name: HospitalName;
  /** Words to find again in the register: those of the name, else those of the town when the name has none. */
  readonly words: readonly string[];
  /** Words of the register that each word may stand for, misspelt or cut, with their likeness. */
  readonly similar: ReadonlyMap<string, readonly (readonly [known: string, likeness: number])[]>;
  /** Last word of the name, which may have been cut. */
  readonly last: string | null;
  readonly city: readonly string[] | null;
  readonly departement: string | null;
  /** Given, or those where the town exists. */
  readonly departements: ReadonlySet<string>;
  /** Legal entity that an alias names, and the words which that alias accounts for. */
  readonly aliasEj: FinessEj | null;
  readonly aliasWords: ReadonlySet<string>;
  /** Nothing but a town: a town is not an establishment (gate L5). */
  readonly townAlone: boolean;
  /** No word of its own: "CHU", "Centre hospitalier". */
  readonly typeAlone: boolean;
}

export function readQuestion(mention: Mention, register: Register, options: MatchingOptions): Question {
  const alias = findAlias(mention.mention, options);
  const name = readHospitalName(alias?.text ?? mention.mention);
  const city = wordsOrNull(mention.city === null ? [] : townWords(mention.city));
  const departement = mention.departement?.trim() ? foldDepartement(mention.departement) : null;
  const typeAlone = name.words.length === 0;
  const words = typeAlone ? (city ?? []) : name.words;
  const last = name.words.at(-1) ?? null;
  const isTown = (words: readonly string[]): boolean =>
    (city !== null && words.every((word) => city.includes(word))) ||
    register.departementsOfTown.has(words.join(' '));
  return {
    name,
    words,
    similar: new Map(words.map((word) => [word, similarWords(word, word === last, register)])),
    last,
    city,
    departement,
    departements:
      departement !== null
        ? new Set([departement])
        : (register.departementsOfTown.get(city?.join(' ') ?? '') ?? new Set()),
    aliasEj: (alias?.ej as FinessEj | undefined) ?? null,
    aliasWords: new Set(alias?.ej === undefined ? [] : readHospitalName(alias.alias).words),
    townAlone: name.types.length === 0 && (typeAlone ? city !== null : isTown(name.words)),
    typeAlone,
  };
}

/** 1 the same town, 0.9 one contained in the other or the same beginning ("Cherbourg-en-Cotentin"), 0 another. */
export function sameTown(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return 0;
  if (a.join(' ') === b.join(' ')) return 1;
  const [shorter, longer] = a.length <= b.length ? [a, b] : [b, a];
  if (/^sainte?$/.test(shorter[0] ?? '')) return shorter.every((word, at) => longer[at] === word) ? 0.9 : 0;
  if (shorter.every((word) => longer.includes(word))) return 0.9;
  return a[0] === b[0] && (a[0] ?? '').length > 5 ? 0.9 : 0;
}

function similarWords(
  word: string,
  last: boolean,
  register: Register,
): readonly (readonly [string, number])[] {
  return (register.byLetter.get(word[0] ?? '') ?? []).flatMap((known) => {
    const likeness = known === word ? 0 : wordLikeness(word, known, { last });
    return likeness === 0 ? [] : [[known, likeness] as const];
  });
}

function findAlias(
  text: string,
  options: MatchingOptions,
): { readonly alias: string; readonly ej: string | undefined; readonly text: string } | null {
  const written = ` ${fold(text)} `;
  const found = options.aliases
    .filter(({ alias }) => written.includes(` ${fold(alias)} `))
    .sort((a, b) => b.alias.length - a.alias.length || (a.alias < b.alias ? -1 : 1))[0];
  if (found === undefined) return null;
  const replaced =
    found.name === undefined ? text : written.replace(` ${fold(found.alias)} `, ` ${found.name} `);
  return { alias: found.alias, ej: found.ej, text: replaced };
}

function wordsOrNull(words: readonly string[]): readonly string[] | null {
  return words.length === 0 ? null : words;
}
