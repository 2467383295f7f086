import { Client, type FhirResource } from 'fhir-kit-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.js';
import { trialOffer } from '../../src/sandbox/seed.js';
import { rawToken, ROR_HEADERS } from '../support/raw-fhir.js';
import { CAEN, trialRegion } from '../support/trial-region.js';

let sandbox: Sandbox;
let client: Client;

beforeAll(async () => {
  sandbox = await startSandbox({ seed: trialRegion() });
  client = new Client({
    baseUrl: sandbox.fhirBase,
    bearerToken: await rawToken(sandbox),
    customHeaders: ROR_HEADERS,
  });
});
afterAll(() => sandbox.close());

const resourceType = 'HealthcareService';
type Page = FhirResource & {
  link: { relation: string; url: string }[];
  entry: { resource: FhirResource & { id: string } }[];
};
const ids = (page: Page) => page.entry.map(({ resource }) => resource.id);

describe('a third-party client (fhir-kit-client) against the sandbox', () => {
  it('reads the CapabilityStatement and a resource', async () => {
    expect((await client.capabilityStatement()).resourceType).toBe('CapabilityStatement');
    const offer = await client.read({ resourceType, id: 'derm-caen' });
    expect(offer).toMatchObject({ resourceType, id: 'derm-caen' });
  });

  it('searches and follows the next link', async () => {
    const first = (await client.search({
      resourceType,
      searchParams: { _count: 1, 'service-category': '154' },
    })) as Page;
    expect(ids(first)).toEqual(['derm-caen']);
    const second = (await client.nextPage({ bundle: first })) as Page;
    expect(ids(second)).toEqual(['derm-rouen']);
    expect(client.nextPage({ bundle: second })).toBeUndefined();
  });

  it('creates, updates, and patches through a raw request (its own patch is JSON Patch, which the ROR does not take)', async () => {
    const offer = trialOffer({ id: 'x', identifier: 'x', label: 'neuve', site: CAEN });
    const created = await client.create({ resourceType, body: { ...offer, resourceType } });
    const { response } = Client.httpFor(created);
    expect(response?.status).toBe(201);
    const id = String(created['id']);
    expect(response?.headers.get('location')).toContain(`/HealthcareService/${id}/_history/1`);
    const updated = await client.update({ resourceType, id, body: { ...created, comment: 'deux' } });
    expect(updated).toMatchObject({ id, comment: 'deux', meta: { versionId: '2' } });
    const part = [
      { name: 'type', valueCode: 'replace' },
      { name: 'path', valueString: 'HealthcareService.comment' },
      { name: 'value', valueString: 'trois' },
    ];
    const patched = await client.request(`${resourceType}/${id}`, {
      method: 'PATCH',
      options: { headers: { 'Content-Type': 'application/fhir+json' } },
      body: { resourceType: 'Parameters', parameter: [{ name: 'operation', part }] },
    });
    expect(patched).toMatchObject({ id, comment: 'trois', meta: { versionId: '3' } });
    const jsonPatch = [{ op: 'replace' as const, path: '/comment', value: 'quatre' }];
    await expect(client.patch({ resourceType, id, jsonPatch })).rejects.toMatchObject({
      response: { status: 415 },
    });
  });

  it('gets every failure as an OperationOutcome', async () => {
    await expect(client.read({ resourceType, id: 'absente' })).rejects.toMatchObject({
      response: { status: 404, data: { resourceType: 'OperationOutcome' } },
    });
    await expect(client.delete({ resourceType, id: 'derm-caen' })).rejects.toMatchObject({
      response: { status: 405, data: { resourceType: 'OperationOutcome' } },
    });
  });
});
