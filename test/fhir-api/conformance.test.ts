import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/domain/json.js';
import { enriched } from '../../src/publish/extensions.js';
import { publish } from '../../src/publish/publish.js';
import { CodeBook } from '../../src/ror/codes.js';
import { validateOffer } from '../../src/ror/validate.js';
import { approvedRegion, type ApprovedRegion } from '../support/approved-region.js';
import { hasShared, rorValidator } from '../support/shared.js';

/** What is served of offers that filror wrote, after a whole round: approved, sent, read back, published. */
let region: ApprovedRegion;
const CANONICAL = 'https://filror.example/fhir';

beforeAll(async () => {
  region = await approvedRegion({ creates: 3, attaches: 2 });
  await region.apply();
  await publish({
    db: region.database.app,
    region: '28',
    audiences: ['public', 'professional', 'regulation'],
    canonical: CANONICAL,
  });
}, 120_000);
afterAll(() => region.close());

interface Row {
  readonly id: string;
  readonly body: string;
  readonly own: boolean;
  readonly received: string;
}

async function offers(view: string): Promise<readonly Row[]> {
  const result = (await region.database.app.raw(
    `select r.id, r.body, o.created_by_us as own, v.body as received from served_resource r
     join lateral (select identifier, body from remote_version v where v.region = r.region and v.type = r.type
       and v.remote_id = r.id order by no desc limit 1) v on true
     join offer o on o.region = r.region and o.identifier = v.identifier
     where r.region = '28' and r.view = ? and r.type = 'HealthcareService' order by r.id`,
    [view],
  )) as { rows: Row[] };
  return result.rows;
}

const tell = (findings: readonly { severity: string; where: string; text: string }[]): string[] =>
  findings.filter(({ severity }) => severity === 'error').map(({ where, text }) => `${where} ${text}`);

describe('an offer served on the plain base', () => {
  it.each(['public', 'professional', 'regulation'])(
    'passes our validator when we created it (%s)',
    async (audience) => {
      const own = (await offers(`ror.${audience}`)).filter((row) => row.own);
      expect(own).toHaveLength(3);
      const codes = new CodeBook(region.config.codes);
      for (const { body } of own) {
        const found = validateOffer(JSON.parse(body) as JsonObject, codes);
        // That nobody gave a number is a remark, on the offer as we wrote it too.
        expect(found.filter(({ code }) => code !== 'OFFER_NO_CONTACT')).toEqual([]);
      }
    },
  );

  it.skipIf(!hasShared).each(['public', 'professional', 'regulation'])(
    'passes the kit’s validator when we created it, and otherwise has no finding that the received body lacks (%s)',
    async (audience) => {
      const validate = await rorValidator();
      const all = await offers(`ror.${audience}`);
      expect(all.length).toBeGreaterThan(4);
      for (const { body, received, own } of all) {
        const found = tell(validate(JSON.parse(body)));
        if (own) expect(found).toEqual([]);
        else expect(tell(validate(JSON.parse(received)))).toEqual(expect.arrayContaining(found));
      }
    },
  );

  it('is the received body but for number and instant, for the audience that sees everything', async () => {
    for (const { body, received } of await offers('ror.regulation')) {
      const strip = (text: string): JsonObject => {
        const resource = JSON.parse(text) as JsonObject & { meta: Record<string, unknown> };
        const meta = { ...resource.meta };
        delete meta['versionId'];
        delete meta['lastUpdated'];
        return { ...resource, meta } as JsonObject;
      };
      expect(strip(body)).toEqual(strip(received));
    }
  });
});

describe('an offer served on the enriched base', () => {
  it('says each centre with filière, network, label and campaign, and where that comes from', async () => {
    const all = await offers('fhir.public');
    expect(all.length).toBeGreaterThan(4);
    for (const { body } of all) {
      const extensions = ((JSON.parse(body) as JsonObject)['extension'] ?? []) as JsonObject[];
      const ours = extensions.filter(
        ({ url }) => url === `${CANONICAL}/StructureDefinition/centre-maladies-rares`,
      );
      expect(ours).toHaveLength(1);
      const parts = new Map((ours[0]?.['extension'] as JsonObject[]).map((part) => [part['url'], part]));
      expect([...parts.keys()]).toEqual(
        expect.arrayContaining(['centre', 'filiere', 'label-role', 'label-campaign', 'source', 'recorded']),
      );
      expect(parts.get('label-role')).toMatchObject({ valueCoding: { code: 'CCMR', display: 'CCMR' } });
      expect(parts.get('source')).toEqual({ url: 'source', valueString: 'labelled-centres' });
    }
  });

  it('leaves out a look-alike that the repository carries: only what was approved is said here', () => {
    const lookAlike = { url: `${CANONICAL}/StructureDefinition/centre-maladies-rares`, extension: [] };
    expect(enriched({ resourceType: 'HealthcareService', extension: [lookAlike] }, [], CANONICAL)).toEqual({
      resourceType: 'HealthcareService',
    });
  });
});
