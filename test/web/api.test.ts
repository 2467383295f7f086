import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { webConfig } from '../../src/config/schema/web.js';
import { identifyPerson } from '../../src/db/person.js';
import { confirmGrant, revokeGrant, type Role } from '../../src/db/people.js';
import { apiRoutes } from '../../src/web/api/routes.js';
import type { PersonId } from '../../src/domain/ids.js';
import { closedPort } from '../support/local-server.js';
import { startTokenIssuer, type TokenChange, type TokenIssuer } from '../support/token-issuer.js';
import { openWebWorld, type Visitor, type WebWorld } from '../support/web-world.js';

/** Which role opens which address, written by hand: the table of the server is held against it, role by role. */
const EVERYONE: readonly Role[] = ['reader', 'operator', 'reviewer', 'administrator'];
const OPENS: Readonly<Record<string, readonly Role[]>> = {
  'GET ': EVERYONE,
  'GET /me': EVERYONE,
  'GET /changes': EVERYONE,
  'GET /changes/:change': EVERYONE,
  'POST /changes/:change/approve': ['reviewer'],
  'POST /changes/:change/reject': ['reviewer'],
  'POST /changes/:change/answers': ['operator', 'reviewer'],
  'GET /runs': EVERYONE,
  'POST /runs': ['operator'],
  'GET /runs/:run': EVERYONE,
  'GET /sources': EVERYONE,
  'GET /schedules': EVERYONE,
  'GET /pauses': EVERYONE,
  'POST /pauses': ['operator'],
  'POST /pauses/lift': ['operator'],
  'GET /queue': EVERYONE,
  'GET /journal': EVERYONE,
  'GET /centres': EVERYONE,
  'GET /centres/:centre': EVERYONE,
};
const ROLES: readonly Role[] = ['reader', 'operator', 'reviewer', 'establishment', 'administrator'];
const AUDIENCE = 'filror-api-essai';
const HEAD_OF_CENTRE = 'Réserve Interne';

const row = (number: number, hospital: string, town: string, whom: string): string =>
  `CCMR;Centre d’essai ${String(number)};FIMARAD;${hospital};${town};${whom};2023;Pr ${HEAD_OF_CENTRE}`;
const LIST = [
  'label;centre;filière;établissement;ville;public;campagne;responsable',
  row(1, 'CH de Dieppe', 'Dieppe', 'mixte'),
  row(2, 'CH de Coutances', 'Coutances', ''),
  row(3, 'CH Lisieux', 'Lisieux', 'mixte'),
  row(4, 'CH Falaise', 'Falaise', 'mixte'),
  row(5, 'CH Argentan', 'Argentan', 'mixte'),
  '',
].join('\n');

let issuer: TokenIssuer;
/** Address of an issuer that is configured and does not answer. */
let stopped: string;
let web: WebWorld;
const visitors = new Map<Role | 'nobody', Visitor>();
const tokenPeople = new Map<string, PersonId>();
beforeAll(async () => {
  issuer = await startTokenIssuer(AUDIENCE);
  const { url } = issuer;
  stopped = `http://127.0.0.1:${String(await closedPort())}`;
  const common = { clientId: 'filror', apiAudience: AUDIENCE };
  const issuers = [
    { name: 'essai', label: 'Émetteur d’essai', url, ...common },
    { name: 'arrete', label: 'Émetteur arrêté', url: stopped, ...common },
  ];
  web = await openWebWorld({ list: LIST, config: { 'web.yaml': JSON.stringify({ issuers }) } });
  await web.sync();
  for (const role of ROLES) visitors.set(role, await web.visitor([role]));
  visitors.set('nobody', await web.visitor([]));
  for (const role of ['reviewer', 'operator'] as const) {
    const person = await identifyPerson(web.database.app, {
      issuer: url,
      subject: `machine-${role}`,
      displayName: `Service d’essai ${role}`,
    });
    await confirmGrant(web.database.app, { person, role, region: '28', at: new Date() });
    tokenPeople.set(role, person);
  }
});
afterAll(async () => {
  await web.close();
  await issuer.close();
});

interface Told {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: Record<string, unknown>;
}
const AT = '/api/v1/28';

