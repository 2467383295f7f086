import { describe, expect, it } from 'vitest';
import { readYaml, packageRoot } from '../../src/config/files.js';
import { matchingSchema } from '../../src/config/schema/matching.js';
import { buildIndex } from '../../src/matching/index.js';
import { besideRepository, readFinessFile } from '../support/finess-file.js';
import { readMentions } from '../support/mentions.js';

const NATIONAL = besideRepository('data/finess/finess-national-2021-01-08.csv.gz');

describe('the evaluation set', () => {
  it('holds at least 80 frozen rows, a third outside Normandie, ten that nobody should link', () => {
    const rows = readMentions();
    const frozen = readMentions('frozen');
    expect(frozen.length).toBeGreaterThanOrEqual(80);
    const norman = rows.filter(({ ejs }) => ejs.some((ej) => /^(14|27|50|61|76)/.test(ej)));
    expect(norman.length).toBeLessThan((rows.length * 2) / 3);
    expect(frozen.filter(({ expected }) => expected !== 'auto').length).toBeGreaterThanOrEqual(10);
  });
});

describe.skipIf(NATIONAL === null)('against the national register', () => {
  const options = matchingSchema.parse(readYaml(`${packageRoot}/config/matching.yaml`));
  const index = buildIndex(NATIONAL === null ? [] : readFinessFile(NATIONAL), options);

  it.each(['dev', 'frozen'] as const)(
    'automatic links of the %s half are right in 99 cases of 100',
    (half) => {
      const automatic = readMentions(half)
        .map((row) => ({ row, result: index.match(row) }))
        .filter(({ result }) => result.outcome === 'auto');
      const wrong = automatic.filter(({ row, result }) => result.best?.ej !== row.ejs[0]);
      expect(automatic.length).toBeGreaterThan(50);
      expect(
        1 - wrong.length / automatic.length,
        wrong.map(({ row }) => row.mention).join(', '),
      ).toBeGreaterThanOrEqual(0.99);
    },
  );

  it('links no ambiguous and no absent name by itself', () => {
    const linked = readMentions()
      .filter(({ expected }) => expected !== 'auto')
      .filter((row) => index.match(row).outcome === 'auto')
      .map(({ mention, city }) => `${mention} (${city ?? '?'})`);
    expect(linked).toEqual([]);
  });

  it('gives no wrong site where it gives one', () => {
    const wrong = readMentions()
      .map((row) => ({ row, result: index.match(row) }))
      .filter(({ row, result }) => row.expected === 'auto' && result.outcome === 'auto')
      .filter(({ row, result }) => result.best?.eg != null && result.best.eg !== row.eg)
      .map(({ row, result }) => `${row.mention} (${row.city ?? '?'}): ${result.best?.eg ?? ''}`);
    expect(wrong).toEqual([]);
  });

  it('finds most hospitals of the frozen half without a person', () => {
    const named = readMentions('frozen').filter(({ expected }) => expected === 'auto');
    const found = named.filter((row) => index.match(row).outcome === 'auto');
    expect(found.length / named.length).toBeGreaterThan(0.85);
  });
});
