import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/domain/json.js';
import { trialOffer } from '../../src/sandbox/seed.js';
import { trialDirectory } from '../support/fhir-directory.js';
import { openFhirWorld, type FhirWorld } from '../support/fhir-world.js';
import { startTokenIssuer } from '../support/token-issuer.js';
import { CAEN } from '../support/trial-region.js';

/** `$export`, by the rules of Bulk Data Access 2.0 and with the ROR's departures (api.md section 9). */
let world: FhirWorld;

beforeEach(async () => {
  world = await openFhirWorld();
  await world.mirror(...trialDirectory());
  await world.publish();
});
afterEach(() => world.close());

interface Manifest {
  readonly transactionTime: string;
  readonly request: string;
  readonly requiresAccessToken: boolean;
  readonly output: readonly { type: string; url: string }[];
  readonly deleted: readonly { type: string; url: string }[];
  readonly error: readonly unknown[];
}

async function started(path: string): Promise<string> {
  const answer = await world.get(path, { prefer: 'respond-async', accept: 'application/fhir+json' });
  expect(answer.status, answer.text).toBe(202);
  expect(answer.text).toBe('');
  return answer.headers.get('content-location') ?? '';
}

async function manifestOf(poll: string): Promise<Manifest> {
  const answer = await world.get(poll);
  expect(answer.status, answer.text).toBe(200);
  expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
  expect(new Date(answer.headers.get('expires') ?? '').getTime()).toBeGreaterThan(Date.now());
  return answer.body as never;
}

async function linesOf(files: readonly { url: string }[]): Promise<JsonObject[]> {
  const all: JsonObject[] = [];
  for (const { url } of files) {
    const answer = await world.get(url, { accept: 'application/fhir+ndjson' });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^application\/fhir\+ndjson/);
    all.push(
      ...answer.text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as JsonObject),
    );
  }
  return all;
}

const idsOf = (resources: readonly JsonObject[]): string[] => resources.map(({ id }) => String(id)).sort();

