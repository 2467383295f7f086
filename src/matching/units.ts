import type { Entity, Site } from './entities.js';
import type { Question } from './question.js';

/** The mention says a kind of unit that the name of the site says too ("HAD du CH de Vire"). */
export function isUnitNamed({ name }: Site, { name: said }: Question): boolean {
  return name.units.some((unit) => said.units.includes(unit));
}

/** Units of the entity that the mention names by their kind. */
export function unitsNamed({ sites }: Entity, question: Question): readonly Site[] {
  return question.name.units.length === 0 ? [] : sites.filter((site) => isUnitNamed(site, question));
}
