import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DataError, RemoteError } from '../../src/domain/errors.js';
import { HttpClient, type Exchange } from '../../src/http/client.js';
import { RorClient, type SearchParams } from '../../src/ror/client.js';
import type { WriteOutcome } from '../../src/ror/outcome.js';
import type { SearchEntry } from '../../src/ror/searchset.js';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.js';
import { trialOffer } from '../../src/sandbox/seed.js';
import { closedPort, startLocalServer } from '../support/local-server.js';
import { TRIAL_ENV, trialProfile } from '../support/region-profile.js';
import { CAEN, SYSTEM, trialRegion } from '../support/trial-region.js';

let sandbox: Sandbox;
let client: RorClient;
let exchanges: Exchange[];
let clock: number;

function connect(change: Readonly<Record<string, unknown>> = {}, timeoutMs = 5_000): RorClient {
  const http = new HttpClient({
    timeoutMs,
    sleep: async () => undefined,
    onExchange: (exchange) => exchanges.push(exchange),
  });
  const profile = trialProfile(sandbox, { timeoutMs, ...change });
  return new RorClient(profile, { http, env: TRIAL_ENV, now: () => new Date(clock) });
}

beforeEach(async () => {
  exchanges = [];
  clock = Date.now();
  sandbox = await startSandbox({ seed: trialRegion(), now: () => new Date(clock) });
  client = connect();
});
afterEach(async () => {
  expect(sandbox.faults.pending, 'every scripted fault was met').toBe(0);
  client.close();
  await sandbox.close();
});

async function all(params: SearchParams = [], from = client): Promise<SearchEntry[]> {
  const entries: SearchEntry[] = [];
  for await (const entry of from.search('HealthcareService', params)) entries.push(entry);
  return entries;
}

async function thrown(run: Promise<unknown>): Promise<RemoteError> {
  const error = await run.then(
    () => null,
    (cause: unknown) => cause,
  );
  expect(error).toBeInstanceOf(RemoteError);
  return error as RemoteError;
}

const tokens = () => sandbox.requests.filter(({ path }) => path.startsWith('/auth/')).length;
const rename = (name: string) =>
  JSON.stringify({
    resourceType: 'Parameters',
    parameter: [
      {
        name: 'operation',
        part: [
          { name: 'type', valueCode: 'replace' },
          { name: 'path', valueString: 'HealthcareService.name' },
          { name: 'value', valueString: name },
        ],
      },
    ],
  });
const draft = () => {
  const { id, identifier, ...body } = trialOffer({ id: 'x', identifier: 'x', label: 'neuve', site: CAEN });
  expect([id, identifier]).not.toContain(undefined);
  return JSON.stringify(body);
};

