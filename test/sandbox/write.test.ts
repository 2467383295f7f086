import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DataError } from '../../src/domain/errors.js';
import type { JsonObject } from '../../src/domain/json.js';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/sandbox.js';
import { trialOffer } from '../../src/sandbox/seed.js';
import { entryIds, rawFhir, type RawFhir } from '../support/raw-fhir.js';
import { CAEN, trialRegion } from '../support/trial-region.js';

let sandbox: Sandbox;
let fhir: RawFhir;

async function restart(options: SandboxOptions = {}): Promise<void> {
  await (sandbox as Sandbox | undefined)?.close();
  sandbox = await startSandbox({ seed: trialRegion(), ...options });
  fhir = await rawFhir(sandbox);
}

beforeEach(() => restart());
afterEach(() => sandbox.close());

/** A valid body for a create: no id, and no identifier unless one is given. */
function draft(change: Record<string, unknown> = {}): Record<string, unknown> {
  const { id, identifier, ...body } = trialOffer({ id: 'x', identifier: '28/X', label: 'neuve', site: CAEN });
  expect([id, identifier]).not.toContain(undefined);
  return { ...body, ...change };
}

describe('sandbox create', () => {
  it('answers 201 with Location, version headers and the body, numbered by the server', async () => {
    const answer = await fhir('POST', 'HealthcareService', draft());
    expect(answer.status).toBe(201);
    const id = answer.json['id'] as unknown as string;
    expect(answer.headers.get('location')).toBe(`${sandbox.fhirBase}/HealthcareService/${id}/_history/1`);
    expect(answer.headers.get('etag')).toBe('W/"1"');
    expect(answer.json['identifier']?.[0]?.['value']).toBe('28/0000001');
    expect((await fhir('GET', `HealthcareService/${id}`)).text).toBe(answer.text);
  });

  it('sets the version and the instant itself', async () => {
    const answer = await fhir(
      'POST',
      'HealthcareService',
      draft({ id: 'mine', meta: { lastUpdated: '2001-01-01T00:00:00Z', versionId: '9' } }),
    );
    expect(answer.json['id']).not.toBe('mine');
    expect(answer.json['meta']?.['versionId']).toBe('1');
    expect((answer.json['meta']?.['lastUpdated'] as unknown as string) > '2026').toBe(true);
  });

  it('replaces an identifier sent where the server numbers', async () => {
    const answer = await fhir('POST', 'HealthcareService', draft({ identifier: [{ value: '28/mine' }] }));
    expect(answer.json['identifier']?.[0]?.['value']).toBe('28/0000001');
  });

  it('wants the client’s identifier where the region gave a range, in its region, once', async () => {
    await restart({ identifiers: 'client' });
    const create = (value?: string) =>
      fhir('POST', 'HealthcareService', draft(value === undefined ? {} : { identifier: [{ value }] }));
    expect((await create()).status).toBe(422);
    expect((await create('53/0900001')).status).toBe(422);
    expect((await create('28/0900001')).json['identifier']?.[0]?.['value']).toBe('28/0900001');
    const again = await create('28/0900001');
    expect(again.status).toBe(409);
    expect(again.json['issue']?.[0]?.['code']).toBe('duplicate');
    expect(sandbox.list('HealthcareService')).toHaveLength(3);
  });

  const drop = (name: string) => (body: Record<string, unknown>) => {
    delete body[name];
  };
  const dropExtension = (name: string) => (body: Record<string, unknown>) => {
    body['extension'] = (body['extension'] as JsonObject[]).filter(
      ({ url }) => !(url as string).endsWith(name),
    );
  };
  it.each<[string, (body: Record<string, unknown>) => void]>([
    ['providedBy', drop('providedBy')],
    ['type', drop('type')],
    ['specialty', drop('specialty')],
    ['characteristic', drop('characteristic')],
    ['meta.lastUpdated', drop('meta')],
    ['sensitive-unit', dropExtension('sensitive-unit')],
    ['patient-type', dropExtension('patient-type')],
    ['creation-date', dropExtension('creation-date')],
    [
      'two care modes',
      (body) =>
        (body['characteristic'] = [...(body['characteristic'] as []), ...(body['characteristic'] as [])]),
    ],
    ['unknown element', (body) => (body['label'] = 'CCMR')],
    ['object for a list', (body) => (body['specialty'] = (body['specialty'] as unknown[])[0])],
    ['empty list', (body) => (body['telecom'] = [])],
    ['unknown establishment', (body) => (body['providedBy'] = { reference: 'Organization/absente' })],
    ['unknown place', (body) => (body['location'] = [{ reference: 'Location/absent' }])],
  ])('refuses with 422 and keeps nothing: %s', async (_name, change) => {
    const body = draft();
    change(body);
    const answer = await fhir('POST', 'HealthcareService', body);
    expect(answer.status, answer.text).toBe(422);
    expect(answer.json['resourceType']).toBe('OperationOutcome');
    expect(sandbox.list('HealthcareService')).toHaveLength(2);
  });

  it('gives one issue per fault', async () => {
    const body = draft();
    delete body['providedBy'];
    delete body['type'];
    const issues = (await fhir('POST', 'HealthcareService', body)).json['issue'] as unknown as unknown[];
    expect(issues).toHaveLength(2);
  });
});

