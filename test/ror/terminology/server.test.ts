import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { askServer } from '../../../src/ror/terminology/server.js';
import { valueSetUrl } from '../../../src/ror/terminology/compare.js';
import { startLocalServer, type Handler, type LocalServer } from '../../support/local-server.js';
import { startMedplumServer, type MedplumServer } from '../../support/medplum-server.js';
import { codeSystem, inUse, outOfUse, systemOf } from '../../support/nomenclature.js';

const TODAY = '2026-11-23';
const levels = systemOf('TRE_R344');
const wanted = [{ url: levels.system, valueSetUrl: null }];
const resource = codeSystem(levels);

let server: LocalServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});
async function serving(handler: Handler): Promise<LocalServer> {
  return (server = await startLocalServer(handler));
}
/** Answers by path; what stands nowhere is a 404 with an OperationOutcome. */
const answers =
  (byPath: Readonly<Record<string, (base: string) => unknown>>): Handler =>
  ({ url = '', headers }, response) => {
    const path = url.split('?')[0] ?? '';
    const page = new URLSearchParams(url.split('?')[1]).get('page');
    const found = byPath[page === null ? path : `${path} ${page}`];
    const outcome = {
      resourceType: 'OperationOutcome',
      issue: [{ code: 'not-found', diagnostics: 'inconnu' }],
    };
    response.writeHead(found === undefined ? 404 : 200, { 'Content-Type': 'application/fhir+json' });
    response.end(JSON.stringify(found?.(`http://${headers.host ?? ''}`) ?? outcome));
  };
const searchset = (resources: readonly unknown[], link: readonly unknown[] = []) => ({
  resourceType: 'Bundle',
  type: 'searchset',
  link,
  entry: resources.map((each) => ({ resource: each })),
});
const next = (url: string) => [{ relation: 'next', url }];

