import { OPENINGS } from '../normalise/names.js';
import type { Entity, Site } from './entities.js';
import { sameTown, type Question } from './question.js';

/** FINESS cuts names at 38 characters; a word that would pass them is left out or cut. */
const FULL = 36;
/** Fewer letters begin too many names to say one without a place. */
const LONG = 20;

/** The mention is the name of the site word for word, as far as FINESS writes it ("… PHYSIQUE ET READAPTA"). */
export function isWrittenIn({ name, establishment }: Site, { name: said }: Question): boolean {
  if (name.text === said.text) return true;
  return establishment.name.length >= FULL && said.text.startsWith(name.text);
}

export interface CutName {
  readonly entity: Entity;
  /** Null when several lines of the entity begin so. */
  readonly site: Site | null;
}

/**
 * The only entity of the place that has a line beginning with the mention, when the mention is cut: in the middle of a
 * word ("CHU COTE DE NAC" with Caen) or after a word that ends no name ("CH VERDUN/ST MIHIEL-HOP ST").
 * @returns null when the mention is no cut name, or begins names of several entities.
 */
export function lineOfCutName(entities: Iterable<Entity>, question: Question): CutName | null {
  const { name, city, departement } = question;
  if (name.words.length === 0 || question.townAlone) return null;
  if (city === null && departement === null && name.text.length < LONG) return null;
  const found: { entity: Entity; site: Site }[] = [];
  for (const entity of entities) {
    for (const site of entity.sites) {
      if (!begins(name.text, site.name.text) || !isInPlace(site, question)) continue;
      if (found[0] !== undefined && found[0].entity !== entity) return null;
      found.push({ entity, site });
    }
  }
  const first = found[0];
  if (first === undefined || !found.every(({ site }) => isCut(question, site))) return null;
  for (const entity of entities) {
    if (
      entity !== first.entity &&
      !entity.onlyUnits &&
      entity.mains.some((site) => mayBeMeant(site, question))
    )
      return null;
  }
  return { entity: first.entity, site: found.length === 1 ? first.site : null };
}

/** Another line of the place has the same words under another kind ("CH SAINT JOSEPH" for "HOPITAL SAINT JO"). */
function mayBeMeant(site: Site, question: Question): boolean {
  if (!isInPlace(site, question)) return false;
  const own =
    site.name.siteWords === null
      ? site.name.words
      : site.name.words.filter((word) => site.name.siteWords?.includes(word) !== true);
  const { words } = question.name;
  return words.every((word) =>
    word === question.last ? own.some((known) => known.startsWith(word)) : own.includes(word),
  );
}

function begins(cut: string, whole: string): boolean {
  return whole.length > cut.length && whole.startsWith(cut);
}

/** "HOPITAL SAINT" begins a hundred names: such a word needs another beside it, or the town of that name. */
function isCut({ name, city }: Question, site: Site): boolean {
  const last = name.text.split(' ').at(-1) ?? '';
  const isOpening = OPENINGS.has(last) || (last.length > 2 && 'sainte'.startsWith(last));
  if (!isOpening) return site.name.text[name.text.length] !== ' ';
  const whole = name.words.some((word) => word !== last && !OPENINGS.has(word));
  return whole || (city !== null && site.name.words.every((word) => city.includes(word)));
}

export function isInPlace(site: Site, { city, departements }: Question): boolean {
  if (departements.size > 0 && !departements.has(site.departement)) return false;
  return city === null || sameTown(city, site.town) > 0;
}
