import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Receipt } from '../../src/apply/context.js';
import type { ApprovedRegion } from '../support/approved-region.js';
import { builtProgram } from '../support/built.js';
import { copiesOf } from '../support/copies.js';
import { startApplyNow, waiters } from '../support/killed-process.js';
import { broken } from '../support/region-agreement.js';

/** Processes of our own side by side on one database and one repository (rule 5, DESIGN step 10: one writer per offer). */
const CREATES = 12;
const ATTACHES = 6;
const COMMON = { creates: CREATES, attaches: ATTACHES, timeoutMs: 5_000, declaredLagMs: 100 };
const copy = copiesOf(COMMON);

describe('several processes that apply at once', () => {
  it.each([2, 4])('write each offer once: %i commands', async (count) => {
    const program = builtProgram();
    const region = await copy();
    region.sandbox.faults.always('any', { kind: 'delay', ms: 40, when: 'before' });
    // All stand at the door, four changes each, before the first may begin.
    const { owner } = region.database;
    const door = await owner.transaction();
    await door.raw(`select 1 from region_state where region = '28' for update`);
    const running = Array.from({ length: count }, () => startApplyNow(program, region));
    while ((await waiters(owner)) < 4 * count) await sleep(25);
    await door.rollback();
    const ends = await Promise.all(running.map(({ finished }) => finished));
    expect(ends.map(({ stderr }) => stderr).join('')).not.toContain('Erreur');
    const applied = ends.map(({ stdout }) =>
      (JSON.parse(stdout) as Receipt[])
        .filter(({ result }) => result === 'applied')
        .map(({ change }) => change),
    );
    // Both took part; no change was applied by two of them.
    expect(applied.filter((changes) => changes.length > 0).length).toBeGreaterThanOrEqual(2);
    expect(new Set(applied.flat()).size).toBe(applied.flat().length);
    expect(region.sandbox.writes()).toHaveLength(CREATES + ATTACHES);
    expect((await region.changes()).map(({ state }) => state)).toEqual(
      Array.from({ length: CREATES + ATTACHES }, () => 'applied'),
    );
    expect(await broken(region, ATTACHES)).toEqual([]);
    const requests = region.sandbox.requests.length;
    expect(await region.apply()).toEqual([]);
    expect(region.sandbox.requests).toHaveLength(requests);
  });
});

describe('two machines whose clocks disagree', () => {
  it.each([
    ['five minutes ahead', 300_000],
    ['five minutes behind', -300_000],
  ])('write each offer once when the second is %s and the first is still sending', async (_which, skewMs) => {
    const program = builtProgram();
    const region = await copy({ timeoutMs: 6_000 });
    // Slow, yet within the time-out: the first one is alive and its requests are on their way.
    region.sandbox.faults.next('create', { kind: 'delay', ms: 5_000, when: 'before' }, 4);
    const first = startApplyNow(program, region);
    while ((await sending(region)) === 0) await sleep(25);
    const second = startApplyNow(program, region, { resume: true, skewMs });
    const ends = await Promise.all([first.finished, second.finished]);
    expect(ends.map(({ stderr }) => stderr).join('')).not.toContain('Erreur');
    expect(region.sandbox.writes()).toHaveLength(CREATES + ATTACHES);
    expect((await region.changes()).map(({ state }) => state)).toEqual(
      Array.from({ length: CREATES + ATTACHES }, () => 'applied'),
    );
    expect(await broken(region, ATTACHES)).toEqual([]);
  });
});

/** Attempts whose request may be under way now. */
async function sending({ database }: ApprovedRegion): Promise<number> {
  return (await database.app('apply_attempt').where({ state: 'open' }).whereNotNull('sent_at')).length;
}
