import { isJsonObject, type Json, type JsonObject } from '../domain/json.js';
import { checkContact } from './validate-contacts.js';
import { isInstant, listOf, type OfferCheck } from './findings.js';
import { extensionsOf } from './keys.js';
import { EXTENSION_URLS, extensionName, type ExtensionName } from './urls.js';

/** Extensions allowed on the offer itself: `value[x]` expected (null: made of parts), and how many at most. */
const ON_OFFER: Partial<Record<ExtensionName, { readonly value: string | null; readonly max: 1 | '*' }>> = {
  'sensitive-unit': { value: 'valueBoolean', max: 1 },
  'patient-type': { value: null, max: 1 },
  'creation-date': { value: 'valueDateTime', max: 1 },
  questionnaire: { value: 'valueCanonical', max: 1 },
  'no-consent-habilitation': { value: 'valueBoolean', max: 1 },
  'psychiatric-sector': { value: 'valueString', max: '*' },
  'territorial-division': { value: null, max: '*' },
  contact: { value: null, max: '*' },
};
const MANDATORY: readonly (readonly [ExtensionName, string, string])[] = [
  ['sensitive-unit', 'OFFER_SENSITIVE_MISSING', 'L’offre ne dit pas si l’unité est sensible.'],
  ['patient-type', 'OFFER_PATIENT_TYPE_MISSING', 'L’offre ne dit pas quels patients elle reçoit.'],
  ['creation-date', 'OFFER_CREATION_DATE_MISSING', 'La date de création de la fiche manque.'],
];

/** Extensions of the offer: the three mandatory ones, no unknown one, each with the value it must have. */
export function checkExtensions(check: OfferCheck, offer: JsonObject): void {
  for (const [name, code, message] of MANDATORY) {
    if (extensionsOf(offer, EXTENSION_URLS[name]).length === 0) {
      check.fault(code, `extension[${name}]`, message, 'complétez la valeur : elle est obligatoire.');
    }
  }
  const counts = new Map<string, number>();
  for (const extension of listOf(offer, 'extension')) {
    const name = typeof extension['url'] === 'string' ? extensionName(extension['url']) : null;
    const rule = name === null ? undefined : ON_OFFER[name];
    if (name === null || rule === undefined) {
      check.fault(
        'OFFER_EXTENSION_UNKNOWN',
        'extension',
        `L’extension ${String(extension['url'])} n’est pas prévue par le profil de l’offre.`,
        'retirez-la.',
      );
      continue;
    }
    counts.set(name, (counts.get(name) ?? 0) + 1);
    checkValue(check, extension, name, rule.value);
    if (name === 'patient-type') checkPatientType(check, extension);
    if (name === 'contact') checkContact(check, extension);
    if (name === 'territorial-division') checkDivision(check, extension);
  }
  for (const [name, count] of counts) {
    if (count > 1 && ON_OFFER[name as ExtensionName]?.max === 1) {
      check.fault(
        'OFFER_EXTENSION_MANY',
        `extension[${name}]`,
        'Cette extension figure deux fois.',
        'gardez-en une.',
      );
    }
  }
}

/** FHIR rule ext-1: a value or parts, and the value of the right type. */
function checkValue(
  check: OfferCheck,
  extension: JsonObject,
  name: ExtensionName,
  value: string | null,
): void {
  const values = Object.keys(extension).filter((each) => /^value[A-Z]/.test(each));
  const parts = extension['extension'] !== undefined;
  const right = value === null ? values.length === 0 && parts : values.join() === value && !parts;
  const element = `extension[${name}]`;
  if (!right) {
    check.fault(
      'OFFER_EXTENSION_VALUE',
      element,
      `La valeur de ${element} n’est pas du type attendu (${value ?? 'sous-extensions'}).`,
      `écrivez ${value ?? 'ses sous-extensions'}.`,
    );
    return;
  }
  if (value === 'valueBoolean' && typeof extension[value] !== 'boolean') {
    check.fault('OFFER_BOOLEAN', element, 'La valeur n’est pas vrai ou faux.', 'écrivez true ou false.');
  }
  if (name === 'creation-date' && !isInstant(extension['valueDateTime'])) {
    check.fault(
      'OFFER_CREATION_DATE',
      element,
      `« ${String(extension['valueDateTime'])} » n’est pas une date avec heure et fuseau.`,
      'écrivez par exemple 2026-11-21T08:00:00+01:00.',
    );
  }
  if (name === 'questionnaire' && !String(extension['valueCanonical']).includes('|')) {
    check.fault(
      'OFFER_QUESTIONNAIRE_VERSION',
      element,
      'Le modèle de saisie n’a pas de version.',
      'écrivez <adresse>|<version>.',
    );
  }
}

