import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildIndex } from '../../src/matching/index.js';
import { readHospitalName } from '../../src/normalise/names.js';
import { fold } from '../../src/normalise/text.js';
import { readMentions } from '../support/mentions.js';
import { readRegister } from '../support/register.js';

const establishments = readRegister();
const index = buildIndex(establishments);
const rows = readMentions('dev');
const anyRow = fc.constantFrom(...rows);

describe('matching', () => {
  it('does not depend on the order of the establishments', () => {
    const expected = rows.map((row) => index.match(row));
    fc.assert(
      fc.property(fc.shuffledSubarray(establishments, { minLength: establishments.length }), (shuffled) => {
        const other = buildIndex(shuffled);
        expect(rows.map((row) => other.match(row))).toEqual(expected);
      }),
      { numRuns: 15 },
    );
  });

  it('does not depend on case, accents or Unicode form', () => {
    const rewritings: ((text: string) => string)[] = [
      (text) => text.toUpperCase(),
      (text) => text.toLowerCase(),
      (text) => text.normalize('NFD'),
      (text) => text.normalize('NFD').replace(/[\u0300-\u036f]/g, ''),
      (text) => ` ${text.replaceAll(' ', '\u00a0')} `,
    ];
    fc.assert(
      fc.property(anyRow, fc.constantFrom(...rewritings), (row, rewrite) => {
        const same = index.match(row);
        const city = row.city === null ? null : rewrite(row.city);
        expect(index.match({ ...row, mention: rewrite(row.mention), city })).toEqual(same);
      }),
    );
  });

  it('answers any text, with a hospital when it links and with none when it finds nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.option(fc.string()), (text, city) => {
        const { outcome, best } = index.match({ mention: text, city, departement: null });
        if (outcome === 'auto') expect(best).not.toBeNull();
        if (outcome === 'none') expect(best).toBeNull();
      }),
    );
  });

  it('offers candidates by falling score, each legal entity once, between 0 and 1', () => {
    fc.assert(
      fc.property(anyRow, (row) => {
        const { candidates, outcome } = index.match(row);
        expect(new Set(candidates.map(({ ej }) => ej)).size).toBe(candidates.length);
        for (const { score, features } of candidates) {
          for (const value of [score, ...Object.values(features)]) {
            expect(value).toBeGreaterThanOrEqual(0);
            expect(value).toBeLessThanOrEqual(1);
          }
        }
        if (outcome === 'auto') {
          const scores = candidates.map(({ score }) => score);
          expect(scores).toEqual([...scores].sort((a, b) => b - a));
        }
      }),
    );
  });
});

describe('folding', () => {
  it('is idempotent', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(fold(fold(text))).toBe(fold(text));
        expect(readHospitalName(fold(text)).words).toEqual(readHospitalName(text).words);
      }),
    );
  });
});
