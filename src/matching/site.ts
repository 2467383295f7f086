import type { Entity, Site } from './entities.js';
import { sameTown, type Question } from './question.js';
import { wordLikeness } from './similar.js';

/**
 * The site, only when it is named or unique. A town that several main sites carry is a brand ("CHU Rouen", "GH du
 * Havre") and chooses nothing, even when a single site stands in it.
 * @returns null when a person must choose.
 */
export function chooseSite(entity: Entity, question: Question): Site | null {
  const units = entity.sites.filter((site) =>
    site.name.units.some((unit) => question.name.units.includes(unit)),
  );
  const pool = question.name.units.length > 0 && units.length > 0 ? units : entity.mains;
  const unique = pool.length === 1 ? (pool[0] ?? null) : null;
  if (unique !== null) return fitsTown(unique, question) ? unique : null;
  const kind = siteOfKind(pool, question);
  if (kind !== null) return kind;
  const claims = pool.map((site) => claimOf(site, pool, question));
  const best = claims.filter(
    (claim) =>
      claim.words.size > 0 &&
      !claims.some((other) => other !== claim && strictlyWithin(claim.words, other.words)),
  );
  const named = best.length > 1 ? narrowed(best, question) : best;
  const only = named.length === 1 ? named[0] : undefined;
  if (only === undefined) return null;
  if (only.byName) return isBrand(only, pool) ? null : only.site;
  const { city } = question;
  const inTown = city === null || sameTown(city, only.site.town) > 0;
  return only.ofItsTown && inTown && isOnlyOfTown(only.site, entity) ? only.site : null;
}

/** "Institut Gustave Roussy" beside "Hôpital Gustave Roussy": the kind names the site when one site alone bears it. */
function siteOfKind(pool: readonly Site[], question: Question): Site | null {
  for (const kind of ['institute', 'foundation', 'clinic'] as const) {
    if (!question.name.types.includes(kind)) continue;
    const bearing = pool.filter((site) => site.name.types.includes(kind));
    const only = bearing.length === 1 ? bearing[0] : undefined;
    if (only !== undefined && question.words.every((word) => only.words.has(word))) return only;
  }
  return null;
}

interface Claim {
  readonly site: Site;
  readonly words: ReadonlySet<string>;
  /** At least one word that is no town of a sister site. */
  readonly byName: boolean;
  /** Every word is of the town where it stands. */
  readonly ofItsTown: boolean;
  /** Share of its own words that are said. */
  readonly precision: number;
}

function claimOf(site: Site, pool: readonly Site[], question: Question): Claim {
  const own = distinctive(site, pool);
  const said = new Set<string>();
  for (const word of own) {
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
    precision: own.length === 0 ? 0 : said.size / own.length,
  };
}

/** Words that tell this site from its sisters: a town shared by two is a brand, another word from half of them on. */
function distinctive(site: Site, pool: readonly Site[]): readonly string[] {
  const words = site.name.siteWords ?? site.name.words;
  return words.filter((word) => {
    const carriers = pool.filter((other) => other.words.has(word)).length;
    return isTownOf(word, pool) ? carriers === 1 : carriers <= 1 || carriers < pool.length / 2;
  });
}

/** Several sites are named ("Alençon-Mamers"): the one most fully named, then the one of the town, else nobody. */
function narrowed(claims: readonly Claim[], question: Question): readonly Claim[] {
  const { city } = question;
  const sameWords = claims.every((claim) => equal(claim.words, claims[0]?.words ?? new Set()));
  if (sameWords) {
    const top = Math.max(...claims.map((claim) => claim.precision));
    const fullest = claims.filter((claim) => claim.precision === top);
    if (fullest.length === 1) return fullest;
  }
  return city === null ? claims : claims.filter((claim) => sameTown(city, claim.site.town) > 0);
}

/** "CH CHARLES PERRENS" beside "CH CHARLES PERRENS - SITE PELLEGRIN": that name is of both. */
function isBrand({ site, words }: Claim, pool: readonly Site[]): boolean {
  if (site.name.siteWords !== null) return false;
  return pool.some((sister) => {
    const { siteWords } = sister.name;
    return (
      siteWords !== null && [...words].every((word) => sister.words.has(word) && !siteWords.includes(word))
    );
  });
}

function isTownOf(word: string, pool: readonly Site[]): boolean {
  return pool.some((site) => site.town.includes(word));
}

/** An annex is a hospital without a name of its own: a town chooses between it and the main site no more than between two. */
function isOnlyOfTown(site: Site, { sites }: Entity): boolean {
  return sites.every(
    (other) =>
      other === site ||
      (!other.main && !other.name.units.every((unit) => unit === 'annexe')) ||
      sameTown(other.town, site.town) === 0,
  );
}

function fitsTown(site: Site, question: Question): boolean {
  const { city, departement } = question;
  if (city === null) return departement === null || site.departement === departement;
  return sameTown(city, site.town) > 0 || city.every((word) => site.words.has(word));
}

function strictlyWithin(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size < b.size && [...a].every((word) => b.has(word));
}

function equal(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((word) => b.has(word));
}
