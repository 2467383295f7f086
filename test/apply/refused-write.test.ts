import { describe, expect, it } from 'vitest';
import type { StoredChange } from '../../src/db/changes.js';
import { approveAll, type ApprovedRegion } from '../support/approved-region.js';
import { eachOnACopy } from '../support/copies.js';
import { insertApproval, insertAttempt, insertAuthor } from '../support/raw-rows.js';

/** What is refused, and what the person is told to do about it. */
const COMMON = { creates: 1, attaches: 0, until: 'proposed' } as const;

let region: ApprovedRegion;
let creation: StoredChange;

eachOnACopy(COMMON, async (copy) => {
  region = copy;
  creation = (await region.changes())[0] as StoredChange;
});

async function state(): Promise<string | undefined> {
  return (await region.changes())[0]?.state;
}

describe('a write that the repository refuses', () => {
  it.each([400, 404, 409, 412, 422])('for good (%i) is not sent again without a new plan', async (status) => {
    await approveAll(region, region.approver);
    region.sandbox.faults.next('create', { kind: 'error', status, when: 'before' });
    const [told] = await region.apply();
    expect(told).toMatchObject({ result: 'refused', status });
    expect(told?.message).toMatch(/Que faire : .*filror sync/s);
    expect(await state()).toBe('conflict');
    const before = region.sandbox.requests.length;
    expect(await region.apply()).toEqual([]);
    expect(region.sandbox.requests).toHaveLength(before);
  });

  it.each([401, 403])('for now (%i) stays approved, and goes again', async (status) => {
    await approveAll(region, region.approver);
    region.sandbox.faults.next('create', { kind: 'error', status, when: 'before' }, status === 401 ? 2 : 1);
    const [told] = await region.apply();
    expect(told).toMatchObject({ result: 'refused', status });
    expect(told?.message).toMatch(/Que faire : .*filror apply/s);
    expect(await state()).toBe('approved');
    expect(await region.apply()).toMatchObject([{ result: 'applied' }]);
  });
});

describe('a served fact whose recording was cut off', () => {
  it('is not taken for applied when a right was taken back meanwhile', async () => {
    const { app } = region.database;
    await approveAll(region, region.approver);
    await insertAttempt(app, creation, 'none');
    await app('person_grant').where({ person: region.approver.id }).update({ revoked_at: new Date() });
    const receipts = await region.apply();
    expect(receipts).toMatchObject([{ result: 'skipped' }]);
    expect(await state()).toBe('approved');
    expect(await app('applied_element')).toEqual([]);
  });
});

describe('a refusal of the database', () => {
  it('says in French what to do', async () => {
    const { app } = region.database;
    const hints: unknown[] = [];
    const note = (refused: Promise<unknown>): Promise<unknown> =>
      refused.catch((error: unknown) => hints.push((error as { hint?: string }).hint));
    await note(insertAttempt(app, creation));
    await insertAuthor(app, creation, region.author, 'completion');
    await note(insertApproval(app, creation, region.author));
    await insertApproval(app, creation, region.approver);
    await note(insertAuthor(app, creation, region.approver, 'completion'));
    await app('change').update({ state: 'rejected' });
    await note(insertApproval(app, creation, region.second));
    await note(app('change').update({ state: 'approved' }));
    expect(hints).toEqual(Array.from({ length: 5 }, () => expect.stringMatching(/^Que faire : /) as string));
  });
});
