import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import iconv from 'iconv-lite';
import { beforeAll, describe, expect, it } from 'vitest';
import { fold } from '../../src/normalise/text.js';
import { packageRoot } from '../../src/config/files.js';
import { firstPlanOf, placedPlanOf, type FirstPlan } from '../support/golden-plans.js';
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

  it('gives the same plan whatever the order of its rows and of its columns', async () => {
    const columns = COLUMNS.map((_, at) => at);
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(ROWS, { minLength: ROWS.length }),
        fc.shuffledSubarray(columns, { minLength: columns.length }),
        async (rows, order) => {
          const turned = [HEADER, ...rows].map((row) => {
            const cells = row.split(';');
            return order.map((at) => cells[at] ?? '').join(';');
          });
          expect(await planOf(`${turned.join('\n')}\n`)).toEqual(base);
        },
      ),
      { numRuns: 25 },
    );
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

  const PLANNED = ROWS.flatMap((row, at) =>
    row.includes('Mamers') ? [] : ([[row.split(';')[1] ?? '', at]] as const),
  );
  const replaced = (
    at: number,
    change: (cells: readonly string[]) => readonly string[],
  ): Promise<FirstPlan> =>
    planOf(list(ROWS.map((row, index) => (index === at ? change(row.split(';')).join(';') : row))));
  /** Changes of the one that the other has not, word for word. */
  const without = (one: FirstPlan, other: FirstPlan): FirstPlan['changes'] => {
    const known = new Set(other.changes.map((change) => JSON.stringify(change)));
    return one.changes.filter((change) => !known.has(JSON.stringify(change)));
  };

  it.each(PLANNED)(
    'has the change of the row that takes the place of another, and no other: %s',
    async (_, at) => {
      const plan = await replaced(at, (cells) =>
        cells.map((cell, column) =>
          COLUMNS[column] === 'centre' ? 'Centre d’essai 40' : COLUMNS[column] === 'réseau' ? '' : cell,
        ),
      );
      const [gone, come] = [without(base, plan), without(plan, base)];
      expect(gone.map(({ target }) => target.startsWith(`centre:<${about(ROWS[at] ?? '')}|`))).toEqual([
        true,
      ]);
      expect(come.map(({ target }) => target.startsWith('centre:<centre d essai 40|'))).toEqual([true]);
    },
  );

  it.each(PLANNED)('moves the centre of the row that changes hospital, and no other: %s', async (_, at) => {
    const to: Record<string, string> = (ROWS[at] ?? '').includes('Coutances')
      ? { établissement: 'CH Falaise', ville: 'Falaise', département: '14' }
      : { établissement: 'CH de Coutances', ville: 'Coutances', département: '50' };
    const plan = await replaced(at, (cells) =>
      cells.map((cell, column) => to[COLUMNS[column] ?? ''] ?? cell),
    );
    const [gone, come] = [without(base, plan), without(plan, base)];
    const of = about(ROWS[at] ?? '');
    expect(gone.map(({ target }) => target.startsWith(`centre:<${of}|`))).toEqual([true]);
    expect(come.map(({ target }) => target.startsWith(`centre:<${of}|`))).toEqual([true]);
    // What is said of the centre itself does not move with it.
    for (const key of ['served.label', 'served.filiere', 'served.campaign', 'add name']) {
      const values = [gone, come].map(([change]) =>
        Object.entries(change?.elements ?? {}).flatMap(([name, { after }]) =>
          name.includes(key) ? [after] : [],
        ),
      );
      expect(values[1], key).toEqual(values[0]);
    }
  });
});

describe('the cell at a reported place', () => {
  let placed: FirstPlan;
  beforeAll(async () => {
    placed = await placedPlanOf(Buffer.from(LIST));
  });
  /** Another value of each column, and the fields that say it. */
  const CELLS: readonly (readonly [column: string, to: (from: string) => string, fields: RegExp])[] = [
    ['public', (from) => (from === 'mixte' ? 'adulte' : 'mixte'), /patient-type|age/i],
    ['campagne', (from) => (from === '2023' ? '2017' : '2023'), /^add comment|served\.campaign/],
    [
      'label',
      (from) => (from === 'CCMR' ? 'CRMR constitutif' : 'CCMR'),
      /expertiseLevel|^add comment|served\.label|^add name/,
    ],
    [
      'filière',
      (from) => (from === 'MHEMO' ? 'FilSLAN' : 'MHEMO'),
      /takingCareSpeciality|^add comment|served\.(filiere|ern)|^add name/,
    ],
  ];
  const cases = CELLS.flatMap(([column, to, fields]) =>
    ROWS.flatMap((row, at) => (row.includes('Mamers') ? [] : [[column, at + 2, to, fields] as const])),
  );
  /** Fields of the values that stand at a line, by the name of their field without the key of their centre. */
  const fieldsAt = (plan: FirstPlan, line: number): Map<string, string | undefined> =>
    new Map(
      plan.changes
        .flatMap(({ elements }) => Object.entries(elements))
        .filter(([, { from }]) => from?.split(', ').includes(`labelled-centres:${String(line)}`))
        .map(([name, { after }]) => [name.replace(/\[<.*>\]/, ''), after?.replace(/<[^>]*>/g, '')]),
    );

  it.each(cases)('moves only what it says: %s of line %i', async (column, line, to, fields) => {
    const cells = (ROWS[line - 2] ?? '').split(';');
    const at = COLUMNS.indexOf(column);
    const changed = cells.map((cell, index) => (index === at ? to(cell) : cell)).join(';');
    const plan = await placedPlanOf(
      Buffer.from(list(ROWS.map((row, index) => (index === line - 2 ? changed : row)))),
    );
    // Nothing of another line moves.
    for (const other of ROWS.keys())
      if (other + 2 !== line) expect(fieldsAt(plan, other + 2)).toEqual(fieldsAt(placed, other + 2));
    const [before, after] = [fieldsAt(placed, line), fieldsAt(plan, line)];
    const moved = [...new Set([...before.keys(), ...after.keys()])].filter(
      (name) => before.get(name) !== after.get(name) || before.has(name) !== after.has(name),
    );
    expect(moved.length).toBeGreaterThan(0);
    for (const name of moved) expect(fields.test(name), `${name} moved too`).toBe(true);
  });
});

describe('what a plan says', () => {
  it('has no FINESS number that is not in what was read, and no code that is not in the code lists', () => {
    const finess = readFileSync(join(packageRoot, 'test', 'golden', 'finess.csv'), 'utf8');
    const text = JSON.stringify(base);
    const numbers = new Set(text.match(/(?<![0-9A-Za-z])[0-9][0-9A-F][0-9]{7}(?![0-9A-Za-z])/g) ?? []);
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
