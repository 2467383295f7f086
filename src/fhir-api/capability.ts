import type { JsonObject } from '../domain/json.js';
import type { FhirConfig } from '../config/schema/fhir.js';
import { ENRICHED_ONLY, PARAMETERS, type Parameter } from '../publish/parameters.js';
import { SERVED_TYPES, type ServedType } from '../publish/views.js';
import type { Asked, FhirContext } from './context.js';
import { definitionIds, definitionKinds } from './definitions.js';
import { namedBy } from './includes.js';

/** Practitioner and PractitionerRole are answered, empty, and not declared: nothing of them is ever served. */
const TYPES = SERVED_TYPES;

/** An error that a reader reports, as to the ROR; only who made a report reads it. */
const TASK: JsonObject = {
  type: 'Task',
  documentation: 'Signaler une erreur à la plateforme maladies rares ; un jeton est exigé.',
  interaction: [{ code: 'create' }, { code: 'read' }],
};

/** FHIR search parameter types (R4) of the kinds of the table. */
const KINDS: Readonly<Record<Parameter['kind'], string>> = {
  id: 'token',
  token: 'token',
  lastUpdated: 'date',
  date: 'date',
  string: 'string',
  content: 'string',
  number: 'number',
  quantity: 'quantity',
  reference: 'reference',
  special: 'special',
};

/** Generated from the table of search parameters: nothing is declared that is not searched, nor the reverse. */
export function capability(context: FhirContext, asked: Asked): JsonObject {
  const { base, region } = asked;
  return {
    resourceType: 'CapabilityStatement',
    url: `${asked.url}/metadata`,
    name: `Filror${base === 'fhir' ? 'Enrichi' : 'Ror'}${region.code}`,
    title: `Offre de santé maladies rares – ${region.name} (${base === 'fhir' ? 'enrichie' : 'telle que le ROR la dit'})`,
    status: 'active',
    date: '2026-11-22',
    kind: 'instance',
    software: { name: 'filror', version: context.software },
    implementation: {
      description: `Lecture de l’offre de santé de la région ${region.name}`,
      url: asked.url,
    },
    fhirVersion: '4.0.1',
    format: ['json', 'application/fhir+json'],
    rest: [
      {
        mode: 'server',
        documentation:
          'Un paramètre inconnu est refusé (400), sauf Prefer: handling=lenient. Une recherche est comptée jusqu’à 10 000 : au-delà, total est absent, demandez un export. Les textes sont comparés sans accents ni majuscules : par le début, ou n’importe où avec :contains ; :exact est refusé. Les professionnels ne sont jamais servis : une recherche de Practitioner ou de PractitionerRole, qu’un client du ROR fait d’ordinaire, répond vide.',
        security: { cors: false, description: security(context.config) },
        resource: [
          ...TYPES.map((type) => resource(type, asked)),
          ...definitionKinds.map(defined),
          // Whoever reports an error is answered: nobody can be without a token.
          ...(context.config.tokens === null ? [] : [TASK]),
        ],
        interaction: [{ code: 'history-system' }],
        searchParam: [
          { name: '_count', type: 'number' },
          { name: '_sort', type: 'special' },
          { name: '_total', type: 'special' },
          { name: '_elements', type: 'special' },
          { name: '_summary', type: 'special' },
        ],
        operation: [
          { name: 'export', definition: 'http://hl7.org/fhir/uv/bulkdata/OperationDefinition/export' },
        ],
      },
    ],
  };
}

function security({ public: open, tokens }: FhirConfig): string {
  if (tokens === null) return 'Lecture anonyme de ce qui est tout public ; aucun jeton n’est admis.';
  return open
    ? 'Lecture anonyme de ce qui est tout public ; un jeton d’accès OAuth2 (JWT) en montre plus.'
    : 'Jeton d’accès OAuth2 (JWT) exigé.';
}

/** Definitions of our own, read by their ids. */
function defined(kind: (typeof definitionKinds)[number]): JsonObject {
  return {
    type: kind,
    documentation: `À lire : ${definitionIds(kind)
      .map((id) => `${kind}/${id}`)
      .join(', ')}.`,
    interaction: [{ code: 'read' }],
  };
}

function resource(type: ServedType, { base }: Asked): JsonObject {
  const parameters = Object.entries(PARAMETERS[type]).filter(
    ([name]) => base === 'fhir' || !ENRICHED_ONLY.has(name),
  );
  const includes = parameters.flatMap(([name, { kind }]) =>
    kind === 'reference' ? [`${type}:${name}`] : [],
  );
  const back = namedBy(type);
  return {
    type,
    interaction: ['read', 'vread', 'search-type', 'history-type', 'history-instance'].map((code) => ({
      code,
    })),
    versioning: 'versioned',
    readHistory: true,
    conditionalRead: 'full-support',
    referencePolicy: ['literal'],
    ...(includes.length === 0 ? {} : { searchInclude: includes }),
    ...(back.length === 0 ? {} : { searchRevInclude: back }),
    searchParam: parameters.map(([name, parameter]) => ({
      name,
      type: KINDS[parameter.kind],
      documentation: parameter.text,
    })),
    operation: [{ name: 'export', definition: 'http://hl7.org/fhir/uv/bulkdata/OperationDefinition/export' }],
  };
}
