import { describe, expect, test } from 'vitest';
import { median, missed, rounded, spread, table, verdict, type Figure } from '../bench/figures.js';

const ratio: Figure = {
  work: 'Cold run',
  what: 'cold / floors',
  unit: '×',
  values: [1.9, 1.2, 1.6],
  target: { is: '≤', value: 1.5 },
};

describe('the figures of a benchmark', () => {
  test('take the middle round, not the mean nor the best', () => {
    expect(median([9, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 100])).toBe(3);
    expect(median([7])).toBe(7);
    expect(median([])).toBeNaN();
  });

  test('do not sort the rounds they are given', () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
  });

  test('show the worst and the best round, and how many there were', () => {
    expect(spread([1.9, 1.2, 1.6])).toBe('1.20 to 1.90, n = 3');
    expect(spread([12])).toBe('one value');
  });

  test('are not given more digits than they have', () => {
    expect(rounded(1234.56)).toBe('1235');
    expect(rounded(12.345)).toBe('12.3');
    expect(rounded(0.1234)).toBe('0.12');
    expect(rounded(Number.NaN)).toBe('none');
  });

  test('miss a ceiling when the median is above it, though the best round is below', () => {
    expect(verdict(ratio)).toBe('missed');
    expect(verdict({ ...ratio, values: [1.5] })).toBe('met');
  });

  test('miss a floor when the median is below it', () => {
    const speed: Figure = { ...ratio, target: { is: '≥', value: 60 }, values: [59, 61, 58] };
    expect(verdict(speed)).toBe('missed');
    expect(verdict({ ...speed, values: [60] })).toBe('met');
  });

  test('have no verdict without a target', () => {
    expect(verdict({ work: 'Démo', what: 'durée', unit: 's', values: [9] })).toBe('');
  });

  test('say plainly which targets are missed', () => {
    expect(missed([ratio])).toEqual(['Cold run, cold / floors: 1.60 × for a target of ≤ 1.5 ×.']);
    expect(missed([{ ...ratio, values: [1] }])).toEqual(['Every target that was measured is met.']);
  });

  test('stand in a table whose columns are aligned', () => {
    const lines = table([ratio, { work: 'Démo', what: 'durée', unit: 's', values: [9] }]).split('\n');
    expect(lines[0]).toBe('| Work     | Figure        | Median | Spread              | Target  |        |');
    expect(lines[2]).toBe('| Cold run | cold / floors | 1.60 × | 1.20 to 1.90, n = 3 | ≤ 1.5 × | missed |');
    expect(lines[3]).toBe('| Démo     | durée         | 9.00 s | one value           |         |        |');
    expect(new Set(lines.map((line) => [...line].length)).size).toBe(1);
  });
});
