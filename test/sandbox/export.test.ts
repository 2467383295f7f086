import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/domain/json.js';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/sandbox.js';
import { trialOffer } from '../../src/sandbox/seed.js';
import { TestClock } from '../support/clock.js';
import { rawFhir, rawToken, ROR_HEADERS, type RawFhir, type RawJson } from '../support/raw-fhir.js';
import { CAEN, SYSTEM, trialRegion } from '../support/trial-region.js';

const BRETAGNE = { ...CAEN, eg: '350000001', ej: '350000002', region: { code: '53', name: 'Bretagne' } };
const TAG = encodeURIComponent(`HealthcareService?_tag=${SYSTEM('TRE_R30-RegionOM')}|28`);
const KICK_OFF = `$export?_outputFormat=application/fhir%2Bjson&_type=HealthcareService&includeAssociatedData=_myCompleteExtract&_typeFilter=${TAG}`;

let clock: TestClock;
let sandbox: Sandbox;
let fhir: RawFhir;

async function open(options: Partial<SandboxOptions> = {}): Promise<void> {
  clock = new TestClock(Date.parse('2026-03-12T08:00:00Z'));
  sandbox = await startSandbox({
    seed: [
      ...trialRegion(),
      trialOffer({ id: 'bretonne', identifier: '53/ESSAI-1', label: 'de Bretagne', site: BRETAGNE }),
    ],
    now: clock.now,
    tokenTtlSeconds: 1e6,
    export: { readyMs: 3_000, keptMs: 60_000, recordsPerFile: 1, ...options.export },
  });
  fhir = await rawFhir(sandbox);
}

beforeEach(() => open());
afterEach(() => sandbox.close());

interface Output {
  readonly type: string;
  readonly url: string;
}

async function ready(): Promise<{ poll: string; output: readonly Output[] }> {
  const accepted = await fhir('GET', KICK_OFF);
  expect(accepted.status, accepted.text).toBe(202);
  const poll = accepted.headers.get('content-location') ?? '';
  expect(poll).toMatch(/\/fhir\/\$export-poll-status\?_jobId=[0-9a-f-]{36}$/);
  const running = await fhir('GET', poll);
  expect([running.status, running.text]).toEqual([202, '']);
  clock.advance(3_000);
  const done = await fhir('GET', poll);
  expect(done.status).toBe(200);
  return { poll, output: done.json['output'] as unknown as readonly Output[] };
}

describe('sandbox $export', () => {
  it('is asynchronous, keeps to the filter, and brings what is linked', async () => {
    const { output } = await ready();
    const found: string[] = [];
    for (const { type, url } of output) {
      const { json } = await fhir('GET', url);
      for (const { resource } of json['entry'] as unknown as readonly { resource: RawJson }[]) {
        expect(resource['resourceType']).toBe(type);
        found.push(String(resource['id']));
      }
    }
    expect(found).toEqual([
      'derm-caen',
      'derm-rouen',
      'eg-140000209',
      'eg-760000158',
      'ej-140000100',
      'ej-760780239',
      'lieu-140000209',
      'lieu-760000158',
    ]);
  });

  it('gives the state of its request, not of its files', async () => {
    const { output } = await ready();
    sandbox.edit('HealthcareService', 'derm-caen', (body) => void (body['name'] = 'Renommée'));
    expect((await fhir('GET', output[0]?.url ?? '')).text).not.toContain('Renommée');
  });

  it('is forgotten after a while, job and files', async () => {
    const { poll, output } = await ready();
    clock.advance(60_000);
    expect((await fhir('GET', poll)).status).toBe(404);
    expect((await fhir('GET', output[0]?.url ?? '')).status).toBe(404);
  });

  it('fails half-way when the script says so', async () => {
    const { output } = await ready();
    sandbox.faults.next({ action: 'file', path: /\/1$/ }, { kind: 'error', status: 500, when: 'before' });
    expect((await fhir('GET', output[0]?.url ?? '')).status).toBe(200);
    expect((await fhir('GET', output[1]?.url ?? '')).status).toBe(500);
    expect((await fhir('GET', output[1]?.url ?? '')).status).toBe(200);
  });

  it.each([
    '$export?_outputFormat=application/fhir%2Bndjson',
    '$export?_type=Patient',
    '$export?_since=2026-01-01',
    `$export?_typeFilter=${encodeURIComponent('HealthcareService?inconnu=1')}`,
  ])('refuses %s', async (request) => {
    expect((await fhir('GET', request)).status).toBe(400);
  });

  it.each([
    ['array', (text: string) => JSON.parse(text) as JsonObject[]],
    [
      'ndjson',
      (text: string) =>
        text
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as JsonObject),
    ],
  ] as const)('can give its files as %s', async (shape, read) => {
    await sandbox.close();
    await open({ export: { shape, recordsPerFile: 10 } });
    const { output } = await ready();
    const { text } = await fetchText(output[0]?.url ?? '');
    expect(read(text).map((resource) => resource['id'])).toEqual(['derm-caen', 'derm-rouen']);
  });

  async function fetchText(url: string): Promise<{ text: string }> {
    const answer = await fetch(url, {
      headers: { Authorization: `Bearer ${await rawToken(sandbox)}`, ...ROR_HEADERS },
    });
    return { text: await answer.text() };
  }
});
