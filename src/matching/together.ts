import type { Entity, Site } from './entities.js';
import { WIDESPREAD } from './place.js';
import type { Question } from './question.js';

/**
 * Whether one site of the entity accounts for the words that are said, with its brand and the towns that are said whole
 * ("Alençon-Mamers"); a group of several départements answers by a site of the one said. "Saint-Louis" is not found because one site is at Saint-Genis and another is called Louis-Pradel.
 */
export function saidTogether(entity: Entity, question: Question): boolean {
  const { words, aliasEj, similar, name, departements, typeAlone } = question;
  if (aliasEj === entity.ej) return true;
  const spellings = (word: string): readonly string[] => [
    word,
    ...(similar.get(word) ?? []).map(([known]) => known),
  ];
  const known = words.filter((word) =>
    spellings(word).some((one) => entity.strongWords.has(one) || entity.mainTownWords.has(one)),
  );
  const towns = new Set(
    entity.mains.filter(({ town }) => town.every((word) => words.includes(word))).flatMap(({ town }) => town),
  );
  const isOf = (site: Site, word: string): boolean =>
    site.words.has(word) || site.town.includes(word) || entity.brandWords.has(word) || towns.has(word);
  const isNear = (site: Site): boolean =>
    entity.departements.size < WIDESPREAD || departements.size === 0 || departements.has(site.departement);
  const sites = name.units.length > 0 ? entity.sites : entity.mains;
  return sites.some(
    (site) =>
      (typeAlone || isNear(site)) && known.every((word) => spellings(word).some((one) => isOf(site, one))),
  );
}
