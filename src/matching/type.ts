import type { HospitalType } from '../normalise/names.js';
import type { Entity } from './entities.js';
import { claimedType } from './kinds.js';
import type { Question } from './question.js';

/** What the mention claims to be against what the register says: 1 agrees, 0.8 says nothing, near 0 contradicts. */
export function typeOf(entity: Entity, question: Question): number {
  const claimed = claimedType(question.name.types);
  const { kinds, nameTypes } = entity;
  switch (claimed) {
    case 'chu':
      return kinds.has('chu') ? 1 : nameTypes.has('chu') ? 0.9 : 0;
    case 'clcc':
      return kinds.has('clcc') ? 1 : 0;
    case 'psy':
      return kinds.has('psy') ? 1 : nameTypes.has('psy') ? 0.9 : 0.2;
    case 'chi':
      return nameTypes.has('chi') ? 1 : kinds.has('ch') ? 0.9 : 0.2;
    case 'ch':
      if (kinds.has('ch')) return 1;
      if (kinds.has('chu')) return 0.7;
      if (isCalled(entity, 'ch', question)) return 0.9;
      // A psychiatric hospital is a "centre hospitalier" too, when its own name is said and not its town alone.
      if (kinds.has('psy') && saysProperName(entity, question)) return 0.9;
      return nameTypes.has('ch') ? (kinds.has('psy') ? 0.6 : 0.8) : 0.2;
    case 'group':
    case 'ght':
      return nameTypes.has('group') ? 1 : kinds.has('ch') || kinds.has('chu') ? 0.85 : 0.6;
    case 'clinic':
      return nameTypes.has('clinic') ? 1 : kinds.has('clinic') ? 0.9 : 0.1;
    case 'hospital':
      if (kinds.has('ch') || kinds.has('chu') || entity.mains.some((site) => site.saysHospital)) return 0.9;
      return nameTypes.has('hospital') ? 0.9 : nameTypes.size === 1 && nameTypes.has('clinic') ? 0.35 : 0.7;
    case 'foundation':
      return nameTypes.has('foundation') ? 1 : 0.6;
    case 'institute':
      return nameTypes.has('institute') ? 1 : 0.7;
    case undefined:
      return 0.8;
  }
}

/** A site bears this very name: psychiatric hospitals call themselves "centre hospitalier" too. */
function isCalled(entity: Entity, type: HospitalType, question: Question): boolean {
  return entity.mains.some(
    (site) => site.name.types.includes(type) && question.words.every((word) => site.words.has(word)),
  );
}

/** Every word is of the name of one main site, and one at least is no town: "CH du Rouvray" for "CHS DU ROUVRAY". */
function saysProperName(entity: Entity, { words }: Question): boolean {
  return entity.mains.some(
    (site) => words.every((word) => site.words.has(word)) && words.some((word) => !site.town.includes(word)),
  );
}
