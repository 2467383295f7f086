import FHIR from 'fhirclient';
import { Client } from 'fhir-kit-client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { trialOffer } from '../../src/sandbox/seed.js';
import { trialDirectory } from '../support/fhir-directory.js';
import { matchesOf, openFhirWorld, type FhirWorld } from '../support/fhir-world.js';
import { CAEN, ROUEN } from '../support/trial-region.js';

/** Third-party clients, as published, against the read API: search, pages to the end, includes, what changed. */
// Node 20 has no WebSocket, which the client names when it is loaded and uses for subscriptions only.
(globalThis as { WebSocket?: unknown }).WebSocket ??= class {};
const { MedplumClient } = await import('@medplum/core');

let world: FhirWorld;
const MANY = 7;

beforeAll(async () => {
  world = await openFhirWorld();
  const more = Array.from({ length: MANY }, (_, n) =>
    trialOffer({ id: `offre-${n}`, identifier: `28/ESSAI-1${n}`, label: String(n), site: CAEN }),
  );
  await world.mirror(...trialDirectory(), ...more);
  await world.publish();
});
afterAll(() => world.close());

const ALL = ['offre-caen', 'offre-rouen', ...Array.from({ length: MANY }, (_, n) => `offre-${n}`)].sort();

describe('fhir-kit-client', () => {
  it('reads, searches with includes by GET and POST, pages to the end and follows the history', async () => {
    const client = new Client({ baseUrl: world.fhir });
    const statement = (await client.capabilityStatement()) as { fhirVersion?: string };
    expect(statement.fhirVersion).toBe('4.0.1');
    const read = await client.read({ resourceType: 'HealthcareService', id: 'offre-rouen' });
    expect(read).toMatchObject({ resourceType: 'HealthcareService', id: 'offre-rouen' });
    for (const options of [{}, { postSearch: true }]) {
      const found = (await client.search({
        resourceType: 'HealthcareService',
        searchParams: { specialty: '593', _include: 'HealthcareService:organization' },
        options,
      })) as never;
      expect(matchesOf(found)).toEqual(['offre-rouen']);
    }
    let bundle = (await client.search({
      resourceType: 'HealthcareService',
      searchParams: { _count: '4' },
    })) as never;
    const seen = [...matchesOf(bundle)];
    for (;;) {
      const next = await client.nextPage({ bundle });
      if (next === undefined) break;
      bundle = next as never;
      seen.push(...matchesOf(bundle));
    }
    expect(seen).toEqual(ALL);
    const history = (await client.history({
      resourceType: 'HealthcareService',
      id: 'offre-rouen',
    })) as never as {
      type: string;
      entry: { request: { method: string } }[];
    };
    expect(history.type).toBe('history');
    expect(history.entry.map(({ request }) => request.method)).toEqual(['PUT']);
    await expect(client.read({ resourceType: 'HealthcareService', id: 'absente' })).rejects.toMatchObject({
      response: { status: 404, data: { resourceType: 'OperationOutcome' } },
    });
  });
});

describe('the Medplum client', () => {
  it('reads, searches with includes and pages to the end', async () => {
    const client = new MedplumClient({
      baseUrl: `${world.url}/`,
      fhirUrlPath: 'fhir/28',
      fetch: fetch as never,
    });
    const read = await client.readResource('HealthcareService', 'offre-caen');
    expect(read.providedBy?.reference).toBe(`Organization/eg-${CAEN.eg}`);
    const found = await client.search('HealthcareService', {
      specialty: '593',
      _include: 'HealthcareService:location',
    } as never);
    expect(found.entry?.map(({ resource }) => resource?.id)).toEqual(['offre-rouen', `lieu-${ROUEN.eg}`]);
    const seen: string[] = [];
    for await (const page of client.searchResourcePages('HealthcareService', { _count: '4' } as never))
      seen.push(...page.map(({ id }) => id ?? ''));
    expect(seen).toEqual(ALL);
    const history = await client.readHistory('HealthcareService', 'offre-caen');
    expect(history.entry).toHaveLength(1);
  });
});

