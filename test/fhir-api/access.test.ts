import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/domain/json.js';
import { CopiesSent } from '../../src/fhir-api/copies.js';
import { trialDirectory } from '../support/fhir-directory.js';
import { matchesOf, openFhirWorld, type FhirWorld } from '../support/fhir-world.js';
import { FORBIDDEN } from '../support/seen-answers.js';
import { startTokenIssuer, type TokenIssuer } from '../support/token-issuer.js';
import { ROUEN } from '../support/trial-region.js';

/** Who reads sees what the ROR's access profiles 0, 2 and 1 see, everywhere alike. */
let issuer: TokenIssuer;
let world: FhirWorld;

beforeAll(async () => {
  issuer = await startTokenIssuer('lecture');
  const client = (id: string, audience: string, perMinute = 10_000) => ({
    id,
    name: `Outil d’essai ${id}`,
    audience,
    perMinute,
  });
  world = await openFhirWorld({
    config: {
      tokens: { issuer: issuer.url, jwksUrl: `${issuer.url}/jwks`, audience: 'lecture' },
      clients: [
        client('outil', 'professional'),
        client('regulation', 'regulation'),
        client('presse', 'public', 3),
      ],
    },
  });
  await world.mirror(...trialDirectory());
  await world.publish();
});
afterAll(async () => {
  await world.close();
  await issuer.close();
});

const as = async (subject: string | null): Promise<Record<string, string>> =>
  subject === null ? {} : { authorization: `Bearer ${await issuer.token(subject)}` };

const SEEN: Readonly<Record<keyof typeof FORBIDDEN, readonly string[]>> = {
  headName: ['outil', 'regulation'],
  professionalNumber: ['outil', 'regulation'],
  regulationNumber: ['regulation'],
  sensitiveName: ['regulation'],
  act: ['outil', 'regulation'],
  crisis: ['regulation'],
};

describe('what a reader is shown', () => {
  it.each(Object.entries(SEEN) as [keyof typeof FORBIDDEN, readonly string[]][])(
    '%s: by those entitled to it, on every way to read',
    async (what, entitled) => {
      for (const who of [null, 'outil', 'regulation']) {
        const headers = await as(who);
        for (const base of ['fhir', 'ror'])
          for (const path of ['_history?_count=200', 'HealthcareService', 'Organization', 'Location']) {
            const answer = await world.get(`/${base}/28/${path}`, headers);
            expect(answer.status).toBe(200);
            const type = { headName: 'Organization', crisis: 'Organization' }[what as string];
            const elsewhere = !path.startsWith('_history') && type !== undefined && path !== type;
            if (elsewhere) continue;
            const shown = answer.text.includes(FORBIDDEN[what]);
            const everywhere = path.startsWith('_history') || path === (type ?? 'HealthcareService');
            if (everywhere)
              expect(shown, `${what} ${who} ${base} ${path}`).toBe(who !== null && entitled.includes(who));
            else if (!entitled.includes(who ?? '')) expect(shown).toBe(false);
          }
      }
    },
  );

  it('keeps what is public of a contact of which one number is not', async () => {
    const answer = await world.get(`/fhir/28/Organization/eg-${ROUEN.eg}`);
    const [contact] = answer.body['contact'] as { name?: unknown; telecom: { value: string }[] }[];
    expect(contact?.name).toBeUndefined();
    expect(contact?.telecom.map(({ value }) => value)).toEqual(['0200000001']);
  });

  it('cannot be found out by a search on what is hidden', async () => {
    for (const query of [
      'HealthcareService?characteristic=0626',
      'HealthcareService?_id=offre-sensible',
      'HealthcareService?identifier=28/ESSAI-0003',
      'Organization?drop-zone=true',
      'Organization?_content=NIVEAU',
      'Location?nb-capacity=ge1',
      'Location?equipment-type=09',
      'Location?_has:HealthcareService:location:_id=offre-sensible',
    ]) {
      const answer = await world.get(`/fhir/28/${query}`);
      expect(answer.body, query).toMatchObject({ total: 0 });
      const entitled = await world.get(`/fhir/28/${query}`, await as('regulation'));
      expect(matchesOf(entitled.body).length, query).toBeGreaterThan(0);
    }
  });

  it('leaves no trace of a hidden resource in counts, histories and deletions', async () => {
    const anonymous = await world.get('/fhir/28/HealthcareService?_summary=count');
    const regulation = await world.get('/fhir/28/HealthcareService?_summary=count', await as('regulation'));
    expect([anonymous.body['total'], regulation.body['total']]).toEqual([2, 3]);
    expect((await world.get('/fhir/28/HealthcareService/offre-sensible/_history')).status).toBe(404);
  });

  it('never holds a professional: their searches find nothing, for anybody', async () => {
    for (const who of [null, 'regulation'])
      for (const type of ['Practitioner', 'PractitionerRole']) {
        const answer = await world.get(`/fhir/28/${type}`, await as(who));
        expect(answer.body).toMatchObject({ type: 'searchset', total: 0 });
      }
  });
});

