import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import { beforeAll, describe, expect, it } from 'vitest';
import { fold } from '../../src/normalise/text.js';
import { packageRoot } from '../../src/config/files.js';
import { firstPlanOf, type FirstPlan } from '../support/golden-plans.js';
import { config } from '../support/material.js';

/** Lists that say the same give the same plan; a row more or less, or one cell, moves what it says and nothing else. */
const LIST = readFileSync(join(packageRoot, 'test', 'golden', '2026-03', 'centres.csv'), 'utf8');
const [HEADER = '', ...ROWS] = LIST.trimEnd().split('\n');
const COLUMNS = HEADER.split(';');
const list = (rows: readonly string[], header = HEADER): string => `${[header, ...rows].join('\n')}\n`;
const planOf = (...texts: readonly string[]): Promise<FirstPlan> =>
  firstPlanOf(...texts.map((text) => Buffer.from(text)));

let base: FirstPlan;
beforeAll(async () => {
  base = await planOf(LIST);
  expect(base.changes.length).toBeGreaterThan(7);
});

/** The same rows, one cell of each changed by column. */
function withCells(change: (cell: string, column: string) => string): string {
  return list(
    ROWS.map((row) =>
      row
        .split(';')
        .map((cell, at) => change(cell, COLUMNS[at] ?? ''))
        .join(';'),
    ),
  );
}
/** Columns of a closed vocabulary: the others are shown as they are written. */
const BY_PEOPLE = ['label', 'filière', 'public'];
const byPeople = (change: (text: string) => string): string =>
  withCells((cell, column) => (BY_PEOPLE.includes(column) ? change(cell) : cell));

describe('a list written otherwise', () => {
  it.each([
    ['its rows turned', list([...ROWS.slice(4), ...ROWS.slice(0, 4)])],
    ['its rows the other way', list(ROWS.toReversed())],
    ['decomposed accents', LIST.normalize('NFD')],
    ['composed accents', LIST.normalize('NFC')],
    ['no-break spaces', withCells((cell) => cell.replaceAll(' ', '\u00a0'))],
    ['narrow no-break spaces', withCells((cell) => cell.replaceAll(' ', '\u202f'))],
    ['spaces around its cells', withCells((cell) => `  ${cell} `)],
    [
      'commas',
      list(
        ROWS.map((row) => row.replaceAll(';', ',')),
        HEADER.replaceAll(';', ','),
      ),
    ],
    ['tabs', LIST.replaceAll(';', '\t')],
    ['CRLF', LIST.replaceAll('\n', '\r\n')],
    ['a byte order mark', `\ufeff${LIST}`],
    ['quotes around its cells', withCells((cell) => `"${cell}"`)],
    ['its headers in capitals', list(ROWS, HEADER.toUpperCase())],
    ['capitals', byPeople((text) => text.toUpperCase())],
    ['small letters', byPeople((text) => text.toLowerCase())],
    [
      'its columns the other way',
      LIST.trimEnd()
        .split('\n')
        .map((row) => row.split(';').reverse().join(';'))
        .join('\n'),
    ],
  ])('gives the same plan: %s', async (_, text) => {
    expect(await planOf(text)).toEqual(base);
  });

  it.each(['utf-16le', 'windows-1252'] as const)('gives the same plan in %s', async (encoding) => {
    expect(await firstPlanOf(iconv.encode(LIST, encoding))).toEqual(base);
  });

  it('gives the same plan in two files, cut anywhere, in either order', async () => {
    for (let at = 1; at < ROWS.length; at += 3) {
      const [one, two] = [list(ROWS.slice(0, at)), list(ROWS.slice(at))];
      for (const files of [
        [one, two],
        [two, one],
      ]) {
        const plan = await planOf(...files);
        expect(plan.changes).toEqual(base.changes);
        expect(plan.mentions).toEqual(base.mentions);
      }
    }
  });
});

describe('a list with one row more, less or otherwise', () => {
  const targetsOf = (plan: FirstPlan): string[] => plan.changes.map(({ target }) => target);
  /** How the key of a row's centre begins: its network, else its title, folded. */
  const about = (row: string): string => {
    const [, title = '', network = ''] = row.split(';');
    return fold(network === '' ? title : network);
  };

  it.each(ROWS.map((row, at) => [row.split(';')[1] ?? '', at] as const))(
    'loses the change of the row that is dropped, and no other: %s',
    async (_, at) => {
      const dropped = ROWS[at] ?? '';
      const plan = await planOf(list(ROWS.filter((_row, index) => index !== at)));
      const gone = targetsOf(base).filter((target) => !targetsOf(plan).includes(target));
      expect(gone.every((target) => target.startsWith(`centre:<${about(dropped)}|`))).toBe(true);
      // A row outside the region, or of a hospital that nobody knows, has no change to lose.
      expect(plan.changes).toEqual(base.changes.filter(({ target }) => !gone.includes(target)));
      expect(gone.length + Number(dropped.includes('Mamers'))).toBe(1);
    },
  );

  it.each([
    ['public', 'adulte', 'mixte', [/patient-type.*ageRange/]],
    ['campagne', '2023', '2017', [/^add comment/, /served\.campaign/]],
  ] as const)('moves what the cell « %s » says, and nothing else', async (column, from, to, fields) => {
    const at = COLUMNS.indexOf(column);
    const row = ROWS[0] ?? '';
    const cells = row.split(';');
    expect(cells[at]).toBe(from);
    const changed = cells.map((cell, index) => (index === at ? to : cell)).join(';');
    const plan = await planOf(list([changed, ...ROWS.slice(1)]));
    const own = (of: FirstPlan): FirstPlan['changes'] =>
      of.changes.filter(({ target }) => target.startsWith(`centre:<${about(row)}|`));
    const others = (of: FirstPlan): unknown => of.changes.filter((change) => !own(of).includes(change));
    expect(others(plan)).toEqual(others(base));
    const [before, after] = [own(base)[0], own(plan)[0]];
    if (before === undefined || after === undefined) throw new Error('the row has no change');
    const moved = [...new Set([...Object.keys(before.elements), ...Object.keys(after.elements)])].filter(
      (key) => JSON.stringify(before.elements[key]) !== JSON.stringify(after.elements[key]),
    );
    expect(moved.length).toBeGreaterThan(0);
    for (const key of moved)
      expect(
        fields.some((field) => field.test(key)),
        `${key} moved too`,
      ).toBe(true);
  });
});

describe('what a plan says', () => {
  it('has no FINESS number that is not in what was read, and no code that is not in the code lists', () => {
    const finess = readFileSync(join(packageRoot, 'test', 'golden', 'finess.csv'), 'utf8');
    const text = JSON.stringify(base);
    const numbers = new Set(text.match(/(?<![0-9])[0-9][0-9AB][0-9]{7}(?![0-9])/g) ?? []);
    expect(numbers.size).toBeGreaterThan(3);
    for (const number of numbers) expect(finess.includes(number) || LIST.includes(number), number).toBe(true);
    const codes = new Map(config.codes.map(({ system, active }) => [system, active]));
    let seen = 0;
    const walk = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      const { system, code } = value as { system?: unknown; code?: unknown };
      if (typeof system === 'string' && typeof code === 'string' && system.includes('/NOS/')) {
        seen += 1;
        expect(Object.keys(codes.get(system) ?? {}), `${system}#${code}`).toContain(code);
      }
      Object.values(value).forEach(walk);
    };
    for (const { elements } of base.changes)
      for (const { after } of Object.values(elements)) if (after !== undefined) walk(JSON.parse(after));
    expect(seen).toBeGreaterThan(30);
  });
});
