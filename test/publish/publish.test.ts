import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recordRemote } from '../../src/db/remote.js';
import { inTransaction } from '../../src/db/types.js';
import type { JsonObject } from '../../src/domain/json.js';
import { append } from '../../src/journal/append.js';
import { publish } from '../../src/publish/publish.js';
import { establishments, trialOffer } from '../../src/sandbox/seed.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { CAEN } from '../support/trial-region.js';

/** What is served follows the mirror and the approved facts (DESIGN 3, step 12). */
const CANONICAL = 'https://filror.example/fhir';
const OFFER = { id: 'offre-1', identifier: '28/ESSAI-0001', label: '1', site: CAEN };
let database: TestDatabase;

beforeEach(async () => {
  database = await testDatabase();
  await database.app('region_state').insert({ region: '28' });
});
afterEach(() => database.drop());

const context = (audiences: readonly ('public' | 'professional' | 'regulation')[] = ['public']) => ({
  db: database.app,
  region: '28',
  audiences,
  canonical: CANONICAL,
});

/** The mirror reads these resources. */
async function mirrored(...resources: readonly JsonObject[]): Promise<void> {
  await inTransaction(database.app, async (trx) => {
    await recordRemote(
      trx,
      '28',
      new Date(),
      resources.map((resource) => {
        const type = resource['resourceType'] as 'HealthcareService';
        const [first] = (resource['identifier'] ?? []) as readonly { value: string }[];
        return {
          type,
          remoteId: resource['id'] as string,
          identifier: first?.value ?? null,
          versionId: null,
          body: JSON.stringify(resource),
        };
      }),
    );
    await append(trx, { region: '28', kind: 'mirror', subject: 'region:28', actor: null, body: {} });
  });
}

async function served(view: string): Promise<Record<string, JsonObject>> {
  const rows = (await database.app('served_resource').where({ region: '28', view }).orderBy('id')) as {
    id: string;
    body: string;
  }[];
  return Object.fromEntries(rows.map((row) => [row.id, JSON.parse(row.body) as JsonObject]));
}

describe('a publication', () => {
  it('serves what the mirror holds, in both bases, numbered and dated by itself', async () => {
    await mirrored(...establishments([CAEN]), trialOffer(OFFER));
    expect(await publish(context())).toEqual({ moved: 8, gone: 0 });
    const plain = await served('ror.public');
    expect(Object.keys(plain)).toEqual([`eg-${CAEN.eg}`, `ej-${CAEN.ej}`, `lieu-${CAEN.eg}`, 'offre-1']);
    expect(plain['offre-1']).toMatchObject({
      ...trialOffer(OFFER),
      meta: { versionId: '1', tag: [{ code: '28' }] },
    });
    const [row] = (await database.app('served_version').where({ view: 'ror.public', id: 'offre-1' })) as {
      at: Date;
    }[];
    expect((plain['offre-1']?.['meta'] as JsonObject)['lastUpdated']).toBe(row?.at.toISOString());
  });

  it('writes nothing the second time, nor when only the repository’s own version and instant moved', async () => {
    await mirrored(trialOffer(OFFER));
    await publish(context());
    const counts = async () =>
      Object.fromEntries(
        await Promise.all(
          ['served_version', 'served_resource', 'journal'].map(async (table) => [
            table,
            Number((await database.app(table).count<{ count: string }[]>({ count: '*' }))[0]?.count),
          ]),
        ),
      ) as Record<string, number>;
    const before = await counts();
    expect(await publish(context())).toEqual({ moved: 0, gone: 0 });
    expect(await counts()).toEqual(before);
    const again = trialOffer({ ...OFFER, site: { ...CAEN, at: '2026-05-05T08:00:00+02:00' } });
    const { extension } = trialOffer(OFFER) as { extension: JsonObject[] };
    await mirrored({ ...again, extension });
    expect(await publish(context())).toEqual({ moved: 0, gone: 0 });
  });

  it('makes a next version of what is said otherwise, and a tombstone of what is gone', async () => {
    await mirrored(trialOffer(OFFER));
    await publish(context());
    await mirrored({ ...trialOffer(OFFER), name: 'Offre d’essai renommée' });
    expect(await publish(context())).toEqual({ moved: 2, gone: 0 });
    expect((await served('fhir.public'))['offre-1']).toMatchObject({
      name: 'Offre d’essai renommée',
      meta: { versionId: '2' },
    });
    await inTransaction(database.app, async (trx) => {
      await trx.raw(
        `insert into remote_version (region, type, remote_id, identifier, body, body_hash, gone, seen_at)
         select region, type, remote_id, identifier, body, body_hash, true, now() from remote_version
         order by no desc limit 1`,
      );
      await append(trx, { region: '28', kind: 'mirror', subject: 'region:28', actor: null, body: {} });
    });
    expect(await publish(context())).toEqual({ moved: 0, gone: 2 });
    expect(await served('fhir.public')).toEqual({});
    const last = (await database
      .app('served_version')
      .where({ view: 'fhir.public' })
      .orderBy('no', 'desc')
      .first('version', 'body')) as object;
    expect(last).toEqual({ version: 3, body: null });
  });

  it('makes entries anew under other rules, without a version of what says the same', async () => {
    await mirrored(trialOffer(OFFER));
    await publish(context());
    const { app } = database;
    // As an older filror would have left it: published under other rules, found by fewer parameters.
    await app('served_head').update({ rules: 'autres' });
    await app('served_source').update({ source_hash: 'autres' });
    await app('served_resource').update({ tokens: [] });
    await app('served_value').delete();
    await app('served_link').delete();
    expect(await publish(context())).toEqual({ moved: 0, gone: 0 });
    const [row] = (await app('served_resource').where({ view: 'ror.public' })) as {
      tokens: string[];
      version: number;
    }[];
    expect(row?.tokens).toContain('HealthcareService/identifier=28/ESSAI-0001');
    expect(row?.version).toBe(1);
    const links = (await app('served_link')
      .where({ view: 'ror.public' })
      .orderBy('param')
      .pluck('param')) as string[];
    expect(links).toEqual(['location', 'organization']);
    const names = (await app('served_value').where({ view: 'ror.public', param: 'name' })) as unknown[];
    expect(names).toHaveLength(1);
  });

  it('takes a view away, with a tombstone for each resource, when its audience is no more configured', async () => {
    await mirrored(trialOffer(OFFER));
    await publish(context(['public', 'professional']));
    expect(await publish(context(['professional']))).toEqual({ moved: 0, gone: 2 });
    expect(await served('fhir.public')).toEqual({});
    expect(Object.keys(await served('fhir.professional'))).toEqual(['offre-1']);
  });

  it('hides an offer of a sensitive unit and its place from all but the regulation, also once it has become one', async () => {
    const audiences = ['public', 'professional', 'regulation'] as const;
    await mirrored(...establishments([CAEN]), trialOffer(OFFER));
    await publish(context(audiences));
    const sensitive = trialOffer(OFFER);
    const [unit, ...others] = sensitive['extension'] as JsonObject[];
    await mirrored({ ...sensitive, extension: [{ ...unit, valueBoolean: true }, ...others] });
    // Offer and place leave four views; in the two others the offer alone is said otherwise.
    expect(await publish(context(audiences))).toEqual({ moved: 2, gone: 8 });
    expect(Object.keys(await served('ror.professional'))).toEqual([`eg-${CAEN.eg}`, `ej-${CAEN.ej}`]);
    expect(Object.keys(await served('ror.regulation'))).toContain('offre-1');
  });
});
