import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { swinging, type Step, type Swinging } from '../../src/consolidate/swings.js';
import type { SwingRules } from '../../src/domain/gates.js';

const RULES: SwingRules = { returns: 2, deliveries: 6, settle: 3, settleDays: 42, limitDays: 90 };
const DAY = 24 * 3600 * 1000;
const START = Date.parse('2026-01-05T05:00:00Z');

/** One letter a delivery, so many days apart. */
const steps = (values: string, days = 7): Step[] =>
  [...values].map((value, at) => ({ delivery: at + 1, at: new Date(START + at * days * DAY), value }));
/** What is found on the day of the last delivery, or some days later. */
const found = (values: string, { days = 7, later = 0, rules = RULES } = {}): Swinging | null => {
  const all = steps(values, days);
  const last = all.at(-1)?.at.getTime() ?? START;
  return swinging(all, rules, new Date(last + later * DAY));
};
/** What filror takes after each delivery. */
const taken = (values: string, rules = RULES): string =>
  [...values]
    .map((value, at) => {
      const swing = found(values.slice(0, at + 1), { rules });
      return swing?.state === 'held' ? swing.stable.value : value;
    })
    .join('');

describe('a value that comes and goes', () => {
  it.each([
    ['never changes', 'AAAAAA', 'AAAAAA'],
    ['changes once: it passes at once', 'AAB', 'AAB'],
    ['changes and goes back: both pass', 'AABA', 'AABA'],
    ['goes back twice: the value it first came back to is held', 'AABAB', 'AABAA'],
    ['swings on: held all along', 'ABABABABAB', 'ABAAAAAAAA'],
    ['stands three deliveries: it passes again', 'ABABBB', 'ABAAAB'],
    ['changes to something new each time', 'ABCDEF', 'ABCDEF'],
    ['goes round three values', 'ABCABCAB', 'ABCAAAAA'],
    ['stands three deliveries between two returns: each is a first change', 'ABBBAAABBBAAA', 'ABBBAAABBBAAA'],
  ])('when it %s', (_what, said, kept) => {
    expect(taken(said)).toBe(kept);
  });

  it('is held by the first value only, and says when each was said', () => {
    const swing = found('AABAB');
    expect(swing?.state).toBe('held');
    expect(swing?.stable).toMatchObject({ delivery: 1, value: 'A' });
    expect(swing?.swings.map((step) => [step.delivery, step.value])).toEqual([
      [1, 'A'],
      [3, 'B'],
      [4, 'A'],
      [5, 'B'],
    ]);
    expect(swing?.since.toISOString().slice(0, 10)).toBe('2026-02-02');
    expect(swing?.limit.toISOString().slice(0, 10)).toBe('2026-05-03');
  });

  it('is free again once it stood for the days told, although the source brings nothing', () => {
    expect(found('ABAB', { later: 41 })?.state).toBe('held');
    expect(found('ABAB', { later: 42 })).toBeNull();
    expect(found('ABAB')?.until).toEqual(new Date(START + (3 * 7 + 42) * DAY));
  });

  it('never swings when each value stands longer than that: a yearly list changes every year', () => {
    expect(found('ABABABAB', { days: 365 })).toBeNull();
    expect(found('ABABABAB', { days: 42 })).toBeNull();
    expect(found('ABABABAB', { days: 41 })?.state).not.toBeUndefined();
  });

  it('is held 90 days at most: then the source is followed again, and it is still told', () => {
    const long = 'AB'.repeat(9);
    expect(found(long.slice(0, 16))?.state).toBe('held');
    const past = found(long.slice(0, 17));
    expect(past?.state).toBe('past');
    expect(taken(long).slice(15)).toBe('AAB');
  });

  it('counts the returns within the deliveries told only', () => {
    const rules = { ...RULES, deliveries: 4, settle: 5 };
    expect(taken('AAAABAAAABAAAAB', rules)).toBe('AAAABAAAABAAAAB');
    expect(taken('AAAABAB', rules)).toBe('AAAABAA');
  });

  it('passes each time when nothing is to be damped', () => {
    expect(taken('ABABABAB', { ...RULES, returns: 0 })).toBe('ABABABAB');
  });

  it('is held from the first return when one is enough', () => {
    expect(taken('ABAB', { ...RULES, returns: 1 })).toBe('ABAA');
  });
});

const sequence = fc
  .array(fc.constantFrom('A', 'B', 'C'), { minLength: 1, maxLength: 24 })
  .map((all) => all.join(''));
const rules = fc.record({
  returns: fc.integer({ min: 1, max: 4 }),
  deliveries: fc.integer({ min: 3, max: 10 }),
  settle: fc.integer({ min: 2, max: 6 }),
  settleDays: fc.integer({ min: 8, max: 120 }),
  limitDays: fc.integer({ min: 1, max: 200 }),
});
const swings = (values: string): number =>
  [...values].filter((value, at) => at > 0 && value !== values[at - 1]).length;

describe('any deliveries', () => {
  it('open at most one change when they alternate for ten of them', () => {
    expect(swings(taken('ABABABABAB'))).toBe(2);
    // There and back: one proposal, taken away again; then nothing moves.
    expect(taken('ABABABABAB').indexOf('B')).toBe(taken('ABABABABAB').lastIndexOf('B'));
  });

  it('take a value that the source says or said', () => {
    fc.assert(
      fc.property(sequence, rules, (said, given) => {
        for (const [at, value] of [...taken(said, given)].entries())
          expect(said.slice(0, at + 1)).toContain(value);
      }),
    );
  });

  it('never make the value move more often than the source, as long as the limit is not met', () => {
    fc.assert(
      fc.property(sequence, rules, (said, given) => {
        expect(swings(taken(said, { ...given, limitDays: 365 }))).toBeLessThanOrEqual(swings(said));
      }),
    );
  });

  it('are followed at once up to the second change', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 8 }), (before, after) => {
        const said = 'A'.repeat(before) + 'B'.repeat(after);
        expect(taken(said)).toBe(said);
      }),
    );
  });

  it('are followed again once the source says the same for long enough, whatever it said before', () => {
    fc.assert(
      fc.property(sequence, rules, fc.constantFrom('A', 'B', 'C'), (said, given, last) => {
        expect(taken(said + last.repeat(given.settle), given).at(-1)).toBe(last);
      }),
    );
  });

  it('are never held past the limit', () => {
    fc.assert(
      fc.property(sequence, rules, (said, given) => {
        const swing = found(said, { rules: given, later: given.limitDays });
        expect(swing?.state).not.toBe('held');
      }),
    );
  });
});
