import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/domain/json.js';
import { compareThree, type ElementValues, type Outcome } from '../../src/plan/three-way.js';
import { saysTheSame } from '../../src/ror/equality.js';

const one = (value: Json | undefined | 'unknown'): ElementValues =>
  new Map(value === 'unknown' ? [] : [['name', value]]);
const outcome = (
  base: Json | undefined,
  remote: Json | undefined,
  desired: Json | undefined,
): Outcome | undefined =>
  compareThree({ base: one(base), remote: one(remote), desired: one(desired) })[0]?.outcome;

describe('three-way comparison of one element', () => {
  it.each([
    ['b', 'b', 'b', 'same'],
    ['b', 'b', 'd', 'ours'],
    ['b', 'b', undefined, 'ours'],
    [undefined, undefined, 'd', 'ours'],
    ['b', 'r', 'b', 'theirs'],
    ['b', undefined, 'b', 'theirs'],
    ['b', 'x', 'x', 'both-same'],
    ['b', undefined, undefined, 'both-same'],
    [undefined, 'x', 'x', 'both-same'],
    ['b', 'r', 'd', 'conflict'],
    ['b', 'r', undefined, 'conflict'],
    ['b', undefined, 'd', 'conflict'],
    [undefined, 'r', 'd', 'conflict'],
    ['unknown', undefined, 'd', 'ours'],
    ['unknown', 'd', 'd', 'same'],
    ['unknown', 'r', 'd', 'theirs'],
    ['unknown', 'r', undefined, undefined],
  ] as const)('base %s, remote %s, desired %s: %s', (base, remote, desired, expected) => {
    expect(outcome(base, remote, desired)).toBe(expected);
  });

  it('does not see order, Unicode form, nor 49.20 for 49.2', () => {
    expect(outcome({ a: 1, b: ['x', 'é'] }, { b: ['e\u0301', 'x'], a: 1 }, { a: 1.0, b: ['x', 'é'] })).toBe(
      'same',
    );
  });

  it('may forgive a display that the repository rewrote', () => {
    const coding = (display: string): Json => ({ coding: [{ system: 's', code: '11', display }] });
    const values = { base: one('unknown'), remote: one(coding('Centre')), desired: one(coding('CENTRE')) };
    expect(compareThree(values)[0]?.outcome).toBe('theirs');
    expect(compareThree(values, { equal: saysTheSame })[0]?.outcome).toBe('same');
  });
});

describe('three-way comparison', () => {
  const maps = fc
    .dictionary(
      fc.constantFrom('a', 'b', 'c', 'd'),
      fc.option(fc.constantFrom('1', '2', '3'), { nil: undefined }),
    )
    .map((values) => new Map<string, Json | undefined>(Object.entries(values)));
  const mirrored: Record<Outcome, Outcome> = {
    same: 'same',
    ours: 'theirs',
    theirs: 'ours',
    'both-same': 'both-same',
    conflict: 'conflict',
  };

  it('is symmetric: swapping remote and desired swaps ours and theirs', () => {
    fc.assert(
      fc.property(maps, maps, maps, (base, remote, desired) => {
        const options = { missingBase: 'absent' } as const;
        const there = compareThree({ base, remote, desired }, options);
        const back = compareThree({ base, remote: desired, desired: remote }, options);
        expect(back.map(({ key, outcome: each }) => [key, each])).toEqual(
          there.map(({ key, outcome: each }) => [key, mirrored[each]]),
        );
      }),
    );
  });

  it('has nothing left to write once what is ours is written', () => {
    fc.assert(
      fc.property(maps, maps, maps, (base, remote, desired) => {
        const written = new Map(remote);
        const reread = new Map(base);
        for (const each of compareThree({ base, remote, desired })) {
          if (each.outcome !== 'ours') continue;
          written.set(each.key, each.desired);
          reread.set(each.key, each.desired);
        }
        const again = compareThree({ base: reread, remote: written, desired });
        expect(again.filter((each) => each.outcome === 'ours')).toEqual([]);
      }),
    );
  });
});
