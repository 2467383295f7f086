import type { Entity, Site } from './entities.js';
import type { Question } from './question.js';

/** The mention says a kind of unit that the name of the site says too ("HAD du CH de Vire"). */
export function isUnitNamed(site: Site, { name }: Question): boolean {
  return name.units.some((unit) => isUnitOf(site, unit));
}

/** One unit, written in several ways. */
const SAME_UNIT: Readonly<Record<string, string>> = {
  hj: 'hdj',
  'hopital de jour': 'hdj',
  'hopital jour': 'hdj',
};

export function isUnitOf({ name }: Site, unit: string): boolean {
  const meant = SAME_UNIT[unit] ?? unit;
  return name.units.some((own) => (SAME_UNIT[own] ?? own) === meant);
}

/** Units of the entity that the mention names by their kind. */
export function unitsNamed({ sites }: Entity, question: Question): readonly Site[] {
  return question.name.units.length === 0 ? [] : sites.filter((site) => isUnitNamed(site, question));
}

/** Units where nobody stays overnight, and what only shelters them. */
const EQUIPMENT: readonly string[] =
  `radiotherapie imagerie irm scanner tep dialyse autodialyse autodial hemodialyse labo laboratoire lbm pharmacie
  dentaire dentaires consultation consultations sterilisation uad udm eml scm gcs siege`.split(/\s+/);

export function isEquipment({ name }: Site): boolean {
  return name.units.some((unit) => EQUIPMENT.includes(unit));
}
