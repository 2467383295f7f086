import { PATCHABLE, TYPES, UPDATABLE } from './model.js';
import { INCLUDES, SEARCH_PARAMS } from './search-params.js';

/** CapabilityStatement of what this server really does. */
export function capabilityStatement(date: string): object {
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date,
    kind: 'instance',
    software: { name: 'filror sandbox' },
    implementation: { description: 'Bac à sable filror : un petit répertoire aux usages du ROR.' },
    fhirVersion: '4.0.1',
    format: ['application/fhir+json'],
    patchFormat: ['application/fhir+json'],
    rest: [
      {
        mode: 'server',
        security: { cors: false },
        resource: TYPES.map((type) => ({
          type,
          interaction: [
            'search-type',
            'read',
            'create',
            ...(PATCHABLE.includes(type) ? ['patch'] : []),
            ...(UPDATABLE.includes(type) ? ['update'] : []),
          ].map((code) => ({ code })),
          versioning: 'versioned',
          conditionalCreate: false,
          searchInclude: INCLUDES.filter(({ from }) => from === type).map(
            ({ from, name }) => `${from}:${name}`,
          ),
          searchRevInclude: INCLUDES.filter(({ to }) => to.includes(type)).map(
            ({ from, name }) => `${from}:${name}`,
          ),
          // The head of a chain is no parameter by itself.
          searchParam: Object.entries(SEARCH_PARAMS[type]).flatMap(([name, { kind }]) =>
            kind === 'reference' ? [] : [{ name, type: kind === 'content' ? 'string' : kind }],
          ),
        })),
        operation: [
          { name: 'export', definition: 'http://hl7.org/fhir/uv/bulkdata/OperationDefinition/export' },
        ],
      },
    ],
  };
}
