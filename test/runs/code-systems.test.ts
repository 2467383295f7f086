import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { parse } from 'yaml';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig, shippedFolder } from '../../src/config/load.js';
import { undoReplacement } from '../../src/config/replace-files.js';
import { codeFileText } from '../../src/config/code-files.js';
import { codeSystemSchema, type CodeSystemConfig } from '../../src/config/schema/codes.js';
import type { JsonObject } from '../../src/domain/json.js';
import { CodeBook } from '../../src/ror/codes.js';
import { compareSystem, differs } from '../../src/ror/terminology/compare.js';
import { nextConfig, refusals } from '../../src/ror/terminology/next.js';
import { statedBy } from '../../src/ror/terminology/resources.js';
import { compareCodes, pullCodes } from '../../src/runs/code-systems.js';
import { codeUses } from '../../src/runs/code-uses.js';
import { hasShared, sharedRor } from '../ror/essai.js';
import {
  codeSystem,
  inUse,
  NEXT_VERSION,
  outOfUse,
  systemOf,
  type TrialConcept,
} from '../support/nomenclature.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'filror-pull-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const AT = new Date('2026-11-23T08:00:00Z');
const REAL = { mode: 'real', losses: 'refuse' } as const;
type Instead = Record<string, TrialConcept | null>;

/** A file of this nomenclature as it would be next. */
function next(name: string, instead: Instead = {}, more: Record<string, unknown> = {}): string {
  const file = join(folder, `${name}.json`);
  writeFileSync(
    file,
    JSON.stringify(
      codeSystem(systemOf(name, loadConfig(folder)), instead, { version: NEXT_VERSION, ...more }),
    ),
  );
  return file;
}
const asked = (from: string, ...systems: string[]) => ({ from, systems, at: AT });
const pull = async (from: string, how: Parameters<typeof pullCodes>[2] = REAL) =>
  (await pullCodes(loadConfig(folder), asked(from), how)).files;
const moves = async (from: string): Promise<string[]> =>
  (await compareCodes(loadConfig(folder), asked(from))).found.flatMap(({ difference }) =>
    difference.differences.map(
      ({ move, code, successor }) => `${move} ${code}${successor === null ? '' : ` → ${successor}`}`,
    ),
  );
const own = (name: string): string => readFileSync(join(folder, 'codes', name), 'utf8');
const OLD = 'Centre de compétences labellisé';

