import { isOrnament } from '../normalise/names.js';
import type { Entity, Site } from './entities.js';
import { isOnlyChu, placeOf } from './place.js';
import type { Question } from './question.js';
import type { Register } from './register.js';
import { typeOf } from './type.js';
import { unitsNamed } from './units.js';
import { isInPlace, isWrittenIn } from './written.js';

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
  if (entity.sites.some((site) => isWrittenIn(site, question) && isInPlace(site, question))) return 1;
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
    if (
      likeness < 0.9 &&
      (isOrnament(word) || question.placeWords.has(word) || isPartner(word, entity, question, register))
    )
      continue;
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

/** "CHI Elbeuf-Louviers-Val de Reuil": a partner town that FINESS leaves out of the names of an intercommunal hospital. */
function isPartner(word: string, entity: Entity, question: Question, register: Register): boolean {
  if (!question.name.types.some((type) => type === 'chi' || type === 'group')) return false;
  return [...entity.departements].some((departement) => register.isTownWord(word, departement));
}

function wordIn(entity: Entity, word: string, question: Question): number {
  if (entity.strongWords.has(word)) return 1;
  if (entity.mainTownWords.has(word)) return 0.95;
  if (isInitialOf(entity, word, question)) return 0.95;
  if (entity.strongWords.has(word[0] ?? '') && word.length > 1) return 0.7;
  if (unitsNamed(entity, question).some((site) => site.words.has(word))) return 1;
  let best = entity.weakWords.has(word) ? WEAK : 0;
  for (const [known, likeness] of question.similar.get(word) ?? []) {
    if (entity.strongWords.has(known)) best = Math.max(best, likeness);
  }
  return best;
}

/** First name of which FINESS, or the mention, gives the initial before the same name: "William-Harvey", "W.HARVEY". */
function isInitialOf(entity: Entity, word: string, { words }: Question): boolean {
  const next = words[words.indexOf(word) + 1];
  if (next === undefined) return false;
  return entity.mains.some(({ name }) => {
    const before = name.words[name.words.indexOf(next) - 1];
    if (before === undefined || before[0] !== word[0]) return false;
    return before.length === 1 || word.length === 1;
  });
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

/** The hospital proper first, then what surrounds it; equipment and outposts only when they are named. */
function sectorFactor(entity: Entity, question: Question): number {
  const unit = entity.onlyUnits && unitsNamed(entity, question).length === 0 ? 0.85 : 1;
  return entity.sector === 0 ? unit : unit * 0.9;
}