async function call(
  path: string,
  given: {
    readonly as?: Visitor | undefined;
    readonly token?: string;
    readonly body?: unknown;
    readonly headers?: Readonly<Record<string, string>>;
    readonly url?: string;
  },
): Promise<Told> {
  const { as, token, body } = given;
  const cookie = [...(as?.cookies ?? [])].map(([name, value]) => `${name}=${value}`).join('; ');
  const response = await fetch(new URL(path, given.url ?? web.url), {
    method: body === undefined ? 'GET' : 'POST',
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(cookie === '' ? {} : { cookie }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(as === undefined || body === undefined ? {} : { 'x-filror-jeton': as.csrf }),
      ...given.headers,
    },
  });
  const text = await response.text();
  const json = /json/.test(response.headers.get('content-type') ?? '')
    ? (JSON.parse(text) as Record<string, unknown>)
    : {};
  return { status: response.status, headers: response.headers, text, json };
}
const as = (role: Role): Visitor => visitors.get(role) as Visitor;
const problemOf = ({ headers, json, status }: Told): { code: unknown; status: number } => {
  expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  expect(json).toMatchObject({ status, type: `urn:filror:erreur:${String(json['code'])}` });
  for (const words of ['title', 'detail', 'remedy']) expect(json[words]).toMatch(/\S+ \S+|Introuvable/);
  return { code: json['code'], status };
};

interface Change {
  readonly id: string;
  readonly hash: string;
  readonly state: string;
  readonly centres: readonly { readonly id: string }[];
}
const changeAt = async (town: string): Promise<Change> => {
  const { json } = await call(`${AT}/changes?search=${town}`, { as: as('reader') });
  const [found] = json['changes'] as Change[];
  if (found === undefined) throw new Error(`no change at ${town}`);
  return found;
};

interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<
    Record<string, { content: Readonly<Record<string, { schema: Parameters<typeof z.fromJSONSchema>[0] }>> }>
  >;
}
interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}
let document: Promise<Document> | null = null;
const published = async (): Promise<Document> => {
  document ??= call('/api/v1/openapi.json', {}).then(({ json }) => json as unknown as Document);
  return await document;
};
/** Holds an answer against the schema that the server publishes for it, which allows nothing else. */
const conform = async (method: string, path: string, { status, json }: Told): Promise<void> => {
  expect(status).toBe(200);
  const address = `/api/v1/{region}${path.replaceAll(/:([a-z]+)/g, '{$1}')}`;
  const operation = (await published()).paths[address]?.[method.toLowerCase()];
  const schema = operation?.responses['200']?.content['application/json']?.schema;
  if (schema === undefined) throw new Error(`no published answer of ${method} ${path}`);
  expect(z.fromJSONSchema(schema).safeParse(json).error?.issues ?? []).toEqual([]);
};

describe('rights in the API', () => {
  it('are written here for every address that it has, and for no other', () => {
    expect(apiRoutes.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(
      Object.keys(OPENS).sort(),
    );
  });

  const cases = Object.entries(OPENS).flatMap(([address, opens]) =>
    [...ROLES, 'nobody' as const, 'unknown' as const].map((role) => ({ address, role, opens })),
  );
  it.each(cases)('of $role: $address', async ({ address, role, opens }) => {
    const [method, path = ''] = address.split(' ');
    const told = await call(`${AT}${path.replaceAll(/:[a-z]+/g, 'inconnu')}`, {
      as: role === 'unknown' ? undefined : visitors.get(role),
      ...(method === 'POST' ? { body: {} } : {}),
    });
    if (role === 'unknown') expect(problemOf(told)).toEqual({ code: 'SIGN_IN_NEEDED', status: 401 });
    else if (role === 'nobody' || !opens.includes(role))
      expect(problemOf(told)).toEqual({ code: 'NO_GRANT', status: 403 });
    else expect([200, 400, 404]).toContain(told.status);
  });
});

describe('what is sent by somebody without the right', () => {
  it.each([
    ['JSON that breaks off', '{"hash":', {}],
    ['more than a body may hold', `"${'x'.repeat(70_000)}"`, {}],
    ['a form', 'hash=1', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['an object of another kind', '{"jamais":1}', {}],
  ])('is not read: %s', async (_what, body, headers) => {
    const path = `${AT}/changes/inconnu/approve`;
    const of = async (visitor: Visitor | undefined): Promise<unknown> =>
      problemOf(await call(path, { as: visitor, body, headers }));
    expect(await of(undefined)).toEqual({ code: 'SIGN_IN_NEEDED', status: 401 });
    expect(await of(as('reader'))).toEqual({ code: 'NO_GRANT', status: 403 });
    expect(await of(as('reviewer'))).toMatchObject({ code: expect.stringMatching(/^FORM_/) as string });
  });
});

describe('the description of the API', () => {
  it('is OpenAPI 3.1, and holds every address of the table with its answer and its refusals', async () => {
    const { openapi, paths } = await published();
    expect(openapi).toBe('3.1.0');
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId, responses }]) => {
        expect(Object.keys(responses).sort()).toEqual(['200', 'default']);
        expect(Object.keys(responses['default']?.content ?? {})).toEqual(['application/problem+json']);
        return `${method.toUpperCase()} ${path.replace('/api/v1/{region}', '').replaceAll(/\{([a-z]+)\}/g, ':$1')} ${operationId}`;
      }),
    );
    expect(described.sort()).toEqual(
      apiRoutes.map(({ method, path, name }) => `${method} ${path} ${name}`).sort(),
    );
  });
});