describe('an export', () => {
  it('of the whole base gives every type, one resource a line, as of one instant', async () => {
    const poll = await started('/fhir/28/$export?_outputFormat=application%2Ffhir%2Bndjson');
    const manifest = await manifestOf(poll);
    expect(manifest).toMatchObject({
      request: `${world.fhir}/$export?_outputFormat=application%2Ffhir%2Bndjson`,
      requiresAccessToken: false,
      error: [],
      deleted: [],
    });
    expect(manifest.output.map(({ type }) => type)).toEqual([
      'HealthcareService',
      'Organization',
      'Location',
    ]);
    expect(await Promise.all(manifest.output.map(async (file) => (await linesOf([file])).length))).toEqual([
      2, 4, 2,
    ]);
    // What comes after the kick-off is in the next one, however late the file is asked for; what is said otherwise is
    // given as it is now, since an older version is told no more (decision 0006).
    await world.mirror(
      trialOffer({ id: 'offre-tardive', identifier: '28/ESSAI-0009', label: '9', site: CAEN }),
    );
    await world.mirror({
      ...trialOffer({ id: 'offre-caen', identifier: '28/ESSAI-0001', label: 'Caen', site: CAEN }),
      name: 'Renommée',
    });
    await world.publish();
    const offers = await linesOf(manifest.output.slice(0, 1));
    expect(idsOf(offers)).toEqual(['offre-caen', 'offre-rouen']);
    expect(offers[0]?.['name']).toBe('Renommée');
    // Asked for again, a file is the same.
    expect(await linesOf(manifest.output.slice(0, 1))).toEqual(offers);
  });

  it('of a type, or of some, or of what a filter finds, is that alone', async () => {
    const one = await manifestOf(await started('/fhir/28/Organization/$export'));
    expect(one.output.map(({ type }) => type)).toEqual(['Organization']);
    const two = await manifestOf(await started('/fhir/28/$export?_type=Location,HealthcareService'));
    expect(two.output.map(({ type }) => type)).toEqual(['Location', 'HealthcareService']);
    const filter = encodeURIComponent('HealthcareService?specialty=593');
    const some = await manifestOf(
      await started(`/fhir/28/$export?_type=HealthcareService&_typeFilter=${filter}`),
    );
    expect(idsOf(await linesOf(some.output))).toEqual(['offre-rouen']);
    const either = `${filter}&_typeFilter=${encodeURIComponent('HealthcareService?specialty=037')}`;
    const both = await manifestOf(
      await started(`/fhir/28/$export?_type=HealthcareService&_typeFilter=${either}`),
    );
    expect(idsOf(await linesOf(both.output))).toEqual(['offre-caen', 'offre-rouen']);
  });

  it('since an instant gives what changed and what left', async () => {
    const first = await manifestOf(await started('/fhir/28/$export'));
    await world.mirror({
      ...trialOffer({ id: 'offre-caen', identifier: '28/ESSAI-0001', label: 'Caen', site: CAEN }),
      name: 'Renommée',
    });
    await world.gone('offre-rouen');
    await world.publish();
    const next = await manifestOf(
      await started(`/fhir/28/$export?_since=${encodeURIComponent(first.transactionTime)}`),
    );
    expect(idsOf(await linesOf(next.output))).toEqual(['offre-caen']);
    expect(next.deleted.map(({ type }) => type)).toEqual(['Bundle']);
    expect(await linesOf(next.deleted)).toEqual([
      {
        resourceType: 'Bundle',
        type: 'transaction',
        entry: [{ request: { method: 'DELETE', url: 'HealthcareService/offre-rouen' } }],
      },
    ]);
    const quiet = await manifestOf(
      await started(`/fhir/28/$export?_since=${encodeURIComponent(next.transactionTime)}`),
    );
    expect([quiet.output, quiet.deleted]).toEqual([[], []]);
  });

  it('as the ROR’s clients ask for it is plain JSON with all that is linked', async () => {
    const tag = 'https://mos.esante.gouv.fr/NOS/TRE_R30-RegionOM/FHIR/TRE-R30-RegionOM';
    const query = new URLSearchParams([
      ['_outputFormat', 'application/fhir+json'],
      ['_type', 'HealthcareService'],
      ['includeAssociatedData', '_myCompleteExtract'],
      ['_typeFilter', `HealthcareService?_tag=${tag}|28`],
    ]);
    const manifest = await manifestOf(await started(`/ror/28/$export?${query.toString()}`));
    expect(manifest.output.map(({ type }) => type)).toEqual([
      'HealthcareService',
      'Organization',
      'Location',
    ]);
    const { body } = await world.get(manifest.output[0]?.url ?? '');
    expect(body).toMatchObject({ resourceType: 'Bundle', type: 'collection' });
    expect((body['entry'] as { resource: JsonObject }[]).map(({ resource }) => resource['id'])).toEqual([
      'offre-caen',
      'offre-rouen',
    ]);
  });

  it('reads its filters as they were taken at the kick-off, whatever a file is asked for with', async () => {
    const filter = encodeURIComponent('HealthcareService?specialty=593&couleur=bleu');
    const path = `/fhir/28/$export?_type=HealthcareService&_typeFilter=${filter}`;
    expect((await world.get(path)).status).toBe(400);
    const start = await world.get(path, { prefer: 'respond-async, handling=lenient' });
    expect(start.status).toBe(202);
    const manifest = await manifestOf(start.headers.get('content-location') ?? '');
    for (const prefer of ['handling=strict', 'handling=lenient'])
      expect((await world.get(manifest.output[0]?.url ?? '', { prefer })).text).toContain('offre-rouen');
    expect(idsOf(await linesOf(manifest.output))).toEqual(['offre-rouen']);
  });

  it('is asked for by POST too, its parameters in the address, in the body, or in both', async () => {
    const post = async (path: string, body?: object): Promise<Response> =>
      await fetch(`${world.url}${path}`, {
        method: 'POST',
        ...(body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { 'content-type': 'application/fhir+json' } }),
      });
    const types = { name: '_type', valueString: 'Organization' };
    for (const answer of [
      await post('/fhir/28/$export?_type=Organization'),
      await post('/fhir/28/$export', { resourceType: 'Parameters', parameter: [types] }),
      await post('/fhir/28/Organization/$export', {}),
    ]) {
      expect(answer.status).toBe(202);
      const { output } = await manifestOf(answer.headers.get('content-location') ?? '');
      expect(output.map(({ type }) => type)).toEqual(['Organization']);
    }
    for (const body of [{ resourceType: 'Bundle' }, { resourceType: 'Parameters', parameter: [{ name: 1 }] }])
      expect((await post('/fhir/28/$export', body)).status).toBe(400);
    const wrong = { resourceType: 'Parameters', parameter: [{ name: '_type', valueString: 'Patient' }] };
    expect((await post('/fhir/28/$export', wrong)).status).toBe(400);
  });

  it('is found by who asked for it alone, until it is forgotten', async () => {
    const poll = await started('/fhir/28/$export');
    expect((await world.get(poll.replace('/fhir/', '/ror/'))).status).toBe(404);
    const forgotten = await fetch(poll, { method: 'DELETE' });
    expect(forgotten.status).toBe(202);
    expect((await world.get(poll)).status).toBe(404);
    const issuer = await startTokenIssuer('lecture');
    const shared = await openFhirWorld({
      config: {
        public: false,
        tokens: { issuer: issuer.url, jwksUrl: `${issuer.url}/jwks`, audience: 'lecture' },
        clients: ['a', 'b'].map((id) => ({ id, name: `Outil d’essai ${id}`, audience: 'public' })),
      },
    });
    try {
      const as = async (who: string) => ({ authorization: `Bearer ${await issuer.token(who)}` });
      await shared.publish();
      const start = await shared.get('/fhir/28/$export', await as('a'));
      const own = start.headers.get('content-location') ?? '';
      expect((await shared.get(own, await as('b'))).status).toBe(404);
      const found = await shared.get(own, await as('a'));
      expect(found.status).toBe(200);
      expect(found.body['requiresAccessToken']).toBe(true);
    } finally {
      await shared.close();
      await issuer.close();
    }
  });

  it.each([
    ['_outputFormat=text/csv', '_outputFormat'],
    ['_type=Patient', '_type'],
    ['_since=hier', '_since'],
    ['_typeFilter=Patient%3Fname%3Dx', '_typeFilter'],
    ['_typeFilter=HealthcareService%3Fcouleur%3Dbleu', 'couleur'],
    ['_type=Location&_typeFilter=HealthcareService%3Fname%3Dx', '_typeFilter'],
    ['patient=Patient/1', 'patient'],
  ])('refuses at once what it cannot do: %s', async (query, named) => {
    const answer = await world.get(`/fhir/28/$export?${query}`);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ expression: [named] }] });
  });

  it('is unknown under a wrong number', async () => {
    for (const path of [
      '/fhir/28/$export-poll-status',
      '/fhir/28/$export-poll-status?_jobId=1',
      `/fhir/28/$export-poll-status?_jobId=00000000-0000-4000-8000-000000000000`,
      '/fhir/28/$export-file/00000000-0000-4000-8000-000000000000/0',
    ])
      expect((await world.get(path)).status).toBe(404);
  });
});