describe('fhirclient', () => {
  it('reads, searches with resolved references and pages to the end', async () => {
    const { default: node } = { default: FHIR } as never as {
      default: (request: object, response: object) => { client(state: string): FhirClient };
    };
    const request = { headers: { host: '127.0.0.1' }, url: '/', socket: {} };
    const client = node(request, {}).client(world.fhir);
    expect(await client.request('HealthcareService/offre-rouen')).toMatchObject({ id: 'offre-rouen' });
    const pages = (await client.request('HealthcareService?_count=4', { pageLimit: 0, flat: true })) as {
      id: string;
    }[];
    expect(pages.map(({ id }) => id)).toEqual(ALL);
    const resolved = (await client.request('HealthcareService/offre-rouen', {
      resolveReferences: ['providedBy'],
    })) as { providedBy: { identifier: object } };
    expect(resolved.providedBy).toMatchObject({ resourceType: 'Organization', id: `eg-${ROUEN.eg}` });
  });
});

describe('a copy that a third-party client keeps', () => {
  let moving: FhirWorld;
  beforeEach(async () => {
    moving = await openFhirWorld();
    await moving.mirror(...trialDirectory());
    await moving.publish();
  });
  afterEach(() => moving.close());

  interface History {
    readonly meta: { readonly lastUpdated: string };
    readonly entry?: readonly { readonly request: { readonly method: string; readonly url: string } }[];
  }
  const LATER = '_sort=_lastUpdated&_count=100';
  const said = (history: History): readonly string[] =>
    (history.entry ?? []).map(({ request }) => `${request.method} ${request.url}`);

  /** One offer said otherwise, one gone. */
  async function move(): Promise<void> {
    const offer = trialDirectory().find(({ id }) => id === 'offre-caen');
    await moving.mirror({ ...offer, name: 'Offre d’essai renommée' });
    await moving.gone('offre-rouen');
    await moving.publish();
  }
  const MOVED = ['PUT HealthcareService/offre-caen', 'DELETE HealthcareService/offre-rouen'];

  /** Of the second reading, what the first one did not give: `_since` is included. */
  async function delta(get: (path: string) => Promise<unknown>): Promise<void> {
    const first = (await get(`_history?${LATER}`)) as History;
    await move();
    const since = encodeURIComponent(first.meta.lastUpdated);
    const next = said((await get(`_history?${LATER}&_since=${since}`)) as History);
    expect(next.filter((each) => MOVED.includes(each))).toEqual(MOVED);
    const again = said((await get(`_history?${LATER}`)) as History);
    expect(again).not.toContain('PUT HealthcareService/offre-rouen');
  }

  it('follows the history with fhir-kit-client', async () => {
    const client = new Client({ baseUrl: moving.fhir });
    await delta((path) => client.request(path));
  });

  it('follows the history, then takes everything by $export, with the Medplum client', async () => {
    const client = new MedplumClient({
      baseUrl: `${moving.url}/`,
      fhirUrlPath: 'fhir/28',
      fetch: fetch as never,
    });
    await delta((path) => client.get(`fhir/28/${path}`, { cache: 'no-store' }));
    const done = await client.bulkExport('', 'HealthcareService', undefined, {
      pollStatusOnAccepted: true,
      pollStatusPeriod: 50,
    });
    const lines = (await (await fetch(done.output?.[0]?.url ?? '')).text()).trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { name: string }).name)).toEqual([
      'Offre d’essai renommée',
    ]);
  });

  it('follows the history, with includes, with fhirclient', async () => {
    const { default: node } = { default: FHIR } as never as {
      default: (request: object, response: object) => { client(state: string): FhirClient };
    };
    const client = node({ headers: { host: '127.0.0.1' }, url: '/', socket: {} }, {}).client(moving.fhir);
    await delta((path) => client.request(path));
    const found = (await client.request('HealthcareService?_include=HealthcareService:location')) as {
      entry: { resource: { resourceType: string } }[];
    };
    expect(found.entry.map(({ resource }) => resource.resourceType)).toEqual([
      'HealthcareService',
      'Location',
    ]);
  });
});

interface FhirClient {
  request(url: string, options?: object): Promise<unknown>;
}