describe('sandbox update', () => {
  it('replaces the whole, answers 200 with the new version', async () => {
    const { json } = await fhir('GET', 'HealthcareService/derm-caen');
    const answer = await fhir('PUT', 'HealthcareService/derm-caen', { ...json, comment: 'neuf' });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('etag')).toBe('W/"2"');
    expect(answer.headers.get('last-modified')).not.toBeNull();
    expect(answer.json['comment']).toBe('neuf');
  });

  it('refuses another id, another number, an unknown resource and a stale If-Match', async () => {
    const { json } = await fhir('GET', 'HealthcareService/derm-caen');
    const put = (body: unknown, headers = {}, id = 'derm-caen') =>
      fhir('PUT', `HealthcareService/${id}`, body, headers);
    expect((await put({ ...json, id: 'autre' })).status).toBe(400);
    expect((await put({ ...json, identifier: [{ value: '28/AUTRE' }] })).status).toBe(422);
    expect((await put({ ...json, id: 'absent' }, {}, 'absent')).status).toBe(404);
    expect((await put(json, { 'If-Match': 'W/"7"' })).status).toBe(412);
    expect((await put(json, { 'If-Match': 'W/"1"' })).status).toBe(200);
  });
});

describe('sandbox bodies', () => {
  const position = '"position":{"longitude":-0.3500,"latitude":49.20}';

  it('keep the decimals as they were written, through create, search and patch', async () => {
    const place = sandbox.text('Location', 'lieu-140000209') ?? '';
    const created = await fhir('POST', 'Location', place.replace(/\}$/, `,${position}}`));
    expect(created.status).toBe(201);
    expect(created.text).toContain(position);
    const id = created.json['id'] as unknown as string;
    const patched = await fhir('PATCH', `Location/${id}`, {
      resourceType: 'Parameters',
      parameter: [
        {
          name: 'operation',
          part: [
            { name: 'type', valueCode: 'replace' },
            { name: 'path', valueString: 'Location.name' },
            { name: 'value', valueString: 'Autre nom' },
          ],
        },
      ],
    });
    expect(patched.text).toContain(position);
    expect((await fhir('GET', `Location?_id=${id}`)).text).toContain(position);
  });

  it('survive a restart with versions, instants, decimals and counters, and tokens do not', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'filror-sandbox-')), 'state.ndjson');
    await restart({ stateFile: file });
    await fhir('POST', 'HealthcareService', draft({ comment: 'créée' }));
    sandbox.edit('Location', 'lieu-140000209', (body) => {
      body['position'] = { longitude: -0.35, latitude: 49.2 };
    });
    const before = sandbox.list('HealthcareService');
    const oldToken = fhir;
    await restart({ stateFile: file });
    expect(sandbox.list('HealthcareService')).toEqual(before);
    expect(sandbox.text('Location', 'lieu-140000209')).toContain('"versionId":"2"');
    expect((await oldToken('GET', `${sandbox.fhirBase}/Organization`)).status).toBe(401);
    const next = await fhir('POST', 'HealthcareService', draft());
    expect(next.json['identifier']?.[0]?.['value']).toBe('28/0000002');
    expect(readdirSync(join(file, '..'))).toEqual(['state.ndjson']);
  });

  it('refuses a broken state file in French, with a remedy', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'filror-sandbox-')), 'state.ndjson');
    writeFileSync(file, '{"sandbox":1}\n{"resourceType":');
    const refused = await startSandbox({ stateFile: file }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(DataError);
    expect(refused).toMatchObject({ code: 'SANDBOX_STATE', place: file });
  });
});