describe('ROR client, reading', () => {
  it('walks all pages, texts as the repository gave them, includes marked', async () => {
    client = connect({ pageSize: 1 });
    const entries = await all([
      ['_tag', `${SYSTEM('TRE_R30-RegionOM')}|28`],
      ['_include', 'HealthcareService:organization'],
    ]);
    expect(entries.map(({ resource, mode }) => [resource['id'], mode])).toEqual([
      ['derm-caen', 'match'],
      ['eg-140000209', 'include'],
      ['derm-rouen', 'match'],
      ['eg-760000158', 'include'],
    ]);
    expect(entries[0]?.text).toBe(sandbox.text('HealthcareService', 'derm-caen'));
    expect(sandbox.requests.filter(({ path }) => path.startsWith('/fhir/'))).toHaveLength(2);
    expect(tokens()).toBe(1);
  });

  it('reads one, or says that it is absent', async () => {
    const found = await client.read('HealthcareService', 'derm-caen');
    expect(found).toMatchObject({ kind: 'found', text: sandbox.text('HealthcareService', 'derm-caen') });
    expect(await client.read('HealthcareService', 'absente')).toEqual({ kind: 'absent' });
  });

  it('never takes a cut search for a whole one', async () => {
    const small = await startSandbox({ seed: trialRegion(), searchLimit: 1 });
    const cut = new RorClient(trialProfile(small), { env: TRIAL_ENV });
    expect(await thrown(all([], cut))).toMatchObject({ code: 'ROR_SEARCH_CUT' });
    expect((await thrown(all([], connect({ searchLimit: 2 })))).code).toBe('ROR_SEARCH_CUT');
    cut.close();
    await small.close();
  });

  describe('on a server whose page links never end', () => {
    /** Each page links to a page of its own; `ids` says whose offers stand on it. */
    async function readEndless(ids: (page: number) => readonly string[], change = {}) {
      let pages = 0;
      const server = await startLocalServer((request, response) => {
        if (request.method === 'POST') {
          response.end(JSON.stringify({ access_token: 'a.b.c', expires_in: 60 }));
          return;
        }
        const page = ++pages;
        // A client that goes on for ever would hold the test: here the links end some day.
        const link = page < 60 ? [{ relation: 'next', url: `/fhir/_page/${page}` }] : [];
        const entry = ids(page).map((id) => ({ resource: { resourceType: 'HealthcareService', id } }));
        response.end(JSON.stringify({ resourceType: 'Bundle', total: 1, link, entry }));
      });
      const profile = trialProfile(
        { fhirBase: `${server.url}/fhir`, tokenUrl: `${server.url}/jeton` },
        change,
      );
      const reader = new RorClient(profile, { env: TRIAL_ENV });
      try {
        const error = await thrown(all([], reader));
        return { error, pages };
      } finally {
        reader.close();
        await server.close();
      }
    }

    it('stops after five pages in a row that bring nothing new, and says what to do', async () => {
      const { error, pages } = await readEndless(() => ['a']);
      expect(error).toMatchObject({ code: 'ROR_SEARCH_ENDLESS', transient: false });
      expect(error.message).toContain('5 pages de suite');
      expect(error.remedy).toContain('tournent en rond');
      // The first brings `a`, the five next ones nothing.
      expect(pages).toBe(6);
    });

    it('stops as soon as it has as many resources as a search may give', async () => {
      const { error, pages } = await readEndless((page) => [`o${2 * page}`, `o${2 * page + 1}`], {
        searchLimit: 8,
      });
      expect(error.code).toBe('ROR_SEARCH_CUT');
      expect(pages).toBe(4);
    });

    it('goes on through four empty pages', async () => {
      const { error, pages } = await readEndless((page) => (page % 5 === 0 ? [`o${page}`] : []), {
        searchLimit: 3,
      });
      expect(error.code).toBe('ROR_SEARCH_CUT');
      expect(pages).toBe(15);
    });
  });

  it('sends its token to no other server, whatever the next link says', async () => {
    const thief = await startLocalServer((_request, response) => response.end('{}'));
    const liar = await startLocalServer((request, response) => {
      if (request.method === 'POST') response.end(JSON.stringify({ access_token: 'a.b.c', expires_in: 60 }));
      else
        response.end(
          JSON.stringify({
            resourceType: 'Bundle',
            link: [{ relation: 'next', url: `${thief.url}/fhir?page=2` }],
          }),
        );
    });
    const fooled = new RorClient(
      trialProfile({ fhirBase: `${liar.url}/fhir`, tokenUrl: `${liar.url}/token` }),
      {
        env: TRIAL_ENV,
      },
    );
    expect((await thrown(all([], fooled))).code).toBe('ROR_NEXT_LINK');
    expect(thief.seen).toEqual([]);
    fooled.close();
    await thief.close();
    await liar.close();
  });

  it('tries a read again after 500, and says what the repository answered when it goes on', async () => {
    sandbox.faults.next('search', { kind: 'error', status: 500, when: 'before' });
    expect(await all()).toHaveLength(2);
    sandbox.faults.next('search', { kind: 'error', status: 500, when: 'before' }, 4);
    const error = await thrown(all());
    expect(error).toMatchObject({ code: 'ROR_READ', transient: true });
    expect(error.message).toContain('Panne jouée');
    expect((await thrown(all([['inconnu', '1']]))).transient).toBe(false);
  });
});