describe('reading by the API', () => {
  it('tells where the region stands', async () => {
    const { json } = await call(AT, { as: as('reader') });
    expect(json).toMatchObject({
      code: '28',
      sandbox: true,
      state: 'pending',
      word: 'changements à approuver',
      open: { proposed: 4, toComplete: 1 },
    });
  });

  it('goes through the changes page by page, each of them once, and narrows them', async () => {
    const seen: string[] = [];
    let cursor: unknown = null;
    do {
      const at = `${AT}/changes?limit=2${cursor === null ? '' : `&cursor=${String(cursor)}`}`;
      const { json } = await call(at, { as: as('reader') });
      seen.push(...(json['changes'] as Change[]).map(({ id }) => id));
      cursor = json['next'];
    } while (cursor !== null);
    expect(seen).toHaveLength(5);
    expect(new Set(seen).size).toBe(5);
    const asked = async (query: string): Promise<number> =>
      ((await call(`${AT}/changes?${query}`, { as: as('reader') })).json['changes'] as Change[]).length;
    expect(await asked('state=proposed')).toBe(4);
    expect(await asked('state=proposed&state=toComplete')).toBe(5);
    expect(await asked('state=toComplete&search=dieppe')).toBe(0);
    expect(await asked('kind=withdraw')).toBe(0);
    expect(await asked('filiere=FIMARAD')).toBe(5);
    expect(await asked('filiere=FILNEMUS')).toBe(0);
    expect(await asked(`centre=${(await changeAt('Dieppe')).centres[0]?.id ?? ''}`)).toBe(1);
  });

  it('gives a change with its values before and after, its hash and the approvals that it lacks', async () => {
    const { id, hash } = await changeAt('Dieppe');
    const { json } = await call(`${AT}/changes/${id}`, { as: as('reader') });
    expect(json).toMatchObject({ id, hash, kind: 'create', quorum: 1, approvals: 0, confirmation: null });
    const elements = json['elements'] as { key: string; before: unknown; provenance: unknown[] }[];
    const name = elements.find(({ key }) => key === 'name');
    expect(name?.before).toBeNull();
    expect(name?.provenance).toContainEqual(
      expect.objectContaining({
        kind: 'source',
        origin: 'labelled-centres',
        locator: { file: 'centres.csv', line: 2 },
      }),
    );
  });

  it('gives the journal from a number on, and says where to go on', async () => {
    const first = await call(`${AT}/journal?limit=1`, { as: as('reader') });
    const [entry] = first.json['entries'] as { no: number }[];
    const { next } = first.json as { next: number };
    expect(next).toBeGreaterThan(entry?.no ?? 0);
    const second = await call(`${AT}/journal?from=${String(next)}&limit=1`, { as: as('reader') });
    expect((second.json['entries'] as { no: number }[])[0]?.no).toBe(next);
    expect((await call(`${AT}/journal?from=999999999`, { as: as('reader') })).json).toEqual({
      entries: [],
      next: null,
    });
  });

  it('goes through the runs and the centres page by page', async () => {
    const runs = await call(`${AT}/runs?limit=1`, { as: as('reader') });
    expect((runs.json['runs'] as unknown[]).length).toBe(1);
    const one = await call(`${AT}/centres?limit=3`, { as: as('reader') });
    const two = await call(`${AT}/centres?limit=3&cursor=${String(one.json['next'])}`, { as: as('reader') });
    const ids = [one, two].flatMap(({ json }) => (json['centres'] as { id: string }[]).map(({ id }) => id));
    expect(new Set(ids).size).toBe(5);
    expect(two.json['next']).toBeNull();
  });

  it.each([
    ['/changes/inconnu', 404, 'CHANGE_UNKNOWN'],
    ['/runs/inconnu', 404, 'RUN_UNKNOWN'],
    ['/centres/inconnu', 404, 'CENTRE_UNKNOWN'],
    ['/nulle-part', 404, 'PAGE_UNKNOWN'],
    ['/changes?limit=100000', 400, 'FORM_INVALID'],
    ['/changes?state=inconnu', 400, 'FORM_INVALID'],
    ['/changes?inconnu=1', 400, 'FORM_INVALID'],
  ])('refuses %s in words', async (path, status, code) => {
    expect(problemOf(await call(`${AT}${path}`, { as: as('reader') }))).toEqual({ code, status });
  });

  it('of a region that is not served says so', async () => {
    expect(problemOf(await call('/api/v1/99', { as: as('reader') }))).toEqual({
      code: 'REGION_UNKNOWN',
      status: 404,
    });
  });
});

