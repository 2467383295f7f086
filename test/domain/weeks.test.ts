import { describe, expect, it } from 'vitest';
import { lastWeeks, parisWeek } from '../../src/domain/weeks.js';

describe('a week in Paris', () => {
  it.each([
    // 2026: Paris leaves winter time on Sunday 29 March and comes back to it on Sunday 25 October.
    ['a Monday at its first instant, in winter', '2026-03-22T23:00:00Z', '2026-03-23'],
    ['the instant before', '2026-03-22T22:59:59Z', '2026-03-16'],
    ['the Sunday that has 23 hours, at its end', '2026-03-29T21:59:59Z', '2026-03-23'],
    ['the Monday after it, at its first instant', '2026-03-29T22:00:00Z', '2026-03-30'],
    ['the Sunday that has 25 hours, at its end', '2026-10-25T22:59:59Z', '2026-10-19'],
    ['the Monday after it, at its first instant', '2026-10-25T23:00:00Z', '2026-10-26'],
    ['a week that began the year before', '2027-01-01T12:00:00Z', '2026-12-28'],
  ])('of %s begins on its Monday', (_what, at, monday) => {
    expect(parisWeek(new Date(at))).toBe(monday);
  });

  it('stands last among the last weeks, with every Monday before it, over the change of time', () => {
    expect(lastWeeks(new Date('2026-04-08T10:00:00Z'), 4)).toEqual([
      '2026-03-16',
      '2026-03-23',
      '2026-03-30',
      '2026-04-06',
    ]);
  });
});
