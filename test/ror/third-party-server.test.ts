import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RorClient } from '../../src/ror/client.js';
import { trialOffer } from '../../src/sandbox/seed.js';
import { startMedplumServer, type MedplumServer } from '../support/medplum-server.js';
import { TRIAL_ENV, trialProfile } from '../support/region-profile.js';
import { CAEN, FAMILY_SKIN, LEVEL_COMPETENCE, SYSTEM } from '../support/trial-region.js';

let server: MedplumServer;
let client: RorClient;
/** The same repository, in a profile that says it honours If-Match. */
let guarded: RorClient;
let id: string;

beforeAll(async () => {
  server = await startMedplumServer();
  client = new RorClient(trialProfile(server), { env: TRIAL_ENV });
  guarded = clientThatGuards();
  const offer = trialOffer({
    id: 'ignored',
    identifier: '28/ESSAI-0001',
    label: 'un',
    site: CAEN,
    characteristics: [FAMILY_SKIN],
  });
  const created = await client.create('HealthcareService', JSON.stringify(offer));
  expect(created).toMatchObject({ kind: 'done', status: 201 });
  id = created.kind === 'done' ? created.id : '';
});
afterAll(async () => {
  client.close();
  guarded.close();
  await server.close();
});

function clientThatGuards(): RorClient {
  const { repository } = trialProfile(server);
  return new RorClient({ repository: { ...repository, ifMatch: true } }, { env: TRIAL_ENV });
}

async function stored(): Promise<{ readonly text: string; readonly version: string }> {
  const found = await client.read('HealthcareService', id);
  if (found.kind !== 'found') throw new Error('absent');
  return { text: found.text, version: String((found.resource['meta'] as { versionId: string }).versionId) };
}

async function patch(...parts: readonly Record<string, unknown>[]): Promise<Record<string, unknown>> {
  const body = { resourceType: 'Parameters', parameter: [{ name: 'operation', part: parts }] };
  const outcome = await client.patch('HealthcareService', id, JSON.stringify(body));
  expect(outcome, JSON.stringify(outcome)).toMatchObject({ kind: 'done', status: 200, id });
  const found = await client.read('HealthcareService', id);
  return found.kind === 'found' ? found.resource : {};
}

const type = (valueCode: string) => ({ name: 'type', valueCode });
const path = (valueString: string) => ({ name: 'path', valueString });
const levels = (resource: Record<string, unknown>) =>
  (resource['characteristic'] as { coding: { code: string }[] }[]).map(({ coding }) => coding[0]?.code);

describe('ROR client against a third-party FHIR server (Medplum’s router and in-memory store)', () => {
  it('reads and searches what it created', async () => {
    expect(await client.read('HealthcareService', id)).toMatchObject({ kind: 'found', resource: { id } });
    const found: unknown[] = [];
    for await (const { resource } of client.search('HealthcareService', [['identifier', '28/ESSAI-0001']]))
      found.push(resource['id']);
    expect(found).toEqual([id]);
    expect(await client.read('HealthcareService', '00000000-0000-4000-8000-000000000000')).toEqual({
      kind: 'absent',
    });
  });

  it('patches with FHIRPath: add an item, delete it by value, replace a text', async () => {
    const { system, code, display } = LEVEL_COMPETENCE;
    const coding = [{ system: SYSTEM(system), code, display }];
    const added = await patch(
      type('add'),
      path('HealthcareService'),
      { name: 'name', valueString: 'characteristic' },
      {
        name: 'value',
        valueCodeableConcept: { coding },
      },
    );
    expect(levels(added)).toEqual(['32', '49', '11']);
    const byValue = `HealthcareService.characteristic.where(coding.system='${SYSTEM(system)}' and coding.code='11')`;
    expect(levels(await patch(type('delete'), path(byValue)))).toEqual(['32', '49']);
    const replaced = await patch(type('replace'), path('HealthcareService.name'), {
      name: 'value',
      valueString: 'Neuf',
    });
    expect(replaced['name']).toBe('Neuf');
  });

  it('updates the whole, and tells a refusal with the server’s reason', async () => {
    const found = await client.read('HealthcareService', id);
    if (found.kind !== 'found') throw new Error('absent');
    const updated = await client.update('HealthcareService', id, found.text.replace('"Neuf"', '"Encore"'));
    expect(updated).toMatchObject({ kind: 'done', id });
    const refused = await client.create('HealthcareService', '{"resourceType":"Organization"}');
    expect(refused).toMatchObject({ kind: 'refused', status: 400 });
    if (refused.kind === 'refused') expect(refused.issues[0]?.code).toBe('invalid');
  });

  it('is told of a version conflict where If-Match is honoured, writes nothing, and writes once it has looked again', async () => {
    const old = await stored();
    const theirs = old.text.replace('"Encore"', '"Par d’autres"');
    expect(await client.update('HealthcareService', id, theirs)).toMatchObject({ kind: 'done' });
    const ours = old.text.replace('"Encore"', '"Par nous"');
    const late = await guarded.update('HealthcareService', id, ours, undefined, old.version);
    expect(late).toMatchObject({ kind: 'refused', status: 412 });
    const now = await stored();
    expect(now.text).toContain('Par d’autres');
    expect(now.version).not.toBe(old.version);
    const again = now.text.replace('"Par d’autres"', '"Par nous"');
    expect(await guarded.update('HealthcareService', id, again, undefined, now.version)).toMatchObject({
      kind: 'done',
      id,
    });
    expect((await stored()).text).toContain('Par nous');
  });

  it('sends no If-Match where the profile does not say that it is honoured', async () => {
    const { text } = await stored();
    expect(await client.update('HealthcareService', id, text, undefined, 'version-d-essai')).toMatchObject({
      kind: 'done',
    });
  });
});
