import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.js';
import { rawFhir, rawToken, ROR_HEADERS, type RawFhir } from '../support/raw-fhir.js';
import { trialRegion } from '../support/trial-region.js';

let sandbox: Sandbox;
let fhir: RawFhir;
let clock: number;

beforeEach(async () => {
  clock = Date.parse('2026-03-12T08:00:00Z');
  sandbox = await startSandbox({ seed: trialRegion(), tokenTtlSeconds: 60, now: () => new Date(clock) });
  fhir = await rawFhir(sandbox);
});
afterEach(() => sandbox.close());

describe('sandbox access', () => {
  it('gives a three-part token whose exp is its end', async () => {
    const [, payload = ''] = (await rawToken(sandbox)).split('.');
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toMatchObject({
      exp: clock / 1000 + 60,
    });
  });

  it('refuses a wrong secret and another grant', async () => {
    const post = (form: Record<string, string>) =>
      fetch(sandbox.tokenUrl, { method: 'POST', body: new URLSearchParams(form) });
    const credentials = { client_id: 'filror', client_secret: 'faux' };
    expect((await post({ grant_type: 'client_credentials', ...credentials })).status).toBe(401);
    expect((await post({ grant_type: 'password', ...credentials })).status).toBe(400);
  });

  it('answers 401 without token, with a token of another key and with an expired one', async () => {
    const none = await fhir('GET', 'Organization', undefined, { Authorization: '' });
    expect(none.status).toBe(401);
    expect(none.json['resourceType']).toBe('OperationOutcome');
    expect(none.headers.get('www-authenticate')).toContain('invalid_token');
    const forged = `Bearer ${(await rawToken(sandbox)).replace(/\.[^.]+$/, '.c2lnbmF0dXJl')}`;
    expect((await fhir('GET', 'Organization', undefined, { Authorization: forged })).status).toBe(401);
    expect((await fhir('GET', 'Organization')).status).toBe(200);
    clock += 60_000;
    expect((await fhir('GET', 'Organization')).status).toBe(401);
  });

  it.each(Object.keys(ROR_HEADERS))('answers 403 without %s, and to a write too', async (name) => {
    expect((await fhir('GET', 'Organization', undefined, { [name]: '' })).status).toBe(403);
    expect((await fhir('POST', 'Organization', {}, { [name]: '' })).status).toBe(403);
  });

  it('answers 403 when the OID of a list is sent with urn:oid:', async () => {
    const headers = { 'Ror-Role-Metier-System': 'urn:oid:1.2.250.1.213.1.1.4.6' };
    expect((await fhir('GET', 'Organization', undefined, headers)).status).toBe(403);
  });

  it('has no delete, history, batch, POST search nor $everything, and says so in an OperationOutcome', async () => {
    const answers = [
      await fhir('DELETE', 'HealthcareService/derm-caen', undefined, { 'Content-Type': '' }),
      await fhir('GET', 'HealthcareService/derm-caen/_history'),
      await fhir('GET', 'HealthcareService/derm-caen/_history/1'),
      await fhir('POST', 'HealthcareService/_search', {}),
      await fhir('PUT', 'Location/lieu-140000209', { resourceType: 'Location', id: 'lieu-140000209' }),
      await fhir('POST', '', { resourceType: 'Bundle', type: 'batch' }),
      await fhir('GET', '$everything'),
    ];
    expect(answers.map((answer) => answer.status)).toEqual([405, 405, 405, 405, 405, 501, 501]);
    for (const answer of answers) expect(answer.json['resourceType']).toBe('OperationOutcome');
    expect(sandbox.text('HealthcareService', 'derm-caen')).not.toBeNull();
  });

  it('describes itself without a token', async () => {
    const answer = await fetch(`${sandbox.fhirBase}/metadata`);
    const body = (await answer.json()) as {
      rest: { resource: { type: string; interaction: { code: string }[] }[] }[];
    };
    const location = body.rest[0]?.resource.find((resource) => resource.type === 'Location');
    expect(location?.interaction.map(({ code }) => code)).toEqual(['search-type', 'read', 'create', 'patch']);
  });

  it('refuses a JSON Patch, text that is not JSON, and an unknown type', async () => {
    const jsonPatch = { 'Content-Type': 'application/json-patch+json' };
    expect((await fhir('PATCH', 'HealthcareService/derm-caen', [], jsonPatch)).status).toBe(415);
    expect((await fhir('POST', 'Organization', '{"resourceType":')).status).toBe(400);
    expect((await fhir('GET', 'Patient/1')).status).toBe(404);
    expect((await fhir('GET', 'Organization/absent')).json['issue']?.[0]?.['code']).toBe('not-found');
  });

  it('logs every request with its status', async () => {
    const before = sandbox.requests.length;
    await fhir('GET', 'Organization?_count=1');
    await fhir('GET', 'Organization/absent');
    expect(sandbox.requests.slice(before)).toEqual([
      { method: 'GET', path: '/fhir/Organization?_count=1', status: 200, at: '2026-03-12T08:00:00.000Z' },
      { method: 'GET', path: '/fhir/Organization/absent', status: 404, at: '2026-03-12T08:00:00.000Z' },
    ]);
    expect(sandbox.writes()).toEqual([]);
  });
});
