import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { changesInStates } from '../../src/db/changes.js';
import { approvedRegion } from '../support/approved-region.js';
import { builtProgram } from '../support/built.js';
import { resumeToTheEnd, startApply } from '../support/killed-process.js';
import { seededRandom } from '../support/random.js';
import { broken, brokenAtAnyTime } from '../support/region-agreement.js';

/** S7, the power cut, after a number of writes that the seed gives; another point by FILROR_S7_SEED. */
const CREATES = 194;
const ATTACHES = 6;
const SEED = Number(process.env['FILROR_S7_SEED'] ?? 7);

describe('S7: 200 approved changes being applied, the process killed at any point', () => {
  it('is started again: each offer once, all applied or pending, no unapproved byte, a journal that verifies', async () => {
    const program = builtProgram();
    const region = await approvedRegion({
      creates: CREATES,
      attaches: ATTACHES,
      timeoutMs: 10_000,
      declaredLagMs: 200,
    });
    try {
      expect(await changesInStates(region.database.app, '28', ['approved'])).toHaveLength(200);
      // The repository takes its time, so that the cut falls among the changes.
      region.sandbox.faults.always('any', { kind: 'delay', ms: 20, when: 'after' });
      const random = seededRandom(SEED);
      const writes = 1 + Math.floor(random() * 198);
      const running = await startApply(program, region, 0);
      while (region.sandbox.writes().length < writes) await sleep(5);
      await sleep(random() * 60);
      running.kill();
      const cut = await running.finished;
      expect(cut.code, cut.stderr).toBeNull();
      expect(await brokenAtAnyTime(region)).toEqual([]);
      const states = (await region.changes()).map(({ state }) => state);
      const still = states.filter((state) => state === 'approved').length;
      expect(states.filter((state) => state !== 'applied' && state !== 'approved')).toEqual([]);
      expect(still).toBeGreaterThan(0);
      const { code, stderr } = await resumeToTheEnd(program, region, 1);
      expect(code, stderr).toBe(0);
      expect((await region.changes()).map(({ state }) => state)).toEqual(
        Array.from({ length: CREATES + ATTACHES }, () => 'applied'),
      );
      expect(await broken(region, ATTACHES)).toEqual([]);
    } finally {
      await region.close();
    }
  });
});