describe('a write by the cookie of a session', () => {
  it('is refused without the token of the session, with another one, from elsewhere, or as a form', async () => {
    const { id, hash } = await changeAt('Dieppe');
    const at = `${AT}/changes/${id}/approve`;
    const reviewer = as('reviewer');
    for (const headers of [
      { 'x-filror-jeton': '' },
      { 'x-filror-jeton': as('reader').csrf },
      { origin: 'https://ailleurs.invalid' },
      { 'sec-fetch-site': 'cross-site' },
    ])
      expect(problemOf(await call(at, { as: reviewer, body: { hash }, headers }))).toEqual({
        code: 'FORM_FORGED',
        status: 403,
      });
    for (const type of ['application/x-www-form-urlencoded', 'text/plain']) {
      const told = await call(at, {
        as: reviewer,
        body: `hash=${hash}&_jeton=${reviewer.csrf}`,
        headers: { 'content-type': type },
      });
      expect(problemOf(told).status).toBe(400);
    }
    expect((await changeAt('Dieppe')).state).toBe('proposed');
  });

  it('finds its token where the API gives it', async () => {
    const { json } = await call(`${AT}/me`, { as: as('reviewer') });
    expect(json).toEqual({
      name: 'Personne d’essai reviewer',
      roles: ['reviewer'],
      token: as('reviewer').csrf,
    });
  });

  it('too large, or that is no JSON, is refused in words', async () => {
    const { id } = await changeAt('Dieppe');
    const at = `${AT}/changes/${id}/reject`;
    for (const body of [{ hash: '0'.repeat(64), reason: 'a'.repeat(70_000) }, '{"hash":', '[]'])
      expect(problemOf(await call(at, { as: as('reviewer'), body })).status).toBe(400);
  });
});

