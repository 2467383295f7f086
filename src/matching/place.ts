import type { Entity, Site } from './entities.js';
import { sameTown, type Question } from './question.js';
import type { Register } from './register.js';
import { isEquipment, isUnitNamed } from './units.js';

/** Nothing said of the place: neither for nor against. */
const UNKNOWN = 0.75;

/** A unit stands for its hospital in a town, equipment hardly does. */
const UNIT = 0.85;
const EQUIPMENT = 0.4;

/** Where the entity is against where the mention says: 1 the same place, 0 another. */
export function placeOf(
  entity: Entity,
  question: Question,
  register: Register,
): { readonly town: number; readonly departement: number } {
  const { city, departement, departements } = question;
  const around = departementsNamed(entity, question);
  const isNear = (site: Site): boolean => around === null || around.has(site.departement);
  const inDepartement = (site: Site): boolean =>
    isNear(site) && (departements.size === 0 || departements.has(site.departement));
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
    const isNamed = site.main || isUnitNamed(site, question);
    town = Math.max(town, isNamed ? Math.max(same, carries) : same * (isEquipment(site) ? EQUIPMENT : UNIT));
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
export const WIDESPREAD = 3;

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
  const counts = (question.name.units.length > 0 ? entity.sites : entity.mains).map((site) => ({
    site,
    count: said(site),
  }));
  const most = Math.max(...counts.map(({ count }) => count));
  if (most === 0) return null;
  return new Set(
    counts
      .filter(({ count }) => (proper.length > 0 ? count === most : count > 0))
      .map(({ site }) => site.departement),
  );
}

/**
 * The only university hospital of the département goes by a chief town, wherever it stands (FINESS writes "HOPITAL
 * NORD - CHU38" at La Tronche), and by the towns where it has something.
 */
export function isOnlyChu(entity: Entity, question: Question, register: Register): boolean {
  if (!question.name.types.includes('chu') || !entity.kinds.has('chu')) return false;
  if (!question.departements.has(entity.home)) return false;
  const { city } = question;
  const stands = city === null || entity.sites.some((site) => sameTown(city, site.town) > 0);
  if (!stands && !register.isChiefTown(city, entity.home)) return false;
  const others = register.byDepartement.get(entity.home) ?? [];
  return others.every((other) => other === entity || !other.kinds.has('chu') || other.home !== entity.home);
}
