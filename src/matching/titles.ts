import type { Entity, Site } from './entities.js';
import { sameTown, type Question } from './question.js';
import type { Scored } from './score.js';
import { chooseSite } from './site.js';

/** Name and town to show in a sentence: those of the site, when it is known. */
export function titleOf({ entity }: Scored, question: Question): string {
  const site = (chooseSite(entity, question) ?? siteToShow(entity, question))?.establishment;
  return site === undefined ? `l’entité ${entity.ej}` : `${site.name} (${site.town})`;
}

/** A name to show for a legal entity that has none: the main site nearest to what is written, then to the town. */
export function siteToShow(entity: Entity, question: Question): Site | undefined {
  const nearness = (site: Site): number =>
    question.words.filter((word) => site.words.has(word)).length * 2 +
    (question.city === null ? 0 : sameTown(question.city, site.town));
  return [...entity.mains].sort((a, b) => nearness(b) - nearness(a))[0];
}
