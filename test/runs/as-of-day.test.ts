import { describe, expect, it } from 'vitest';
import { DataError } from '../../src/domain/errors.js';
import { pastDay } from '../../src/runs/as-of-day.js';

const NOW = new Date('2026-11-22T21:00:00.000Z');
const endOf = (iso: string): string => pastDay(iso, NOW).end.toISOString();

describe('the end of a day in Paris', () => {
  it.each([
    ['in winter', '2026-01-15', '2026-01-15T22:59:59.999Z'],
    ['in summer', '2026-07-14', '2026-07-14T21:59:59.999Z'],
    // It begins at UTC+1 and ends at UTC+2: 23 hours.
    ['when the clocks go forward', '2026-03-29', '2026-03-29T21:59:59.999Z'],
    // It begins at UTC+2 and ends at UTC+1: 25 hours.
    ['when they go back', '2026-10-25', '2026-10-25T22:59:59.999Z'],
    ['before they go forward', '2026-03-28', '2026-03-28T22:59:59.999Z'],
    ['on 29 February', '2024-02-29', '2024-02-29T22:59:59.999Z'],
    ['at the end of a year', '2025-12-31', '2025-12-31T22:59:59.999Z'],
  ])('%s, %s, is %s', (_when, iso, end) => {
    expect(endOf(iso)).toBe(end);
  });

  it('is known of a day long before any reading', () => {
    expect(endOf('1900-01-01')).toBe('1900-01-01T23:59:59.999Z');
  });

  it('may be that of today in Paris, and of no later day', () => {
    expect(endOf('2026-11-22')).toBe('2026-11-22T22:59:59.999Z');
    // 23:30 UTC is already the next day in Paris.
    expect(pastDay('2026-11-23', new Date('2026-11-22T23:30:00.000Z')).iso).toBe('2026-11-23');
  });

  it.each([
    ['2026-11-23', 'DATE_FUTURE', 'Le 23/11/2026 n’est pas encore passé'],
    ['9999-12-31', 'DATE_FUTURE', 'Le 31/12/9999 n’est pas encore passé'],
    ['2026-02-29', 'DATE_INVALID', '« 2026-02-29 » n’est pas une date.'],
    ['12/03/2026', 'DATE_INVALID', '« 12/03/2026 » n’est pas une date.'],
    ['hier', 'DATE_INVALID', '« hier » n’est pas une date.'],
  ])('of %s is refused with %s', (iso, code, message) => {
    try {
      endOf(iso);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(DataError);
      expect((error as DataError).code).toBe(code);
      expect((error as DataError).message).toContain(message);
      expect((error as DataError).remedy).toMatch(/^donnez /);
    }
  });
});