describe('ROR client, token', () => {
  it('asks one token for many requests at once, and a new one before the end of the first', async () => {
    await Promise.all([all(), all(), client.read('HealthcareService', 'derm-caen')]);
    expect(tokens()).toBe(1);
    clock += 269_000;
    await all();
    expect(tokens()).toBe(1);
    clock += 2_000;
    await all();
    expect(tokens()).toBe(2);
  });

  it('renews once on 401 and sends a write again: the repository did nothing of the first', async () => {
    sandbox.faults.next('write', { kind: 'unauthorized' });
    expect(await client.patch('HealthcareService', 'derm-caen', rename('Neuf'))).toMatchObject({
      kind: 'done',
    });
    expect(tokens()).toBe(2);
    sandbox.faults.next('write', { kind: 'unauthorized' }, 2);
    const refused = await client.patch('HealthcareService', 'derm-caen', rename('Neuf'));
    expect(refused).toMatchObject({ kind: 'refused', status: 401 });
    expect(tokens()).toBe(3);
  });

  it('goes on after a restart of the repository, whose old tokens are refused', async () => {
    await all();
    const { port } = new URL(sandbox.url);
    await sandbox.close();
    sandbox = await startSandbox({ seed: trialRegion(), port: Number(port), now: () => new Date(clock) });
    expect(await all()).toHaveLength(2);
  });

  it('says what to do when the secret is wrong or missing', async () => {
    const profile = trialProfile(sandbox, { accessProfile: 0, ways: ['sheet'] });
    const wrong = new RorClient(profile, { env: { FILROR_ROR_SECRET: 'faux-secret' } });
    const error = await thrown(all([], wrong));
    expect(error).toMatchObject({ code: 'ROR_TOKEN', transient: false });
    expect(inspect(error)).not.toContain('faux-secret');
    wrong.close();
    expect(() => new RorClient(profile, { env: {} })).toThrow(DataError);
    expect(() => new RorClient(profile, { env: {} })).toThrow(/FILROR_ROR_SECRET/);
  });

  it('shows no token and no secret, in errors nor to the log', async () => {
    sandbox.faults.next('write', { kind: 'drop', when: 'after' });
    const outcome = await client.patch('HealthcareService', 'derm-caen', rename('Neuf'));
    const failed = await thrown(all([['inconnu', '1']]));
    const shown =
      inspect([outcome, failed, exchanges, client], { depth: 20 }) + JSON.stringify([outcome, exchanges]);
    expect(shown).toContain('HTTP_CUT');
    expect(shown).not.toMatch(/eyJ|Bearer [^*]|bac-a-sable/);
  });
});

