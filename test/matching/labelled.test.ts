import { describe, expect, it } from 'vitest';
import { readYaml, packageRoot } from '../../src/config/files.js';
import { matchingSchema } from '../../src/config/schema/matching.js';
import { buildIndex } from '../../src/matching/index.js';
import { besideRepository, readFinessFile } from '../support/finess-file.js';
import { readLabelled, verdictOnEg, verdictOnEj, type Labelled } from '../support/labelled.js';

const NATIONAL = besideRepository('data/finess/finess-national-2021-01-08.csv.gz');
const EASY = ['usual', 'site'];
/** Registers, each without its share of the hospitals. */
const PARTS = 6;
const rows = readLabelled();

function told({ mention, city, departement }: Labelled): string {
  return `${mention} (${city ?? '?'}, ${departement ?? '?'})`;
}

describe('the labelled mentions', () => {
  it.each([...new Set(rows.map(({ set }) => set))])(
    'are at least 150 in the %s set, a third of them hard',
    (set) => {
      const of = rows.filter((row) => row.set === set);
      expect(of.length).toBeGreaterThanOrEqual(150);
      expect(of.filter(({ kind }) => !EASY.includes(kind)).length).toBeGreaterThanOrEqual(of.length / 3);
    },
  );

  it('are written once each', () => {
    const keys = rows.map((row) => [told(row), row.finessEj, row.finessEg].join(';'));
    expect(new Set(keys).size).toBe(rows.length);
  });

  it('say the site first among the lines that were looked at, and never a line without reason', () => {
    for (const { expected, lines, mention } of rows) {
      if (expected.is !== 'absent') expect(lines.length, mention).toBeGreaterThan(0);
      if (expected.is === 'hospital' && expected.eg !== null) expect(lines[0]?.eg, mention).toBe(expected.eg);
    }
  });
});

describe.skipIf(NATIONAL === null)('the labelled mentions, national register beside the repository', () => {
  const establishments = NATIONAL === null ? [] : readFinessFile(NATIONAL);
  const options = matchingSchema.parse(readYaml(`${packageRoot}/config/matching.yaml`));
  const index = buildIndex(establishments, options);
  const byEg = new Map(establishments.map((one) => [String(one.eg), one]));
  const judged = rows.map((row) => ({ row, result: index.match(row) }));

  it('name numbers that FINESS has under that name, in that town, of that entity', () => {
    for (const { expected, lines } of rows) {
      for (const { eg, name, town } of lines) {
        const { name: known, town: at } = byEg.get(eg) ?? {};
        expect({ eg, name: known, town: at }).toEqual({ eg, name, town });
        if (expected.is === 'hospital' && expected.eg === null)
          expect({ eg, ej: byEg.get(eg)?.ej }).toEqual({ eg, ej: expected.ej });
      }
      if (expected.is === 'hospital' && expected.eg !== null)
        expect(byEg.get(expected.eg)?.ej).toBe(expected.ej);
    }
  });

  it('are never linked by themselves when ambiguous or absent', () => {
    const linked = judged
      .filter(({ row }) => row.set === 'tuning' && row.expected.is !== 'hospital')
      .filter(({ result }) => result.outcome === 'auto')
      .map(({ row }) => told(row));
    expect(linked).toEqual([]);
  });

  it.each([
    ['EJ', verdictOnEj],
    ['EG', verdictOnEg],
  ] as const)('give no wrong %s', (_number, verdict) => {
    const of = (wanted: string): typeof judged =>
      judged.filter(({ row, result }) => row.set === 'tuning' && verdict(row, result) === wanted);
    expect(of('right').length).toBeGreaterThan(800);
    expect(of('wrong').map(({ row }) => told(row))).toEqual([]);
  });

  /** What is left is mostly a clinic and its own cooperation group or neighbour of the same name. */
  it('are not linked to another when their hospital is left out of the register: 2 in 100 at most', () => {
    const expected = rows.flatMap((row) =>
      row.expected.is === 'hospital' && row.finessEj === null && row.finessEg === null
        ? [{ row, ej: row.expected.ej }]
        : [],
    );
    const entities = [...new Set(expected.map(({ ej }) => ej))].sort();
    const linked = Array.from({ length: PARTS }, (_, part) => part).flatMap((part) => {
      const out = new Set(entities.filter((_ej, at) => at % PARTS === part));
      const without = buildIndex(
        establishments.filter(({ ej }) => !out.has(ej)),
        options,
      );
      return expected.filter(({ row, ej }) => out.has(ej) && without.match(row).outcome === 'auto');
    });
    expect(expected.length).toBeGreaterThan(1000);
    expect(linked.length / expected.length).toBeLessThan(0.02);
  });

  it('are never linked by themselves when ambiguous or absent, frozen ones either, without telling which', () => {
    const linked = judged.filter(
      ({ row, result }) =>
        row.set === 'frozen' && row.expected.is !== 'hospital' && result.outcome === 'auto',
    );
    expect(linked.length).toBe(0);
  });

  it.skipIf(!rows.some(({ set }) => set === 'frozen')).each([
    ['EJ', verdictOnEj],
    ['EG', verdictOnEg],
  ] as const)(
    'give the right %s in 99 frozen cases of 100, without telling which are wrong',
    (_number, verdict) => {
      const verdicts = judged
        .filter(({ row }) => row.set === 'frozen')
        .map(({ row, result }) => verdict(row, result));
      const right = verdicts.filter((one) => one === 'right').length;
      const wrong = verdicts.filter((one) => one === 'wrong').length;
      expect(right / (right + wrong)).toBeGreaterThanOrEqual(0.99);
      expect(right).toBeGreaterThan(verdicts.length / 2);
    },
  );
});
