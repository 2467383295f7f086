import { describe, expect, it } from 'vitest';
import type { StoredChange } from '../../src/db/changes.js';
import { confirmGrant, type Actor } from '../../src/db/people.js';
import { identifyPerson } from '../../src/db/person.js';
import { setRegionRules } from '../../src/db/runs.js';
import { approve } from '../../src/review/decide.js';
import type { ApprovedRegion } from '../support/approved-region.js';
import { eachOnACopy } from '../support/copies.js';
import { insertAttempt } from '../support/raw-rows.js';

/** Whose approval counts where: personas in a sandbox only, a right only as long as it was confirmed (DESIGN 5, 10). */
const COMMON = { creates: 1, attaches: 0, until: 'proposed' } as const;

let region: ApprovedRegion;
let creation: StoredChange;

eachOnACopy(COMMON, async (copy) => {
  region = copy;
  creation = (await region.changes())[0] as StoredChange;
});

function approveAs(person: Actor): Promise<unknown> {
  const { database, config } = region;
  return approve(
    { db: database.app, region: '28', review: config.review, person, now: new Date() },
    creation,
  );
}

/** Somebody who signed in, with the right to review. */
async function namedReviewer(): Promise<Actor> {
  const { app } = region.database;
  const displayName = 'Relectrice (essai)';
  const id = await identifyPerson(app, { issuer: 'https://connexion.test', subject: 'essai', displayName });
  await confirmGrant(app, { person: id, role: 'reviewer', region: '28', at: new Date() });
  return { id, displayName };
}

describe('outside a sandbox', () => {
  it('the approval of a persona, given when the region was one, sends nothing', async () => {
    await approveAs(region.approver);
    const receipts = await region.apply({ region: { ...region.region, sandbox: false } });
    expect(receipts).toMatchObject([{ result: 'skipped' }]);
    expect(receipts[0]?.message).toMatch(/0 approbation\(s\) valable\(s\) sur 1.*Que faire :/s);
    expect(region.sandbox.requests).toEqual([]);
    expect(await region.database.app('apply_attempt')).toEqual([]);
  });

  it('the database refuses an attempt on it too', async () => {
    await approveAs(region.approver);
    await setRegionRules(region.database.app, '28', { sandbox: false });
    await expect(insertAttempt(region.database.app, creation)).rejects.toThrow(/FILROR_NOT_APPROVED/);
    await setRegionRules(region.database.app, '28', { sandbox: true });
    await expect(insertAttempt(region.database.app, creation)).resolves.toBeDefined();
  });

  it('an approval of somebody who signed in counts, and the establishment’s agreement is still asked for', async () => {
    await approveAs(await namedReviewer());
    const receipts = await region.apply({ region: { ...region.region, sandbox: false } });
    expect(receipts).toMatchObject([{ result: 'skipped' }]);
    expect(receipts[0]?.message).toMatch(/l’accord de l’établissement manque.*Que faire :/s);
    expect(region.sandbox.requests).toEqual([]);
    expect(await region.apply()).toMatchObject([{ result: 'applied' }]);
  });
});

describe('a right confirmed too long ago', () => {
  async function confirmedDaysAgo(days: number): Promise<void> {
    await region.database
      .app('person_grant')
      .where({ person: region.approver.id })
      .update({ confirmed_at: new Date(Date.now() - days * 86_400_000) });
  }

  it('does not count for the database either, by the limit of the configuration', async () => {
    await approveAs(region.approver);
    await confirmedDaysAgo(91);
    await expect(insertAttempt(region.database.app, creation)).rejects.toThrow(/FILROR_NOT_APPROVED/);
    await setRegionRules(region.database.app, '28', { grantMaxAgeDays: 120 });
    await expect(insertAttempt(region.database.app, creation)).resolves.toBeDefined();
  });

  it('is measured by the limit that the last approval was given under', async () => {
    const { database, config } = region;
    const review = { ...config.review, grantMaxAgeDays: 10 };
    await approve(
      { db: database.app, region: '28', review, person: region.approver, now: new Date() },
      creation,
    );
    await confirmedDaysAgo(11);
    await expect(insertAttempt(region.database.app, creation)).rejects.toThrow(/FILROR_NOT_APPROVED/);
  });
});