describe('deciding by the API', () => {
  it('is bound to the form that was read', async () => {
    const { id, hash } = await changeAt('Dieppe');
    const at = `${AT}/changes/${id}`;
    const stale = { hash: '0'.repeat(64) };
    const reviewer = as('reviewer');
    for (const told of [
      await call(`${at}/approve`, { as: reviewer, body: stale }),
      await call(`${at}/reject`, { as: reviewer, body: { ...stale, reason: 'essai' } }),
      await call(`${at}/answers`, { as: reviewer, body: { ...stale, kind: 'create' } }),
    ])
      expect(problemOf(told)).toEqual({ code: 'NOT_AS_SHOWN', status: 409 });
    const told = await call(`${at}/approve`, { as: reviewer, body: { hash } });
    await conform('POST', '/changes/:change/approve', told);
    expect(told.json).toEqual({ approvals: 1, quorum: 1, approved: true });
    expect(problemOf(await call(`${at}/approve`, { as: reviewer, body: { hash } }))).toEqual({
      code: 'ALREADY_DECIDED',
      status: 409,
    });
    expect((await call(at, { as: as('reader') })).json).toMatchObject({
      state: 'approved',
      approvals: 1,
      decisions: [{ verdict: 'approve', by: 'Personne d’essai reviewer', hash }],
    });
  });

  it('asks for the word before it counts an approval of a withdrawal', async () => {
    const { id, centres } = await changeAt('Dieppe');
    expect((await call(`${AT}/changes/${id}`, { as: as('reader') })).json['confirmation']).toBeNull();
    await web.apply();
    const proof = 'courrier d’essai du 31/01/2026';
    const subject = centres[0]?.id ?? '';
    await web.answer(web.camille, { kind: 'withdraw', subject, body: { proof, date: '2026-01-31' } });
    const { json } = await call(`${AT}/changes?kind=withdraw`, { as: as('reader') });
    const [withdrawal] = json['changes'] as Change[];
    const at = `${AT}/changes/${withdrawal?.id ?? ''}`;
    expect((await call(at, { as: as('reader') })).json['confirmation']).toBe('RETIRER');
    const body = { hash: withdrawal?.hash };
    expect(problemOf(await call(`${at}/approve`, { as: as('reviewer'), body }))).toEqual({
      code: 'CONFIRMATION_MISSING',
      status: 409,
    });
    const told = await call(`${at}/approve`, {
      as: as('reviewer'),
      body: { ...body, confirmation: 'RETIRER' },
    });
    expect(told.json).toEqual({ approvals: 1, quorum: 2, approved: false });
  });

  it('rejects with a reason, kept, and proposes the same no more', async () => {
    const { id, hash } = await changeAt('Falaise');
    const at = `${AT}/changes/${id}/reject`;
    expect(problemOf(await call(at, { as: as('reviewer'), body: { hash, reason: ' ' } }))).toEqual({
      code: 'REASON_MISSING',
      status: 409,
    });
    const personal = { hash, reason: 'voir prenom.nom@hopital.example, 02 31 00 00 00' };
    expect(problemOf(await call(at, { as: as('reviewer'), body: personal }))).toEqual({
      code: 'TEXT_PERSONAL',
      status: 400,
    });
    const told = await call(at, { as: as('reviewer'), body: { hash, reason: 'site fermé, essai' } });
    await conform('POST', '/changes/:change/reject', told);
    expect(told.json['changes']).toEqual([]);
    expect((await call(`${AT}/changes/${id}`, { as: as('reader') })).json).toMatchObject({
      state: 'rejected',
      decisions: [{ verdict: 'reject', reason: 'site fermé, essai' }],
    });
  });

  it('answers what a change asks, and then refuses its author as approver', async () => {
    const { id, hash } = await changeAt('Coutances');
    const at = `${AT}/changes/${id}/answers`;
    const body = { kind: 'complete', hash, values: ['public=mixte'] };
    const wrong = { ...body, values: ['public=tous'] };
    expect(problemOf(await call(at, { as: as('reviewer'), body: wrong }))).toEqual({
      code: 'COMPLETE_VALUE',
      status: 400,
    });
    const personal = { ...body, values: ['preuve=acte reçu de prenom.nom@hopital.example'] };
    expect(problemOf(await call(at, { as: as('reviewer'), body: personal }))).toEqual({
      code: 'TEXT_PERSONAL',
      status: 400,
    });
    const told = await call(at, { as: as('reviewer'), body });
    await conform('POST', '/changes/:change/answers', told);
    const [next] = told.json['changes'] as Change[];
    expect(next?.state).toBe('proposed');
    const approve = `${AT}/changes/${next?.id ?? ''}/approve`;
    expect(problemOf(await call(approve, { as: as('reviewer'), body: { hash: next?.hash } }))).toEqual({
      code: 'FOUR_EYES',
      status: 403,
    });
  });
});

