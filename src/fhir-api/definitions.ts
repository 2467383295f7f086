import { LABEL_LEVELS } from '../domain/centre.js';
import type { EuropeanNetwork } from '../domain/ern.js';
import type { Filiere } from '../domain/filiere.js';
import type { JsonObject } from '../domain/json.js';
import { CENTRE_EXTENSION, codeSystemUrl, LABEL_ROLES, structureUrl } from '../publish/extensions.js';
import { ENRICHED_ONLY, PARAMETERS } from '../publish/parameters.js';
import { ernsOf } from './closed-codes.js';

/** Definitions of our own that the API answers for: what the ROR cannot say, and how it is searched. */
export const definitionKinds = ['StructureDefinition', 'CodeSystem', 'SearchParameter'] as const;

interface Part {
  readonly name: string;
  readonly type: string;
  readonly min: 0 | 1;
  readonly max: '1' | '*';
  readonly text: string;
}

/** Parts of the extension, in the order in which they are written. */
export const CENTRE_PARTS: readonly Part[] = [
  {
    name: 'centre',
    type: 'string',
    min: 1,
    max: '1',
    text: 'Identifiant durable du centre chez filror (cmr_…).',
  },
  { name: 'filiere', type: 'Coding', min: 0, max: '1', text: 'Filière de santé maladies rares.' },
  {
    name: 'network',
    type: 'string',
    min: 0,
    max: '1',
    text: 'Réseau national du centre (acronyme du CRMR).',
  },
  {
    name: 'coordinator',
    type: 'Identifier',
    min: 0,
    max: '1',
    text: 'Numéro ROR de l’offre du centre coordonnateur du réseau, quand il est dans cette région.',
  },
  {
    name: 'label-role',
    type: 'Coding',
    min: 0,
    max: '1',
    text: 'Rôle du label : coordonnateur, constitutif, CRC, compétence.',
  },
  {
    name: 'label-campaign',
    type: 'code',
    min: 0,
    max: '1',
    text: 'Campagne de labellisation, comme la source la nomme.',
  },
  { name: 'ern', type: 'Coding', min: 0, max: '*', text: 'Réseau européen de référence de la filière.' },
  {
    name: 'source',
    type: 'string',
    min: 0,
    max: '*',
    text: 'Liste dont le fait est tiré (identifiant de la source).',
  },
  { name: 'source-date', type: 'date', min: 0, max: '1', text: 'Date du contenu de cette liste.' },
  { name: 'recorded', type: 'instant', min: 1, max: '1', text: 'Instant où le fait approuvé a été retenu.' },
];

/** The region's present lists. */
interface Lists {
  readonly filieres: readonly Filiere[];
  /** They name the networks whose codes the filières give. */
  readonly networks: readonly EuropeanNetwork[];
}

/** @returns null when we define nothing of that name */
export function definition(
  canonical: string,
  kind: (typeof definitionKinds)[number],
  id: string,
  lists: Lists,
): JsonObject | null {
  switch (kind) {
    case 'StructureDefinition':
      return id === CENTRE_EXTENSION ? centreDefinition(canonical) : null;
    case 'CodeSystem':
      return codeSystem(canonical, id, lists);
    case 'SearchParameter':
      return ENRICHED_ONLY.has(id) ? searchParameter(canonical, id) : null;
  }
}

function head(canonical: string, resourceType: string, id: string, title: string): JsonObject {
  return {
    resourceType,
    id,
    url: `${canonical}/${resourceType}/${id}`,
    version: '1.0.0',
    name: id
      .split('-')
      .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
      .join(''),
    title,
    status: 'active',
    experimental: false,
    date: '2026-11-22',
    publisher: 'filror',
  };
}

