import { describe, expect, it } from 'vitest';
import type { StoredChange } from '../../src/db/changes.js';
import type { Json } from '../../src/domain/json.js';
import { seedOf, type ApprovedRegion } from '../support/approved-region.js';
import { copiesOf } from '../support/copies.js';
import { broken } from '../support/region-agreement.js';

/** Two creates at each of four hospitals. */
const copy = copiesOf({ creates: 8, attaches: 0, ways: ['patch', 'post'] });

const looksOf = (region: ApprovedRegion): string[] =>
  region.sandbox.requests.map(({ path }) => path).filter((path) => path.includes('organization._id='));

const carrierOf = (change: StoredChange): Json =>
  change.elements.find(({ key }) => key === 'providedBy')?.after ?? null;

describe('the look before a create', () => {
  it('reads the offers of a hospital whole once, then only what was changed there', async () => {
    const region = await copy();
    const before = looksOf(region).length;
    expect((await region.apply()).map(({ result }) => result)).toEqual(Array(8).fill('applied'));
    const looks = looksOf(region).slice(before);
    const sites = new Set(looks.map((path) => /organization\._id=([^&]+)/.exec(path)?.[1]));
    expect(sites.size).toBe(4);
    expect(looks.filter((path) => !path.includes('_lastUpdated='))).toHaveLength(4);
    expect(looks.filter((path) => path.includes('_lastUpdated=ge'))).toHaveLength(4);
    expect(await broken(region, 0)).toEqual([]);
  });

  it('sees an offer that somebody typed for the second centre after the whole look', async () => {
    const region = await copy();
    const changes = await region.changes();
    const [offer] = (await seedOf(1)).filter((each) => each['resourceType'] === 'HealthcareService');
    const typed = async (change: StoredChange): Promise<void> => {
      const comment = change.elements.find(({ key }) => key.startsWith('comment['))?.after as Json;
      const body = { ...offer, identifier: undefined, providedBy: carrierOf(change), comment };
      const made = await region.context().client.create('HealthcareService', JSON.stringify(body));
      expect(made.kind).toBe('done');
    };
    // Four are sent at once, one of each hospital. Once all four are on the way, the second centre of each hospital, which
    // cannot have begun, is typed by hand; only then do the four arrive.
    let arrived = 0;
    let release = (): void => undefined;
    const typedAll = new Promise<void>((resolve) => (release = resolve));
    const act = async (): Promise<void> => {
      arrived++;
      if (arrived === 4) {
        const begun: string[] = await region.database.app('apply_attempt').pluck('change_id');
        const later = changes.filter(({ id }) => !begun.includes(id));
        expect(later).toHaveLength(4);
        for (const change of later) await typed(change);
        release();
      }
      await typedAll;
    };
    region.sandbox.faults.next('create', { kind: 'meanwhile', when: 'before', act }, 4);
    const receipts = await region.apply();
    expect(arrived).toBe(4);
    const refused = receipts.filter(({ result }) => result === 'conflict');
    expect(refused.length).toBe(4);
    for (const { message } of refused) expect(message).toContain('porte déjà le bloc de ce centre');
    // Each centre's block stands once: what was typed is not doubled.
    for (const { centres } of changes) {
      const carrying = region.sandbox
        .list('HealthcareService')
        .filter((body) => JSON.stringify(body['comment'] ?? '').includes(centres[0] ?? ''));
      expect(carrying).toHaveLength(1);
    }
  });

  it('is whole again when the first one failed', async () => {
    const region = await copy();
    region.sandbox.faults.next(
      { action: 'search', path: /organization\._id=/ },
      { kind: 'error', status: 400, when: 'before' },
    );
    const results = (await region.apply()).map(({ result }) => result);
    expect(results.filter((result) => result === 'applied').length).toBeGreaterThanOrEqual(6);
    expect((await region.apply()).every(({ result }) => result === 'applied')).toBe(true);
    expect(await broken(region, 0)).toEqual([]);
  });
});