describe('a terminology server', () => {
  it('is asked by the address of the nomenclature, in French, and read where the search gives a summary', async () => {
    const summary = { ...resource, concept: undefined, meta: { tag: [{ code: 'SUBSETTED' }] } };
    const { url, seen } = await serving(
      answers({
        '/fhir/CodeSystem': () => searchset([summary]),
        '/fhir/CodeSystem/TRE-R344': () => resource,
      }),
    );
    const { systems } = await askServer(`${url}/fhir/`, wanted, TODAY);
    expect(systems.map(({ concepts, extent }) => [concepts.size, extent])).toEqual([
      [Object.keys(levels.active).length, 'complete'],
    ]);
    expect(seen).toEqual([
      `GET /fhir/CodeSystem?url=${encodeURIComponent(levels.system)}`,
      'GET /fhir/CodeSystem/TRE-R344',
    ]);
  });

  it('of several versions over several pages gives the last, and never what was not asked for', async () => {
    const version = (text: string, status = 'active') => ({
      ...resource,
      id: `v${text}`,
      version: text,
      status,
    });
    const other = { ...resource, url: 'urn:autre' };
    const { url } = await serving(
      answers({
        '/CodeSystem': (base) => searchset([version('1.9.0'), other], next(`${base}/CodeSystem?page=2`)),
        '/CodeSystem 2': () => searchset([version('1.10.0'), version('2.0.0', 'retired')]),
      }),
    );
    const { systems } = await askServer(url, wanted, TODAY);
    expect(systems.map(({ version: given }) => given)).toEqual(['1.10.0']);
  });

  it('that turns in circles, leads to another host, or never ends its pages is left', async () => {
    const pages = { code: 'CODES_PAGES' };
    const round = await serving(
      answers({
        '/CodeSystem': (base) => searchset([], next(`${base}/CodeSystem?page=1`)),
        '/CodeSystem 1': (base) => searchset([], next(`${base}/CodeSystem?page=1`)),
      }),
    );
    await expect(askServer(round.url, wanted, TODAY)).rejects.toMatchObject(pages);
    await round.close();
    const abroad = await serving(
      answers({ '/CodeSystem': () => searchset([], next('http://127.0.0.2:1/x')) }),
    );
    await expect(askServer(abroad.url, wanted, TODAY)).rejects.toMatchObject(pages);
    await abroad.close();
    let page = 0;
    const endless = await serving((_request, response) =>
      response.end(JSON.stringify(searchset([], next(`/CodeSystem?page=${String(++page)}`)))),
    );
    await expect(askServer(endless.url, wanted, TODAY)).rejects.toMatchObject(pages);
    expect(endless.seen).toHaveLength(20);
  });

  it.each([
    [
      'an OperationOutcome',
      403,
      { resourceType: 'OperationOutcome', issue: [{ code: 'forbidden', diagnostics: 'droit absent' }] },
      'CODES_STATUS_HTTP',
      /403 : forbidden : droit absent/,
    ],
    [
      'an OperationOutcome with 200',
      200,
      { resourceType: 'OperationOutcome', issue: [{ code: 'exception' }] },
      'CODES_OUTCOME',
      /exception/,
    ],
    ['an HTML page with 200', 200, '<html><body>Connexion</body></html>', 'CODES_HTML', /pas du JSON/],
    ['half an answer', 200, '{"resourceType":"Bundle","entry":[', 'CODES_JSON', /coupé/],
    ['another resource', 200, { resourceType: 'CapabilityStatement' }, 'CODES_SHAPE', /CapabilityStatement/],
    [
      'labels in another encoding',
      200,
      Buffer.from('{"resourceType":"Bundle","id":"é"}', 'latin1'),
      'CODES_ENCODING',
      /UTF-8/,
    ],
  ])('%s is told as it is', async (_what, status, body, code, message) => {
    const { url } = await serving((_request, response) =>
      response
        .writeHead(status)
        .end(typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body)),
    );
    await expect(askServer(url, wanted, TODAY)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    });
  });

  it('is not followed elsewhere, and its own address must be a base', async () => {
    const { url, seen } = await serving((_request, response) =>
      response.writeHead(302, { Location: 'http://127.0.0.1:9/ailleurs' }).end(),
    );
    await expect(askServer(url, wanted, TODAY)).rejects.toMatchObject({ code: 'CODES_REDIRECT' });
    expect(seen).toHaveLength(1);
    await expect(askServer(`${url}/?url=x`, wanted, TODAY)).rejects.toMatchObject({ code: 'CODES_ADDRESS' });
  });

  it('shows no secret of its address in what it tells', async () => {
    const { url } = await serving((_request, response) => response.writeHead(500).end());
    const secret = url.replace('http://', 'http://moi:motdepasse@');
    await expect(askServer(secret, wanted, TODAY)).rejects.toSatisfy(
      (error: Error) => !JSON.stringify([error.message, error]).includes('motdepasse'),
    );
  }, 60_000);
});

describe('a third-party FHIR server (Medplum’s router and in-memory store)', () => {
  let medplum: MedplumServer;
  const valueSet = valueSetUrl(levels.valueSet) ?? '';
  beforeAll(async () => {
    medplum = await startMedplumServer();
    const post = async (kind: string, body: object): Promise<void> => {
      const answer = await fetch(`${medplum.fhirBase}/${kind}`, {
        method: 'POST',
        body: JSON.stringify(body),
      });
      expect(answer.status).toBe(201);
    };
    await post(
      'CodeSystem',
      codeSystem(levels, {
        '11': outOfUse('11', 'Centre de compétences labellisé', '90'),
        '90': inUse('90', 'Centre d’essai'),
      }),
    );
    const concept = [{ code: '10' }, { code: '90' }];
    const compose = { include: [{ system: levels.system, concept }] };
    await post('ValueSet', { resourceType: 'ValueSet', url: valueSet, status: 'active', compose });
  });
  afterAll(() => medplum.close());

  it('gives nomenclature and value set', async () => {
    const both = [{ url: levels.system, valueSetUrl: valueSet }];
    const { systems, subsets } = await askServer(medplum.fhirBase, both, TODAY);
    expect(systems[0]?.concepts.get('11')).toEqual({
      code: '11',
      display: 'Centre de compétences labellisé',
      status: 'retired',
      retiredOn: '2026-10-01',
      successors: ['90'],
    });
    expect(subsets.map(({ codes }) => [...(codes?.keys() ?? [])])).toEqual([['10', '90']]);
    const unknown = await askServer(
      medplum.fhirBase,
      [{ url: 'urn:essai:inconnu', valueSetUrl: null }],
      TODAY,
    );
    expect(unknown).toEqual({ systems: [], subsets: [], successions: [] });
  });
});
