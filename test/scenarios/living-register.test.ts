import { createReadStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Establishment } from '../../src/domain/establishment.js';
import { sync } from '../../src/runs/sync.js';
import { finessEtalab } from '../../src/sources/finess-etalab/index.js';
import { finessPlus } from '../support/finess-plus.js';
import { NORMANDIE, centresList, openWorld, type World } from './world.js';

/** The register comes from the dead CSV, then from the living flow: the plan is the same, and a new day changes nothing. */
const folder = mkdtempSync(join(tmpdir(), 'filror-living-'));
const file = join(folder, 'finess-structures-journalier.json');
let w: World;
const sites: Establishment[] = [];

const write = (generatedAt: string, of: readonly Establishment[] = sites): void =>
  writeFileSync(file, [...finessPlus(of, { generatedAt })].join(''));
const deliver = async (): ReturnType<typeof sync> =>
  await sync(
    {
      ...w.context,
      config: {
        ...w.context.config,
        sources: Object.fromEntries(
          Object.entries({
            ...w.context.config.sources,
            'finess-structures': {
              ...source('finess-etalab'),
              reader: 'finess-structures' as const,
              place: file,
            },
          }).filter(([name]) => name !== 'finess-etalab'),
        ),
      },
    },
    { replaced: new Map() },
    'real',
  );
const source = (name: string): World['context']['config']['sources'][string] => {
  const found = w.context.config.sources[name];
  if (found === undefined) throw new Error(`no source ${name}`);
  return found;
};
const openSites = async (): Promise<string[]> =>
  (await w.database
    .owner('establishment')
    .where({ closed_delivery: null })
    .orderBy('eg')
    .pluck('eg')) as string[];
const hashes = async (): Promise<string[]> => (await w.open()).map(({ hash }) => hash).sort();

beforeAll(async () => {
  w = await openWorld({
    list: centresList([
      { title: 'Centre d’essai Alpha', hospital: 'CH de Dieppe', town: 'Dieppe', departement: '76' },
      { title: 'Centre d’essai Bêta', hospital: 'CHU de Rouen', town: 'Rouen', departement: '76' },
    ]),
  });
  await w.sync();
  const input = { fileName: 'finess.csv', bytes: () => createReadStream(NORMANDIE.finess) };
  for await (const outcome of finessEtalab().read(input))
    if (outcome.kind === 'row' && outcome.value.kind === 'establishment')
      sites.push(outcome.value.establishment);
});
afterAll(async () => {
  await w.close();
  rmSync(folder, { recursive: true });
});

