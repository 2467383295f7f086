import { describe, expect, it } from 'vitest';
import { unsettledAttempts } from '../../src/db/attempts.js';
import { verify } from '../../src/journal/verify.js';
import type { FaultTarget, ScriptedFault } from '../../src/sandbox/faults.js';
import { TestClock } from '../support/clock.js';
import { copiesOf } from '../support/copies.js';
import { untruths } from '../support/repository-truth.js';

const CREATES = 3;
const ATTACHES = 2;
const COMMON = { creates: CREATES, attaches: ATTACHES, ways: ['patch', 'post'] };

const copy = copiesOf(COMMON);

interface Row {
  readonly what: string;
  readonly habits: readonly [FaultTarget, ScriptedFault][];
  readonly script: readonly [FaultTarget, ScriptedFault, number?][];
  readonly tokenTtlSeconds?: number;
}

const ROWS: readonly Row[] = [
  {
    what: 'a creation committed five seconds after the cut',
    habits: [],
    script: [['create', { kind: 'lateCommit', ms: 5_000 }]],
  },
  {
    what: 'a patch committed five seconds after the cut',
    habits: [],
    script: [['patch', { kind: 'lateCommit', ms: 5_000 }]],
  },
  {
    what: 'a search blind for ten seconds to a creation that was cut after its commit',
    habits: [['create', { kind: 'unindexed', ms: 10_000 }]],
    script: [['create', { kind: 'drop', when: 'after' }]],
  },
  {
    what: 'tokens of nine seconds on a slow server',
    habits: [['any', { kind: 'elapse', ms: 4_000 }]],
    script: [],
    tokenTtlSeconds: 9,
  },
  {
    what: 'a burst of 503 on reads',
    habits: [],
    script: [['read', { kind: 'error', status: 503, when: 'before' }, 3]],
  },
  {
    what: 'a reset in the body of an accepted creation',
    habits: [],
    script: [['create', { kind: 'resetBody', share: 0.5 }]],
  },
  { what: 'a slow body', habits: [['write', { kind: 'slowBody', pieces: 5, ms: 2 }]], script: [] },
  ...(['reorderArrays', 'rewriteDecimals', 'unwrapArrays'] as const).map((how): Row => ({
    what: `${how} in every answer`,
    habits: [['any', { kind: 'rewrite', how }]],
    script: [],
  })),
];

describe('a repository with its own ways', () => {
  it.each(ROWS)(
    'with $what receives everything approved, once',
    async ({ habits, script, tokenTtlSeconds }) => {
      const clock = new TestClock();
      const region = await copy({
        clock,
        timeoutMs: 20_000,
        declaredLagMs: 20_000,
        ...(tokenTtlSeconds === undefined ? {} : { sandbox: { tokenTtlSeconds } }),
      });
      for (const [target, fault] of habits) region.sandbox.faults.always(target, fault);
      for (const [target, fault, times] of script) region.sandbox.faults.next(target, fault, times);
      for (let pass = 0; pass < 4; pass++) await region.apply();
      const changes = await region.changes();
      expect(changes.map(({ state }) => state)).toEqual(changes.map(() => 'applied'));
      expect(await untruths(region, ATTACHES)).toEqual([]);
      expect(await unsettledAttempts(region.database.app, '28')).toEqual([]);
      expect((await verify(region.database.app)).fault).toBeNull();
      expect(region.sandbox.faults.pending).toBe(0);
    },
  );
});
