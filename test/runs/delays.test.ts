import { describe, expect, it } from 'vitest';
import { delayOf, delaysByWeek, delayText } from '../../src/runs/delays.js';

const HOUR = 3_600_000;
const opened = new Date('2026-03-20T09:00:00Z');
const after = (hours: number): { openedAt: Date; decidedAt: Date } => ({
  openedAt: opened,
  decidedAt: new Date(opened.getTime() + hours * HOUR),
});

describe('the delay of decisions', () => {
  it('rests on nothing when nothing was decided', () => {
    expect(delayOf([])).toBeNull();
  });

  it('of one decision is that of this decision', () => {
    expect(delayOf([after(5)])).toEqual({ count: 1, median: 5 * HOUR, p90: 5 * HOUR });
  });

  it('is what half of them, and nine of ten, took at most, whatever their order', () => {
    // Ten delays: the fifth and the ninth in order.
    const ten = [40, 1, 2, 3, 30, 4, 5, 6, 7, 8].map(after);
    expect(delayOf(ten)).toEqual({ count: 10, median: 5 * HOUR, p90: 30 * HOUR });
    // Four: the second; 3.6 of four, hence the fourth.
    expect(delayOf([8, 2, 4, 6].map(after))).toEqual({ count: 4, median: 4 * HOUR, p90: 8 * HOUR });
  });

  it('counts in the Paris week of the decision, in hours that passed, over the night that has one hour less', () => {
    // Sunday 29 March 2026 in Paris ends at 22:00 UTC: 23:30 in Paris is that Sunday, half an hour later is the Monday.
    const sunday = {
      openedAt: new Date('2026-03-28T22:30:00Z'),
      decidedAt: new Date('2026-03-29T21:30:00Z'),
    };
    const monday = {
      openedAt: new Date('2026-03-28T22:30:00Z'),
      decidedAt: new Date('2026-03-29T22:00:00Z'),
    };
    expect(delaysByWeek([sunday, monday], ['2026-03-23', '2026-03-30', '2026-04-06'])).toEqual([
      { week: '2026-03-23', delay: { count: 1, median: 23 * HOUR, p90: 23 * HOUR } },
      { week: '2026-03-30', delay: { count: 1, median: 23.5 * HOUR, p90: 23.5 * HOUR } },
      { week: '2026-04-06', delay: null },
    ]);
  });

  it.each([
    [10_000, '1 min'],
    [20 * 60_000, '20 min'],
    [5 * HOUR, '5 h'],
    [47 * HOUR, '47 h'],
    [60 * HOUR, '2,5 jours'],
    [240 * HOUR, '10 jours'],
  ])('of %d ms is said "%s"', (ms, text) => {
    expect(delayText(ms)).toBe(text);
  });
});
