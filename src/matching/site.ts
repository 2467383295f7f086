import { isKindWord } from '../normalise/names.js';
import { carries, claimOf, isTownOf, spares, strictlyWithin, type Claim } from './claims.js';
import type { Entity, Site } from './entities.js';
import { initialsOf } from './initials.js';
import { sameTown, type Question } from './question.js';
import { isUnitNamed, isUnitOf, unitsNamed } from './units.js';

/**
 * The site, only when it is named or unique. A town that several main sites carry is a brand ("CHU Rouen", "GH du
 * Havre") and chooses nothing, even when a single site stands in it.
 * @returns null when a person must choose.
 */
export function chooseSite(entity: Entity, question: Question): Site | null {
  const site = isAcronymOfSeveral(entity, question) ? null : nearestSite(entity, question);
  if (site === null || isOpenName(site, entity, question) || isElsewhere(site, entity, question)) return null;
  if (!isUnitSaid(site, question) || isSharedName(site, entity, question)) return null;
  return hasNamesake(site, entity, question) || isSaidOfAnother(site, entity, question) ? null : site;
}

/** An acronym without a town is the entity, whichever of its lines writes it. */
function isAcronymOfSeveral({ mains }: Entity, { acronym, city }: Question): boolean {
  return acronym !== null && city === null && mains.length > 1;
}

/** Said of any unit. */
const VAGUE_UNITS: readonly string[] = ['antenne', 'annexe', 'equipe', 'siege', 'unite', 'unites'];

/** A unit that is named says every unit that the mention says ("CMP - hôpital de jour"), and stands where it says. */
function isUnitSaid(site: Site, question: Question): boolean {
  const { units } = question.name;
  if (units.length === 0 || !isUnitNamed(site, question)) return true;
  return (
    units.every((unit) => VAGUE_UNITS.includes(unit) || isUnitOf(site, unit)) && fitsTown(site, question)
  );
}

/** A name cut after an article may be that of any line of the entity: the one that goes on with it. */
function isOpenName(site: Site, { sites }: Entity, { name }: Question): boolean {
  return name.isOpen && sites.length > 1 && !site.name.text.startsWith(name.text);
}

/** It stands in another town than the one said, where the entity has something else. */
function isElsewhere(site: Site, { sites }: Entity, question: Question): boolean {
  const { city } = question;
  if (city === null || sameTown(city, site.town) > 0) return false;
  const isSaid = fitsTown(site, question);
  return sites.some((other) => (other.main || !isSaid) && sameTown(city, other.town) > 0);
}

function nearestSite(entity: Entity, question: Question): Site | null {
  const units = unitsNamed(entity, question);
  const pool = units.length > 0 ? units : entity.mains;
  const unique = pool.length === 1 ? (pool[0] ?? null) : null;
  if (unique !== null) return fitsTown(unique, question) ? unique : null;
  if (isNameOfTowns(pool, question)) return null;
  const spelt = siteOfInitials(pool, question);
  return spelt ?? siteOfKind(pool, question) ?? wholeName(pool, question) ?? claimed(pool, entity, question);
}

/** "CHI Cavaillon-Lauris" without a place: the name of an entity by the towns of its sites, of which it says none. */
function isNameOfTowns(pool: readonly Site[], { city, words }: Question): boolean {
  if (city !== null) return false;
  const towns = pool.map(({ town }) => town).filter((town) => town.every((word) => words.includes(word)));
  return new Set(towns.map((town) => town.join(' '))).size > 1 && words.every((word) => isTownOf(word, pool));
}

/** "IGR" with Villejuif: one line of the town has these initials, and no line of the entity writes them or begins with them. */
function siteOfInitials(pool: readonly Site[], { acronym, city }: Question): Site | null {
  if (acronym === null || city === null) return null;
  const bearing = pool.filter((site) => sameTown(city, site.town) > 0 && initialsOf(site).includes(acronym));
  const only = bearing.length === 1 ? bearing[0] : undefined;
  if (only === undefined) return null;
  const isShared = pool.some(
    (sister) =>
      sister !== only &&
      (sister.words.has(acronym) || sister.name.acronyms.some(({ text }) => text === acronym)),
  );
  return isShared ? null : only;
}

/** "Institut Gustave Roussy" beside "Hôpital Gustave Roussy": the kind names the site when one site alone bears it. */
function siteOfKind(pool: readonly Site[], question: Question): Site | null {
  for (const kind of ['institute', 'foundation', 'clinic'] as const) {
    if (!question.name.types.includes(kind)) continue;
    const bearing = pool.filter((site) => site.name.types.includes(kind));
    const only = bearing.length === 1 ? bearing[0] : undefined;
    if (only === undefined || !question.words.every((word) => only.words.has(word))) continue;
    if (isSaidToStandIn(only, pool, question)) return only;
  }
  return null;
}

/**
 * The site whose name is said whole, where no sister of the place bears it too: "Institut Curie" with Paris, when the
 * sister of Saint-Cloud is "RENE HUGUENIN INSTITUT CURIE". "La Timone" is not, beside "LA TIMONE ENFANTS".
 */
function wholeName(pool: readonly Site[], question: Question): Site | null {
  const { city, typeAlone } = question;
  const words = question.words.filter((word) => !isKindWord(word));
  if (typeAlone || words.length === 0) return null;
  const bearing = pool.filter(
    (site) => (city === null || sameTown(city, site.town) > 0) && words.every((word) => site.words.has(word)),
  );
  const only = bearing.length === 1 ? bearing[0] : undefined;
  if (only === undefined || pool.some((sister) => sister !== only && sharesAll(sister, only, question))) {
    return null;
  }
  const own = ownWords(only);
  return own.every((word) => isKindWord(word) || words.includes(word) || (city?.includes(word) ?? false))
    ? only
    : null;
}

