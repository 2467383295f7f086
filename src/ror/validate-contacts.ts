import type { JsonObject } from '../domain/json.js';
import { isJsonObject } from '../domain/json.js';
import { isDateTime, listOf, type OfferCheck } from './findings.js';
import { extensionsOf, valueOf } from './keys.js';
import { EXTENSION_URLS } from './urls.js';

const CHANNELS = ['TRE_R200', 'TRE_R256'];

/** One contact of the offer: visible to whom, of which nature, each telecom with channel, visibility and address. */
export function checkContact(check: OfferCheck, contact: JsonObject): void {
  const element = 'extension[contact]';
  const [level, ...levels] = extensionsOf(contact, EXTENSION_URLS['confidentiality-level']);
  single(check, element, levels);
  if (level === undefined) {
    check.fault(
      'OFFER_CONTACT_CONFIDENTIALITY',
      element,
      'Le contact ne dit pas à qui il est visible.',
      'choisissez grand public, professionnels ou régulation (TRE_R283).',
    );
  } else check.concept(element, level['valueCodeableConcept'], ['TRE_R283']);
  const [nature, ...natures] = extensionsOf(contact, 'purposeContact');
  single(check, element, natures);
  if (nature !== undefined) check.concept(element, nature['valueCodeableConcept'], ['TRE_R287']);
  const telecoms = extensionsOf(contact, EXTENSION_URLS['contact-telecom']);
  if (telecoms.length === 0) {
    check.fault(
      'OFFER_CONTACT_EMPTY',
      element,
      'Le contact n’a ni numéro ni adresse : il ne joint personne.',
      'ajoutez une coordonnée, ou retirez le contact.',
    );
  }
  for (const telecom of telecoms) {
    single(check, element, extensionsOf(telecom, 'telecomAddress').slice(1));
    checkTelecom(check, element, telecom, valueOf(telecom, 'telecomAddress'));
  }
  const known = new Set<unknown>([
    'name',
    'description',
    'purposeContact',
    EXTENSION_URLS['function-contact'],
    EXTENSION_URLS['confidentiality-level'],
    EXTENSION_URLS['contact-telecom'],
  ]);
  for (const part of listOf(contact, 'extension')) {
    if (known.has(part['url'])) continue;
    check.fault(
      'OFFER_CONTACT_PART',
      element,
      `La sous-extension « ${String(part['url'])} » n’est pas prévue dans un contact.`,
      'retirez-la.',
    );
  }
}

/** Boxes of the service (MSSanté). An offer that nobody can call is told, not refused (DESIGN 7). */
export function checkTelecoms(check: OfferCheck, offer: JsonObject): void {
  if (listOf(offer, 'telecom').length + extensionsOf(offer, EXTENSION_URLS.contact).length === 0) {
    check.warn(
      'OFFER_NO_CONTACT',
      'extension[contact]',
      'L’offre n’a ni numéro ni adresse : elle n’oriente personne.',
      'demandez au centre le numéro de son secrétariat ou sa boîte MSSanté.',
    );
  }
  for (const telecom of listOf(offer, 'telecom')) checkTelecom(check, 'telecom', telecom, telecom['value']);
}

function checkTelecom(check: OfferCheck, element: string, telecom: JsonObject, address: unknown): void {
  const [channel, ...channels] = extensionsOf(telecom, EXTENSION_URLS['telecom-channel']);
  single(check, element, channels);
  if (channel === undefined) {
    check.fault(
      'OFFER_TELECOM_CHANNEL',
      element,
      'Le canal (téléphone, MSSanté…) manque.',
      'choisissez le canal (TRE_R200).',
    );
  } else check.concept(element, channel['valueCodeableConcept'], CHANNELS);
  const [level, ...levels] = extensionsOf(telecom, EXTENSION_URLS['telecom-confidentiality']);
  single(check, element, levels);
  if (level === undefined) {
    check.fault(
      'OFFER_TELECOM_CONFIDENTIALITY',
      element,
      'La coordonnée ne dit pas à qui elle est visible.',
      'choisissez grand public, professionnels ou régulation (TRE_R283).',
    );
  } else check.concept(element, level['valueCodeableConcept'], ['TRE_R283']);
  if (typeof address !== 'string' || address.trim() === '') {
    check.fault('OFFER_TELECOM_ADDRESS', element, 'Le numéro ou l’adresse manque.', 'complétez-le.');
  }
}

