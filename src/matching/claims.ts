import { isKindWord } from '../normalise/names.js';
import type { Site } from './entities.js';
import type { Question } from './question.js';
import { wordLikeness } from './similar.js';

/** What a mention says of the words that tell a site from its sisters. */
export interface Claim {
  readonly site: Site;
  readonly words: ReadonlySet<string>;
  /** At least one word that is no town of a sister site. */
  readonly byName: boolean;
  /** Every word is of the town where it stands. */
  readonly ofItsTown: boolean;
}

export function claimOf(site: Site, pool: readonly Site[], question: Question): Claim {
  const said = new Set<string>();
  for (const word of distinctiveOf(site, pool)) {
    const isSaid = question.words.some(
      (written) => wordLikeness(written, word, { last: written === question.last }) > 0,
    );
    const isCity = site.town.includes(word) && question.city?.includes(word) === true;
    if (isSaid || isCity) said.add(word);
  }
  return {
    site,
    words: said,
    byName: [...said].some((word) => !isTownOf(word, pool)),
    ofItsTown: [...said].every((word) => site.town.includes(word)),
  };
}

/** Kept as long as the list of sisters itself: the main sites of an entity are asked about again and again. */
const known = new WeakMap<readonly Site[], Map<Site, readonly string[]>>();

function distinctiveOf(site: Site, pool: readonly Site[]): readonly string[] {
  const bySite = known.get(pool) ?? new Map<Site, readonly string[]>();
  known.set(pool, bySite);
  const words = bySite.get(site) ?? distinctive(site, pool);
  bySite.set(site, words);
  return words;
}

/** Words that tell this site from its sisters: a town shared by two is a brand, another word from half of them on. */
function distinctive(site: Site, pool: readonly Site[]): readonly string[] {
  const words = site.name.siteWords ?? site.name.words;
  return words.filter((word) => {
    if (isKindWord(word)) return false;
    if (pool.some((sister) => sister !== site && !sister.words.has(word) && spares(sister, word, site))) {
      return false;
    }
    const carriers = pool.filter((other) => carries(other, word)).length;
    return isTownOf(word, pool) ? carriers === 1 : carriers <= 1 || carriers < pool.length / 2;
  });
}

/** The same word, or a slip of the pen: "GEORGES SAND" beside "GEORGE SAND". */
export function carries(site: Site, word: string): boolean {
  return (
    site.words.has(word) ||
    (word.length >= 5 && site.name.words.some((other) => wordLikeness(word, other, { last: false }) > 0))
  );
}

/**
 * The sister's line spares a word that FINESS writes on the other: its acronym says it ("CHRO" for "CHR ORLEANS"), the
 * line has no room for it ("CHIC CAUX VALLEE"), or it keeps the initial ("P.STRAUSS").
 */
export function spares(sister: Site, word: string, site: Site): boolean {
  if (sister.name.acronyms.some(({ text }) => text === word)) return true;
  const own = site.name.words;
  const at = own.indexOf(word);
  const before = own[at - 1];
  const { words } = sister.name;
  if (before !== undefined && isFull(sister) && words.at(-1) === before) return true;
  const initial = words[words.indexOf(own[at + 1] ?? '') - 1];
  return initial?.length === 1 && word.startsWith(initial);
}

/** FINESS cuts names at 38 characters; a word that would pass them is left out. */
function isFull({ establishment }: Site): boolean {
  return establishment.name.length >= 34;
}

export function isTownOf(word: string, pool: readonly Site[]): boolean {
  return pool.some((site) => site.town.includes(word));
}

export function strictlyWithin(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size < b.size && [...a].every((word) => b.has(word));
}
