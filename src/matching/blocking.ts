import type { Entity } from './entities.js';
import { sameTown, type Question } from './question.js';
import type { Register } from './register.js';

/** A word carried by more legal entities than this ("saint", "hopital") does not block by itself. */
const COMMON = 400;

/**
 * Legal entities worth comparing: those of the town, those that carry a rare word of the name or its acronym,
 * wherever they are (a wrong town must still show the right hospital), and those of the département.
 */
export function candidatesOf(question: Question, register: Register): Set<Entity> {
  const found = new Set<Entity>();
  const add = (entities: Iterable<Entity> | undefined): void => {
    for (const entity of entities ?? []) found.add(entity);
  };
  if (question.aliasEj !== null) add(entityOf(register, question.aliasEj));
  add(entitiesOfTown(question, register));
  for (const departement of question.departement === null ? [] : question.departements) {
    add(register.byDepartement.get(departement));
  }
  for (const { text } of question.name.acronyms) add(register.byWord.get(text));
  if (question.typeAlone) return found;
  for (const word of question.words) {
    const carriers = register.byWord.get(word);
    if (carriers !== undefined && carriers.length <= COMMON) add(carriers);
    if (carriers === undefined) add(misspelt(word, question, register));
  }
  // "CHU de Grenoble" stands in La Tronche: the town leads to its département.
  if (question.name.types.includes('chu')) {
    for (const departement of question.departements) add(register.byDepartement.get(departement));
  }
  // A name that is a town, without a town column.
  add(register.byTown.get(question.words.join(' ')));
  for (const word of question.words) add(register.byTown.get(word));
  return found;
}

function entitiesOfTown(question: Question, register: Register): Entity[] {
  const { city } = question;
  if (city === null) return [];
  const exact = register.byTown.get(city.join(' '));
  if (exact !== undefined) return [...exact];
  return [...register.byTown]
    .filter(([key]) => sameTown(city, key.split(' ')) > 0)
    .flatMap(([, list]) => list);
}

function* misspelt(word: string, question: Question, register: Register): Generator<Entity> {
  for (const [known] of question.similar.get(word) ?? []) {
    const carriers = register.byWord.get(known) ?? [];
    if (carriers.length <= COMMON) yield* carriers;
  }
}

function entityOf(register: Register, ej: Entity['ej']): Entity[] {
  const entity = register.entities.get(ej);
  return entity === undefined ? [] : [entity];
}