/** The sister bears every word that is said, written or spared, in that town, or bears no other ("AUNAY-BAYEUX" at Bayeux). */
function sharesAll(sister: Site, site: Site, { words, city }: Question): boolean {
  if (!words.every((word) => isKindWord(word) || carries(sister, word) || spares(sister, word, site)))
    return false;
  const isNear = city === null || sameTown(city, sister.town) > 0;
  return isNear || ownWords(sister).every((word) => words.includes(word));
}

/** What tells the site when its name says so, else its whole name; its town is no name, unless it is all that tells it. */
function ownWords({ name, town }: Site): readonly string[] {
  return name.siteWords ?? name.words.filter((word) => !town.includes(word));
}

/** The site that has most of the words that tell it from its sisters. */
function claimed(pool: readonly Site[], entity: Entity, question: Question): Site | null {
  const claims = pool.map((site) => claimOf(site, pool, question));
  const best = claims.filter(
    (claim) =>
      claim.words.size > 0 &&
      !claims.some((other) => other !== claim && strictlyWithin(claim.words, other.words)),
  );
  const named = best.length > 1 ? ofTown(best, question) : best;
  const only = named.length === 1 ? named[0] : undefined;
  if (only === undefined) return null;
  if (only.byName) return isBrand(only, pool) ? null : only.site;
  const { city } = question;
  const inTown = city === null || sameTown(city, only.site.town) > 0;
  return only.ofItsTown && inTown && isOnlyOfTown(only.site, entity) ? only.site : null;
}

/** Several sites are named ("Alençon-Mamers"): the one of the town, else nobody. */
function ofTown(claims: readonly Claim[], { city }: Question): readonly Claim[] {
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

/** Long stay and psychiatric outposts: never what a name without its unit means. */
const OUTPOSTS: readonly string[] = ['1109', '1111'];

/**
 * Another hospital of the entity in that town bears all the proper words that are said ("HOP PSY STJACQUES" beside "SITE
 * SAINT JACQUES"); without a kind, an establishment of another category does too ("Petit Colmoulins" is a clinic and its
 * rehabilitation): a person says which.
 */
function hasNamesake(site: Site, { sites }: Entity, question: Question): boolean {
  const said = question.words.filter((word) => site.words.has(word) && !site.town.includes(word));
  if (said.length === 0 || question.name.units.length > 0) return false;
  const { types } = question.name;
  const isAnother = (other: Site): boolean => {
    if (sameTown(other.town, site.town) > 0)
      return (
        other.main || (types.length === 0 && other.establishment.category !== site.establishment.category)
      );
    // Without a town, a rehabilitation of the same kind and name is as near ("SSR CLINIQUE ST CHARLES").
    return question.city === null && other.stay && other.name.ownTypes.some((type) => types.includes(type));
  };
  return sites.some(
    (other) =>
      other !== site &&
      isAnother(other) &&
      !OUTPOSTS.includes(other.establishment.aggregate) &&
      saysAll(said, other),
  );
}

/** A word that is said stands on another line of the place, and not on this one: "CH de Millau, Sainte-Anne". */
function isSaidOfAnother(site: Site, { sites }: Entity, { words, city, aliasWords }: Question): boolean {
  const left = words.filter(
    (word) =>
      !isKindWord(word) &&
      !aliasWords.has(word) &&
      !site.words.has(word) &&
      !site.town.includes(word) &&
      city?.includes(word) !== true,
  );
  return left.some((word) =>
    sites.some(
      (other) => other !== site && other.words.has(word) && (city === null || sameTown(city, other.town) > 0),
    ),
  );
}

/** FINESS also writes "STJACQUES". */
function saysAll(said: readonly string[], { words }: Site): boolean {
  return said.every((word, at) => {
    const joined = word === 'saint' ? said[at + 1] : said[at - 1] === 'saint' ? word : undefined;
    return words.has(word) || (joined !== undefined && words.has(`st${joined}`));
  });
}

/** Words that took the place of others ("HEGP"), which FINESS writes on another line of the entity: two answers. */
function isSharedName(site: Site, entity: Entity, { replaced }: Question): boolean {
  return (
    replaced.length > 0 &&
    entity.mains.some((other) => other !== site && replaced.every((word) => other.words.has(word)))
  );
}

/** An annex is a hospital without a name of its own: a town chooses between it and the main site no more than between two. */
function isOnlyOfTown(site: Site, { sites }: Entity): boolean {
  return sites.every(
    (other) =>
      other === site ||
      (!other.main &&
        !isPsychiatricHospital(other) &&
        !other.name.units.every((unit) => unit === 'annexe')) ||
      sameTown(other.town, site.town) === 0,
  );
}

/** "CENTRE HOSPIT SPE PSY": a hospital of the town too. */
function isPsychiatricHospital({ name, stay }: Site): boolean {
  return stay && name.ownTypes.some((type) => type === 'ch' || type === 'psy');
}

/** The town said is that of the site, or of none of them. */
function isSaidToStandIn(site: Site, pool: readonly Site[], { city }: Question): boolean {
  if (city === null || sameTown(city, site.town) > 0) return true;
  return pool.every((other) => sameTown(city, other.town) === 0);
}

function fitsTown(site: Site, question: Question): boolean {
  const { city, departement } = question;
  if (city === null) return departement === null || site.departement === departement;
  return sameTown(city, site.town) > 0 || city.every((word) => site.words.has(word));
}