describe('ROR client, writing', () => {
  it('creates: id and version from Location, body as answered', async () => {
    const outcome = await client.create('HealthcareService', draft());
    expect(outcome).toMatchObject({ kind: 'done', status: 201, versionId: '1' });
    if (outcome.kind !== 'done') return;
    expect(outcome.body).toBe(sandbox.text('HealthcareService', outcome.id));
    expect(JSON.parse(outcome.body ?? '')).toMatchObject({ identifier: [{ value: '28/0000001' }] });
  });

  it('takes the id from the body when there is no Location, and knows nothing when neither names it', async () => {
    let answer = '{"id":"b1","meta":{"versionId":"4"}}';
    const server = await startLocalServer((request, response) => {
      if (request.url === '/token') response.end('{"access_token":"opaque","expires_in":60}');
      else response.writeHead(201).end(answer);
    });
    const other = new RorClient(trialProfile({ fhirBase: server.url, tokenUrl: `${server.url}/token` }), {
      env: TRIAL_ENV,
    });
    expect(await other.create('Task', '{}')).toMatchObject({ kind: 'done', id: 'b1', versionId: '4' });
    answer = '';
    expect(await other.create('Task', '{}')).toMatchObject({ kind: 'unknown', status: 201 });
    other.close();
    await server.close();
  });

  it('updates and patches: the new version is told', async () => {
    const before = sandbox.text('HealthcareService', 'derm-caen') ?? '';
    const updated = await client.update('HealthcareService', 'derm-caen', before.replace('Caen', 'Caen bis'));
    expect(updated).toMatchObject({ kind: 'done', id: 'derm-caen', versionId: '2' });
    const patched = await client.patch('HealthcareService', 'derm-caen', rename('Neuf'));
    expect(patched).toMatchObject({ kind: 'done', status: 200, id: 'derm-caen', versionId: '3' });
    expect(sandbox.text('HealthcareService', 'derm-caen')).toContain('"name":"Neuf"');
  });

  it('tells a refusal with every issue of the repository', async () => {
    const outcome = await client.create('HealthcareService', '{"resourceType":"HealthcareService"}');
    expect(outcome).toMatchObject({ kind: 'refused', status: 422, transient: false });
    if (outcome.kind !== 'refused') return;
    expect(outcome.issues.length).toBeGreaterThan(3);
    expect(outcome.text).toContain('HealthcareService.providedBy');
  });

  it('tells a 429 as refused for now, with the wait that was asked, and does not send it again', async () => {
    sandbox.faults.next('write', { kind: 'tooMany', retryAfter: '7' });
    const outcome = await client.patch('HealthcareService', 'derm-caen', rename('Neuf'));
    expect(outcome).toMatchObject({ kind: 'refused', status: 429, transient: true, retryAfterMs: 7000 });
    expect(sandbox.writes()).toHaveLength(1);
  });

  it('tells the wait that a 503 asks, though it does not know what became of the write', async () => {
    const fault = { kind: 'error', status: 503, when: 'before', retryAfter: '7' } as const;
    sandbox.faults.next('write', fault);
    const outcome = await client.patch('HealthcareService', 'derm-caen', rename('Neuf'));
    expect(outcome).toMatchObject({ kind: 'unknown', status: 503, retryAfterMs: 7000 });
    sandbox.faults.next('write', { kind: 'error', status: 503, when: 'before' });
    const silent = await client.patch('HealthcareService', 'derm-caen', rename('Neuf'));
    expect(silent).toMatchObject({ kind: 'unknown', retryAfterMs: null });
  });

  it('says who made a write late: the authorisation server, or our own rate', async () => {
    const late = async (slow: 'rate' | 'token'): Promise<WriteOutcome> => {
      const sleep = async (ms: number) => void (clock += ms);
      const rate = slow === 'rate' ? { perSecond: 0.1, burst: 1 } : null;
      const http = new HttpClient({ rate, sleep, now: () => new Date(clock) });
      const own = new RorClient(trialProfile(sandbox), { http, env: TRIAL_ENV, now: () => new Date(clock) });
      const outcome = own.create('HealthcareService', draft(), new Date(clock + 2_000));
      return await outcome.finally(() => own.close());
    };
    // The token takes the one place of the bucket: the write's turn comes ten seconds later.
    expect(await late('rate')).toMatchObject({
      kind: 'notSent',
      error: { code: 'ROR_TOO_LATE', remedy: expect.stringContaining('relevez rate') as string },
    });
    sandbox.faults.next('token', {
      kind: 'meanwhile',
      when: 'before',
      act: () => void (clock += 3_000),
    });
    expect(await late('token')).toMatchObject({
      kind: 'notSent',
      error: { code: 'ROR_TOO_LATE', remedy: expect.stringContaining('serveur d’autorisation') as string },
    });
    expect(sandbox.writes()).toEqual([]);
  });

  it.each([
    ['500 after the commit', { kind: 'error', status: 500, when: 'after' }, 500],
    ['503 before the commit', { kind: 'error', status: 503, when: 'before' }, 503],
    ['connection cut after the commit', { kind: 'drop', when: 'after' }, null],
    ['connection cut before the commit', { kind: 'drop', when: 'before' }, null],
    ['time-out', { kind: 'delay', ms: 400, when: 'after' }, null],
  ] as const)('knows that it does not know: %s; and sends nothing twice', async (_name, fault, status) => {
    client.close();
    client = connect({}, 150);
    sandbox.faults.next('create', fault);
    expect(await client.create('HealthcareService', draft())).toMatchObject({ kind: 'unknown', status });
    expect(sandbox.writes()).toHaveLength(1);
  });

  it('says notSent when the write never left: repository unreachable, or no token to be had', async () => {
    const nowhere = `http://127.0.0.1:${await closedPort()}`;
    const lost = new RorClient(trialProfile({ fhirBase: `${nowhere}/fhir`, tokenUrl: sandbox.tokenUrl }), {
      env: TRIAL_ENV,
    });
    expect((await lost.create('HealthcareService', draft())).kind).toBe('notSent');
    lost.close();
    sandbox.faults.next('token', { kind: 'error', status: 400, when: 'before' });
    expect((await client.create('HealthcareService', draft())).kind).toBe('notSent');
    expect(sandbox.writes()).toEqual([]);
  });
});
