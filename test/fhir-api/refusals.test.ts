import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPool } from '../../src/db/pool.js';
import { trialDirectory } from '../support/fhir-directory.js';
import { matchesOf, openFhirWorld, type FhirWorld } from '../support/fhir-world.js';
import { closedPort } from '../support/local-server.js';

/** What is refused says what is wrong, where, and what to do. */
let world: FhirWorld;

beforeAll(async () => {
  world = await openFhirWorld();
  await world.mirror(...trialDirectory());
  await world.facts('28/ESSAI-0002', 'cmr_aaaaaaaaaaaaaaaa', {
    filiere: { code: 'FIMARAD', title: 'Filière d’essai' },
    label: 'CCMR',
    campaign: 'avant 2017',
    ern: ['ERN-SKIN'],
  });
  await world.publish();
});
afterAll(() => world.close());

interface Told {
  readonly status: number;
  readonly message: string;
  readonly expression: string | undefined;
}

async function told(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Told> {
  const { status, body } = await world.get(path, headers);
  expect(body['resourceType']).toBe('OperationOutcome');
  const [issue] = body['issue'] as { diagnostics: string; expression?: string[] }[];
  return { status, message: issue?.diagnostics ?? '', expression: issue?.expression?.[0] };
}

describe('a refusal', () => {
  it.each([
    ['/fhir/28/HealthcareService/absente', 404, 'HealthcareService?identifier=…'],
    ['/fhir/28/HealthcareService/a%20b', 404, '?identifier=…'],
    ['/fhir/28/HealthcareService/offre-caen/_history/9', 404, 'HealthcareService/offre-caen/_history)'],
    ['/fhir/28/HealthcareService/absente/_history', 404, 'HealthcareService?identifier=…'],
    ['/fhir/28/HealthcareService/offre-caen?name=x', 400, 'GET HealthcareService?name=…'],
    ['/fhir/28/HealthcareService?_count=abc', 400, 'un nombre entier, de 0 (compter seulement) à 200'],
    [
      '/fhir/28/HealthcareService?_include=HealthcareService:organisation',
      400,
      'vouliez-vous dire « HealthcareService:organization »',
    ],
    ['/fhir/28/HealthcareService?_include=*', 400, 'prenez l’une de HealthcareService:organization'],
    ['/fhir/28/HealthcareService?filliere=FIMARAD', 400, 'vouliez-vous dire « filiere »'],
    ['/ror/28/HealthcareService?filiere=FIMARAD', 400, 'n’existe que dans la base enrichie'],
    ['/fhir/28/HealthcareService?_lastUpdated=hier', 400, 'précédé au besoin d’un préfixe : ge2026-01-31'],
    [
      '/fhir/28/HealthcareService?_lastUpdated=2026-02-30',
      400,
      'précédé au besoin d’un préfixe : ge2026-01-31',
    ],
    ['/fhir/28/HealthcareService?organisation.name=x', 400, 'vouliez-vous dire « organization »'],
    ['/fhir/28/HealthcareService?name:exact=Offre', 400, 'sans accents ni majuscules'],
    ['/fhir/28/HealthcareService?_has:X:y:z=1', 400, '_has:<type>:<référence vers HealthcareService>'],
    ['/fhir/28/healthcareservice', 404, 'vouliez-vous dire « HealthcareService »'],
    ['/fhir/28/Patient', 404, 'HealthcareService, Organization, Location'],
    ['/fhir/28', 404, '/fhir/28/metadata'],
    ['/fhir/28/', 404, '/fhir/28/metadata'],
    ['/fhir/99/metadata', 404, '/ror/28'],
    ['/fhir/28/CodeSystem/filieres', 404, 'vouliez-vous dire « filiere »'],
  ])('of %s is %i and says: %s', async (path, status, words) => {
    const { status: given, message } = await told(path);
    expect(given).toBe(status);
    expect(message).toContain(words);
    expect(message).toContain('Que faire :');
  });

  it('of what stands in a chain names the whole chain', async () => {
    expect(await told('/fhir/28/HealthcareService?organization.partof.couleur=bleu')).toMatchObject({
      status: 400,
      expression: 'organization.partof.couleur',
      message: expect.stringContaining('Dans « organization.partof.couleur » : ') as string,
    });
    expect((await told('/fhir/28/Location?_has:HealthcareService:location:age-range-low=x')).expression).toBe(
      '_has:HealthcareService:location:age-range-low',
    );
  });

  it('of more than twenty communes is at once, over all the parameters', async () => {
    const communes = (count: number): string => Array.from({ length: count }, () => '76540|5|km').join(',');
    const path = (...counts: readonly number[]): string =>
      `/fhir/28/Location?${counts.map((count) => `near-insee-code=${encodeURIComponent(communes(count))}`).join('&')}`;
    expect((await world.get(path(20))).status).toBe(200);
    for (const counts of [[21], [11, 10]])
      expect(await told(path(...counts))).toMatchObject({
        status: 400,
        expression: 'near-insee-code',
        message: expect.stringContaining('Au plus 20 communes') as string,
      });
  });
});

describe('another verb', () => {
  it.each([
    ['PUT', 'HealthcareService/offre-caen', 'GET, HEAD'],
    ['PATCH', 'HealthcareService/offre-caen', 'GET, HEAD'],
    ['DELETE', 'HealthcareService/offre-caen', 'GET, HEAD'],
    ['POST', 'HealthcareService', 'GET, HEAD'],
    ['POST', 'metadata', 'GET, HEAD'],
    ['POST', 'HealthcareService/offre-caen/_history/1', 'GET, HEAD'],
    ['PUT', 'Task', 'POST'],
    ['PUT', '$export-poll-status', 'GET, HEAD, DELETE'],
  ])('%s on %s is 405 and says which ones there are', async (method, path, allow) => {
    const answer = await fetch(`${world.fhir}/${path}`, { method });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, allow]);
    const body = await answer.text();
    expect(body).toContain('lecture seule, sauf POST Task (signaler une erreur)');
    expect(JSON.parse(body)).toMatchObject({ resourceType: 'OperationOutcome' });
  });
});

