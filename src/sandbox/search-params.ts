import { bodiesOf, codingsOf, referenceOf, textOf, type Body, asList } from './body.js';
import { EXT, type TypeName } from './model.js';

/**
 * How one search parameter reads a resource. `reference` is the head of a chain to resources of type `target`, and
 * nothing alone: that is all that the ROR declares of it.
 */
export type SearchParam =
  | { readonly kind: 'token'; readonly read: (body: Body) => readonly Token[] }
  | { readonly kind: 'string'; readonly read: (body: Body) => readonly string[] }
  | { readonly kind: 'date' }
  /** Full text: the words of the resource as it is answered. */
  | { readonly kind: 'content' }
  | {
      readonly kind: 'reference';
      readonly target: TypeName;
      readonly read: (body: Body) => readonly string[];
    };

export interface Token {
  readonly system: string | null;
  readonly code: string | null;
}

const codings =
  (element: string) =>
  (body: Body): readonly Token[] =>
    codingsOf(body[element]);

const strings = (values: readonly (string | null)[]) => values.filter((value) => value !== null);

const COMMON: Readonly<Record<string, SearchParam>> = {
  _id: { kind: 'token', read: (body) => [{ system: null, code: textOf(body['id']) }] },
  _lastUpdated: { kind: 'date' },
  _tag: { kind: 'token', read: (body) => bodiesOf(body['meta']).flatMap((meta) => codingsOf(meta['tag'])) },
  identifier: {
    kind: 'token',
    read: (body) =>
      bodiesOf(body['identifier']).map((identifier) => ({
        system: textOf(identifier['system']),
        code: textOf(identifier['value']),
      })),
  },
};

/**
 * The parameters of the ROR table (api.md, section 7) that a reconciliation needs, and the heads of its chains. Any
 * other parameter is refused, never ignored: an ignored parameter answers the whole region.
 */
export const SEARCH_PARAMS: Readonly<Record<TypeName, Readonly<Record<string, SearchParam>>>> = {
  HealthcareService: {
    ...COMMON,
    name: { kind: 'string', read: (body) => strings([textOf(body['name'])]) },
    'service-category': { kind: 'token', read: codings('category') },
    'service-type': { kind: 'token', read: codings('type') },
    specialty: { kind: 'token', read: codings('specialty') },
    characteristic: { kind: 'token', read: codings('characteristic') },
    organization: {
      kind: 'reference',
      target: 'Organization',
      read: (body) => strings([referenceOf(body['providedBy'])]),
    },
    location: {
      kind: 'reference',
      target: 'Location',
      read: (body) => strings(asList(body['location']).map(referenceOf)),
    },
  },
  Organization: {
    ...COMMON,
    name: {
      kind: 'string',
      read: (body) => strings([textOf(body['name']), ...asList(body['alias']).map(textOf)]),
    },
    type: { kind: 'token', read: codings('type') },
    _content: { kind: 'content' },
  },
  Practitioner: { ...COMMON },
  PractitionerRole: {
    ...COMMON,
    service: {
      kind: 'reference',
      target: 'HealthcareService',
      read: (body) => strings(asList(body['healthcareService']).map(referenceOf)),
    },
    practitioner: {
      kind: 'reference',
      target: 'Practitioner',
      read: (body) => strings([referenceOf(body['practitioner'])]),
    },
  },
  // The ROR declares these two alone for Task.
  Task: {
    _id: { kind: 'token', read: (body) => [{ system: null, code: textOf(body['id']) }] },
    _content: { kind: 'content' },
  },
  Location: {
    ...COMMON,
    type: { kind: 'token', read: codings('type') },
    status: { kind: 'token', read: (body) => [{ system: null, code: textOf(body['status']) }] },
    'operational-status': { kind: 'token', read: codings('operationalStatus') },
    'address-postalcode': {
      kind: 'string',
      read: (body) => strings(bodiesOf(body['address']).map((address) => textOf(address['postalCode']))),
    },
    'address-city': {
      kind: 'string',
      read: (body) => strings(bodiesOf(body['address']).map((address) => textOf(address['city']))),
    },
    'commune-cog': {
      kind: 'token',
      read: (body) =>
        bodiesOf(body['extension'])
          .filter((extension) => extension['url'] === `${EXT}ror-commune-cog`)
          .flatMap((extension) => codingsOf(extension['valueCodeableConcept'])),
    },
  },
};

/** A path along which `_include` and `_revinclude` go; `partof` and `focus` are paths only. */
export interface Include {
  readonly from: TypeName;
  readonly name: string;
  readonly to: readonly TypeName[];
  readonly read: (body: Body) => readonly string[];
}

const references =
  (element: string) =>
  (body: Body): readonly string[] =>
    strings(asList(body[element]).map(referenceOf));

export const INCLUDES: readonly Include[] = [
  {
    from: 'HealthcareService',
    name: 'organization',
    to: ['Organization'],
    read: references('providedBy'),
  },
  { from: 'HealthcareService', name: 'location', to: ['Location'], read: references('location') },
  { from: 'Organization', name: 'partof', to: ['Organization'], read: references('partOf') },
  {
    from: 'PractitionerRole',
    name: 'service',
    to: ['HealthcareService'],
    read: references('healthcareService'),
  },
  { from: 'PractitionerRole', name: 'practitioner', to: ['Practitioner'], read: references('practitioner') },
  {
    from: 'Task',
    name: 'focus',
    to: ['HealthcareService', 'Organization', 'Location', 'PractitionerRole', 'Practitioner'],
    read: references('focus'),
  },
];
