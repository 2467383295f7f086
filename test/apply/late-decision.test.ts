import { describe, expect, it } from 'vitest';
import type { StoredChange } from '../../src/db/changes.js';
import { approveEach } from '../../src/review/bulk.js';
import { approve, reject, type DecisionContext } from '../../src/review/decide.js';
import type { Actor } from '../../src/db/people.js';
import type { ApprovedRegion } from '../support/approved-region.js';
import { eachOnACopy } from '../support/copies.js';
import { FrozenClient } from '../support/frozen-client.js';

/** A person decides on what was shown minutes ago, while the change went on without them. */
const COMMON = { creates: 1, attaches: 0, until: 'proposed' } as const;

let region: ApprovedRegion;
let shown: StoredChange;

eachOnACopy(COMMON, async (copy) => {
  region = copy;
  shown = await stored();
});

async function stored(): Promise<StoredChange> {
  const [change] = await region.changes();
  if (change === undefined) throw new Error('no change');
  return change;
}

function as(person: Actor): DecisionContext {
  return { db: region.database.app, region: '28', review: region.config.review, person, now: new Date() };
}

async function journalled(kind: string): Promise<number> {
  return (await region.database.app('journal').where({ kind })).length;
}

function setState(state: string): Promise<number> {
  return region.database.app('change').where({ id: shown.id }).update({ state });
}

describe('a rejection', () => {
  it('of what was applied meanwhile is refused, and the change stays applied', async () => {
    await approve(as(region.approver), shown);
    const approved = await stored();
    expect(await region.apply()).toMatchObject([{ result: 'applied' }]);
    await expect(reject(as(region.second), approved, 'trop tard')).rejects.toMatchObject({
      code: 'NOT_APPROVABLE',
      message: expect.stringContaining('appliqué') as string,
    });
    expect((await stored()).state).toBe('applied');
    expect(await journalled('reject')).toBe(0);
    expect(await region.database.app('decision').where({ verdict: 'reject' })).toEqual([]);
  });

  it.each(['before', 'after'] as const)(
    'is refused while the request is under way (%s it leaves), and says how to know',
    async (moment) => {
      await approve(as(region.approver), shown);
      const frozen = new FrozenClient(region.context().client, { call: 'create', moment });
      const applying = region.apply({ client: frozen.client });
      await frozen.reached;
      await expect(reject(as(region.second), shown, 'non')).rejects.toMatchObject({
        code: 'BEING_SENT',
        remedy: expect.stringContaining('--resume') as string,
      });
      frozen.thaw();
      expect(await applying).toMatchObject([{ result: 'applied' }]);
      expect((await stored()).state).toBe('applied');
    },
  );

  it('that comes first keeps the change from being sent', async () => {
    await approve(as(region.approver), shown);
    await reject(as(region.second), shown, 'non');
    expect(await region.apply()).toEqual([]);
    expect(region.sandbox.writes()).toEqual([]);
  });
});

describe('a decision', () => {
  it('on another form than the one stored is refused', async () => {
    const other = { ...shown, hash: 'f'.repeat(64) };
    await expect(approve(as(region.approver), other)).rejects.toMatchObject({ code: 'NOT_AS_SHOWN' });
    await expect(reject(as(region.approver), other, 'non')).rejects.toMatchObject({ code: 'NOT_AS_SHOWN' });
  });

  it('to approve what was rejected meanwhile is refused', async () => {
    await reject(as(region.second), shown, 'non');
    await expect(approve(as(region.approver), shown)).rejects.toMatchObject({ code: 'NOT_APPROVABLE' });
    expect((await stored()).state).toBe('rejected');
  });
});

describe('a further approval', () => {
  it('of what one person was enough for is refused in French, with no entry of the journal', async () => {
    await approve(as(region.approver), shown);
    await expect(approve(as(region.second), shown)).rejects.toMatchObject({
      code: 'APPROVED_ENOUGH',
      message: expect.stringContaining('déjà approuvé par assez de personnes') as string,
    });
    expect(await approveEach(as(region.second), [shown])).toMatchObject([{ done: false }]);
    expect(await journalled('approve')).toBe(1);
    expect(await region.database.app('decision').where({ verdict: 'approve' })).toHaveLength(1);
  });

  it('takes the place of one that counts no more', async () => {
    await approve(as(region.approver), shown);
    await region.database
      .app('person_grant')
      .where({ person: region.approver.id })
      .update({ revoked_at: new Date() });
    expect(await approve(as(region.second), shown)).toEqual({ approvals: 1, quorum: 1, approved: true });
    expect(await region.apply()).toMatchObject([{ result: 'applied' }]);
  });
});

describe('a change that is over', () => {
  it.each(['applied', 'rejected', 'superseded', 'expired'])(
    'stays %s, whoever writes the row',
    async (state) => {
      await setState(state);
      for (const next of ['proposed', 'approved', 'conflict', 'rejected', 'applied'].filter(
        (each) => each !== state,
      )) {
        await expect(setState(next)).rejects.toThrow(/FILROR_OVER/);
      }
    },
  );

  it('does not keep what was written from being recorded', async () => {
    await approve(as(region.approver), shown);
    const frozen = new FrozenClient(region.context().client, { call: 'create', moment: 'after' });
    const applying = region.apply({ client: frozen.client });
    await frozen.reached;
    await setState('rejected');
    frozen.thaw();
    expect(await applying).toMatchObject([{ result: 'applied' }]);
    expect((await stored()).state).toBe('rejected');
    expect(await journalled('apply')).toBe(1);
    expect((await region.database.app('applied_element')).length).toBeGreaterThan(0);
  });
});