describe('running by the API', () => {
  it('tries a run of which nothing is kept, then makes one that is', async () => {
    const runs = async (): Promise<number> => (await web.database.app('run')).length;
    const before = await runs();
    const dry = await call(`${AT}/runs`, { as: as('operator'), body: { mode: 'dry' } });
    await conform('POST', '/runs', dry);
    expect(dry.json).toMatchObject({ mode: 'dry', state: 'done', run: null, error: null });
    expect(await runs()).toBe(before);
    const real = await call(`${AT}/runs`, { as: as('operator'), body: { mode: 'real' } });
    await conform('POST', '/runs', real);
    expect(real.json).toMatchObject({ mode: 'real', state: 'done', error: null });
    const one = await call(`${AT}/runs/${String(real.json['run'])}`, { as: as('reader') });
    expect(one.json['kind']).toBe('sync');
  });

  it('pauses with a reason and an end, tells it, and takes up again', async () => {
    const until = `${new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10)}T08:00`;
    const body = { source: 'labelled-centres', reason: 'liste en révision', until };
    const told = await call(`${AT}/pauses`, { as: as('operator'), body });
    await conform('POST', '/pauses', told);
    expect(
      problemOf(await call(`${AT}/pauses`, { as: as('operator'), body: { ...body, reason: ' ' } })),
    ).toEqual({ code: 'PAUSE_REASON', status: 400 });
    const personal = { ...body, reason: 'voir avec le 02 31 00 00 00' };
    expect(problemOf(await call(`${AT}/pauses`, { as: as('operator'), body: personal }))).toEqual({
      code: 'TEXT_PERSONAL',
      status: 400,
    });
    const standing = (await call(`${AT}/pauses`, { as: as('reader') })).json['pauses'];
    expect(standing).toMatchObject([
      { source: 'labelled-centres', reason: 'liste en révision', by: 'Personne d’essai operator' },
    ]);
    const lifted = await call(`${AT}/pauses/lift`, {
      as: as('operator'),
      body: { source: 'labelled-centres' },
    });
    await conform('POST', '/pauses/lift', lifted);
    expect(lifted.json).toEqual({ lifted: 1 });
  });
});

describe('an access token', () => {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

  it('of a configured issuer opens what its person may, and writes without a session', async () => {
    const token = await issuer.token('machine-reviewer', { type: 'at+jwt' });
    expect((await call(`${AT}/me`, { token })).json).toEqual({
      name: 'Service d’essai reviewer',
      roles: ['reviewer'],
      token: null,
    });
    const { id, hash } = await changeAt('Lisieux');
    const told = await call(`${AT}/changes/${id}/approve`, { token, body: { hash } });
    expect(told.json).toEqual({ approvals: 1, quorum: 1, approved: true });
    const decision: unknown = await web.database.app('decision').where({ change_id: id }).first('person');
    expect(decision).toEqual({ person: tokenPeople.get('reviewer') });
    expect(problemOf(await call(`${AT}/runs`, { token, body: { mode: 'dry' } }))).toEqual({
      code: 'NO_GRANT',
      status: 403,
    });
  });

  const REFUSED: readonly (readonly [string, TokenChange, string])[] = [
    ['is over', { expires: -60 }, 'TOKEN_EXPIRED'],
    ['never ends', { expires: null }, 'TOKEN_REFUSED'],
    ['does not begin yet', { notBefore: 600 }, 'TOKEN_REFUSED'],
    ['is for somebody else', { audience: 'autre-service' }, 'TOKEN_REFUSED'],
    ['is an identity token', { audience: 'filror' }, 'TOKEN_REFUSED'],
    ['is of an issuer that nobody configured', { issuer: 'https://ailleurs.invalid' }, 'TOKEN_REFUSED'],
    ['is signed by another key', { key: 'another' }, 'TOKEN_REFUSED'],
    ['is of another kind', { type: 'logout+jwt' }, 'TOKEN_REFUSED'],
  ];
  it.each(REFUSED)('that %s is refused', async (_what, change, code) => {
    const told = await call(`${AT}/me`, { token: await issuer.token('machine-reviewer', change) });
    expect(problemOf(told)).toEqual({ code, status: 401 });
    expect(told.headers.get('www-authenticate')).toMatch(/^Bearer/);
  });

  it('without a signature, signed by what everybody knows, altered or unreadable is refused', async () => {
    const good = await issuer.token('machine-operator');
    const [head = '', body = '', signature = ''] = good.split('.');
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as object;
    const jwks = await (await fetch(`${issuer.url}/jwks`)).text();
    const shared = `${part({ alg: 'HS256', kid: 'cle-d-essai' })}.${body}`;
    for (const token of [
      `${part({ alg: 'none' })}.${body}.`,
      `${part({ alg: 'none' })}.${body}.${signature}`,
      `${shared}.${createHmac('sha256', jwks).update(shared).digest('base64url')}`,
      `${head}.${part({ ...claims, sub: 'machine-reviewer' })}.${signature}`,
      'illisible',
      'a.b.c',
    ]) {
      const told = await call(`${AT}/me`, { token });
      expect(problemOf(told).status).toBe(401);
    }
    expect((await call(`${AT}/me`, { token: good })).status).toBe(200);
  });

  it('of an issuer that does not answer says that it is for now, not that the token is bad', async () => {
    const told = await call(`${AT}/me`, { token: await issuer.token('machine', { issuer: stopped }) });
    expect(problemOf(told)).toEqual({ code: 'ISSUER_UNREACHABLE', status: 503 });
    expect(told.json['transient']).toBe(true);
  });

  it('has an audience of its own: a configuration that takes identity tokens is refused', () => {
    const asked = { name: 'essai', label: 'Essai', url: 'https://emetteur.invalid', clientId: 'filror' };
    const told = webConfig.safeParse({ issuers: [{ ...asked, apiAudience: 'filror' }] });
    expect(told.error?.issues.map(({ path }) => path.join('.'))).toEqual(['issuers.0.apiAudience']);
    expect(webConfig.parse({ issuers: [asked] }).issuers[0]?.apiAudience).toBeNull();
  });

  it('that is bad is not made good by a session beside it', async () => {
    const token = await issuer.token('machine-reviewer', { expires: -60 });
    expect(problemOf(await call(`${AT}/me`, { as: as('reviewer'), token })).status).toBe(401);
  });

  it('of somebody unknown, or whose right was taken back, opens nothing and creates nobody', async () => {
    const stranger = await call(`${AT}/me`, { token: await issuer.token('machine-inconnue') });
    expect(problemOf(stranger)).toEqual({ code: 'NO_GRANT', status: 403 });
    expect(await web.database.app('person').where({ subject: 'machine-inconnue' })).toEqual([]);
    const person = tokenPeople.get('operator') as PersonId;
    await revokeGrant(web.database.app, { person, role: 'operator', region: '28', at: new Date() }, null);
    const told = await call(`${AT}/me`, { token: await issuer.token('machine-operator') });
    expect(problemOf(told)).toEqual({ code: 'NO_GRANT', status: 403 });
  });
});

