import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/domain/json.js';
import { approvedRegion, type ApprovedRegion } from '../support/approved-region.js';
import { builtProgram, runFilror } from '../support/built.js';

/** `filror publish` and `filror serve --fhir`, as processes: from the configuration to the first answer. */
let region: ApprovedRegion;
beforeAll(async () => {
  region = await approvedRegion({ creates: 1, attaches: 1 });
  await region.apply();
}, 120_000);
afterAll(() => region.close());

const publish = (...more: readonly string[]) => runFilror(['publish', '--region', '28', ...more], region.env);

describe('filror publish', () => {
  it('refuses while nobody reads, with what to write where', async () => {
    const { code, stderr } = await publish();
    expect([code, stderr.includes('NOBODY_READS')]).toEqual([1, true]);
    expect(stderr).toContain('Que faire : écrivez public: true');
  });

  it('publishes what the mirror holds, once; a dry run keeps nothing', async () => {
    writeFileSync(join(region.folder, 'fhir.yaml'), 'public: true\npublishSeconds: 1\nport: 0\n');
    const dry = await publish('--dry-run');
    expect([dry.code, dry.stdout.includes('Essai à blanc')]).toEqual([0, true]);
    expect(await region.database.app('served_version')).toEqual([]);
    const first = await publish('--output', 'json');
    const { moved, gone } = JSON.parse(first.stdout) as { moved: number; gone: number };
    expect(moved).toBeGreaterThan(4);
    expect(gone).toBe(0);
    expect((await publish()).stdout).toContain('rien de nouveau à servir');
  });
});

describe('filror serve --fhir', () => {
  it('answers, follows the journal while it runs, and stops when it is told to', async () => {
    const running = builtProgram().start(['serve', '--fhir', '--region', '28'], region.env);
    try {
      let url: string | undefined;
      for (let looks = 0; looks < 300 && url === undefined; looks++) {
        await sleep(100);
        url = /servie à (http:\S+)/.exec(running.said())?.[1];
      }
      expect(url, running.told()).toBeDefined();
      const found = await fetch(`${url}/fhir/28/HealthcareService`);
      expect(found.status).toBe(200);
      expect(((await found.json()) as JsonObject)['total']).toBe(2);
      const list = (await (await fetch(`${url}/fhir/28/CodeSystem/filiere`)).json()) as JsonObject;
      expect([list['content'], Number(list['count']) > 0]).toEqual(['complete', true]);
      const slip = await fetch(`${url}/fhir/28/HealthcareService?filiere=FIMARADE`);
      expect([slip.status, (await slip.text()).includes('« FIMARAD »')]).toEqual([400, true]);
      const { app } = region.database;
      await app.transaction(async (trx) => {
        await trx.raw(
          `insert into remote_version (region, type, remote_id, identifier, body, body_hash, gone, seen_at)
           select region, type, remote_id, identifier, body, body_hash, true, now() from remote_version
           where type = 'HealthcareService' order by no desc limit 1`,
        );
        await trx('journal').insert({ region: '28', kind: 'mirror', subject: 'region:28', body: '{}' });
      });
      let total: unknown = 2;
      for (let looks = 0; looks < 100 && total === 2; looks++) {
        await sleep(200);
        total = ((await (await fetch(`${url}/fhir/28/HealthcareService`)).json()) as JsonObject)['total'];
      }
      expect(total).toBe(1);
      running.stop();
      expect((await running.finished).code).toBe(0);
    } finally {
      running.kill();
    }
  }, 90_000);
});
