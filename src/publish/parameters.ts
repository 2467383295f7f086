import { isJsonObject, type Json, type JsonObject } from '../domain/json.js';
import { plain } from '../ror/body.js';
import { EXTENSION_URLS, ROR_EXTENSION } from '../ror/urls.js';
import { bounds } from './dates.js';
import { factsIn, type FACTS } from './extensions.js';
import type { ServedType } from './views.js';

/** A coded value as tokens see it; null is absent. */
export interface Token {
  readonly system: string | null;
  readonly code: string | null;
}

/** From and to, both included; null is open. Dates are seconds since 1970. */
export interface Range {
  readonly low: number | null;
  readonly high: number | null;
}

interface Documented {
  /** French, for the CapabilityStatement and the integrator's table. */
  readonly text: string;
}

/** How one search parameter reads a resource: one row of the ROR's table (api.md section 7), or one of ours. */
export type Parameter = Documented &
  (
    | { readonly kind: 'token'; readonly read: (resource: JsonObject) => readonly Token[] }
    | { readonly kind: 'string'; readonly read: (resource: JsonObject) => readonly string[] }
    | { readonly kind: 'date'; readonly read: (resource: JsonObject) => readonly Range[] }
    | { readonly kind: 'number' | 'quantity'; readonly read: (resource: JsonObject) => readonly Range[] }
    | {
        readonly kind: 'reference';
        readonly target: ServedType;
        readonly read: (resource: JsonObject) => readonly string[];
      }
    | { readonly kind: 'special'; readonly special: 'near' | 'near-insee-code' }
    | { readonly kind: 'id' | 'lastUpdated' | 'content' }
  );

export type SearchedType = ServedType | 'Practitioner' | 'PractitionerRole';

const token = (text: string, ...path: readonly string[]): Parameter => ({
  kind: 'token',
  text,
  read: (resource) => codings(at(resource, path)),
});
const string = (text: string, ...paths: readonly (readonly string[])[]): Parameter => ({
  kind: 'string',
  text,
  read: (resource) => paths.flatMap((path) => texts(at(resource, path))),
});
const coded = (text: string, ...urls: readonly string[]): Parameter => ({
  kind: 'token',
  text,
  read: (resource) => extended(resource, urls).flatMap((extension) => codings(valuesOf(extension))),
});
const numbered = (text: string, kind: 'number' | 'quantity', ...urls: readonly string[]): Parameter => ({
  kind,
  text,
  read: (resource) => extended(resource, urls).flatMap((extension) => valuesOf(extension).flatMap(amounts)),
});
const dated = (text: string, ...urls: readonly string[]): Parameter => ({
  kind: 'date',
  text,
  read: (resource) => extended(resource, urls).flatMap((extension) => valuesOf(extension).flatMap(periods)),
});
const reference = (text: string, target: ServedType, name: string): Parameter => ({
  kind: 'reference',
  text,
  target,
  read: (resource) => references(at(resource, [name])),
});

const COMMON: Readonly<Record<string, Parameter>> = {
  _id: { kind: 'id', text: 'Identifiant technique.' },
  _lastUpdated: { kind: 'lastUpdated', text: 'Instant de la dernière modification servie.' },
  _tag: token('Région source (TRE_R30).', 'meta', 'tag'),
  identifier: {
    kind: 'token',
    text: 'Identifiant fonctionnel.',
    read: (resource) =>
      objects(at(resource, ['identifier'])).map((identifier) => ({
        system: text(identifier['system']),
        code: text(identifier['value']),
      })),
  },
};

const CAPACITY = `${ROR_EXTENSION}ror-location-supported-capacity`;
const EQUIPMENT = `${ROR_EXTENSION}ror-location-equipment`;
const LIMIT = `${ROR_EXTENSION}ror-location-equipment-limit`;
const RESIDENTIAL = `${ROR_EXTENSION}ror-location-residential-capacity`;
const PRICE = `${ROR_EXTENSION}ror-organization-price`;
const PATIENT = EXTENSION_URLS['patient-type'];

