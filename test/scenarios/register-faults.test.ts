import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SyncOutput } from '../../src/runs/report.js';
import { finess } from '../support/material.js';
import { NORMANDIE, centresList, openWorld, type World } from './world.js';

/** Charles-Nicolle, a site of the CHU of Rouen. */
const EG = '760000158';
const GOOD = readFileSync(NORMANDIE.finess, 'utf8');
const line = GOOD.split('\n').find((each) => each.startsWith(`structureet;${EG};`)) ?? '';
const cells = line.split(';');
const number = GOOD.split('\n').indexOf(line) + 1;
const withCell = (place: number, text: string): string =>
  cells.map((cell, i) => (i === place ? text : cell)).join(';');
/** Not a line of FINESS: only its type is right. */
const JUNK = 'structureet;?;?';

describe('a damaged line of the register, after a good delivery', () => {
  const folder = mkdtempSync(join(tmpdir(), 'filror-register-'));
  const file = join(folder, 'finess.csv');
  let w: World;

  beforeAll(async () => {
    writeFileSync(file, GOOD);
    w = await openWorld({
      finess: file,
      list: centresList([
        { title: 'Centre d’essai Alpha', hospital: 'CH de Dieppe', town: 'Dieppe', departement: '76' },
      ]),
    });
    await w.sync();
  });
  afterAll(async () => {
    await w.close();
    rmSync(folder, { recursive: true });
  });

  async function deliver(text: string): Promise<SyncOutput> {
    writeFileSync(file, text);
    return await w.sync();
  }

  const register = (output: SyncOutput): SyncOutput['sources'][number] => {
    const found = output.sources.find((each) => each.source === 'finess-etalab');
    if (found === undefined) throw new Error('no register in the report');
    return found;
  };

  const known = async (): Promise<string[]> =>
    (await w.database
      .owner('establishment')
      .where({ eg: EG, closed_delivery: null })
      .pluck('content')) as string[];

  it.each([
    ['a wrong key of its legal entity', withCell(2, '760780230'), 'X2'],
    ['a cell too many', `${line};x`, 'X11'],
    ['a NUL byte in its name', withCell(3, 'CH\u0000U'), 'CONTROL_CHARACTER'],
    ['an unknown type', line.replace('structureet', 'structure'), 'LINE_UNKNOWN'],
    ['a number that cannot be read', withCell(1, '76000015'), 'X1'],
  ])('%s: told, and the establishment stays', async (_name, damaged, code) => {
    const [before] = await known();
    const output = await deliver(GOOD.replace(line, () => damaged));
    expect(register(output).setAside).toMatchObject([{ code, locator: { line: number } }]);
    expect(register(output).changed).toEqual({ opened: 0, closed: 0 });
    expect(await known()).toEqual([before]);
    expect(register(await deliver(GOOD)).changed).toEqual({ opened: 0, closed: 0 });
  });

  it.each([
    ['first', `${withCell(3, 'AUTRE NOM')}\n${line}`],
    ['last', `${line}\n${withCell(3, 'AUTRE NOM')}`],
  ])('two lines that differ: what was known stays, whichever stands %s', async (_name, both) => {
    const [before] = await known();
    const output = await deliver(GOOD.replace(line, () => both));
    expect(register(output).setAside).toMatchObject([
      { code: 'DUPLICATE_DIFFERENT', locator: { line: number + 1 }, key: EG },
    ]);
    expect(register(output).changed).toEqual({ opened: 0, closed: 0 });
    expect(register(output).read - register(output).kept).toBe(2);
    expect(await known()).toEqual([before]);
    await deliver(GOOD);
  });

  it('the same line twice is one establishment, and may change', async () => {
    const renamed = withCell(3, 'HOPITAL D ESSAI');
    const output = await deliver(GOOD.replace(line, () => `${renamed}\n${renamed}`));
    expect(register(output).setAside.map((fault) => fault.code)).toEqual(['DUPLICATE']);
    expect(register(output).changed).toEqual({ opened: 1, closed: 1 });
    await deliver(GOOD);
  });

  it('an establishment that really left is closed, damaged lines of others or not', async () => {
    const without = GOOD.replace(`${line}\n`, '');
    expect(register(await deliver(`${GOOD}${JUNK}\n`)).changed).toEqual({ opened: 0, closed: 0 });
    expect(register(await deliver(`${without}${JUNK}\n`)).changed).toEqual({ opened: 0, closed: 1 });
    expect(await known()).toEqual([]);
  });

  // Last: after it, a register of the usual length is a shrunken one.
  it('10,050 damaged lines are all counted, 10,000 of them told one by one, and an alert says so', async () => {
    // A file most of which is set aside is refused: as many good lines stand beside, of numbers that nobody has.
    const others = Array.from({ length: 10_100 }, (_, at) =>
      [cells[0], finess(`99${String(100_000 + at)}`), finess('99000000'), ...cells.slice(3)].join(';'),
    );
    const output = await deliver(`${GOOD}${others.join('\n')}\n${`${JUNK}\n`.repeat(10_050)}`);
    const { read, kept, setAside } = register(output);
    expect([read - kept, setAside.length]).toEqual([10_050, 10_000]);
    expect(output.gates.find((gate) => gate.code === 'FAULTS_CUT')).toMatchObject({
      level: 'A',
      ok: false,
      expected: 10_000,
      found: 10_050,
    });
  });
});
