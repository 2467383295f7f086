import type { Establishment } from '../../domain/establishment.js';
import { finessFault, isSiret } from '../../domain/finess.js';
import type { FinessEg, FinessEj } from '../../domain/ids.js';
import type { Json, JsonObject } from '../../domain/json.js';
import type { Locator } from '../../domain/locator.js';
import { UNREAD, type AsideRow, type RowFault, type RowOutcome } from '../../domain/rows.js';
import { readDepartement } from '../../normalise/departements.js';
import { MAX_CELL_CHARACTERS, quoted } from '../reading/cells.js';
import { hasControl } from '../reading/content.js';
import { readFinessNumber } from '../reading/finess-number.js';
import { finessKey, type FinessRecord } from '../reading/finess-record.js';
import { isoDay, listOf, objectOf, textOf } from '../reading/json-values.js';
import { neat } from '../reading/mend.js';
import { SeenNumbers } from '../reading/seen-numbers.js';
import { siretFlag } from '../reading/siret-flag.js';
import { CATEGORIES } from './categories.js';
import { coordinatesOf } from './coordinates.js';

type Outcome = RowOutcome<FinessRecord>;

const TO_OWNER = 'signalez l’élément au propriétaire de la source ; il est laissé de côté.';

/** A reader holds what one delivery has seen so far: make one per reading. */
export function structureReader(): (pmej: JsonObject, locator: Locator) => readonly Outcome[] {
  const seen = new SeenNumbers();
  return (pmej, locator) => {
    // `informationsGeneralesPmej` in the draft of 2025-12-11.
    const entity = objectOf(pmej['informationsGeneralesPMEJ'] ?? pmej['informationsGeneralesPmej']);
    const ej = textOf(entity['numFinessPm']);
    const sites = listOf(pmej['ege']);
    const at = (index: number): Locator => ({
      ...locator,
      path: `${locator.path ?? ''}.ege[${String(index)}]`,
    });
    if (finessFault(ej) !== null && sites.length === 0)
      return [numberFault(locator, 'numFinessPm', ej, UNREAD)];
    return sites.flatMap((site, index) => readSite(objectOf(site), ej, at(index), seen));
  };
}

function readSite(site: JsonObject, ej: string, locator: Locator, seen: SeenNumbers): readonly Outcome[] {
  const facts = objectOf(site['informationsGeneralesEGE']);
  const eg = textOf(facts['numFinessEge']);
  if (finessFault(eg) !== null) return [numberFault(locator, 'numFinessEge', eg, UNREAD)];
  if (finessFault(ej) !== null) return [numberFault(locator, 'numFinessPm', ej, eg)];
  const fault = unusable([site['adresse'], site['contact'], facts]);
  if (fault !== null) return [{ ...fault, kind: 'aside', locator, key: eg, remedy: TO_OWNER }];
  const state = textOf(site['etatObjet'] ?? facts['etatObjet']);
  const closedOn = isoDay(facts['dateFermeture']);
  if (state !== 'A' && state !== 'I') return [unknownState(locator, eg, state)];
  if (state === 'I' || textOf(facts['dateFermeture']) !== '') {
    const closed: FinessRecord = { kind: 'closed', eg: eg as FinessEg, on: closedOn };
    return [
      seen.add(eg)
        ? { kind: 'row', locator, key: finessKey(closed), value: closed }
        : double(locator, closed),
    ];
  }
  const address = addressOf(site);
  const establishment = establishmentOf(site, facts, address, eg as FinessEg, ej as FinessEj);
  const value: FinessRecord = { kind: 'establishment', establishment };
  if (!seen.add(eg)) return [double(locator, value)];
  const flags: RowFault[] = [];
  const siret = textOf(facts['siret'] ?? site['siret']);
  if (siret !== '' && !isSiret(siret)) flags.push(siretFlag(locator, siret));
  if (CATEGORIES[establishment.category] === undefined)
    flags.push(categoryFlag(locator, establishment.category));
  const place = coordinatesOf(address['coordonneesGeographique'], establishment.departement);
  if (place.kind === 'doubtful') flags.push(placeFlag(locator, place.why));
  const row: Outcome = { kind: 'row', locator, key: eg, value, ...(flags.length === 0 ? {} : { flags }) };
  if (place.kind !== 'point') return [row];
  const point: FinessRecord = { kind: 'point', point: { eg: eg as FinessEg, ...place.point } };
  return [row, { kind: 'row', locator, key: finessKey(point), value: point }];
}

