import { describe, expect, it } from 'vitest';
import { dayAfter, parisMidnight } from '../../src/domain/time.js';

describe('a day in Paris', () => {
  it.each([
    ['2026-01-15', '2026-01-14T23:00:00.000Z'],
    ['2026-08-01', '2026-07-31T22:00:00.000Z'],
    // The nights of the two changes begin before the change.
    ['2026-03-29', '2026-03-28T23:00:00.000Z'],
    ['2026-10-25', '2026-10-24T22:00:00.000Z'],
    ['2028-02-29', '2028-02-28T23:00:00.000Z'],
  ])('%s begins at %s', (day, instant) => {
    expect(parisMidnight(day)?.toISOString()).toBe(instant);
  });

  it.each(['2026-02-29', '2026-13-01', '12/03/2026', '', '2026-3-1'])('« %s » is none', (day) => {
    expect(parisMidnight(day)).toBeNull();
    expect(dayAfter(day)).toBeNull();
  });

  it('is followed by the next one, across months', () => {
    expect(dayAfter('2026-08-31')).toBe('2026-09-01');
    expect(dayAfter('2028-02-28')).toBe('2028-02-29');
  });
});
