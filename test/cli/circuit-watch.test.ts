import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { watchCircuits } from '../../src/cli/circuit-watch.js';
import { repositoryOf } from '../../src/cli/region.js';
import { circuitLine, dateTeller } from '../../src/cli/schedule-text.js';
import { circuitsOf } from '../../src/db/circuits.js';
import type { Logger } from '../../src/observe/logger.js';
import { startLocalServer, type LocalServer } from '../support/local-server.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { TRIAL_ENV, trialProfile } from '../support/region-profile.js';

/** A server that fails again and again is left alone (issue 2, part 3): the log says so, and other processes can see it. */
let database: TestDatabase;
let server: LocalServer;
let status: number;
let told: { level: string; message: string; metadata: unknown }[];
const say =
  (level: string) =>
  (message: string, metadata: unknown): void =>
    void told.push({ level, message, metadata });
const log: Logger = { info: say('info'), warn: say('warn'), error: say('error') };

beforeEach(async () => {
  told = [];
  status = 500;
  database = await testDatabase();
  server = await startLocalServer((request, response) => {
    if (request.url?.endsWith('/jeton') === true)
      response.end(JSON.stringify({ access_token: 'a.b.c', expires_in: 60 }));
    else response.writeHead(status).end('{"resourceType":"Organization","id":"x"}');
  });
});
afterEach(async () => {
  await server.close();
  await database.drop();
});

const fails = (host: string) => ({ region: '28', host, failuresInARow: 2 });

/** Two failed writes open it; a moment later one request is tried and answered. */
async function openThenClose(db: TestDatabase['app'] | null): Promise<void> {
  const watch = watchCircuits('28', log, db);
  const profile = trialProfile(
    { fhirBase: `${server.url}/fhir`, tokenUrl: `${server.url}/jeton` },
    { circuit: { failures: 2, cooldownMs: 1_000 } },
  );
  const client = repositoryOf(profile, TRIAL_ENV, watch);
  if (client === null) throw new Error('no client');
  try {
    for (let turn = 0; turn < 2; turn++) await client.create('Task', '{}');
    await watch.settled();
    if (db !== null) {
      const [open] = await circuitsOf(db, '28');
      expect(open).toMatchObject({ host: new URL(server.url).host, state: 'open', failuresInARow: 2 });
      const line = open === undefined ? null : circuitLine(open, dateTeller('Europe/Paris'));
      expect(line).toContain(`${new URL(server.url).host} laissé en repos jusqu’au`);
      expect(line).toContain('Que faire : « filror region check »');
    }
    expect(await client.create('Task', '{}')).toMatchObject({ kind: 'notSent' });
    status = 200;
    await new Promise((resolve) => setTimeout(resolve, 1_050));
    expect((await client.read('Organization', 'x')).kind).toBe('found');
    await watch.settled();
  } finally {
    client.close();
  }
}

describe('the circuit of a region’s server', () => {
  it('is logged when it opens, is tried and closes, and kept where another process sees it', async () => {
    await openThenClose(database.app);
    const host = new URL(server.url).host;
    expect(told).toMatchObject([
      { level: 'warn', message: 'circuit opened', metadata: fails(host) },
      { level: 'info', message: 'circuit tried', metadata: fails(host) },
      { level: 'info', message: 'circuit closed', metadata: { region: '28', host, failuresInARow: 0 } },
    ]);
    const [closed, ...others] = await circuitsOf(database.app, '28');
    expect(others).toEqual([]);
    expect(closed).toMatchObject({ host, state: 'closed', retryAt: null });
    expect(closed === undefined ? '' : circuitLine(closed, String)).toBeNull();
    expect(await circuitsOf(database.app, '53')).toEqual([]);
  });

  it('is logged alone in a dry run', async () => {
    await openThenClose(null);
    expect(told.map(({ message }) => message)).toEqual(['circuit opened', 'circuit tried', 'circuit closed']);
    expect(await circuitsOf(database.app, '28')).toEqual([]);
  });

  it('does not stop a request when it cannot be kept: the log says so', async () => {
    await database.owner.raw('drop table repository_circuit');
    const watch = watchCircuits('28', log, database.app);
    watch.onCircuit({ host: 'ror.example', state: 'open', failuresInARow: 3, retryAt: new Date() });
    await watch.settled();
    expect(told.map(({ level, message }) => [level, message])).toEqual([
      ['warn', 'circuit opened'],
      ['warn', 'circuit not recorded'],
    ]);
  });
});
