import { describe, expect, it } from 'vitest';
import type { GateResult } from '../../src/domain/gates.js';
import { isBlocked, levelled } from '../../src/sources/gates.js';
import { freshnessGate, type ContentAge } from '../../src/sources/gates-freshness.js';
import { shippedGates } from '../support/gates.js';

const rules = { ...shippedGates(), freshness: { daily: 14, weekly: 42, monthly: 92, yearly: 500 } };

function judged(change: Partial<ContentAge>): readonly GateResult[] {
  const findings = freshnessGate(rules, {
    source: 'liste-d-essai',
    cadence: 'weekly',
    maxAgeDays: null,
    origin: 'https://essai.example/liste.csv',
    imported: false,
    contentDate: null,
    generated: false,
    changedAt: new Date('2026-03-01T05:00:00Z'),
    now: new Date('2026-03-01T05:00:00Z'),
    ...change,
  });
  return levelled(rules, findings);
}
const ok = (change: Partial<ContentAge>): boolean | undefined => judged(change)[0]?.ok;

describe('X14, a content that stands still', () => {
  it.each([
    // 1 March plus 14, 42, 92 and 500 days.
    ['daily', '2026-03-15', '2026-03-16'],
    ['weekly', '2026-04-12', '2026-04-13'],
    ['monthly', '2026-06-01', '2026-06-02'],
    ['yearly', '2027-07-14', '2027-07-15'],
  ] as const)('%s: holds on the last day allowed, and not the day after', (cadence, last, after) => {
    expect(ok({ cadence, now: new Date(`${last}T23:59:00Z`) })).toBe(true);
    expect(ok({ cadence, now: new Date(`${after}T00:00:00Z`) })).toBe(false);
  });

  it('the real case: 113 days of visits that succeed on a monthly source that is dead', () => {
    const results = judged({
      cadence: 'monthly',
      contentDate: '2026-05-04',
      changedAt: new Date('2026-08-20T05:00:00Z'),
      now: new Date('2026-08-25T05:00:00Z'),
    });
    expect(results).toEqual([
      {
        code: 'X14',
        level: 'B',
        ok: false,
        expected: 92,
        found: 113,
        message: '« liste-d-essai » : contenu daté du 04/05/2026, il y a 113 jours, pour 92 jours admis',
        place: 'https://essai.example/liste.csv',
        remedy:
          'vérifiez que la source paraît encore, et à cette adresse. Si elle paraît plus rarement, donnez-lui son rythme (liste-d-essai.cadence) ou son âge admis (liste-d-essai.maxAgeDays) dans sources.yaml.',
      },
    ]);
    expect(isBlocked(results)).toBe(true);
  });

  it('follows the date of the content, and not the day on which it came', () => {
    const now = new Date('2026-08-25T05:00:00Z');
    expect(ok({ contentDate: '2026-05-04', changedAt: now, now })).toBe(false);
    expect(ok({ contentDate: '2026-08-24', changedAt: new Date('2026-01-01'), now })).toBe(true);
  });

  it('without a date, counts from the last day on which something else was said', () => {
    const [result] = judged({ now: new Date('2026-04-13T00:00:00Z') });
    expect(result).toMatchObject({
      found: 43,
      message:
        '« liste-d-essai » : rien de nouveau depuis le 01/03/2026, il y a 43 jours, pour 42 jours admis',
    });
  });

  it('a flow that is made anew every day is as old as the last thing it said, whatever date it bears', () => {
    const made = {
      contentDate: '2026-06-01',
      changedAt: new Date('2026-03-01T05:00:00Z'),
      now: new Date('2026-06-01T05:00:00Z'),
    };
    expect(ok({ ...made, cadence: 'daily', generated: false })).toBe(true);
    const [gate] = judged({ ...made, cadence: 'daily', generated: true });
    expect([gate?.ok, gate?.level, gate?.found]).toEqual([false, 'B', 92]);
    expect(gate?.message).toContain('daté du 01/06/2026, mais rien de nouveau depuis le 01/03/2026');
    // An old file that comes for the first time is as old as it says.
    const old = {
      contentDate: '2026-01-01',
      changedAt: new Date('2026-06-01T05:00:00Z'),
      now: new Date('2026-06-01T05:00:00Z'),
    };
    expect(ok({ ...old, cadence: 'daily', generated: true })).toBe(false);
  });

  it('a date to come is told, and is no age: what counts is when something new was last said', () => {
    const content = { contentDate: '2999-01-01', changedAt: new Date('2026-03-01T05:00:00Z') };
    for (const generated of [true, false]) {
      const young = judged({ ...content, generated });
      expect(young).toMatchObject([
        { ok: true, found: 0 },
        { ok: false, level: 'A', found: '2999-01-01', expected: '2026-03-01' },
      ]);
      expect(young[1]?.message).toContain('daté du 01/01/2999, qui est à venir');
      expect(isBlocked(young)).toBe(false);
      const old = judged({ ...content, generated, now: new Date('2026-04-13T00:00:00Z') });
      expect(old).toMatchObject([{ ok: false, found: 43, level: 'B' }, { ok: false }]);
    }
  });

  it('a date of tomorrow is none to come: the owner’s day may have begun', () => {
    const now = new Date('2026-03-01T05:00:00Z');
    expect(judged({ contentDate: '2026-03-02', now })).toMatchObject([{ ok: true, found: 0 }]);
    expect(judged({ contentDate: '2026-03-03', now })).toHaveLength(2);
  });

  it('has nothing to say of a source without rhythm, however old', () => {
    expect(judged({ cadence: 'manual', contentDate: '2000-01-01' })).toEqual([]);
  });

  it.each([
    ['a file', { origin: '/listes/essai.csv' }],
    ['a folder', { origin: 'listes' }],
    ['a file handed over for the run', { origin: '/listes/essai.csv', imported: true }],
    ['an address handed over for the run', { imported: true }],
  ])('only alerts for %s', (_what, change) => {
    const results = judged({ contentDate: '2021-01-08', ...change });
    expect(results).toMatchObject([{ level: 'A', ok: false }]);
    expect(isBlocked(results)).toBe(false);
  });

  it('blocks even these when the source has an age of its own, which wins over its rhythm', () => {
    const own = { maxAgeDays: 10, origin: '/listes/essai.csv', imported: true };
    expect(judged({ ...own, now: new Date('2026-03-11T12:00:00Z') })).toMatchObject([
      { level: 'B', ok: true },
    ]);
    expect(isBlocked(judged({ ...own, now: new Date('2026-03-12T12:00:00Z') }))).toBe(true);
    expect(isBlocked(judged({ ...own, cadence: 'manual', now: new Date('2026-03-12T12:00:00Z') }))).toBe(
      true,
    );
    expect(ok({ maxAgeDays: 1900, contentDate: '2023-12-26' })).toBe(true);
  });
});
