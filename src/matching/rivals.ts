import type { MatchingOptions } from '../domain/matching-options.js';
import type { Entity, Site } from './entities.js';
import { claimedType } from './kinds.js';
import type { Question } from './question.js';
import type { Scored } from './score.js';
import { saidTogether } from './together.js';
import { isEquipment } from './units.js';
import { isInPlace } from './written.js';

/** The nearest other entity whose score is too near for the first one to be certain. */
export function firstRival(
  first: Scored,
  kept: readonly Scored[],
  question: Question,
  options: MatchingOptions,
): Scored | null {
  return (
    kept.find(
      (other) =>
        other !== first &&
        first.score - other.score < options.autoMargin &&
        saidTogether(other.entity, question) &&
        !isGuest(other.entity, first.entity, question),
    ) ?? null
  );
}

/**
 * Says the name only as the place of the town where it works: "AQUITAINE KT - SITE HP SAINT MARTIN" is not
 * Saint-Martin, nor is "CRLCC P.STRAUSS SITE HUS-HAUTEPIERRE" what HUS means. "HU PARIS NORD SITE BRETONNEAU" is a
 * Bretonneau: neither a kind nor an acronym says that the site is somebody else's.
 */
function isGuest(entity: Entity, host: Entity, question: Question): boolean {
  const bearing = entity.mains.filter((site) => question.words.some((word) => site.words.has(word)));
  return bearing.length > 0 && bearing.every((site) => worksAt(site, host, question));
}

function worksAt(site: Site, host: Entity, { words, acronym }: Question): boolean {
  const { siteWords, siteTypes } = site.name;
  if (siteWords === null || (siteTypes.length === 0 && acronym === null)) return false;
  const isAlone = words.some((word) => site.words.has(word) && !siteWords.includes(word));
  const own = site.name.words.filter((word) => !siteWords.includes(word));
  return !isAlone && own.length > 0 && host.mains.some(({ town }) => town.join(' ') === site.town.join(' '));
}

/** Kinds that any hospital may be given in speech: they tell none from another. */
const LOOSE = ['hospital', 'foundation', 'institute', 'group', undefined] as const;

/** Nobody but a guest says the name: "CHU LIMOGES - SITE CH DUBOIS" is not the CH Dubois, which the register then lacks. */
export function isOnlyGuest({ mains }: Entity, { words, name, acronym, aliasEj }: Question): boolean {
  if (aliasEj !== null || name.units.length > 0) return false;
  const bearing = mains.filter((site) => words.some((word) => site.words.has(word)));
  return (
    bearing.length > 0 &&
    bearing.every(({ name: { siteWords, siteTypes, words: own } }) => {
      const isHospital = siteTypes.some((type) => !LOOSE.some((kind) => kind === type));
      if (siteWords === null || (!isHospital && acronym === null)) return false;
      const isOfTheSite = words.every((word) => !own.includes(word) || siteWords.includes(word));
      return isOfTheSite && own.some((word) => !siteWords.includes(word));
    })
  );
}

/**
 * Without a place, a name that two entities bear is of neither, whatever their kinds: "Hôpital de la Miséricorde" is a
 * clinic in Caen and a hospital in Ajaccio. A kind that is said, or a name that is also that of a town, leaves those of that kind.
 */
export function namesakeElsewhere(first: Scored, kept: readonly Scored[], question: Question): Scored | null {
  if (question.city !== null || question.departement !== null || question.aliasEj !== null) return null;
  const claimed = claimedType(question.name.types);
  const isLoose = LOOSE.some((kind) => kind === claimed);
  const isTown = question.words.every((word) => first.entity.mainTownWords.has(word));
  return (
    kept.find(
      ({ entity, features }) =>
        entity !== first.entity &&
        ((isLoose && !isTown) || features.type >= SAME_KIND) &&
        !isGuest(entity, first.entity, question) &&
        entity.sites.some(
          (site) => mayBeMeant(site, question) && question.words.every((word) => site.words.has(word)),
        ),
    ) ?? null
  );
}

/**
 * The place has the name under another kind, and another place has the very name that is said: "Hôpital privé Océane"
 * with Le Havre, which has a "CLINIQUE OCEANE", when an "HOPITAL PRIVE OCEANE" is at Vannes.
 */
export function bearerElsewhere(first: Scored, kept: readonly Scored[], question: Question): Scored | null {
  const { name, words, aliasEj } = question;
  const claimed = claimedType(name.types);
  if (claimed === undefined || words.length === 0 || aliasEj !== null) return null;
  if (LOOSE.some((kind) => kind === claimed)) return null;
  const [kind] = name.text.split(' ');
  if (first.entity.sites.some((site) => site.name.text.split(' ').includes(kind ?? ''))) return null;
  return (
    kept.find(
      ({ entity }) => entity !== first.entity && entity.mains.some((site) => site.name.text === name.text),
    ) ?? null
  );
}

/** A line that may be meant by a name without a unit; when the name has no kind either, any line but equipment. */
function mayBeMeant(site: Site, { name, acronym }: Question): boolean {
  if (name.types.length === 0 && acronym === null) return !isEquipment(site);
  return site.stay || (site.main && site.name.units.length === 0);
}

/** Says nothing against the kind that is claimed (score.ts). */
const SAME_KIND = 0.8;

/**
 * Another entity of the place whose own site says every word of the name, whatever its sector weighs in the score:
 * "Centre Léonard-de-Vinci" is three entities of Dechy. The one of exactly that name, where others only begin by it, is it.
 */
export function bearerInPlace(first: Scored, kept: readonly Scored[], question: Question): Scored | null {
  const { words, name, aliasEj } = question;
  if (aliasEj !== null || question.typeAlone) return null;
  if (words.every((word) => first.entity.mainTownWords.has(word))) return null;
  const isNamed = ({ entity }: Scored): boolean =>
    entity.mains.some((site) => site.name.text === name.text && isInPlace(site, question));
  const isFirst = isNamed(first);
  return (
    kept.find(
      (other) =>
        other !== first &&
        other.features.type >= SAME_KIND &&
        (!isFirst || isNamed(other)) &&
        !isGuest(other.entity, first.entity, question) &&
        other.entity.sites.some(
          (site) =>
            mayBeMeant(site, question) &&
            isInPlace(site, question) &&
            words.every((word) => site.words.has(word)),
        ),
    ) ?? null
  );
}

/** What a cooperation group says before the name it goes by ("GCS-MOYENS POLE SANTE SUD VENDEE"). */
const GROUP_WORDS: readonly string[] = ['gcs', 'moyen', 'moyens'];

/** A cooperation group of the place that goes by the very name that is said; that of a public hospital names its partners. */
export function groupOfThatName(
  { entity }: Scored,
  kept: readonly Scored[],
  question: Question,
): Scored | null {
  const said = question.name.text.split(' ');
  const claimed = claimedType(question.name.types);
  if (question.typeAlone || (claimed !== 'clinic' && !LOOSE.some((kind) => kind === claimed))) return null;
  return (
    kept.find(
      (other) =>
        other.entity !== entity &&
        other.entity.sites.some((site) => {
          const own = site.name.text.split(' ');
          const words = own.filter((word) => !GROUP_WORDS.includes(word));
          return (
            words.length < own.length &&
            isInPlace(site, question) &&
            said.every((word, at) => words[at] === word)
          );
        }),
    ) ?? null
  );
}
