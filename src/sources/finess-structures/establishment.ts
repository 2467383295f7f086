import type { Establishment } from '../../domain/establishment.js';
import { isSiret } from '../../domain/finess.js';
import type { FinessEg, FinessEj } from '../../domain/ids.js';
import type { JsonObject } from '../../domain/json.js';
import { readDepartement } from '../../normalise/departements.js';
import { readDay } from '../reading/content-date.js';
import { listOf, objectOf, textOf } from '../reading/json-values.js';
import { neat } from '../reading/mend.js';
import { CATEGORIES } from './categories.js';

/** An open site as the register knows it. `facts`: its `informationsGeneralesEGE`. */
export function establishmentOf(
  site: JsonObject,
  facts: JsonObject,
  address: JsonObject,
  eg: FinessEg,
  ej: FinessEj,
): Establishment {
  const category = categoryOf(site);
  const [aggregate, categoryLabel] = (isKnownCategory(category) ? CATEGORIES[category] : null) ?? ['', ''];
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
    openedOn: readDay(facts['dateOuverture']).day,
    updatedOn: readDay(site['dateDerniereMaj']).day,
  };
}

/** TRE_R397; `categorieEntiteGeographiqueExercice` in the draft. */
export function categoryOf(site: JsonObject): string {
  return textOf(site['categorieentiteGeographiqueExercice'] ?? site['categorieEntiteGeographiqueExercice']);
}

/** `constructor` is none. */
export function isKnownCategory(category: string): boolean {
  return Object.hasOwn(CATEGORIES, category);
}

/** Of TRE_R377. */
export const GEOGRAPHIC = '03';

/** The geographic address, wherever it stands; else the first one; null when there is none. */
export function addressOf(site: JsonObject): JsonObject | null {
  const addresses = listOf(site['adresse']).map(objectOf);
  return addresses.find((each) => textOf(each['usageAdresse']) === GEOGRAPHIC) ?? addresses[0] ?? null;
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