describe('taking a nomenclature', () => {
  it('tells each move, writes it, keeps comments and quoting, and then finds nothing more', async () => {
    const file = next('TRE_R344', {
      '11': outOfUse('11', OLD, '90'),
      '90': inUse('90', 'Centre d’essai'),
      '12': inUse('12', 'Structure d’essai labellisée'),
      '13': null,
    });
    expect(await moves(file)).toEqual(['retired 11 → 90', 'renamed 12', 'gone 13', 'new 90']);
    expect(await pull(file)).toEqual(['codes/tre-r344.yaml']);
    const before = readFileSync(join(shippedFolder, 'codes', 'tre-r344.yaml'), 'utf8').split('\n');
    const after = own('tre-r344.yaml').split('\n');
    expect(after.filter((line) => !before.includes(line))).toEqual([
      `version: '${NEXT_VERSION}'`,
      `source: ${file}, version ${NEXT_VERSION}, lu le 23/11/2026`,
      "  '12': Structure d’essai labellisée",
      "  '90': Centre d’essai",
      'deprecated:',
      'successors:',
      "  '11': '90'",
    ]);
    expect(systemOf('TRE_R344', loadConfig(folder)).deprecated).toEqual({
      '11': OLD,
      '13': systemOf('TRE_R344').active['13'],
    });
    expect(after[0]).toBe('# Every code of the value set.');
    expect(await moves(file)).toEqual([]);
    const written = own('tre-r344.yaml');
    expect(await pull(file)).toEqual([]);
    expect(own('tre-r344.yaml')).toBe(written);
    expect(readdirSync(join(folder, 'codes')).sort()).toEqual(['.precedent', 'tre-r344.yaml']);
  });

  it('a code that comes back is in force again and has no successor any more', async () => {
    await pull(next('TRE_R344', { '11': outOfUse('11', OLD, '12') }));
    expect(systemOf('TRE_R344', loadConfig(folder)).successors).toEqual({ '11': '12' });
    const file = next('TRE_R344', { '11': inUse('11', OLD) });
    expect(await moves(file)).toEqual(['reactivated 11']);
    await pull(file);
    const now = systemOf('TRE_R344', loadConfig(folder));
    expect([now.active['11'], now.deprecated, now.successors]).toEqual([OLD, {}, {}]);
  });

  it('a file that holds a choice of codes gets none but the successor of one of its own', async () => {
    const file = next('TRE_R211', {
      '593': outOfUse('593', systemOf('TRE_R211').active['593'] ?? '', '900'),
      '900': inUse('900', 'Activité d’essai'),
      '901': inUse('901', 'Autre activité d’essai'),
    });
    expect(await moves(file)).toEqual(['retired 593 → 900', 'new 900']);
  });

  it('a fragment concludes nothing of what is not in it; a value set concludes everything', async () => {
    const { system, active } = systemOf('TRE_R344');
    const [first, ...rest] = Object.entries(active);
    const concept = [inUse(...(first as [string, string]))];
    expect(await moves(next('TRE_R344', {}, { content: 'fragment', concept }))).toEqual([]);
    const include = [{ system, concept: rest.map(([code, display]) => ({ code, display })) }];
    const file = join(folder, 'jeu.json');
    const url =
      'https://mos.esante.gouv.fr/NOS/JDV_J227-NiveauExpertise-ROR/FHIR/JDV-J227-NiveauExpertise-ROR';
    writeFileSync(
      file,
      JSON.stringify({ resourceType: 'ValueSet', url, status: 'active', compose: { include } }),
    );
    expect(await moves(file)).toEqual([`excluded ${first?.[0] ?? ''}`]);
  });

  it.skipIf(!hasShared)('the conformance kit says what the shipped configuration says', async () => {
    const { found, absent } = await compareCodes(loadConfig(), asked(join(sharedRor, 'package')));
    expect(found.flatMap(({ difference }) => difference.differences)).toEqual([]);
    expect(absent.map(({ name }) => name)).toEqual(['TRE_R247', 'TRE_R355']);
  });
});

