import type { FinessEj } from '../domain/ids.js';
import type { Mention } from '../domain/matching.js';
import type { MatchingOptions } from '../domain/matching-options.js';
import { departementName } from '../normalise/departements.js';
import { hospitalPart } from '../normalise/mention.js';
import { readHospitalName, townWords, type HospitalName } from '../normalise/names.js';
import { fold } from '../normalise/text.js';
import { foldDepartement } from './entities.js';
import { bareAcronym } from './initials.js';
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
  /** Legal entity that an alias, or an acronym that is the initials of only one name of the town, names; and the words which that alias accounts for. */
  readonly aliasEj: FinessEj | null;
  readonly aliasWords: ReadonlySet<string>;
  /** Words of the alias whose place other words took: FINESS may write them too. */
  readonly replaced: readonly string[];
  /** Words of the name of the département: said beside a hospital, they prove nothing ("CHU Sud Réunion"). */
  readonly placeWords: ReadonlySet<string>;
  /** The acronym that the mention consists of (initials.ts). */
  readonly acronym: string | null;
  /** Nothing but a town: a town is not an establishment (gate L5). */
  readonly townAlone: boolean;
  /** No word of its own: "CHU", "Centre hospitalier". */
  readonly typeAlone: boolean;
}

export function readQuestion(mention: Mention, register: Register, options: MatchingOptions): Question {
  const alias = findAlias(mention.mention, options);
  const name = readHospitalName(alias?.text ?? hospitalPart(mention.mention));
  const city = wordsOrNull(mention.city === null ? [] : townWords(mention.city));
  const departement = mention.departement?.trim() ? foldDepartement(mention.departement) : null;
  const typeAlone = name.words.length === 0;
  const words = typeAlone ? (city ?? []) : name.words;
  const last = name.words.at(-1) ?? null;
  const acronym = alias === null ? bareAcronym(name, city) : null;
  const spelt = acronym === null ? null : onlyOfTown(acronym, city, departement, register);
  const isTown = (words: readonly string[]): boolean =>
    (city !== null && words.every((word) => city.includes(word) || isNameOf(word, departement))) ||
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
    aliasEj: (alias?.ej as FinessEj | undefined) ?? spelt,
    aliasWords: new Set(
      alias?.ej !== undefined ? readHospitalName(alias.alias).words : spelt === null ? [] : [acronym ?? ''],
    ),
    replaced: alias?.ej === undefined && alias !== null ? readHospitalName(alias.alias).words : [],
    acronym,
    placeWords: new Set(departement === null ? [] : townWords(departementName(departement) ?? '')),
    townAlone: name.types.length === 0 && (typeAlone ? city !== null : isTown(name.words)),
    typeAlone,
  };
}

/** The word that follows is the name with it: "Saint-Calais" is not Calais. */
const SAINT = /^sainte?$/;

/** 1 the same town, 0.9 the same beginning ("Cherbourg-en-Cotentin"), 0 another: "Lambres-lez-Douai" is not Douai. */
export function sameTown(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return 0;
  if (a.join(' ') === b.join(' ')) return 1;
  const [shorter, longer] = a.length <= b.length ? [a, b] : [b, a];
  if (SAINT.test(longer[0] ?? '') && longer[1] === shorter[0]) return 0;
  if (SAINT.test(shorter[0] ?? '')) return shorter.every((word, at) => longer[at] === word) ? 0.9 : 0;
  if (shorter[0] === longer[0] && shorter.every((word) => longer.includes(word))) return 0.9;
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

/** Letters of a kind, whatever the name: "CMC" is no "Centre Marie-Curie". */
const KIND_ACRONYMS: readonly string[] = 'cmc cmco cmp cmpr crf csr csmr cssr css cpa ssr had hdj mco'.split(
  ' ',
);

/** The legal entity whose initials these are, when the town has only one. */
function onlyOfTown(
  acronym: string,
  city: readonly string[] | null,
  departement: string | null,
  register: Register,
): FinessEj | null {
  if (city === null || KIND_ACRONYMS.includes(acronym)) return null;
  const bearing = (register.byInitials.get(acronym) ?? []).filter(({ mains }) =>
    mains.some(
      (site) => sameTown(city, site.town) > 0 && (departement === null || site.departement === departement),
    ),
  );
  return bearing.length === 1 ? (bearing[0]?.ej ?? null) : null;
}

/** "Saint-Denis de la Réunion" says the town and its département, no more. */
function isNameOf(word: string, departement: string | null): boolean {
  return departement !== null && townWords(departementName(departement) ?? '').includes(word);
}

function wordsOrNull(words: readonly string[]): readonly string[] | null {
  return words.length === 0 ? null : words;
}