function establishmentOf(
  site: JsonObject,
  facts: JsonObject,
  address: JsonObject,
  eg: FinessEg,
  ej: FinessEj,
): Establishment {
  // `categorieEntiteGeographiqueExercice` in the draft.
  const category = textOf(
    site['categorieentiteGeographiqueExercice'] ?? site['categorieEntiteGeographiqueExercice'],
  );
  const [aggregate, categoryLabel] = CATEGORIES[category] ?? ['', ''];
  const cog = textOf(address['cogCommune']);
  const siret = textOf(facts['siret'] ?? site['siret']);
  return {
    eg,
    ej,
    name: neat(textOf(facts['nomEgeCourt'])) || neat(textOf(facts['nomEgeLong'])),
    longName: neat(textOf(facts['nomEgeLong'])) || null,
    complement: neat(textOf(facts['complementDenominationEg'])) || null,
    category,
    categoryLabel,
    aggregate,
    departement: departementOf(cog, textOf(address['codePostal'])),
    commune: /^[0-9][0-9AB][0-9]{3}$/.test(cog) ? cog.slice(2) : '',
    postalCode: textOf(address['codePostal']),
    town: neat(textOf(address['ligneAcheminement'])).replace(/ CEDEX(?: [0-9]{1,2})?$/, ''),
    address: streetOf(address),
    siret: isSiret(siret) ? siret : null,
    phone: phoneOf(site),
    openedOn: isoDay(facts['dateOuverture']),
    updatedOn: isoDay(site['dateDerniereMaj']),
  };
}

/** The geographic address (TRE_R377#03), wherever it stands; else the first one. */
function addressOf(site: JsonObject): JsonObject {
  const addresses = listOf(site['adresse']).map(objectOf);
  return addresses.find((each) => textOf(each['usageAdresse']) === '03') ?? addresses[0] ?? {};
}

function streetOf(address: JsonObject): string | null {
  const street =
    neat(textOf(address['ligneQuatre'])) ||
    ['numeroVoie', 'complementVoie', 'typeVoie', 'libelleVoie']
      .map((name) => neat(textOf(address[name])))
      .filter((part) => part !== '')
      .join(' ');
  const place = neat(textOf(address['lieuDit']));
  return [street, place].filter((part) => part !== '').join(', ') || null;
}

/** Digits of the first number of the first contact that has one: `0690291988/0590895757` holds two. E-mails are not read. */
function phoneOf(site: JsonObject): string | null {
  for (const contact of listOf(site['contact']).map(objectOf)) {
    const [first = ''] = textOf(objectOf(contact['telecom'])['telephone']).split(/[/;,]| - /);
    const digits = first.replace(/[^0-9]/g, '');
    if (digits.length === 10) return digits;
  }
  return null;
}

/** INSEE code: `2A`, `974`; of the commune, else of the postal code; '' when neither says. */
function departementOf(cog: string, postalCode: string): string {
  for (const code of [cog, postalCode]) {
    if (!/^[0-9][0-9AB][0-9]{3}$/.test(code)) continue;
    const found = readDepartement(code.startsWith('97') ? code.slice(0, 3) : code.slice(0, 2));
    if (found !== null) return found;
  }
  return '';
}

/** A value that no register holds, anywhere in what is read. */
function unusable(
  values: readonly (Json | undefined)[],
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
    const found = unusable(Object.values(value) as Json[]);
    if (found !== null) return found;
  }
  return null;
}

function numberFault(locator: Locator, field: string, number: string, key: string): AsideRow {
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

function unknownState(locator: Locator, eg: string, state: string): AsideRow {
  return {
    kind: 'aside',
    code: 'STATUS_UNKNOWN',
    locator,
    field: 'etatObjet',
    value: quoted(state),
    message: `L’état « ${quoted(state)} » n’est ni A (en service) ni I : on ne sait pas si l’établissement est ouvert.`,
    remedy: 'signalez l’élément au propriétaire de la source ; ce qu’on savait de l’établissement reste.',
    key: eg,
  };
}

function double(locator: Locator, repeated: FinessRecord): Outcome {
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

function categoryFlag(locator: Locator, category: string): RowFault {
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

function placeFlag(locator: Locator, why: string): RowFault {
  return {
    code: 'COORDINATES_DOUBTFUL',
    locator,
    field: 'coordonneesGeographique',
    message: `Les coordonnées sont douteuses (${why}) : l’établissement est gardé sans point.`,
    remedy: 'rien à faire pour les centres : seule la carte s’en passe.',
  };
}
