import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/domain/json.js';
import { sameValue, saysTheSame, valueText } from '../../src/ror/equality.js';
import { parseBody } from '../../src/ror/body.js';
import { scrambled } from './resources.js';

const small = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.constantFrom<Json>('a', 'é', 'e\u0301', 1, 0, true, null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('x', '_x', 'y', 'é'), tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value;

describe('equality of values', () => {
  it('is what the canonical texts say, without writing them', () => {
    fc.assert(
      fc.property(small, small, (a, b) => {
        expect(sameValue(a, b)).toBe(valueText(a) === valueText(b));
      }),
      { numRuns: 3000, interruptAfterTimeLimit: 30_000 },
    );
  });

  it('holds between a value and itself upside down', () => {
    fc.assert(
      fc.property(
        small.filter((value) => !JSON.stringify(value).includes('"_x"')),
        (value) => {
          expect(sameValue(value, scrambled(value, 'NFD'))).toBe(true);
        },
      ),
      { numRuns: 1000, interruptAfterTimeLimit: 30_000 },
    );
  });

  it('keeps the order that ties a primitive array to its sibling', () => {
    expect(sameValue({ days: ['a', 'b'], _days: [null, 1] }, { days: ['b', 'a'], _days: [null, 1] })).toBe(
      false,
    );
  });

  it('sees 49.20 and 49.2 as one number, and 49.2 and 49.3 as two', () => {
    const price = (digits: string): Json => parseBody(`{"resourceType":"X","price":${digits}}`);
    expect(sameValue(price('49.20'), price('49.2'))).toBe(true);
    expect(sameValue(price('49.20'), price('49.3'))).toBe(false);
  });

  it('forgives another display of the same code only when asked', () => {
    const coding = (display: string): Json => ({ system: 's', code: '1', display });
    expect(sameValue(coding('a'), coding('b'))).toBe(false);
    expect(saysTheSame(coding('a'), coding('b'))).toBe(true);
    // Without a system nothing says that the codes are of one list: the label counts.
    expect(saysTheSame({ code: '1', display: 'a' }, { code: '1', display: 'b' })).toBe(false);
    expect(saysTheSame({ display: 'CHU a' }, { display: 'CHU b' })).toBe(false);
  });

  it('forgives what a repository fills in by itself only when asked, and nothing that says something', () => {
    const sent: Json = { coding: [{ system: 's', code: '1' }] };
    const kept = (more: Record<string, Json>): Json => ({
      id: 'e1',
      coding: [{ system: 's', code: '1', ...more }],
    });
    expect(sameValue(sent, kept({}))).toBe(false);
    for (const filled of [{}, { userSelected: false }, { version: '2026' }, { id: 'c' }])
      expect(saysTheSame(sent, kept(filled)), JSON.stringify(filled)).toBe(true);
    for (const said of [{ userSelected: true }, { code: '2' }, { extension: [{ url: 'x' }] }])
      expect(saysTheSame(sent, kept(said)), JSON.stringify(said)).toBe(false);
    expect(saysTheSame({ value: 1, version: '1' }, { value: 1, version: '2' })).toBe(false);
  });
});
