import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openFhirWorld, type FhirWorld } from '../support/fhir-world.js';
import { startTokenIssuer, type TokenIssuer } from '../support/token-issuer.js';

/** What one address may ask for, whoever speaks from it: addresses of documentation (RFC 5737, RFC 3849). */
let issuer: TokenIssuer;
let world: FhirWorld;

beforeAll(async () => {
  issuer = await startTokenIssuer('lecture');
});
afterEach(() => world.close());
afterAll(() => issuer.close());

async function open(config: Readonly<Record<string, unknown>>): Promise<void> {
  world = await openFhirWorld({
    config: {
      tokens: { issuer: issuer.url, jwksUrl: `${issuer.url}/jwks`, audience: 'lecture' },
      clients: [{ id: 'outil', name: 'Outil d’essai', audience: 'professional' }],
      trustProxy: ['127.0.0.1'],
      ...config,
    },
  });
  await world.publish();
}

const from = (address: string, more: Readonly<Record<string, string>> = {}) => ({
  'x-forwarded-for': address,
  ...more,
});
const statuses = async (
  times: number,
  path: string,
  headers: (n: number) => Readonly<Record<string, string>>,
): Promise<number[]> => {
  const found: number[] = [];
  for (let n = 0; n < times; n++) found.push((await world.get(path, headers(n))).status);
  return found;
};
const bearer = async (): Promise<Readonly<Record<string, string>>> => ({
  authorization: `Bearer ${await issuer.token('outil')}`,
});

describe('refused tokens', () => {
  it('count against their address, before any token is looked at; other addresses go on', async () => {
    await open({ public: false, publicPerMinute: 3 });
    const wrong = { authorization: 'Bearer a.b.c' };
    expect(await statuses(5, '/fhir/28/metadata', () => from('192.0.2.1', wrong))).toEqual([
      ...[401, 401, 401, 429, 429],
    ]);
    const good = await bearer();
    const answer = await world.get('/fhir/28/metadata', from('192.0.2.1', good));
    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(answer.body).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ code: 'throttled' }] });
    expect((await world.get('/fhir/28/metadata', from('192.0.2.2', good))).status).toBe(200);
  });

  it('count where no token is sent and one is needed', async () => {
    await open({ public: false, publicPerMinute: 2 });
    expect(await statuses(3, '/fhir/28/metadata', () => from('192.0.2.1'))).toEqual([401, 401, 429]);
  });

  it('take nothing from who reads without a token', async () => {
    await open({ public: true, publicPerMinute: 2 });
    await statuses(3, '/fhir/28/metadata', () => from('192.0.2.1', { authorization: 'Bearer a.b.c' }));
    expect((await world.get('/fhir/28/metadata', from('192.0.2.1'))).status).toBe(200);
  });
});

describe('an anonymous reader', () => {
  it('is counted by address, also where there is nothing', async () => {
    await open({ public: true, publicPerMinute: 3 });
    expect(await statuses(4, '/fhir/28/metadata', () => from('192.0.2.1'))).toEqual([200, 200, 200, 429]);
    expect(await statuses(4, '/fhir/28/Patient', () => from('192.0.2.2'))).toEqual([404, 404, 404, 429]);
  });

  it('has no other address by naming one: what stands before the proxy’s own words is not believed', async () => {
    await open({ public: true, publicPerMinute: 3 });
    expect(await statuses(4, '/fhir/28/metadata', (n) => from(`203.0.113.${n}, 192.0.2.1`))).toEqual([
      ...[200, 200, 200, 429],
    ]);
  });

  it('is the connection where no proxy is believed', async () => {
    await open({ public: true, publicPerMinute: 3, trustProxy: false });
    expect(await statuses(4, '/fhir/28/metadata', (n) => from(`203.0.113.${n}`))).toEqual([
      ...[200, 200, 200, 429],
    ]);
  });

  it('may have twenty exports standing; what another one has is no matter', async () => {
    await open({ public: true });
    const mine = await statuses(21, '/fhir/28/$export', () => from('192.0.2.1'));
    expect([new Set(mine.slice(0, 20)), mine[20]]).toEqual([new Set([202]), 429]);
    const other = await world.get('/fhir/28/$export', from('192.0.2.2'));
    expect(other.status).toBe(202);
    expect((await world.get('/fhir/28/$export', { ...from('192.0.2.1'), ...(await bearer()) })).status).toBe(
      202,
    );
    // The address itself is nowhere in the database.
    const rows = await world.database.owner('served_export');
    expect(JSON.stringify(rows)).not.toContain('192.0.2.');
  });

  it('may ask for another export once one was forgotten', async () => {
    await open({ public: true });
    const started = await world.get('/fhir/28/$export', from('192.0.2.1'));
    await statuses(19, '/fhir/28/$export', () => from('192.0.2.1'));
    expect((await world.get('/fhir/28/$export', from('192.0.2.1'))).status).toBe(429);
    await fetch(started.headers.get('content-location') ?? '', {
      method: 'DELETE',
      headers: from('192.0.2.1'),
    });
    expect((await world.get('/fhir/28/$export', from('192.0.2.1'))).status).toBe(202);
  });
});
