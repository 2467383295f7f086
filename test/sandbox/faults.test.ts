import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AccessProfile } from '../../src/sandbox/access.js';
import type { Body } from '../../src/sandbox/body.js';
import { EXT } from '../../src/sandbox/model.js';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/sandbox.js';
import { trialOffer } from '../../src/sandbox/seed.js';
import { TestClock } from '../support/clock.js';
import { entryIds, rawFhir, type RawFhir } from '../support/raw-fhir.js';
import { CAEN, SYSTEM, trialRegion } from '../support/trial-region.js';

let clock: TestClock;
let sandbox: Sandbox;
let fhir: RawFhir;

async function open(options: Partial<SandboxOptions> = {}): Promise<void> {
  clock = new TestClock(Date.parse('2026-03-12T08:00:00Z'));
  sandbox = await startSandbox({
    seed: trialRegion(),
    now: clock.now,
    elapse: (ms) => clock.advance(ms),
    ...options,
  });
  fhir = await rawFhir(sandbox);
}

beforeEach(() => open());
afterEach(async () => {
  expect(sandbox.faults.pending).toBe(0);
  await sandbox.close();
});

const { id, identifier, ...draft } = trialOffer({ id: 'x', identifier: 'x', label: 'neuve', site: CAEN });
const names = () => sandbox.list('HealthcareService').map((body) => body['name']);

describe('the fault script of the sandbox', () => {
  it('commits a creation five seconds after it cut the connection', async () => {
    expect([id, identifier]).toEqual(['x', [expect.objectContaining({ value: 'x' })]]);
    sandbox.faults.next('create', { kind: 'lateCommit', ms: 5_000 });
    await expect(fhir('POST', 'HealthcareService', draft)).rejects.toThrow();
    clock.advance(4_999);
    expect(names()).toHaveLength(2);
    clock.advance(1);
    expect(names()).toHaveLength(3);
  });

  it('keeps what is written in a writing of its own, and behaves once its faults have ended', async () => {
    sandbox.faults.always('write', { kind: 'storedAs', how: 'addDefaults' });
    const { json } = await fhir('POST', 'HealthcareService', draft);
    expect(json).toMatchObject({ active: true, category: [{ coding: [{ userSelected: false }] }] });
    const kept = sandbox.list('HealthcareService').find((body) => body['id'] === json['id']);
    expect(kept).toMatchObject({ active: true });
    sandbox.faults.next('create', { kind: 'unauthorized' });
    sandbox.faults.end();
    const plain = await fhir('POST', 'HealthcareService', draft);
    expect(plain.status).toBe(201);
    expect(plain.json).not.toHaveProperty('active');
  });

  it('hides a creation from searches for ten seconds, not from a read by its id', async () => {
    sandbox.faults.next('create', { kind: 'unindexed', ms: 10_000 });
    const created = String((await fhir('POST', 'HealthcareService', draft)).json['id']);
    expect((await fhir('GET', `HealthcareService/${created}`)).status).toBe(200);
    const search = async () => entryIds((await fhir('GET', `HealthcareService?_id=${created}`)).json);
    expect(await search()).toEqual([]);
    clock.advance(10_000);
    expect(await search()).toEqual([created]);
  });

  it('lets time pass while a request is served, so that a token of nine seconds dies in use', async () => {
    await sandbox.close();
    await open({ tokenTtlSeconds: 9 });
    sandbox.faults.next('read', { kind: 'elapse', ms: 5_000 }, 2);
    expect((await fhir('GET', 'HealthcareService/derm-caen')).status).toBe(200);
    expect((await fhir('GET', 'HealthcareService/derm-caen')).status).toBe(200);
    expect((await fhir('GET', 'HealthcareService/derm-caen')).status).toBe(401);
  });

  it('sends a body slowly but whole, and another one not to its end', async () => {
    const whole = sandbox.text('HealthcareService', 'derm-caen');
    sandbox.faults.next('read', { kind: 'slowBody', pieces: 7, ms: 2 });
    expect((await fhir('GET', 'HealthcareService/derm-caen')).text).toBe(whole);
    sandbox.faults.next('read', { kind: 'resetBody', share: 0.5 });
    await expect(fhir('GET', 'HealthcareService/derm-caen')).rejects.toThrow();
  });

  it('gives the second page before the first, then the others', async () => {
    const whole = entryIds((await fhir('GET', 'Organization')).json);
    expect(whole.length).toBeGreaterThanOrEqual(3);
    sandbox.faults.next('search', { kind: 'swapPages' });
    const seen: string[] = [];
    for (let url: string | undefined = 'Organization?_count=1'; url !== undefined;) {
      const { json }: Awaited<ReturnType<RawFhir>> = await fhir('GET', url);
      seen.push(...entryIds(json));
      const links = json['link'] as unknown as readonly { relation: string; url: string }[];
      url = links.find((link) => link.relation === 'next')?.url;
    }
    const [first, second, ...others] = whole;
    expect(seen).toEqual([second, first, ...others]);
  });

  it('lies about totals and pages: repeated, reversed, leading elsewhere', async () => {
    sandbox.faults.next('search', { kind: 'total', plus: -1 });
    expect((await fhir('GET', 'HealthcareService')).json['total']).toBe(1);
    sandbox.faults.next('search', { kind: 'reversePage' });
    expect(entryIds((await fhir('GET', 'HealthcareService')).json)).toEqual(['derm-rouen', 'derm-caen']);
    sandbox.faults.next('search', { kind: 'nextLink', url: 'http://ailleurs.invalid/fhir?page=2' });
    const first = await fhir('GET', 'HealthcareService?_count=1');
    expect(first.text).toContain('http://ailleurs.invalid/fhir?page=2');
    const links = (await fhir('GET', 'HealthcareService?_count=1')).json['link'] as unknown as {
      relation: string;
      url: string;
    }[];
    sandbox.faults.next({ action: 'search', path: /_page/ }, { kind: 'overlap', by: 1 });
    const next = links.find((link) => link.relation === 'next')?.url ?? '';
    expect(entryIds((await fhir('GET', next)).json)).toEqual(['derm-caen']);
  });

  it('answers other text for the same values: reversed lists, defaults, decimals, items without their list', async () => {
    const read = async (): Promise<Body> => (await fhir('GET', 'HealthcareService/derm-rouen')).json as never;
    const codes = (body: Body) =>
      JSON.stringify(body['characteristic'])
        .match(/"code":"[0-9]+"/g)
        ?.map((code) => code.slice(8, -1));
    expect(codes(await read())).toEqual(['32', '49', '11']);
    sandbox.faults.next('read', { kind: 'rewrite', how: 'reorderArrays' });
    expect(codes(await read())).toEqual(['11', '49', '32']);
    sandbox.faults.next('read', { kind: 'rewrite', how: 'addDefaults' });
    expect(await read()).toMatchObject({
      active: true,
      type: [{ coding: [{ userSelected: false, code: '01' }] }],
    });
    sandbox.faults.next('read', { kind: 'rewrite', how: 'rewriteDecimals' });
    expect((await fhir('GET', 'HealthcareService/derm-rouen')).text).toContain('"low":{"value":18.0,');
    sandbox.faults.next('read', { kind: 'rewrite', how: 'unwrapArrays' });
    expect(await read()).toMatchObject({
      type: { coding: { code: '01' } },
      identifier: { value: '28/ESSAI-0002' },
    });
    expect(sandbox.text('HealthcareService', 'derm-rouen')).toContain('"type":[{"coding":[{');
  });

  it('lets somebody else write between a request and its answer', async () => {
    const edit = () =>
      sandbox.edit('HealthcareService', 'derm-caen', (body) => void (body['comment'] = 'autre'));
    sandbox.faults.next('read', { kind: 'meanwhile', act: edit, when: 'after' });
    expect((await fhir('GET', 'HealthcareService/derm-caen')).text).not.toContain('autre');
    expect((await fhir('GET', 'HealthcareService/derm-caen')).text).toContain('autre');
  });

  it('keeps a habit for every request, beside what is scripted', async () => {
    sandbox.faults.always('read', { kind: 'elapse', ms: 1_000 });
    sandbox.faults.next('read', { kind: 'error', status: 503, when: 'before' });
    expect((await fhir('GET', 'HealthcareService/derm-caen')).status).toBe(503);
    expect((await fhir('GET', 'HealthcareService/derm-caen')).status).toBe(200);
    expect(clock.now().toISOString()).toBe('2026-03-12T08:00:01.000Z');
  });
});