describe('the living register', () => {
  it('takes the place of the former one without a change to approve', async () => {
    const before = await openSites();
    const plan = await hashes();
    expect(before.length).toBeGreaterThan(20);
    expect(plan.length).toBeGreaterThan(0);
    write('2026-11-02T02:15:00.123456789Z');
    const output = await deliver();
    expect(output.sources.find((each) => each.source === 'finess-structures')).toMatchObject({
      status: 'new',
      contentDate: '2026-11-02',
      setAside: [],
    });
    expect(await openSites()).toEqual(before);
    expect(await hashes()).toEqual(plan);
  });

  it('changes nothing on another day, whose header alone is new', async () => {
    const plan = await hashes();
    write('2026-11-03T02:15:00.987654321Z');
    const output = await deliver();
    expect(output.sources.find((each) => each.source === 'finess-structures')).toMatchObject({
      status: 'new',
      changed: { opened: 0, closed: 0 },
    });
    expect(await hashes()).toEqual(plan);
  });

  it('is the same when it comes doubled, and so is the single one that follows', async () => {
    const [before, planned] = [await openSites(), await hashes()];
    write('2026-11-22T02:15:00Z', [...sites, ...sites]);
    await deliver();
    expect(await openSites()).toEqual(before);
    write('2026-11-23T02:15:00Z');
    await deliver();
    expect(await openSites()).toEqual(before);
    expect(await hashes()).toEqual(planned);
  });

  it('is refused when most of it is gone, with nothing changed', async () => {
    const before = await openSites();
    write('2026-11-04T02:15:00.1Z', sites.slice(0, 5));
    await expect(deliver()).rejects.toMatchObject({ code: expect.stringMatching(/^GATE_|^SRC_/) as string });
    expect(await openSites()).toEqual(before);
    writeFileSync(file, readFileSync(file).subarray(0, 2_000));
    await expect(deliver()).rejects.toMatchObject({ code: 'SRC_TRUNCATED' });
    expect(await openSites()).toEqual(before);
  });

  it('is refused when a field that makes it is gone, with nothing changed', async () => {
    const before = await openSites();
    for (const [field, told] of [
      ['categorieentiteGeographiqueExercice', 'pmej[].ege[].categorieentiteGeographiqueExercice'],
      ['adresse', 'pmej[].ege[].adresse'],
      ['ege', 'pmej[].ege'],
    ] as const) {
      write('2026-11-04T02:15:00.1Z');
      writeFileSync(file, readFileSync(file, 'utf8').replaceAll(`"${field}"`, '"autreChamp"'));
      await expect(deliver()).rejects.toMatchObject({
        code: 'SRC_COLUMN_MISSING',
        source: 'finess-structures',
        message: expect.stringContaining(`« ${told} » manque à`) as string,
      });
      expect(await openSites()).toEqual(before);
    }
  });

  it('is taken under a date that is none, which is told', async () => {
    const before = await openSites();
    write('2026-13-45T02:15:00.1Z');
    const output = await deliver();
    expect(output.sources.find((each) => each.source === 'finess-structures')).toMatchObject({
      status: 'new',
      contentDate: null,
      flags: [{ code: 'CONTENT_DATE_UNREADABLE', value: '2026-13-45T02:15:00.1Z' }],
    });
    expect(await openSites()).toEqual(before);
  });

  it('of the former CSV is taken too under a date that is none, which is told', async () => {
    const csv = readFileSync(NORMANDIE.finess, 'utf8');
    const [head = '', ...lines] = csv.split('\n');
    const bad = join(folder, 'finess-etalab.csv');
    writeFileSync(bad, [head.replace(/[0-9]{4}-[0-9]{2}-[0-9]{2}/, '2021-02-31'), ...lines].join('\n'));
    const other = await openWorld({
      list: centresList([
        { title: 'Centre d’essai Alpha', hospital: 'CH de Dieppe', town: 'Dieppe', departement: '76' },
      ]),
      finess: bad,
    });
    try {
      const output = await other.sync();
      const told = output.sources.find((each) => each.source === 'finess-etalab');
      expect(told?.contentDate).toBeNull();
      expect(told?.flags).toMatchObject([{ code: 'CONTENT_DATE_UNREADABLE', value: '2021-02-31' }]);
    } finally {
      await other.close();
    }
  });

  it('is refused when it sets aside more than anybody could look at', async () => {
    const before = await openSites();
    write('2026-11-04T02:15:00.1Z');
    const junk = Array.from({ length: 1_100 }, () => '[]').join(', ');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/"pmej" : \[ /, `"pmej" : [ ${junk}, `));
    await expect(deliver()).rejects.toMatchObject({
      code: 'SRC_MOSTLY_ASIDE',
      message: expect.stringContaining('plus de la moitié') as string,
    });
    expect(await openSites()).toEqual(before);
  });

  it('is not taken together with the other one', async () => {
    write('2026-11-05T02:15:00.1Z');
    const both = {
      ...w.context,
      config: {
        ...w.context.config,
        sources: {
          ...w.context.config.sources,
          'finess-structures': {
            ...source('finess-etalab'),
            reader: 'finess-structures' as const,
            place: file,
          },
        },
      },
    };
    await expect(sync(both, { replaced: new Map() }, 'real')).rejects.toMatchObject({
      code: 'SRC_TWO_REGISTERS',
    });
  });
});