function checkPatientType(check: OfferCheck, extension: JsonObject): void {
  const element = 'extension[patient-type].ageRange';
  for (const part of listOf(extension, 'extension')) {
    if (part['url'] === 'supportedPatientInfo') {
      check.concept('extension[patient-type].supportedPatientInfo', part['valueCodeableConcept'], [
        'TRE_R239',
      ]);
    } else if (part['url'] !== 'ageRange') unknownPart(check, 'extension[patient-type]', part);
  }
  const ranges = extensionsOf(extension, 'ageRange');
  const range = ranges[0]?.['valueRange'];
  if (
    ranges.length !== 1 ||
    !isJsonObject(range) ||
    !isJsonObject(range['low']) ||
    !isJsonObject(range['high'])
  ) {
    check.fault(
      'OFFER_AGE_RANGE',
      element,
      'La tranche d’âge manque, est double, ou n’a pas ses deux bornes.',
      'donnez une tranche avec l’âge le plus bas et le plus haut.',
    );
    return;
  }
  const [low, high] = [bound(check, element, range['low']), bound(check, element, range['high'])];
  if (low !== null && high !== null && low > high) {
    check.fault(
      'OFFER_AGE_ORDER',
      element,
      `L’âge le plus bas (${low}) dépasse le plus haut (${high}).`,
      'inversez ou corrigez les bornes.',
    );
  }
}

/** Years, whole, 0 to 150 (the guide's "no limit"). */
function bound(check: OfferCheck, element: string, quantity: JsonObject): number | null {
  const { value, system, code } = quantity;
  if (code !== 'a' || system !== check.codes.url('TRE_R247')) {
    check.fault(
      'OFFER_AGE_UNIT',
      element,
      'L’âge n’est pas en années (TRE_R247#a).',
      'donnez l’âge en années.',
    );
  }
  if (typeof value !== 'number' || value < 0 || value > 150) {
    check.fault(
      'OFFER_AGE_VALUE',
      element,
      `L’âge « ${String(value)} » est impossible.`,
      'donnez un âge de 0 à 150.',
    );
    return null;
  }
  return value;
}

function checkDivision(check: OfferCheck, extension: JsonObject): void {
  const element = 'extension[territorial-division]';
  const type = extensionsOf(extension, 'typeTerritorialDivision')[0];
  const code = extensionsOf(extension, 'codeTerritorialDivision')[0];
  if (type === undefined || code === undefined) {
    check.fault(
      'OFFER_DIVISION',
      element,
      'La zone d’intervention n’a pas son type ou son code.',
      'donnez les deux, ou retirez la zone.',
    );
    return;
  }
  const kind = check.concept(element, type['valueCodeableConcept'], ['TRE_R201']);
  if (kind !== null && kind !== '3') {
    check.fault(
      'OFFER_DIVISION_TYPE',
      element,
      'Le profil fixe le type de la zone à 3.',
      'utilisez TRE_R201#3.',
    );
  }
}

export function unknownPart(check: OfferCheck, element: string, part: JsonObject): void {
  const url: Json | undefined = part['url'];
  check.fault(
    'OFFER_PART_UNKNOWN',
    element,
    `La sous-extension « ${String(url)} » n’est pas prévue ici.`,
    'retirez-la.',
  );
}