/** Of two levels, two channels or two addresses a reader takes one, nobody knows which. */
function single(check: OfferCheck, element: string, others: readonly JsonObject[]): void {
  if (others.length === 0) return;
  check.fault(
    'OFFER_CONTACT_MANY',
    element,
    'Une même partie du contact est donnée plusieurs fois.',
    'gardez-en une : un contact par nature, une coordonnée par canal.',
  );
}

/** Hours: a day from 1 to 7, times hh:mm:ss, a known type. */
export function checkHours(check: OfferCheck, offer: JsonObject): void {
  for (const slot of listOf(offer, 'availableTime')) {
    const day = valueOf(slot, EXTENSION_URLS['time-day']);
    const days = slot['daysOfWeek'];
    if ((day !== undefined && !isDayNumber(day)) || (Array.isArray(days) && days.length > 1)) {
      check.fault(
        'OFFER_DAY',
        'availableTime',
        'Le jour n’est pas un seul jour de 1 à 7.',
        'un créneau par jour.',
      );
    }
    for (const name of ['availableStartTime', 'availableEndTime']) {
      const time = slot[name];
      if (time === undefined || /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/.test(String(time))) continue;
      check.fault(
        'OFFER_TIME',
        'availableTime',
        `« ${String(time)} » n’est pas une heure.`,
        'écrivez hh:mm:ss.',
      );
    }
    const type = extensionsOf(slot, EXTENSION_URLS['time-type'])[0];
    if (type !== undefined) check.concept('availableTime', type['valueCodeableConcept'], ['TRE_R252']);
  }
}

const isDayNumber = (day: unknown): boolean =>
  typeof day === 'number' && Number.isInteger(day) && day >= 1 && day <= 7;

/** Closure: one period at most, with the fixed id and description of the profile, start before end. */
export function checkClosure(check: OfferCheck, offer: JsonObject): void {
  const closures = listOf(offer, 'notAvailable');
  if (closures.length > 1) {
    check.fault('OFFER_CLOSURE_MANY', 'notAvailable', 'Il y a plusieurs fermetures.', 'gardez-en une.');
  }
  for (const closure of closures) {
    if (closure['id'] !== 'closingReopeningDate' || closure['description'] !== CLOSURE_DESCRIPTION) {
      check.fault(
        'OFFER_CLOSURE_SHAPE',
        'notAvailable',
        'La fermeture n’a pas l’identifiant ou la description que le profil fixe.',
        `écrivez id « closingReopeningDate » et description « ${CLOSURE_DESCRIPTION} ».`,
      );
    }
    const during = isJsonObject(closure['during']) ? closure['during'] : {};
    const { start, end } = during;
    if ([start, end].some((date) => date !== undefined && !isDateTime(date))) {
      check.fault(
        'OFFER_CLOSURE_DATE',
        'notAvailable',
        'Une date de fermeture est illisible.',
        'écrivez AAAA-MM-JJ.',
      );
    } else if (
      typeof start === 'string' &&
      typeof end === 'string' &&
      start.slice(0, 10) > end.slice(0, 10)
    ) {
      check.fault(
        'OFFER_CLOSURE_ORDER',
        'notAvailable',
        'La réouverture précède la fermeture.',
        'corrigez l’une des deux dates.',
      );
    }
  }
}

/** Description that the profile fixes on `notAvailable[closingReopeningDate]`. */
export const CLOSURE_DESCRIPTION = 'Période de fermeture et de réouverture prévisionnelle';
