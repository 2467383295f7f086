import type { Json } from '../../domain/json.js';
import type { Locator } from '../../domain/locator.js';
import type { AsideRow, RowFault, RowOutcome } from '../../domain/rows.js';
import { MAX_CELL_CHARACTERS, quoted } from '../reading/cells.js';
import { hasControl } from '../reading/content.js';
import { readFinessNumber } from '../reading/finess-number.js';
import { finessKey, type FinessRecord } from '../reading/finess-record.js';
import { neat } from '../reading/mend.js';

export const TO_OWNER = 'signalez l’élément au propriétaire de la source ; il est laissé de côté.';

/** Levels of lists and objects below a site: the schema has four (`adresse[].coordonneesGeographique`). */
const MAX_LEVELS = 16;

/** A value that no register holds, anywhere in what is read. */
export function unusable(
  values: readonly (Json | undefined)[],
  levels = MAX_LEVELS,
): Pick<AsideRow, 'code' | 'value' | 'message'> | null {
  for (const value of values) {
    if (typeof value === 'string') {
      if (value.length > MAX_CELL_CHARACTERS)
        return {
          code: 'CELL_TOO_LONG',
          value: quoted(value),
          message: `Une valeur compte ${String(value.length)} caractères (${String(MAX_CELL_CHARACTERS)} au plus).`,
        };
      if (hasControl(value) && hasControl(neat(value)))
        return {
          code: 'CONTROL_CHARACTER',
          value: quoted(value),
          message: 'Une valeur contient un caractère de contrôle ou illisible.',
        };
      continue;
    }
    if (typeof value !== 'object' || value === null) continue;
    if (levels === 0)
      return {
        code: 'ITEM_TOO_DEEP',
        message: `Une valeur emboîte plus de ${String(MAX_LEVELS)} listes ou objets.`,
      };
    const found = unusable(Object.values(value) as Json[], levels - 1);
    if (found !== null) return found;
  }
  return null;
}

export function numberFault(locator: Locator, field: string, number: string, key: string): AsideRow {
  const reading = readFinessNumber(number);
  return {
    kind: 'aside',
    code: reading.kind === 'fault' ? reading.code : 'X1',
    locator,
    field,
    value: quoted(number),
    message:
      reading.kind === 'fault'
        ? reading.message
        : `« ${quoted(number)} » n’est pas un numéro FINESS écrit sans espace ni minuscule.`,
    remedy: TO_OWNER,
    key,
  };
}

/** @param whose `l’établissement`, or the entity that carries it */
export function unknownState(locator: Locator, eg: string, state: string, whose: string): AsideRow {
  return {
    kind: 'aside',
    code: 'STATUS_UNKNOWN',
    locator,
    field: 'etatObjet',
    value: quoted(state),
    message: `L’état « ${quoted(state)} » de ${whose} n’est ni A (en service) ni I : on ne sait pas si l’établissement est ouvert.`,
    remedy: 'signalez l’élément au propriétaire de la source ; ce qu’on savait de l’établissement reste.',
    key: eg,
  };
}

export function double(locator: Locator, repeated: FinessRecord): RowOutcome<FinessRecord> {
  const key = finessKey(repeated);
  return {
    kind: 'aside',
    code: 'DUPLICATE',
    locator,
    field: 'numFinessEge',
    value: key.slice(0, 9),
    message: `L’établissement ${key.slice(0, 9)} est donné plusieurs fois : des éléments égaux comptent pour un ; s’ils diffèrent, aucun n’est gardé, et ce qu’on en savait reste.`,
    remedy: 'vérifiez que le fichier n’est pas fait de deux extractions mises bout à bout.',
    key,
    repeated,
  };
}

export function categoryFlag(locator: Locator, category: string): RowFault {
  return {
    code: 'CATEGORY_UNKNOWN',
    locator,
    field: 'categorieentiteGeographiqueExercice',
    value: quoted(category),
    message: `La catégorie « ${quoted(category)} » n’est pas connue de filror : on ne sait pas si c’est un hôpital.`,
    remedy:
      'si un centre y est, rapprochez-le par son numéro FINESS ; signalez la catégorie pour la prochaine version.',
  };
}

export function placeFlag(locator: Locator, why: string): RowFault {
  return {
    code: 'COORDINATES_DOUBTFUL',
    locator,
    field: 'coordonneesGeographique',
    message: `Les coordonnées sont douteuses (${why}) : l’établissement est gardé sans point.`,
    remedy: 'rien à faire pour les centres : seule la carte s’en passe.',
  };
}

export function nameless(locator: Locator, eg: string): AsideRow {
  return {
    kind: 'aside',
    code: 'NAME_MISSING',
    locator,
    field: 'nomEgeCourt',
    message: `L’établissement ${eg} n’a pas de nom : on ne saurait ni le rapprocher ni le montrer.`,
    remedy: 'signalez l’élément au propriétaire de la source ; ce qu’on savait de l’établissement reste.',
    key: eg,
  };
}

/** The entity says that it is closed, and its site that it is not. */
export function entityClosed(locator: Locator, ej: string): RowFault {
  return {
    code: 'ENTITY_CLOSED',
    locator,
    field: 'etatObjet',
    value: ej,
    message: `L’entité juridique ${ej} est fermée : son établissement, dit en service, est tenu pour fermé.`,
    remedy:
      'si l’établissement fonctionne, il a sans doute changé d’entité : signalez-le au propriétaire de la source.',
  };
}