describe('sandbox faults', () => {
  const patch = {
    resourceType: 'Parameters',
    parameter: [
      {
        name: 'operation',
        part: [
          { name: 'type', valueCode: 'replace' },
          { name: 'path', valueString: 'HealthcareService.name' },
          { name: 'value', valueString: 'Changé' },
        ],
      },
    ],
  };
  const send = () => fhir('PATCH', 'HealthcareService/derm-caen', patch);
  const changed = () => (sandbox.text('HealthcareService', 'derm-caen') ?? '').includes('Changé');

  it('answers 500 after the commit, or before it', async () => {
    sandbox.faults.next('write', { kind: 'error', status: 500, when: 'before' });
    expect([(await send()).status, changed()]).toEqual([500, false]);
    sandbox.faults.next('write', { kind: 'error', status: 500, when: 'after' });
    expect([(await send()).status, changed()]).toEqual([500, true]);
    expect(sandbox.faults.pending).toBe(0);
  });

  it('cuts the connection before or after the commit and logs a status of 0', async () => {
    sandbox.faults.next('patch', { kind: 'drop', when: 'before' });
    await expect(send()).rejects.toThrow();
    expect(changed()).toBe(false);
    sandbox.faults.next('patch', { kind: 'drop', when: 'after' });
    await expect(send()).rejects.toThrow();
    expect(changed()).toBe(true);
    expect(sandbox.writes().map(({ status }) => status)).toEqual([0, 0]);
  });

  it('answers 401, 429 with its Retry-After, late, or with an ignored patch', async () => {
    sandbox.faults.next('any', { kind: 'unauthorized' });
    expect((await send()).status).toBe(401);
    sandbox.faults.next('any', { kind: 'tooMany', retryAfter: '7' });
    expect((await send()).headers.get('retry-after')).toBe('7');
    sandbox.faults.next('write', { kind: 'ignorePatch' });
    expect([(await send()).status, changed()]).toEqual([200, false]);
    sandbox.faults.next('read', { kind: 'delay', ms: 80, when: 'before' });
    const start = performance.now();
    await fhir('GET', 'HealthcareService/derm-caen');
    expect(performance.now() - start).toBeGreaterThan(70);
  });

  it('meets the first request that it aims at, not another', async () => {
    sandbox.faults.next('create', { kind: 'error', status: 503, when: 'before' });
    expect((await send()).status).toBe(200);
    expect(sandbox.faults.pending).toBe(1);
    expect((await fhir('POST', 'HealthcareService', draft())).status).toBe(503);
  });

  it('lets a test edit or remove behind the client’s back', async () => {
    sandbox.edit('HealthcareService', 'derm-caen', (body) => ({ ...body, comment: 'retouché' }));
    const answer = await fhir('GET', 'HealthcareService/derm-caen');
    expect([answer.json['comment'], answer.headers.get('etag')]).toEqual(['retouché', 'W/"2"']);
    sandbox.remove('HealthcareService', 'derm-caen');
    expect(entryIds((await fhir('GET', 'HealthcareService')).json)).toEqual(['derm-rouen']);
  });
});
