import type { Entity } from './entities.js';
import type { Question } from './question.js';

/**
 * Whether one site of the entity accounts for the words that are said, with its brand and the towns that are said whole
 * ("Alençon-Mamers"). "Saint-Louis" is not found because one site is at Saint-Genis and another is called Louis-Pradel.
 */
export function saidTogether(entity: Entity, { words, aliasEj }: Question): boolean {
  if (aliasEj === entity.ej) return true;
  const known = words.filter((word) => entity.strongWords.has(word) || entity.mainTownWords.has(word));
  const towns = new Set(
    entity.mains.filter(({ town }) => town.every((word) => words.includes(word))).flatMap(({ town }) => town),
  );
  return entity.mains.some((site) =>
    known.every(
      (word) =>
        site.words.has(word) || site.town.includes(word) || entity.brandWords.has(word) || towns.has(word),
    ),
  );
}
