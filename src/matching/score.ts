import { isOrnament, type HospitalType } from '../normalise/names.js';
import type { Entity, Site } from './entities.js';
import { claimedType } from './kinds.js';
import { sameTown, type Question } from './question.js';
import type { Register } from './register.js';

export interface Scored {
  readonly entity: Entity;
  readonly score: number;
  readonly features: {
    readonly name: number;
    readonly type: number;
    readonly town: number;
    readonly departement: number;
  };
}

/** A word only seen in a unit or in the town of a unit: it may be that outpost that is meant, or nothing. */
const WEAK = 0.6;
/** Nothing said of the place: neither for nor against. */
const UNKNOWN = 0.75;
const NAME_SHARE = 0.68;

/**
 * Score = (0.68 × name + 0.32 × place) × type × sector. A perfect name contradicted by the place stays at 0.68,
 * under any sensible threshold of automatic links; so does a perfect place without the name.
 */
export function scoreEntity(entity: Entity, question: Question, register: Register): Scored {
  const place = placeOf(entity, question, register);
  const name = nameOf(entity, question, register, place.town);
  // An acronym found again says the type by its first letters.
  const type = acronymWords(entity, question, place.town) > 0 ? 1 : typeOf(entity, question);
  const where = question.city === null ? place.departement : place.town;
  const score =
    (NAME_SHARE * name + (1 - NAME_SHARE) * where) * (0.7 + 0.3 * type) * sectorFactor(entity, question);
  return { entity, score, features: { name, type, ...place } };
}

function nameOf(entity: Entity, question: Question, register: Register, town: number): number {
  const byAcronym = acronymWords(entity, question, town);
  const onlyChu = isOnlyChu(entity, question, register);
  let matched = 0;
  let total = 0;
  for (const [at, word] of question.words.entries()) {
    const weight = register.weight(word);
    const likeness =
      at < byAcronym || (entity.ej === question.aliasEj && question.aliasWords.has(word))
        ? 1
        : Math.max(
            wordIn(entity, word, question),
            onlyChu && question.city?.includes(word) === true ? 0.95 : 0,
          );
    if (likeness < 0.9 && (isOrnament(word) || isPartner(word, entity, question, register))) continue;
    matched += weight * likeness;
    total += weight;
  }
  if (total === 0) return question.aliasEj === entity.ej ? 1 : 0;
  return 0.97 * (matched / total) + 0.03 * bestPrecision(entity, question);
}

/**
 * How many first words of the name its acronym accounts for: "CH Bretagne-Atlantique" is CHBA. Three letters collide
 * ("CHB"), so they count only as a brand and in the right town; five letters hardly do, wherever they are.
 */
function acronymWords(entity: Entity, question: Question, town: number): number {
  const found = question.name.acronyms.find(
    ({ text }) =>
      (text.length >= 5 && entity.strongWords.has(text)) ||
      (text.length === 4 && entity.strongWords.has(text) && town > 0) ||
      (entity.brandWords.has(text) && town >= 0.8),
  );
  return found?.words ?? 0;
}

/**
 * The only university hospital of the département goes by a chief town, wherever it stands (FINESS writes "HOPITAL
 * NORD - CHU38" at La Tronche), and by the towns where it has something.
 */
function isOnlyChu(entity: Entity, question: Question, register: Register): boolean {
  if (!question.name.types.includes('chu') || !entity.kinds.has('chu')) return false;
  if (!question.departements.has(entity.home)) return false;
  const { city } = question;
  const stands = city === null || entity.sites.some((site) => sameTown(city, site.town) > 0);
  if (!stands && !register.isChiefTown(city, entity.home)) return false;
  const others = register.byDepartement.get(entity.home) ?? [];
  return others.every((other) => other === entity || !other.kinds.has('chu') || other.home !== entity.home);
}

/** "CHI Elbeuf-Louviers-Val de Reuil": a partner town that FINESS leaves out of the names of an intercommunal hospital. */
function isPartner(word: string, entity: Entity, question: Question, register: Register): boolean {
  if (!question.name.types.some((type) => type === 'chi' || type === 'group')) return false;
  return [...entity.departements].some((departement) => register.isTownWord(word, departement));
}

function wordIn(entity: Entity, word: string, question: Question): number {
  if (entity.strongWords.has(word)) return 1;
  if (entity.mainTownWords.has(word)) return 0.95;
  if (entity.strongWords.has(word[0] ?? '') && word.length > 1) return 0.7;
  let best = entity.weakWords.has(word) ? WEAK : 0;
  for (const [known, likeness] of question.similar.get(word) ?? []) {
    if (entity.strongWords.has(known)) best = Math.max(best, likeness);
  }
  return best;
}

/** Share of the words of the nearest main site that the mention says: "Saint-Joseph" before "Saint-Joseph Saint-Luc". */
function bestPrecision(entity: Entity, question: Question): number {
  let best = 0;
  for (const site of entity.mains) {
    const own = ownWords(site);
    if (own.length === 0) continue;
    const said = own.filter((word) => question.words.includes(word)).length;
    best = Math.max(best, said / own.length);
  }
  return best;
}