describe('what is refused, with nothing written', () => {
  const untouched = (): void => expect(existsSync(join(folder, 'codes'))).toBe(false);

  it.each<[string, Instead, Record<string, unknown>]>([
    ['an emptied nomenclature', {}, { concept: [] }],
    [
      'one that lost five codes in forty-six',
      Object.fromEntries(['10', '11', '12', '13', '14'].map((code) => [code, null])),
      {},
    ],
    ['an older one', {}, { version: '20200101120000' }],
  ])('%s, unless it is wanted', async (_what, instead, more) => {
    const file = next('TRE_R344', instead, more);
    await expect(pull(file)).rejects.toMatchObject({ code: 'CODES_LOSS' });
    untouched();
    expect(await pull(file, { mode: 'real', losses: 'accept' })).toEqual(['codes/tre-r344.yaml']);
    const { active, deprecated } = systemOf('TRE_R344', loadConfig(folder));
    expect(Object.keys({ ...active, ...deprecated })).toHaveLength(
      Object.keys(systemOf('TRE_R344').active).length,
    );
  });

  const levels = Object.entries(systemOf('TRE_R344').active);
  /** As if the labels of a list had slipped by one line: each code says what the one after it says. */
  const slipped: Instead = Object.fromEntries(
    levels.map(([code], at) => [code, inUse(code, levels[(at + 1) % levels.length]?.[1] ?? '')]),
  );
  const [[one = '', ofOne = ''] = [], [two = '', ofTwo = ''] = []] = levels;
  it.each<[string, Instead, string]>([
    ['labels that slipped by one line', slipped, `${one} prendrait celui de ${two}`],
    [
      'two codes that exchange their labels',
      { [one]: inUse(one, ofTwo), [two]: inUse(two, ofOne) },
      `${one} prendrait celui de ${two}, ${two} prendrait celui de ${one}`,
    ],
    [
      'the label of a code in force, of another case, on another one',
      { [one]: inUse(one, ofTwo.toUpperCase()) },
      `${one} prendrait celui de ${two}`,
    ],
    [
      'a new code under the label of one that takes another',
      { '900': inUse('900', ofOne), [one]: inUse(one, 'Tout autre chose') },
      `900 prendrait celui de ${one}`,
    ],
    [
      'five new labels in forty-six',
      Object.fromEntries(levels.slice(0, 5).map(([code]) => [code, inUse(code, `Essai ${code}`)])),
      `5 des ${String(levels.length)} libellés changeraient`,
    ],
  ])('%s, unless it is wanted', async (_what, instead, told) => {
    const file = next('TRE_R344', instead);
    await expect(pull(file)).rejects.toMatchObject({
      code: 'CODES_LOSS',
      message: expect.stringContaining(told) as string,
    });
    untouched();
    expect(await pull(file, { mode: 'real', losses: 'accept' })).toEqual(['codes/tre-r344.yaml']);
  });

  it('not for a code renamed, in a list of two too, nor for a successor that inherits the label', async () => {
    expect(await pull(next('TRE_R344', { [one]: inUse(one, 'Tout autre chose') }))).toHaveLength(1);
    const heir = next('TRE_R213', {
      '900': inUse('900', first213),
      [code213]: outOfUse(code213, `${first213} (obsolète)`, '900'),
    });
    expect(await pull(heir)).toHaveLength(1);
    const short = { ...systemOf('TRE_R344'), active: { '1': 'Essai un', '2': 'Essai deux' }, deprecated: {} };
    const found = compareSystem(
      short,
      statedBy(
        [
          {
            resource: codeSystem(short, { '1': inUse('1', 'Autre') }) as unknown as JsonObject,
            place: 'essai',
          },
        ],
        '2026-11-23',
      ),
      '2026-11-23',
    );
    expect(refusals(short, found)).toEqual([]);
  });
  it.each([
    ['20200101000000', 'est plus ancienne que'],
    ['20200101', 'ne se compare pas à'],
    ['2020-01-01', 'ne se compare pas à'],
    ['1.0', 'ne se compare pas à'],
  ])('a version that is older, or that nobody can compare: %s', (version, why) => {
    const of = systemOf('TRE_R344');
    expect(
      refusals(of, {
        name: of.name,
        system: of.system,
        version: { before: of.version, after: version },
        differences: [],
      } as unknown as Parameters<typeof refusals>[1]),
    ).toEqual([expect.stringContaining(why)]);
  });
  const [[code213 = '', first213 = ''] = []] = Object.entries(systemOf('TRE_R213').active);

  it('another nomenclature than the one asked for, and one of which no code is given', async () => {
    const other = { code: 'CODES_OTHER_SYSTEM' };
    const file = next('TRE_R344', {}, { url: 'urn:essai:autre' });
    await expect(pull(file)).rejects.toMatchObject(other);
    const config = loadConfig(folder);
    await expect(pullCodes(config, asked(next('TRE_R213'), 'TRE_R344'), REAL)).rejects.toMatchObject(other);
    const silent = next('TRE_R344', {}, { content: 'not-present', concept: undefined });
    await expect(pullCodes(config, asked(silent, 'TRE_R344'), REAL)).rejects.toMatchObject({
      ...other,
      message: expect.stringContaining('not-present') as string,
    });
    await expect(compareCodes(config, asked(file, 'TRE_R34'))).rejects.toMatchObject({
      code: 'CODES_SYSTEM',
    });
    untouched();
  });

  it('one bad nomenclature among several holds all of them back', async () => {
    const [good, bad] = [
      next('TRE_R344', { '90': inUse('90', 'Centre d’essai') }),
      next('TRE_R213', {}, { concept: [] }),
    ];
    const both = join(folder, 'paquet');
    mkdirSync(both);
    for (const [name, file] of Object.entries({ good, bad }))
      writeFileSync(join(both, `${name}.json`), readFileSync(file));
    await expect(pull(both)).rejects.toMatchObject({ code: 'CODES_LOSS' });
    untouched();
  });

  it('the shipped configuration, and a folder that cannot be written', async () => {
    const file = next('TRE_R344');
    await expect(pullCodes(loadConfig(shippedFolder), asked(file), REAL)).rejects.toMatchObject({
      code: 'CODES_SHIPPED',
    });
    mkdirSync(join(folder, 'codes', '.tre-r344.yaml.nouveau'), { recursive: true });
    await expect(pull(next('TRE_R344'))).rejects.toMatchObject({ code: 'CODES_READ_ONLY' });
    expect(readdirSync(join(folder, 'codes'))).toEqual(['.tre-r344.yaml.nouveau']);
  });

  it('a dry run writes nothing and says which files it would', async () => {
    const file = next('TRE_R344', { '90': inUse('90', 'Centre d’essai') });
    expect(await pull(file, { mode: 'dry', losses: 'refuse' })).toEqual(['codes/tre-r344.yaml']);
    untouched();
  });
});