describe('a code of ours that is none', () => {
  it.each([
    ['filiere=FIMARADE', 'vouliez-vous dire « FIMARAD »', 'CodeSystem/filiere'],
    ['filiere=FIMARAD,BRAINTEAM', 'vouliez-vous dire « BRAIN-TEAM »', 'CodeSystem/filiere'],
    ['filiere:not=fimarad', 'vouliez-vous dire « FIMARAD »', 'CodeSystem/filiere'],
    ['filiere=https://filror.example/fhir/CodeSystem/filiere%7CFIMARADE', 'FIMARAD', 'CodeSystem/filiere'],
    ['ern=ERN-SKINN', 'vouliez-vous dire « ERN-SKIN »', 'CodeSystem/ern'],
    ['label-role=CRMR', '« CRMR-coordonnateur » ou « CRMR-constitutif »', 'CodeSystem/label-role'],
    ['label-campaign=avant 2018', 'vouliez-vous dire « avant 2017 »', 'l’année de la campagne'],
    ['label-campaign=2999', 'n’est pas un code connu', 'l’année de la campagne'],
  ])('is refused, with the nearest one and the list: %s', async (query, near, list) => {
    const { status, message, expression } = await told(`/fhir/28/HealthcareService?${query}`);
    expect([status, expression]).toEqual([400, query.split(/[=:]/)[0]]);
    expect(message).toContain(near);
    expect(message).toContain(list);
  });

  it('is refused behind a chain, and in the filter of an export', async () => {
    expect((await told('/fhir/28/Location?_has:HealthcareService:location:filiere=FIMARADE')).status).toBe(
      400,
    );
    const filter = encodeURIComponent('HealthcareService?filiere=FIMARADE');
    expect((await told(`/fhir/28/$export?_typeFilter=${filter}`)).message).toContain('FIMARAD');
  });

  it('is searched for all the same with lenient handling, with a warning', async () => {
    const { status, body } = await world.get('/fhir/28/HealthcareService?filiere=FIMARADE', {
      prefer: 'handling=lenient',
    });
    expect([status, body['total'], matchesOf(body)]).toEqual([200, 0, []]);
    expect((body['entry'] as object[]).at(-1)).toMatchObject({
      resource: { issue: [{ severity: 'warning', code: 'code-invalid', expression: ['filiere'] }] },
      search: { mode: 'outcome' },
    });
  });

  it.each(['filiere=BRAIN-TEAM', 'ern=ERN-EYE', 'label-role=CRC', 'label-campaign=2023'])(
    'is not one of the list that nothing bears: %s',
    async (query) => {
      expect((await world.get(`/fhir/28/HealthcareService?${query}`)).body).toMatchObject({ total: 0 });
    },
  );

  it.each(['filiere=FIMARAD', 'label-campaign=avant 2017', 'ern=ERN-SKIN'])(
    'is not what something served bears: %s',
    async (query) => {
      expect((await world.get(`/fhir/28/HealthcareService?${query}`)).body).toMatchObject({ total: 1 });
    },
  );

  it('is listed where a kind of definition is asked for without its name', async () => {
    const answer = await world.get('/fhir/28/CodeSystem');
    expect(answer.status).toBe(404);
    expect(answer.text).toContain(`GET ${world.fhir}/CodeSystem/filiere`);
  });

  it('cannot be told where no list was handed over', async () => {
    const bare = await openFhirWorld({ filieres: [] });
    try {
      await bare.publish();
      const answer = await bare.get('/fhir/28/HealthcareService?filiere=FIMARADE');
      expect([answer.status, answer.body['total']]).toEqual([200, 0]);
      expect((await bare.get('/fhir/28/CodeSystem/filiere')).body).toMatchObject({ content: 'not-present' });
    } finally {
      await bare.close();
    }
  });
});