function centreDefinition(canonical: string): JsonObject {
  const type = (code: string) => `value${code.charAt(0).toUpperCase()}${code.slice(1)}`;
  return {
    ...head(
      canonical,
      'StructureDefinition',
      CENTRE_EXTENSION,
      'Centre de maladies rares porté par une offre',
    ),
    description:
      'Une fois par centre labellisé que porte l’offre : ce qu’aucun code du ROR ne dit, approuvé par la plateforme d’expertise maladies rares.',
    fhirVersion: '4.0.1',
    kind: 'complex-type',
    abstract: false,
    context: [{ type: 'element', expression: 'HealthcareService' }],
    type: 'Extension',
    baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Extension',
    derivation: 'constraint',
    differential: {
      element: [
        { id: 'Extension', path: 'Extension', min: 0, max: '*' },
        {
          id: 'Extension.extension',
          path: 'Extension.extension',
          slicing: { discriminator: [{ type: 'value', path: 'url' }], rules: 'open' },
        },
        ...CENTRE_PARTS.flatMap(({ name, type: code, min, max, text }) => {
          const id = `Extension.extension:${name}`;
          return [
            { id, path: 'Extension.extension', sliceName: name, short: text, min, max },
            { id: `${id}.url`, path: 'Extension.extension.url', fixedUri: name },
            {
              id: `${id}.value[x]`,
              path: 'Extension.extension.value[x]',
              short: type(code),
              min: 1,
              type: [{ code }],
            },
          ];
        }),
        { id: 'Extension.url', path: 'Extension.url', fixedUri: structureUrl(canonical) },
        { id: 'Extension.value[x]', path: 'Extension.value[x]', max: '0' },
      ],
    },
  };
}

const CODE_SYSTEMS = {
  filiere: 'Filières de santé maladies rares',
  ern: 'Réseaux européens de référence des filières',
  'label-role': 'Rôles d’un centre labellisé maladies rares',
} as const;

/** What a coding of the extension may say. Filières and their networks: those of the region's present list. */
function codeSystem(canonical: string, id: string, { filieres, networks }: Lists): JsonObject | null {
  if (id !== 'filiere' && id !== 'ern' && id !== 'label-role') return null;
  const concept: readonly JsonObject[] = {
    filiere: () => filieres.map(({ code, title }) => ({ code, display: title })),
    ern: () => ernsOf(filieres).map((code) => networkConcept(code, networks)),
    'label-role': () => LABEL_LEVELS.map((level) => ({ code: LABEL_ROLES[level], display: level })),
  }[id]();
  return {
    ...head(canonical, 'CodeSystem', id, CODE_SYSTEMS[id]),
    url: codeSystemUrl(canonical, id),
    caseSensitive: true,
    // No list was handed over in this region: nothing can be said of its codes.
    content: concept.length === 0 ? 'not-present' : 'complete',
    ...(concept.length === 0 ? {} : { count: concept.length, concept }),
  };
}

function networkConcept(code: string, networks: readonly EuropeanNetwork[]): JsonObject {
  const known = networks.find((each) => each.code === code);
  return known === undefined ? { code } : { code, display: known.name, definition: known.domain };
}

/** Ids of the definitions of one kind. */
export function definitionIds(kind: (typeof definitionKinds)[number]): readonly string[] {
  return {
    StructureDefinition: [CENTRE_EXTENSION],
    CodeSystem: Object.keys(CODE_SYSTEMS),
    SearchParameter: [...ENRICHED_ONLY],
  }[kind];
}

function searchParameter(canonical: string, code: string): JsonObject {
  const part =
    code === 'ern' || code === 'filiere' || code === 'label-role'
      ? '.value.ofType(Coding)'
      : '.value.ofType(code)';
  return {
    ...head(canonical, 'SearchParameter', code, PARAMETERS.HealthcareService[code]?.text ?? code),
    description: PARAMETERS.HealthcareService[code]?.text ?? code,
    code,
    base: ['HealthcareService'],
    type: 'token',
    expression: `HealthcareService.extension('${structureUrl(canonical)}').extension('${code}')${part}`,
  };
}