describe('going back', () => {
  it('puts every file as it was, once; a file edited since is not overwritten', async () => {
    mkdirSync(join(folder, 'codes'));
    const mine = readFileSync(join(shippedFolder, 'codes', 'tre-r213.yaml'), 'utf8').replace(
      '# Every',
      '# À nous. Every',
    );
    writeFileSync(join(folder, 'codes', 'tre-r213.yaml'), mine);
    const both = join(folder, 'paquet');
    mkdirSync(both);
    for (const name of ['TRE_R344', 'TRE_R213'])
      writeFileSync(join(both, `${name}.json`), readFileSync(next(name, { '900': inUse('900', 'Essai') })));
    expect(await pull(both)).toEqual(['codes/tre-r213.yaml', 'codes/tre-r344.yaml']);
    expect(own('tre-r213.yaml')).toContain('# À nous.');

    const edited = own('tre-r344.yaml');
    writeFileSync(join(folder, 'codes', 'tre-r344.yaml'), `${edited}# relu\n`);
    await expect(undoReplacement(folder, 'real')).rejects.toMatchObject({ code: 'CODES_EDITED' });
    expect(own('tre-r213.yaml')).toContain('Essai');
    writeFileSync(join(folder, 'codes', 'tre-r344.yaml'), edited);

    expect((await undoReplacement(folder, 'dry')).files).toHaveLength(2);
    expect(own('tre-r213.yaml')).toContain('Essai');
    await undoReplacement(folder, 'real');
    expect(own('tre-r213.yaml')).toBe(mine);
    expect(readdirSync(join(folder, 'codes'))).toEqual(['tre-r213.yaml']);
    await expect(undoReplacement(folder, 'real')).rejects.toMatchObject({ code: 'CODES_NO_UNDO' });
  });
});

