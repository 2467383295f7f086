import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isoDay } from '../../src/sources/reading/json-values.js';
import { mendC1, neat } from '../../src/sources/reading/mend.js';

const digits = (least: number, most: number, length: number): fc.Arbitrary<string> =>
  fc.integer({ min: least, max: most }).map((value) => String(value).padStart(length, '0'));

describe('a day of a JSON flow', () => {
  const day = fc
    .tuple(
      digits(0, 9999, 4),
      digits(0, 14, 2),
      digits(0, 33, 2),
      fc.constantFrom('', ' 10:00:00', 'T00:00Z', 'x'),
    )
    .map(([year, month, date, rest]) => `${year}-${month}-${date}${rest}`);

  it('is read when the calendar has it, with or without a time, and never otherwise', () => {
    fc.assert(
      fc.property(fc.oneof(day, fc.string()), (text) => {
        const [, written] = /^(\d{4}-\d{2}-\d{2})(?:[ T]|$)/.exec(text.trim()) ?? [];
        // Date.UTC and its like turn the 30th of February into a day of March.
        const at = new Date(`${written ?? ''}T00:00:00Z`);
        const exists = !Number.isNaN(at.getTime()) && at.toISOString().slice(0, 10) === written;
        expect(isoDay(text)).toBe(exists ? written : null);
      }),
      { numRuns: 5000 },
    );
  });
});

describe('a cell made neat', () => {
  it('is the same whether or not there was something to mend', () => {
    const cell = fc.array(fc.constantFrom('A', 'é', ' ', '  ', '"', '""', '\u00a0', '\t', '\u0092', '\n'), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(cell, (parts) => {
        const text = parts.join('');
        const slow = mendC1(text).replace(/ {2,}/g, ' ').replace(/"{2,}/g, '"').trim();
        expect(neat(text)).toBe(slow);
      }),
      { numRuns: 5000 },
    );
  });
});