describe('a copy that a reader took for another audience', () => {
  const path = `/fhir/28/Organization/eg-${ROUEN.eg}`;

  it('is not taken for good once more is shown to it, though the version is the same', async () => {
    const before = await world.get(path, await as('outil'));
    expect(before.text).not.toContain(FORBIDDEN.regulationNumber);
    expect(before.headers.get('vary')).toMatch(/\bAuthorization\b/);
    const known = { 'if-none-match': before.headers.get('etag') ?? '' };
    const dated = { 'if-modified-since': before.headers.get('last-modified') ?? '' };
    expect((await world.get(path, { ...(await as('outil')), ...known })).status).toBe(304);
    const raised = await openFhirWorld({
      database: world.database,
      config: {
        tokens: { issuer: issuer.url, jwksUrl: `${issuer.url}/jwks`, audience: 'lecture' },
        clients: [{ id: 'outil', name: 'Outil d’essai outil', audience: 'regulation' }],
      },
    });
    try {
      for (const [at, headers] of [
        [path, known],
        [`${path}?_format=json`, dated],
      ] as [string, Record<string, string>][]) {
        const answer = await raised.get(at, { ...(await as('outil')), ...headers });
        expect([answer.status, answer.headers.get('etag')]).toEqual([200, before.headers.get('etag')]);
        expect(answer.text).toContain(FORBIDDEN.regulationNumber);
        // From now on it is its own.
        expect((await raised.get(at, { ...(await as('outil')), ...headers })).status).toBe(304);
      }
    } finally {
      await raised.close();
    }
  });

  it('tells nobody that others are shown more: what hides something answers as what hides nothing', async () => {
    const alike = `/fhir/28/Organization/ej-${ROUEN.ej}`;
    for (const at of [path, alike]) {
      await world.get(at);
      expect((await world.get(at, { 'if-none-match': 'W/"1"' })).status, at).toBe(304);
    }
  });

  it('is forgotten in its turn: what is remembered has an end', () => {
    const copies = new CopiesSent(2);
    for (const copy of ['a', 'b', 'a', 'c']) copies.add(copy);
    expect(['a', 'b', 'c'].map((copy) => copies.has(copy))).toEqual([true, false, true]);
  });
});

describe('a token', () => {
  const status = async (
    authorization: string,
  ): Promise<{ status: number; body: JsonObject; headers: Headers }> =>
    await world.get('/fhir/28/metadata', { authorization });

  it('opens for its client alone', async () => {
    expect((await status(`Bearer ${await issuer.token('outil')}`)).status).toBe(200);
    const unknown = await status(`Bearer ${await issuer.token('inconnu')}`);
    expect(unknown.status).toBe(403);
    expect(unknown.body).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ code: 'forbidden' }] });
  });

  it.each([
    ['of another issuer', { issuer: 'https://autre.example' }],
    ['for another audience', { audience: 'ecriture' }],
    ['that has expired', { expires: -120 }],
    ['that never expires', { expires: null }],
    ['not yet good', { notBefore: 120 }],
    ['signed by another key', { key: 'another' as const }],
    ['of another kind', { type: 'dpop+jwt' }],
  ])('%s is refused', async (_words, change) => {
    const answer = await status(`Bearer ${await issuer.token('outil', change)}`);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
    expect(answer.body).toMatchObject({ resourceType: 'OperationOutcome' });
  });

  it.each(['Basic dXRpbDpt', 'Bearer', 'Bearer a.b.c', 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJvdXRpbCJ9.'])(
    'that is none is refused: %s',
    async (authorization) => {
      expect((await status(authorization)).status).toBe(401);
    },
  );

  it('is needed where the configuration lets nobody in without one', async () => {
    const closed = await openFhirWorld({
      config: {
        public: false,
        tokens: { issuer: issuer.url, jwksUrl: `${issuer.url}/jwks`, audience: 'lecture' },
        clients: [{ id: 'outil', name: 'Outil', audience: 'professional' }],
      },
    });
    try {
      expect((await closed.get('/fhir/28/metadata')).status).toBe(401);
      expect((await closed.get('/health')).status).toBe(200);
    } finally {
      await closed.close();
    }
  });
});

describe('a quota', () => {
  it('holds for each client, and says when to come back', async () => {
    const headers = await as('presse');
    const answers = [];
    for (let n = 0; n < 5; n++) answers.push(await world.get('/fhir/28/HealthcareService', headers));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429, 429]);
    expect(answers[4]?.body).toMatchObject({ issue: [{ code: 'throttled' }] });
    expect(Number(answers[4]?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await world.get('/fhir/28/HealthcareService', await as('outil'))).status).toBe(200);
  });
});

describe('the access log', () => {
  it('names the client, the route and the parameters, never what was searched for nor who by', async () => {
    await world.get('/fhir/28/HealthcareService?name=quelqu-un&_count=1', await as('outil'));
    const line = [...world.logged].reverse().find(({ message }) => message === 'fhir request');
    expect(line?.fields).toMatchObject({
      client: 'outil',
      method: 'GET',
      route: '/fhir/:region(^[0-9]{2}$)/HealthcareService',
      parameters: 'name _count',
      status: 200,
    });
    expect(JSON.stringify(world.logged)).not.toContain('quelqu-un');
    expect(JSON.stringify(world.logged)).not.toContain('127.0.0.1');
  });
});