/** The ROR's own wrong expressions are not followed: each row reads where the data is (api.md section 7, last point). */
export const PARAMETERS: Readonly<Record<SearchedType, Readonly<Record<string, Parameter>>>> = {
  HealthcareService: {
    ...COMMON,
    name: string('Nom de l’offre, par le début, sans accents.', ['name']),
    'service-category': token('Type d’offre (TRE_R244).', 'category'),
    'service-type': token('Champ d’activité (TRE_R227).', 'type'),
    characteristic: token('Toute caractéristique, quelle que soit la liste.', 'characteristic'),
    specialty: token('Activité opérationnelle (TRE_R211) et autres spécialités.', 'specialty'),
    'age-range-high': {
      kind: 'quantity',
      text: 'Âge le plus haut pris en charge, en années.',
      read: (resource) => ages(resource, 'high'),
    },
    'age-range-low': {
      kind: 'quantity',
      text: 'Âge le plus bas pris en charge, en années.',
      read: (resource) => ages(resource, 'low'),
    },
    'intervention-zone': coded(
      'Commune ou territoire desservi.',
      EXTENSION_URLS['territorial-division'],
      'codeTerritorialDivision',
    ),
    'patient-type': coded('Public pris en charge (TRE_R239).', PATIENT, 'supportedPatientInfo'),
    'psychiatric-sector': {
      kind: 'string',
      text: 'Secteur de psychiatrie.',
      read: (resource) =>
        extended(resource, [EXTENSION_URLS['psychiatric-sector']]).flatMap((extension) =>
          texts(valuesOf(extension)),
        ),
    },
    'notavailable-closing-reopeningdate': {
      kind: 'date',
      text: 'Période de fermeture (notAvailable.during).',
      read: (resource) => at(resource, ['notAvailable', 'during']).flatMap(periods),
    },
    organization: reference(
      'Établissement qui porte l’offre : chaînage organization.…, inclusion.',
      'Organization',
      'providedBy',
    ),
    location: reference('Lieux de l’offre : chaînage location.…, inclusion.', 'Location', 'location'),
    filiere: fact('Filière de santé maladies rares (acronyme) ; base enrichie.', 'filiere'),
    ern: fact('Réseau européen de référence ; base enrichie.', 'ern'),
    'label-role': fact(
      'Rôle du label : CRMR-coordonnateur, CRMR-constitutif, CRC, CCMR ; base enrichie.',
      'label-role',
    ),
    'label-campaign': fact('Campagne de labellisation (année) ; base enrichie.', 'label-campaign'),
  },
  Organization: {
    ...COMMON,
    _content: { kind: 'content', text: 'Texte présent dans la ressource, sans accents.' },
    name: string('Nom, ou nom d’usage, par le début, sans accents.', ['name'], ['alias']),
    type: token('Type de structure : catégorie, statut, organisation interne.', 'type'),
    partof: reference('Structure de rattachement : inclusion.', 'Organization', 'partOf'),
    'closing-type': coded('Type de fermeture (TRE_R286).', `${ROR_EXTENSION}ror-organization-closing-type`),
    'drop-zone': coded(
      'Zone de poser d’hélicoptère (true, false).',
      `${ROR_EXTENSION}ror-organization-drop-zone`,
    ),
    'period-end': {
      kind: 'date',
      text: 'Date de fermeture (organization-period, fin).',
      read: (resource) =>
        extended(resource, ['http://hl7.org/fhir/StructureDefinition/organization-period'])
          .flatMap(valuesOf)
          .flatMap((period) => (isJsonObject(period) ? instants(period['end']) : [])),
    },
    'price-amount-value': numbered('Montant d’un tarif.', 'number', PRICE, 'amount'),
    'price-dependency-level': coded('Groupe de dépendance d’un tarif.', PRICE, 'dependencyLevel'),
    'price-residential-type': coded('Type d’habitation d’un tarif.', PRICE, 'residentialType'),
    'price-type': coded('Type de tarif (TRE_R246).', PRICE, 'priceType'),
    'price-unit': coded('Unité d’un tarif (TRE_R228).', PRICE, 'priceUnit'),
    'price-validity-start-date': dated('Début de validité d’un tarif.', PRICE, 'startDate'),
    'price-welcome-type': coded('Temporalité d’accueil d’un tarif.', PRICE, 'welcomeType'),
    'special-price': coded('Condition tarifaire.', PRICE, 'specialPrice'),
  },
  Location: {
    ...COMMON,
    type: token('Fonction du lieu (TRE_R343).', 'type'),
    near: {
      kind: 'special',
      special: 'near',
      text: 'Autour d’un point : latitude|longitude|distance|unité (km, m).',
    },
    'near-insee-code': {
      kind: 'special',
      special: 'near-insee-code',
      text: 'Autour d’une commune : code INSEE|distance|unité (km, m).',
    },
    status: token('Statut FHIR du lieu.', 'status'),
    'operational-status': token('Statut du lieu (TRE_R203).', 'operationalStatus'),
    'address-postalcode': string('Code postal, par le début : 76 = le département.', [
      'address',
      'postalCode',
    ]),
    'address-city': string('Localité, par le début.', ['address', 'city']),
    'commune-cog': coded('Commune (TRE_R13).', `${ROR_EXTENSION}ror-commune-cog`),
    'capacity-status': coded('Statut d’une capacité (TRE_R330).', CAPACITY, 'capacityStatus'),
    'nb-capacity': numbered('Nombre de lits ou places d’une capacité.', 'number', CAPACITY, 'nbCapacity'),
    'additional-bed-type': coded('Type de lit supplémentaire (TRE_R334).', CAPACITY, 'additionalBedType'),
    'capacity-closing-type': coded(
      'Type de fermeture d’une capacité (TRE_R333).',
      CAPACITY,
      'capacityClosingType',
    ),
    'capacity-type': coded('Nature d’une capacité (TRE_R329).', CAPACITY, 'capacityType'),
    'capacity-update-date': dated('Mise à jour d’une capacité.', CAPACITY, 'capacityUpdateDate'),
    'crisis-type': coded('Type de crise (TRE_R336).', CAPACITY, 'crisisType'),
    'gender-capacity-available': coded(
      'Genre d’une capacité (TRE_R332).',
      CAPACITY,
      'genderCapacityAvailable',
    ),
    'temporality-capacity': coded('Temporalité d’une capacité (TRE_R331).', CAPACITY, 'temporalityCapacity'),
    'temporary-assignement': coded('Affectation temporaire (TRE_R337).', CAPACITY, 'temporaryAssignement'),
    'equipment-type': coded('Équipement spécifique.', EQUIPMENT, 'equipmentType'),
    'equipment-feature': coded(
      'Caractéristique d’un équipement (TRE_R340).',
      EQUIPMENT,
      LIMIT,
      'equipmentFeature',
    ),
    'limit-value': numbered('Valeur limite d’un équipement.', 'quantity', EQUIPMENT, LIMIT, 'limitValue'),
    'residential-number': numbered('Nombre d’habitations.', 'number', RESIDENTIAL, 'residentialNumber'),
    'residential-type': coded('Type d’habitation.', RESIDENTIAL, 'residentialType'),
  },
  // Never mirrored: their searches find nothing, so that a client's usual includes go through.
  Practitioner: COMMON,
  PractitionerRole: {
    ...COMMON,
    service: { ...reference('Offre : inclusion inverse.', 'HealthcareService', 'healthcareService') },
    practitioner: { kind: 'token', text: 'Professionnel : inclusion.', read: () => [] },
  },
};

