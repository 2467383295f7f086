/** Canonical base of the extensions of `ans.fhir.fr.ror` 0.7.0. */
export const ROR_EXTENSION = 'https://interop.esante.gouv.fr/ig/fhir/ror/StructureDefinition/';

/** Extensions that an offer (profile `ror-healthcareservice` 0.7.0) uses, by the short name that keys and texts show. */
export const EXTENSION_URLS = {
  'sensitive-unit': `${ROR_EXTENSION}ror-healthcareservice-sensitive-unit`,
  'patient-type': `${ROR_EXTENSION}ror-healthcareservice-patient-type`,
  contact: `${ROR_EXTENSION}ror-healthcareservice-contact`,
  'contact-telecom': `${ROR_EXTENSION}ror-healthcareservice-contact-telecom`,
  'no-consent-habilitation': `${ROR_EXTENSION}ror-healthcareservice-no-consent-habilitation`,
  'psychiatric-sector': `${ROR_EXTENSION}ror-healthcareservice-psychiatric-sector`,
  'territorial-division': `${ROR_EXTENSION}ror-territorial-division`,
  'creation-date': `${ROR_EXTENSION}ror-meta-creation-date`,
  questionnaire: `${ROR_EXTENSION}ror-meta-questionnaire-used-as-a-template`,
  'act-type': `${ROR_EXTENSION}ror-act-type`,
  'confidentiality-level': `${ROR_EXTENSION}ror-confidentiality-level`,
  'function-contact': `${ROR_EXTENSION}ror-contact-function-contact`,
  'telecom-channel': `${ROR_EXTENSION}ror-telecom-communication-channel`,
  'telecom-confidentiality': `${ROR_EXTENSION}ror-telecom-confidentiality-level`,
  'telecom-usage': `${ROR_EXTENSION}ror-telecom-usage`,
  'time-type': `${ROR_EXTENSION}ror-available-time-type-of-time`,
  'time-day': `${ROR_EXTENSION}ror-available-time-number-days-of-week`,
  'time-dates': `${ROR_EXTENSION}ror-available-time-effective-opening-closing-date`,
} as const;
export type ExtensionName = keyof typeof EXTENSION_URLS;

const NAMES = new Map<string, string>(Object.entries(EXTENSION_URLS).map(([name, url]) => [url, name]));

/** Short name of an extension, or null for one that the profile does not use. */
export function extensionName(url: string): ExtensionName | null {
  return (NAMES.get(url) ?? null) as ExtensionName | null;
}

const NOS_SYSTEM = /^https:\/\/mos\.esante\.gouv\.fr\/NOS\/((?:TRE|JDV)_[A-Z][0-9]+)-[^/]+\/FHIR\//;

/** `TRE_R344` for a NOS system; null for any other. */
export function shortSystem(url: string): string | null {
  const known = shortNames.get(url);
  if (known !== undefined) return known;
  const short = NOS_SYSTEM.exec(url)?.[1] ?? null;
  if (short !== null && shortNames.size < MAX_REMEMBERED) shortNames.set(url, short);
  return short;
}

/** The few dozen NOS systems, remembered; bounded, since a resource of others may hold any text. */
const shortNames = new Map<string, string>();
const MAX_REMEMBERED = 256;