describe('for any nomenclature', () => {
  /** What may happen to each code of TRE_R213 from one version to the next; at most three lose their place. */
  const { active } = systemOf('TRE_R213');
  const codes = Object.keys(active);
  const moved = fc
    .tuple(
      fc.subarray(codes, { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...codes), fc.string({ minLength: 1, maxLength: 20 }), { maxKeys: 5 }),
      fc.dictionary(
        fc.stringMatching(/^[0-9A-Z]{1,4}$/),
        fc.constantFrom('Essai', 'yes', '0123', 'a: b # c', "l'été"),
        { maxKeys: 5 },
      ),
    )
    .map(([lost, renamed, added]): Instead => ({
      ...Object.fromEntries(Object.entries(added).map(([code, display]) => [code, inUse(code, display)])),
      ...Object.fromEntries(
        Object.entries(renamed).map(([code, display]) => [code, inUse(code, display.trim() || 'x')]),
      ),
      ...Object.fromEntries(
        lost.map((code, at) => [code, at === 0 ? null : outOfUse(code, active[code] ?? '', codes[0])]),
      ),
    }));

  it('a pull is idempotent, leaves no difference, deletes no code, and the order of concepts plays no part', () => {
    const config = systemOf('TRE_R213');
    const text = readFileSync(join(shippedFolder, 'codes', 'tre-r213.yaml'), 'utf8');
    const day = '2026-11-23';
    const compared = (known: CodeSystemConfig, resource: object) =>
      compareSystem(known, statedBy([{ resource: resource as JsonObject, place: 'essai' }], day), day);
    fc.assert(
      fc.property(moved, fc.infiniteStream(fc.nat()), (instead, numbers) => {
        const resource = codeSystem(config, instead, { version: NEXT_VERSION });
        const found = compared(config, resource);
        const ranks = resource.concept.map((concept) => [numbers.next().value as number, concept] as const);
        const shuffled = ranks.sort(([a], [b]) => a - b).map(([, concept]) => concept);
        expect(compared(config, { ...resource, concept: shuffled })).toEqual(found);

        const written = codeFileText(text, nextConfig(config, found, 'essai'));
        const taken = codeSystemSchema.parse(parse(written));
        expect(differs(compared(taken, resource))).toBe(false);
        expect(codeFileText(written, nextConfig(taken, compared(taken, resource), 'essai'))).toBe(written);
        for (const code of codes) expect({ ...taken.active, ...taken.deprecated }).toHaveProperty([code]);
      }),
    );
  });
});

describe('what touches the reader', () => {
  it('names the files of the configuration that write or recognise a code', async () => {
    const uses = await codeUses(loadConfig(), null);
    expect(uses.get('TRE_R344|11')).toEqual([
      'écrit (ror-defaults.yaml, expertiseLevels.CRC)',
      'écrit (ror-defaults.yaml, expertiseLevels.CCMR)',
    ]);
    expect(uses.get('TRE_R211|037')?.[0]).toBe('reconnu (crosswalk.yaml, filieres.FIMARAD.activities)');
    expect(uses.get('TRE_R30|28')).toEqual(['écrit (région configurée)']);
    expect(uses.get('TRE_R344|13')).toBeUndefined();
  });
});

describe('the successor of a retired code', () => {
  const book = (
    retired: string,
    among: Record<string, string>,
    successors: Record<string, string> = {},
  ): CodeBook => {
    const { active: levels, ...rest } = systemOf('TRE_R344');
    const { '10': ten = '' } = levels;
    return new CodeBook([
      {
        ...rest,
        active: { '10': ten, ...among },
        deprecated: { old: retired, middle: 'Milieu' },
        successors,
      },
    ]);
  };
  const heir = (retired: string, among: Record<string, string>, successors?: Record<string, string>) =>
    book(retired, among, successors).inForce('TRE_R344', 'old');

  it('is the stated one, followed from one to the next, whatever its name', () => {
    const stated = { code: '90', replaces: 'old', stated: true };
    expect(heir('Un nom', { '90': 'Tout autre' }, { old: '90' })).toEqual(stated);
    expect(heir('Un nom', { '90': 'Tout autre' }, { old: 'middle', middle: '90' })).toEqual(stated);
    expect(heir('Un nom', { '90': 'Tout autre' }, { old: 'middle', middle: 'old' })).toBeNull();
  });

  it('is proposed only where one name holds the other; a centre of reference never stands for one of competence', () => {
    expect(heir('Centre de compétence labellisé', {})).toBeNull();
    expect(
      heir('Centre de compétence labellisé', { '90': 'Centre de compétences maladies rares labellisé' }),
    ).toEqual({
      code: '90',
      replaces: 'old',
      stated: false,
    });
    const split = { '551': 'Génétique chromosomique', '552': 'Génétique moléculaire' };
    expect(heir('Génétique chromosomique et moléculaire', split)).toBeNull();
    expect(
      book('Génétique chromosomique et moléculaire', split)
        .near('TRE_R344', 'old')
        .map(({ code }) => code),
    ).toEqual(['551', '552']);
    expect(heir('Centre expert en maladies rares', { '09': 'Centre Expert' })).toBeNull();
  });
});
