import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RorClient } from '../../src/ror/client.js';
import { checkClock, checkRegion, expiry, type RegionReport } from '../../src/ror/region-check.js';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.js';
import { TRIAL_ENV, trialProfile } from '../support/region-profile.js';
import { trialRegion } from '../support/trial-region.js';

const NOW = new Date('2026-03-12T08:00:00Z');
let sandbox: Sandbox;

beforeEach(async () => {
  sandbox = await startSandbox({ seed: trialRegion() });
});
afterEach(() => sandbox.close());

async function check(change: object = {}, env: Record<string, string> = TRIAL_ENV): Promise<RegionReport> {
  const profile = trialProfile(sandbox, { ...change });
  const connect = () => new RorClient(profile, { env });
  return await checkRegion({ profile, env, now: () => new Date(), connect });
}

const states = (report: RegionReport) =>
  Object.fromEntries(report.findings.map(({ id, state }) => [id, state]));

describe('filror region check', () => {
  it('finds that everything works, reads four times and writes nothing', async () => {
    const report = await check();
    expect(states(report)).toEqual({
      profile: 'works',
      windows: 'works',
      token: 'works',
      clock: 'works',
      metadata: 'works',
      headers: 'works',
      search: 'works',
      carrier: 'works',
    });
    expect(report.works).toBe(true);
    expect(report.findings.find(({ id }) => id === 'search')?.text).toContain('2 offre(s)');
    expect(sandbox.requests.map(({ method, path }) => `${method} ${path.split('?')[0]}`)).toEqual([
      'POST /auth/realms/ror/protocol/openid-connect/token',
      'GET /fhir/metadata',
      'GET /fhir/HealthcareService',
      'GET /fhir/HealthcareService',
    ]);
    expect(report.circuits).toMatchObject([{ state: 'closed' }]);
  });

  it('asks for a client_id and for a secret before it tries anything', async () => {
    const placeholder = await check({ clientId: 'a-remettre-par-l-ans' });
    expect(states(placeholder)).toMatchObject({ profile: 'fails', token: 'notTested' });
    expect(placeholder.findings[0]?.next).toContain('connecter-une-region.md');
    expect((await check({}, {})).findings[0]?.next).toContain('FILROR_ROR_SECRET');
    expect(sandbox.requests).toEqual([]);
  });

  it('stops at a refused token and says what to verify, without showing the secret', async () => {
    const report = await check({}, { FILROR_ROR_SECRET: 'faux-secret' });
    expect(report.works).toBe(false);
    expect(states(report)).toMatchObject({ token: 'fails', metadata: 'notTested', search: 'notTested' });
    expect(JSON.stringify(report)).not.toContain('faux-secret');
  });

  it('tells refused headers apart from a search that fails', async () => {
    const wrong = await check({ rorHeaders: { profilSystem: '1.2.3' } });
    expect(states(wrong)).toMatchObject({ token: 'works', headers: 'fails', search: 'notTested' });
    sandbox.faults.next('search', { kind: 'error', status: 400, when: 'before' });
    expect(states(await check())).toMatchObject({ search: 'fails' });
  });

  it('tries the look that each creation needs, and says when a repository refuses or ignores it', async () => {
    const look = { action: 'search', path: /organization\._id=/ } as const;
    sandbox.faults.next(look, { kind: 'error', status: 400, when: 'before' });
    const refused = await check();
    expect(states(refused)).toMatchObject({ search: 'works', carrier: 'fails' });
    expect(refused.findings.find(({ id }) => id === 'carrier')?.next).toContain('retirez « post »');
    // A repository that ignores what it does not know answers the whole region.
    sandbox.faults.next(look, { kind: 'total', plus: 2 });
    const report = await check();
    expect(states(report)).toMatchObject({ search: 'works', carrier: 'alert' });
    expect(report.works).toBe(true);
  });

  it('does not try that look where nothing is created by request', async () => {
    expect(states(await check({ ways: ['patch', 'sheet'] }))).not.toHaveProperty('carrier');
  });

  it('names a certificate file that is not there', async () => {
    const file = '/nulle/part/ror.p12';
    const report = await check(
      { certificate: { format: 'pkcs12', file, passphraseEnv: 'P12' } },
      { P12: 'x' },
    );
    expect(report.findings.find(({ id }) => id === 'certificate')).toMatchObject({ state: 'fails' });
    expect(JSON.stringify(report)).toContain(file);
  });
});

describe('certificate expiry', () => {
  const at = (days: number) => new Date(NOW.getTime() + days * 86_400_000);
  it.each([
    [60, 'works', '60 jours'],
    [59, 'alert', 'moins de 60 jours (59)'],
    [30, 'alert', 'moins de 60 jours (30)'],
    [29, 'alert', 'moins de 30 jours (29)'],
    [7, 'alert', 'moins de 30 jours (7)'],
    [6, 'alert', 'urgent'],
    [0, 'fails', 'a expiré'],
    [-1, 'fails', 'a expiré'],
  ] as const)('%i days before its end', (days, state, text) => {
    const found = expiry({ subject: 'GRADeS d’essai', validFrom: at(-300), validTo: at(days) }, NOW);
    expect(found.state).toBe(state);
    expect(found.text).toContain(text);
    expect(found.next === null).toBe(state === 'works');
  });

  it('is not valid before its first day', () => {
    const found = expiry({ subject: 'GRADeS d’essai', validFrom: at(1), validTo: at(300) }, NOW);
    expect(found).toMatchObject({ state: 'fails' });
  });
});

describe('clock', () => {
  const ms = NOW.getTime();
  it.each([
    ['Thu, 12 Mar 2026 08:00:00 GMT', 'works', 'celle du serveur'],
    ['Thu, 12 Mar 2026 08:00:40 GMT', 'alert', 'en retard de 40 s'],
    ['Thu, 12 Mar 2026 07:59:00 GMT', 'alert', 'en avance de 59 s'],
    ['Thu, 12 Mar 2026 08:10:00 GMT', 'fails', 'en retard de 600 s'],
    [undefined, 'notTested', 'en-tête Date'],
  ] as const)('of a server that says %s', (date, state, text) => {
    const found = checkClock(date, ms, ms);
    expect(found.state).toBe(state);
    expect(found.text).toContain(text);
  });
});