/** Parameters of the enriched base only: the plain one says nothing of them. */
export const ENRICHED_ONLY: ReadonlySet<string> = new Set(['filiere', 'ern', 'label-role', 'label-campaign']);

function fact(description: string, name: (typeof FACTS)[number]): Parameter {
  return { kind: 'token', text: description, read: (resource) => factsIn(resource, name) };
}

/** Values at a path of names; lists are walked through. */
function at(value: Json | undefined, path: readonly string[]): readonly Json[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return (value as Json[]).flatMap((item) => at(item, path));
  const [name, ...rest] = path;
  if (name === undefined) return [value];
  return isJsonObject(value) ? at(value[name], rest) : [];
}

/** Extensions at a path of URLs, each one level below the former. */
function extended(owner: JsonObject, urls: readonly string[]): readonly JsonObject[] {
  const [url, ...rest] = urls;
  if (url === undefined) return [owner];
  return objects(at(owner, ['extension']))
    .filter((extension) => extension['url'] === url)
    .flatMap((extension) => extended(extension, rest));
}

function valuesOf(extension: JsonObject): readonly Json[] {
  return Object.entries(extension).flatMap(([name, value]) =>
    name.startsWith('value') ? [plain(value)] : [],
  );
}

function objects(values: readonly Json[]): readonly JsonObject[] {
  return values.filter(isJsonObject);
}

function text(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

function texts(values: readonly Json[]): readonly string[] {
  return values.filter((value) => typeof value === 'string');
}

/** Codings of concepts, codings themselves, codes and booleans: what a token parameter matches. */
function codings(values: readonly Json[]): readonly Token[] {
  return values.flatMap((value): readonly Token[] => {
    if (typeof value === 'string' || typeof value === 'boolean')
      return [{ system: null, code: String(value) }];
    if (Array.isArray(value)) return codings(value as Json[]);
    if (!isJsonObject(value)) return [];
    if (value['coding'] !== undefined) return codings(at(value, ['coding']));
    return [{ system: text(value['system']), code: text(value['code']) }];
  });
}

/** Numbers, quantities and sums of money. */
function amounts(value: Json): readonly Range[] {
  const amount = plain(isJsonObject(value) ? (value['value'] ?? null) : value);
  return typeof amount === 'number' ? [{ low: amount, high: amount }] : [];
}

/** A bound of the age range, in years: units other than `a` cannot be compared and are not found. */
function ages(resource: JsonObject, bound: 'low' | 'high'): readonly Range[] {
  return extended(resource, [PATIENT, 'ageRange'])
    .flatMap((extension) => objects(valuesOf(extension)))
    .flatMap((range) => objects(at(range, [bound])))
    .filter((quantity) => quantity['code'] === undefined || quantity['code'] === 'a')
    .flatMap(amounts);
}

function periods(value: Json): readonly Range[] {
  if (!isJsonObject(value)) return instants(value);
  const [start] = instants(value['start']);
  const [end] = instants(value['end']);
  if (start === undefined && end === undefined) return [];
  return [{ low: start?.low ?? null, high: end?.high ?? null }];
}

function instants(value: Json | undefined): readonly Range[] {
  const found = typeof value === 'string' ? bounds(value) : null;
  return found === null ? [] : [found];
}

/** `Organization/12`, whatever the server puts before; identifiers in place of references point nowhere. */
function references(values: readonly Json[]): readonly string[] {
  return objects(values).flatMap((value) => {
    const found = /(?:^|\/)([A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64})(?:\/_history\/[^/]+)?$/.exec(
      text(value['reference']) ?? '',
    );
    return found?.[1] === undefined ? [] : [found[1]];
  });
}
