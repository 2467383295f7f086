import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PARAMETERS } from '../../src/publish/parameters.js';
import { openFhirWorld, type FhirWorld } from '../support/fhir-world.js';

/** What the API says of itself is what it does: each definition that is listed is read, each type listed is served. */
let world: FhirWorld;
beforeAll(async () => {
  world = await openFhirWorld();
});
afterAll(() => world.close());

interface Rest {
  readonly security: { readonly description: string };
  readonly resource: readonly {
    readonly type: string;
    readonly documentation?: string;
    readonly interaction: readonly { readonly code: string }[];
  }[];
}

const restOf = async (of: FhirWorld): Promise<Rest> =>
  ((await of.get('/fhir/28/metadata')).body['rest'] as never as Rest[])[0] as Rest;

describe('the CapabilityStatement', () => {
  it('lists definitions that are all read, under their own ids', async () => {
    const { resource } = await restOf(world);
    const listed = resource.filter(({ type }) => !(type in PARAMETERS));
    expect(listed.map(({ type }) => type)).toEqual(['StructureDefinition', 'CodeSystem', 'SearchParameter']);
    const ids = listed.flatMap(({ documentation = '' }) => documentation.match(/[A-Z]\w+\/[a-z-]+/g) ?? []);
    expect(ids).toHaveLength(8);
    for (const id of ids) {
      const { status, body } = await world.get(`/fhir/28/${id}`);
      expect([status, `${String(body['resourceType'])}/${String(body['id'])}`]).toEqual([200, id]);
    }
  });

  it('names no professional, and no token where none is admitted', async () => {
    const open = await restOf(world);
    expect(open.resource.map(({ type }) => type)).not.toContain('Practitioner');
    expect(open.resource.map(({ type }) => type)).not.toContain('Task');
    expect(open.security.description).toContain('aucun jeton n’est admis');
    const both = await openFhirWorld({
      config: {
        tokens: {
          issuer: 'https://jetons.example',
          jwksUrl: 'https://jetons.example/jwks',
          audience: 'lecture',
        },
      },
    });
    try {
      const { resource, security } = await restOf(both);
      expect(resource.map(({ type }) => type)).toContain('Task');
      expect(security.description).toContain('OAuth2');
    } finally {
      await both.close();
    }
  });
});

describe('our code systems', () => {
  it('say the filières, and the networks tied to them, of the region’s present list', async () => {
    const filieres = await world.get('/fhir/28/CodeSystem/filiere');
    expect(filieres.body).toMatchObject({
      url: 'https://filror.example/fhir/CodeSystem/filiere',
      content: 'complete',
      count: 3,
    });
    expect(filieres.body['concept']).toContainEqual({ code: 'FIMARAD', display: 'Filière d’essai' });
    expect((await world.get('/ror/28/CodeSystem/ern')).body['concept']).toEqual([
      { code: 'ERN-EYE' },
      { code: 'ERN-RND', display: 'Réseau d’essai', definition: 'rare trial diseases' },
      { code: 'ERN-SKIN', display: 'Deuxième réseau d’essai', definition: 'rare trial skins' },
    ]);
    expect((await world.get('/fhir/28/CodeSystem/label-role')).body['count']).toBe(4);
  });
});