function ownWords(site: Site): readonly string[] {
  return [...site.words].filter((word) => !site.town.includes(word));
}

function placeOf(
  entity: Entity,
  question: Question,
  register: Register,
): { readonly town: number; readonly departement: number } {
  const { city, departement, departements } = question;
  const around = departementsNamed(entity, question);
  const isNear = (site: Site): boolean => around === null || around.has(site.departement);
  const inDepartement = (site: Site): boolean =>
    isNear(site) && (departement === null || site.departement === departement);
  const near =
    departement === null
      ? UNKNOWN
      : entity.mains.some(inDepartement) || (around === null && entity.home === departement)
        ? 1
        : entity.sites.some(inDepartement)
          ? 0.7
          : 0;
  if (city === null)
    return { town: near === 0 ? 0 : departement === null ? UNKNOWN : near * 0.9, departement: near };
  let town = 0;
  for (const site of entity.sites) {
    if (!inDepartement(site)) continue;
    const same = sameTown(city, site.town);
    const carries = site.main && city.every((word) => site.words.has(word)) ? 0.9 : 0;
    town = Math.max(town, site.main ? Math.max(same, carries) : same * 0.85);
  }
  if (town < 0.9 && isOnlyChu(entity, question, register)) town = 0.9;
  if (town === 0 && departement !== null && near === 1) town = 0.4;
  const known =
    departement !== null || departements.size === 0
      ? near
      : entity.mains.some((site) => isNear(site) && departements.has(site.departement))
        ? 1
        : 0;
  return { town, departement: known };
}

/** Beyond neighbours ("CHI Elbeuf-Louviers" has two): a group whose sites do not vouch for one another's place. */
const WIDESPREAD = 3;

/**
 * Where what is said stands, for an entity of several départements: "Clinique Guillaume" with Paris is not proved by
 * the site of Paris of a group when Guillaume stands near Rouen. Null when every site counts.
 */
function departementsNamed(entity: Entity, question: Question): ReadonlySet<string> | null {
  if (entity.departements.size < WIDESPREAD || question.typeAlone) return null;
  const proper = question.words.filter((word) => !entity.mainTownWords.has(word));
  const said = (site: Site): number =>
    proper.length > 0
      ? proper.filter((word) => site.words.has(word)).length
      : question.words.filter((word) => site.words.has(word) || site.town.includes(word)).length;
  const counts = entity.mains.map((site) => ({ site, count: said(site) }));
  const most = Math.max(...counts.map(({ count }) => count));
  if (most === 0) return null;
  return new Set(
    counts
      .filter(({ count }) => (proper.length > 0 ? count === most : count > 0))
      .map(({ site }) => site.departement),
  );
}

/** What the mention claims to be against what the register says: 1 agrees, 0.8 says nothing, near 0 contradicts. */
function typeOf(entity: Entity, question: Question): number {
  const claimed = claimedType(question.name.types);
  const { kinds, nameTypes } = entity;
  switch (claimed) {
    case 'chu':
      return kinds.has('chu') ? 1 : nameTypes.has('chu') ? 0.9 : 0;
    case 'clcc':
      return kinds.has('clcc') ? 1 : 0;
    case 'psy':
      return kinds.has('psy') ? 1 : nameTypes.has('psy') ? 0.9 : 0.2;
    case 'chi':
      return nameTypes.has('chi') ? 1 : kinds.has('ch') ? 0.9 : 0.2;
    case 'ch':
      if (kinds.has('ch')) return 1;
      if (kinds.has('chu')) return 0.7;
      if (isCalled(entity, 'ch', question)) return 0.9;
      return nameTypes.has('ch') ? (kinds.has('psy') ? 0.6 : 0.8) : 0.2;
    case 'group':
      return nameTypes.has('group') ? 1 : kinds.has('ch') || kinds.has('chu') ? 0.85 : 0.6;
    case 'clinic':
      return nameTypes.has('clinic') ? 1 : kinds.has('clinic') ? 0.9 : 0.1;
    case 'hospital':
      return nameTypes.has('hospital') ? 0.9 : nameTypes.size === 1 && nameTypes.has('clinic') ? 0.4 : 0.7;
    case 'foundation':
      return nameTypes.has('foundation') ? 1 : 0.6;
    case 'institute':
      return nameTypes.has('institute') ? 1 : 0.7;
    case undefined:
      return 0.8;
  }
}

/** A site bears this very name: psychiatric hospitals call themselves "centre hospitalier" too. */
function isCalled(entity: Entity, type: HospitalType, question: Question): boolean {
  return entity.mains.some(
    (site) => site.name.types.includes(type) && question.words.every((word) => site.words.has(word)),
  );
}

/** The hospital proper first, then what surrounds it; equipment and outposts only when they are named. */
function sectorFactor(entity: Entity, question: Question): number {
  const named = entity.sites.some((site) =>
    site.name.units.some((unit) => question.name.units.includes(unit)),
  );
  const unit = entity.onlyUnits && !named ? 0.85 : 1;
  return entity.sector === 0 ? unit : unit * 0.9;
}