const contact = (level: string) => ({
  url: `${EXT}ror-healthcareservice-contact`,
  extension: [
    {
      url: `${EXT}ror-confidentiality-level`,
      valueCodeableConcept: { coding: [{ system: SYSTEM('TRE_R283-NiveauConfidentialite'), code: level }] },
    },
  ],
});

describe('access profiles of the sandbox', () => {
  // What section 3 of the ANS API page grants: levels of contact seen, specific act seen, sensitive offer seen.
  it.each<[AccessProfile, string[], boolean, boolean]>([
    [0, ['1'], false, false],
    [1, ['1', '2', '3'], true, true],
    [2, ['1', '2'], true, false],
    [3, ['1'], false, false],
    [4, [], true, true],
    [5, ['1', '2'], true, false],
  ])('%i sees what it is granted of a hospital offer', async (accessProfile, levels, act, sensitive) => {
    await sandbox.close();
    await open({ accessProfile });
    sandbox.edit('HealthcareService', 'derm-rouen', (body) => {
      body['extension'] = [...(body['extension'] as Body[]), ...['1', '2', '3'].map(contact)];
      body['characteristic'] = [
        ...(body['characteristic'] as Body[]),
        { coding: [{ system: SYSTEM('TRE_R210-ActeSpecifique'), code: '0284' }] },
      ];
    });
    sandbox.edit('HealthcareService', 'derm-caen', (body) => {
      for (const extension of body['extension'] as Body[])
        if (String(extension['url']).endsWith('sensitive-unit')) extension['valueBoolean'] = true;
    });
    const { text } = await fhir('GET', 'HealthcareService/derm-rouen');
    const seen = [...text.matchAll(/NiveauConfidentialite","code":"([123])"/g)].map(([, level]) => level);
    expect(seen).toEqual(levels);
    expect(text.includes('ActeSpecifique')).toBe(act);
    expect((await fhir('GET', 'HealthcareService/derm-caen')).status).toBe(sensitive ? 200 : 404);
    expect((await fhir('GET', 'HealthcareService')).json['total']).toBe(sensitive ? 2 : 1);
  });
});
