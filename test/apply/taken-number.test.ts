import { describe, expect, it } from 'vitest';
import { centreLinks } from '../../src/db/centres.js';
import { sync } from '../../src/runs/sync.js';
import { approveAll, seedOf, type ApprovedRegion } from '../support/approved-region.js';
import { TestClock } from '../support/clock.js';
import { copiesOf } from '../support/copies.js';
import { brokenAtAnyTime } from '../support/region-agreement.js';

/** A number of the region's range that somebody else has used, and a creation that never arrived (DESIGN 5, identity). */
const copy = copiesOf({ creates: 1, attaches: 0, identifiers: 'client' });
const TAKEN = '28/9000001';

/** The hospital numbers an offer of its own out of the range that the GRADeS gave us. */
async function hospitalTakesNumber(region: ApprovedRegion): Promise<string> {
  const offer = (await seedOf(1)).find((each) => each['resourceType'] === 'HealthcareService');
  const [identifier] = offer?.['identifier'] as object[];
  const body = { ...offer, identifier: [{ ...identifier, value: TAKEN }] };
  const made = await region.context().client.create('HealthcareService', JSON.stringify(body));
  if (made.kind !== 'done') throw new Error(`the sandbox answered ${made.kind}`);
  return made.id;
}

describe('an offer that bears the number reserved for a creation, and not the block of its centre', () => {
  it('is never taken for ours: a person looks, and the next try takes the next number', async () => {
    const clock = new TestClock();
    const region = await copy({ clock, timeoutMs: 20_000, declaredLagMs: 5_000 });
    const id = await hospitalTakesNumber(region);
    const hospitals = JSON.stringify(
      region.sandbox.list('HealthcareService').find((each) => each['id'] === id),
    );
    region.sandbox.faults.next('create', { kind: 'drop', when: 'before' });
    expect(await region.apply()).toMatchObject([{ result: 'uncertain' }]);
    clock.advance(60_000);
    const [told] = await region.apply();
    expect(told).toMatchObject({ result: 'conflict', offer: TAKEN });
    expect(told?.message).toContain('porte le numéro réservé pour ce centre, mais pas son bloc');
    expect(told?.message).toContain('Que faire :');
    expect(await centreLinks(region.database.app, '28')).toEqual([]);
    expect(await region.database.app('applied_element')).toEqual([]);
    expect(await region.database.app('offer')).toEqual([]);

    await sync(region.run(null), { replaced: new Map() }, 'real');
    await approveAll(region, region.approver);
    expect(await region.apply()).toMatchObject([{ result: 'applied', offer: '28/9000002' }]);
    const left = region.sandbox.list('HealthcareService').find((each) => each['id'] === id);
    expect(JSON.stringify(left)).toBe(hospitals);
    expect(region.sandbox.list('HealthcareService')).toHaveLength(2);
    expect(await brokenAtAnyTime(region)).toEqual([]);
  });
});
