import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openDemoApi } from '../../src/cli/demo-api.js';
import { loadConfig, regionOf } from '../../src/config/load.js';
import { stopCluster } from '../../src/db/embedded/cluster.js';
import { clusterFolder } from '../../src/db/embedded/folder.js';
import { demoFolder } from '../../src/demo/run.js';
import { trialSetFolder } from '../../src/demo/trial-set.js';
import type { JsonObject } from '../../src/domain/json.js';
import { silentLogger } from '../../src/observe/logger.js';
import { SHOWN_AT } from '../support/consumer-pack.js';
import { testDatabase } from '../support/database.js';
import { startScript, type Running } from '../support/node-process.js';
import { packPages, runPage, runShell } from '../support/pack-commands.js';

/** `filror demo --api` as a newcomer uses it: the lines that it prints, then those of ops/consumers. */
describe.skipIf(!existsSync('/usr/bin/curl'))('filror demo --api', () => {
  const env = {
    FILROR_DATA_HOME: join(inject('testHome'), 'demo-api'),
    DATABASE_URL: '',
    DATABASE_OWNER_URL: '',
  };
  let served: Running;
  let lines: string;
  let url: string;
  beforeAll(async () => {
    served = startScript('src/cli/main.ts', ['demo', '--api', '--port', '0'], env);
    let over = false;
    void served.finished.then(() => (over = true));
    while (!over && !served.said().includes('export AUTORISATION')) await sleep(50);
    lines = /^export FHIR=[^]*?^export AUTORISATION=.*\n/m.exec(served.said())?.[0] ?? served.told();
    url = /servi à (http:\S+),/.exec(served.said())?.[1] ?? '';
  });
  afterAll(async () => {
    served.kill();
    await served.finished;
    await stopCluster(clusterFolder(env));
  });

  it.each(['fhir', 'ror'])('serves the frozen set, byte for byte: /%s', async (base) => {
    const frozen = readFileSync(join(trialSetFolder, `${base}.ndjson`), 'utf8')
      .trimEnd()
      .split('\n');
    const read = frozen.map(async (line) => {
      const { resourceType, id } = JSON.parse(line) as { resourceType: string; id: string };
      const text = await (await fetch(`${url}/${base}/28/${resourceType}/${id}`)).text();
      const { lastUpdated } = (JSON.parse(text) as { meta: { lastUpdated: string } }).meta;
      return text.replaceAll(lastUpdated, SHOWN_AT);
    });
    expect(await Promise.all(read)).toEqual(frozen);
  });

  it('finds what the five searches should', async () => {
    const asked = JSON.parse(readFileSync(join(trialSetFolder, 'recherches.json'), 'utf8')) as {
      base: string;
      requete: string;
      offres: string[];
    }[];
    expect(asked.length).toBe(5);
    for (const { base, requete, offres } of asked) {
      const answer = await fetch(`${base.replace('https://fhir.exemple.fr', url)}/${requete}`);
      const { entry = [] } = (await answer.json()) as { entry?: { resource: JsonObject }[] };
      const found = entry
        .filter(({ resource }) => resource['resourceType'] === 'HealthcareService')
        .map(({ resource }) => (resource['identifier'] as unknown as { value: string }[])[0]?.value);
      expect(found.sort(), requete).toEqual(offres);
    }
  });

  it.each(packPages)('prints lines after which every command of %s works', async (name) => {
    const { code, stderr } = await runPage(name, {}, lines);
    expect(stderr).toBe('');
    expect(code).toBe(0);
  });

  it('takes a report with its token, and says 401 without one', async () => {
    const token = await runShell(`${lines}printf %s "$AUTORISATION"`, {});
    expect(token.stdout).toMatch(/^Authorization: Bearer ey/);
    expect((await fetch(`${url}/fhir/28/Task`, { method: 'POST', body: '{}' })).status).toBe(401);
  });

  it('says nothing but what it serves, and stops when it is told to', async () => {
    served.stop();
    const { code, stderr } = await served.finished;
    expect([code, stderr]).toEqual([0, '']);
  });
});

describe('the issuer of the demonstration', () => {
  it('does not start beside a real region', async () => {
    const database = await testDatabase();
    const config = loadConfig(demoFolder);
    const region = { ...regionOf(config, '28'), sandbox: false };
    const given = { config, region, port: 0, log: silentLogger };
    const reader = () => {
      throw new Error('nothing is to be read');
    };
    await expect(openDemoApi({ ...given, database: { ...database, reader } })).rejects.toMatchObject({
      code: 'LOCAL_ISSUER_REFUSED',
    });
    await database.drop();
  });
});