describe('every GET address of the API', () => {
  it('answers what the description says, whatever was decided, and never names the head of a centre', async () => {
    const ids = async (table: 'change' | 'centre' | 'run'): Promise<string[]> =>
      await web.database.app(table).where({ region: '28' }).pluck('id');
    const values: Readonly<Record<string, readonly string[]>> = {
      ':change': await ids('change'),
      ':centre': await ids('centre'),
      ':run': await ids('run'),
    };
    for (const { method, path } of apiRoutes.filter((route) => route.method === 'GET')) {
      const [name] = /:[a-z]+/.exec(path) ?? [];
      for (const value of name === undefined ? [''] : (values[name] ?? [])) {
        const told = await call(`${AT}${path.replace(/:[a-z]+/, value)}`, { as: as('administrator') });
        await conform(method, path, told);
        expect(told.text).not.toContain(HEAD_OF_CENTRE);
        expect(told.headers.get('cache-control')).toBe('no-store');
        expect(told.headers.get('access-control-allow-origin')).toBeNull();
      }
    }
  });

  it('tells the queue of a region whose people type into the ROR', async () => {
    const handed = await openWebWorld({ list: LIST, repository: { ways: ['sheet'] } });
    try {
      await handed.sync();
      const change = (await handed.open()).find(({ state }) => state === 'proposed');
      await handed.approve(handed.dominique, change?.id ?? '');
      const told = await call(`${AT}/queue`, { as: await handed.visitor(['reader']), url: handed.url });
      await conform('GET', '/queue', told);
      expect(told.json['items']).toMatchObject([
        { change: change?.id, kind: 'create', step: 'ready', word: 'à transmettre', owner: null },
      ]);
    } finally {
      await handed.close();
    }
  });
});

describe('the pace of the API', () => {
  it('is bounded, and the refusal says so', async () => {
    let told = await call(`${AT}/me`, {});
    for (let asked = 0; told.status !== 429 && asked < 700; asked++) told = await call(`${AT}/me`, {});
    expect(problemOf(told)).toEqual({ code: 'TOO_MANY', status: 429 });
  });
});