describe('a request that node itself refuses', () => {
  it('is an OperationOutcome that says how an accent is written', async () => {
    const answer = await raw(
      'GET /fhir/28/HealthcareService?name=néphrologie HTTP/1.1\r\nHost: essai\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(answer).toContain('Content-Type: application/fhir+json');
    const body = JSON.parse(answer.split('\r\n\r\n')[1] ?? '') as { issue: { diagnostics: string }[] };
    expect(body).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ code: 'invalid' }] });
    expect(body.issue[0]?.diagnostics).toContain('« é » s’écrit %C3%A9');
  });

  it('is one too when its headers are too long', async () => {
    const answer = await raw(`GET /fhir/28/metadata?x=${'a'.repeat(40_000)} HTTP/1.1\r\nHost: essai\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
    expect(answer).toContain('_search');
  });

  it('is none once the accent is encoded', async () => {
    expect((await world.get('/fhir/28/HealthcareService?name=n%C3%A9phrologie')).status).toBe(200);
  });
});

/** What comes back of bytes sent as they are. */
function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(world.url).port), '127.0.0.1', () => socket.write(text, 'utf8'));
    let answer = '';
    socket.on('data', (piece: Buffer) => (answer += piece.toString('utf8')));
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });
}

describe('a database that is gone', () => {
  it('is 503 with an instant to come back, and tells the operator', async () => {
    const db = openPool(`postgresql://essai:essai@127.0.0.1:${await closedPort()}/essai`, 'filror test', 2);
    const alone = await openFhirWorld({ db });
    try {
      for (const path of ['HealthcareService', 'HealthcareService/offre-caen', '_history', '$export']) {
        const answer = await alone.get(`/fhir/28/${path}`);
        expect(answer.status, path).toBe(503);
        expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
        expect(answer.body).toMatchObject({
          resourceType: 'OperationOutcome',
          issue: [{ code: 'transient' }],
        });
      }
      expect(alone.logged.some(({ message }) => message === 'fhir request failed')).toBe(true);
    } finally {
      await alone.close();
      await db.destroy();
    }
  });
});
