import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { codeOf, jsonText } from '../../../src/ror/terminology/text.js';
import { readPlace } from '../../../src/ror/terminology/files.js';
import { readCodeSystem } from '../../../src/ror/terminology/code-system.js';
import { readConceptMap, readValueSet } from '../../../src/ror/terminology/value-set.js';
import type { JsonObject } from '../../../src/domain/json.js';
import { codeSystem, inUse, outOfUse, systemOf } from '../../support/nomenclature.js';

const TODAY = '2026-11-23';
const URL = 'urn:essai:nomenclature';
const system = (concept: readonly unknown[], more: object = {}): JsonObject =>
  ({
    resourceType: 'CodeSystem',
    url: URL,
    status: 'active',
    content: 'complete',
    concept,
    ...more,
  }) as JsonObject;
const read = (concept: readonly unknown[], more: object = {}) =>
  readCodeSystem(system(concept, more), 'essai', TODAY);
const status = (property: readonly object[]): string | undefined =>
  read([{ code: '1', display: 'Un', property }]).concepts.get('1')?.status;

describe('how a concept says that it is out of use', () => {
  it('by status, deprecationDate or dateFin; a stated status wins over a date, a date to come retires nothing', () => {
    const end = (code: string, day: string): object => ({ code, valueDateTime: `${day}T12:00:00+01:00` });
    expect(status([{ code: 'status', valueCode: 'deprecated' }])).toBe('retired');
    expect(status([{ code: 'inactive', valueBoolean: true }])).toBe('retired');
    expect(status([end('dateFin', '2020-01-01')])).toBe('retired');
    expect(status([end('deprecationDate', '2026-11-23')])).toBe('retired');
    expect(status([end('dateFin', '2020-01-01'), { code: 'status', valueCode: 'active' }])).toBe('active');
    expect(status([end('dateFin', '2027-01-01')])).toBe('active');
    expect(status([{ code: 'dateMaj', valueDateTime: '2020-01-01' }])).toBe('active');
    expect(status([])).toBe('active');
    expect(() => status([{ code: 'status', valueCode: 'peut-être' }])).toThrow(/« peut-être » du code 1/);
  });

  it('names its successor by HL7’s extension or by a property, in its own system only', () => {
    const successors = (concept: object): readonly string[] | undefined =>
      read([{ code: '1', display: 'Un', ...concept }]).concepts.get('1')?.successors;
    expect(read([outOfUse('1', 'Un', '2')]).concepts.get('1')?.successors).toEqual(['2']);
    expect(successors({ property: [{ code: 'replacedBy', valueCode: '3' }] })).toEqual(['3']);
    expect(successors({ property: [{ code: 'successor', valueCoding: { code: '4' } }] })).toEqual(['4']);
    const url = 'http://hl7.org/fhir/StructureDefinition/codesystem-replacedby';
    expect(successors({ extension: [{ url, valueCoding: { system: 'urn:autre', code: '5' } }] })).toEqual([]);
  });
});

describe('a resource that is not what it should be', () => {
  it.each([
    ['a code twice', [inUse('1', 'Un'), inUse('1', 'Deux')], {}, 'CODES_TWICE'],
    [
      'a code twice, one of them inside another',
      [{ ...inUse('1', 'Un'), concept: [inUse('1', 'Un')] }],
      {},
      'CODES_TWICE',
    ],
    ['a concept without code', [{ display: 'Un' }], {}, 'CODES_SHAPE'],
    ['a code with a line end', [inUse('1\n2', 'Un')], {}, 'CODES_SHAPE'],
    ['an endless label', [inUse('1', 'x'.repeat(2_001))], {}, 'CODES_SHAPE'],
    ['concepts that are no objects', ['1'], {}, 'CODES_SHAPE'],
    ['no address', [], { url: '' }, 'CODES_SHAPE'],
    ['a supplement', [], { content: 'supplement' }, 'CODES_CONTENT'],
    ['fewer codes than it counts', [inUse('1', 'Un')], { count: 2 }, 'CODES_CUT'],
  ])('%s is refused', (_what, concept, more, code) => {
    expect(() => read(concept, more)).toThrow(expect.objectContaining({ code }));
  });

  it('a summary of a whole nomenclature says nothing of what is not in it', () => {
    const tag = { meta: { tag: [{ code: 'SUBSETTED' }] } };
    expect(read([inUse('1', 'Un')]).extent).toBe('complete');
    expect(read([inUse('1', 'Un')], tag).extent).toBe('fragment');
    expect(read([inUse('1', 'Un')], { content: 'fragment' }).extent).toBe('fragment');
  });

  it('a code may hold no space and be no longer than a hundred characters', () => {
    expect(codeOf({ code: ' MSSANTE ' }, 'essai')).toBe('MSSANTE');
    for (const code of ['a b', 'x'.repeat(101), 12 as unknown as string])
      expect(() => codeOf({ code }, 'essai')).toThrow(expect.objectContaining({ code: 'CODES_SHAPE' }));
  });
});

describe('a value set', () => {
  const set = (more: object): JsonObject =>
    ({ resourceType: 'ValueSet', url: 'urn:essai:jeu', ...more }) as JsonObject;
  const subsets = (more: object) =>
    readValueSet(set(more), 'essai').map(({ system: of, codes }) => [of, codes === null ? null : [...codes]]);

  it('admits lists of codes, whole systems, or its expansion, by system', () => {
    const concept = [{ code: '1', display: 'Un' }, { code: '2' }];
    expect(subsets({ compose: { include: [{ system: 'a', concept }, { system: 'b' }] } })).toEqual([
      [
        'a',
        [
          ['1', 'Un'],
          ['2', null],
        ],
      ],
      ['b', null],
    ]);
    const contains = [
      { system: 'a', code: '3', display: 'Trois', contains: [{ system: 'a', code: '4', inactive: true }] },
    ];
    expect(subsets({ expansion: { contains }, compose: { include: [{ system: 'b' }] } })).toEqual([
      ['a', [['3', 'Trois']]],
    ]);
  });

  it('is left out where only a terminology engine could tell, or where the expansion is one page', () => {
    const filter = [{ property: 'x', op: '=', value: 'y' }];
    expect(subsets({ compose: { include: [{ system: 'a', filter }, { system: 'b' }] } })).toEqual([
      ['b', null],
    ]);
    expect(subsets({ compose: { include: [{ system: 'a' }], exclude: [{ system: 'a' }] } })).toEqual([]);
    expect(subsets({ expansion: { total: 9, contains: [{ system: 'a', code: '1' }] } })).toEqual([]);
  });

  it('is refused when it gives one code two labels', () => {
    const concept = [
      { code: '1', display: 'Un' },
      { code: '1', display: 'Deux' },
    ];
    expect(() => subsets({ compose: { include: [{ system: 'a', concept }] } })).toThrow(
      /deux libellés au code 1/,
    );
  });

  it('a concept map states a successor where both codes are of one system and say the same thing', () => {
    const element = (code: string, target: string, equivalence: string): object => ({
      code,
      target: [{ code: target, equivalence }],
    });
    const group = [
      { source: 'a', target: 'a', element: [element('1', '2', 'equivalent'), element('3', '4', 'wider')] },
      { source: 'a', target: 'b', element: [element('5', '6', 'equal')] },
    ];
    const map = { resourceType: 'ConceptMap', group } as unknown as JsonObject;
    expect(readConceptMap(map, 'essai')).toEqual([{ system: 'a', from: '1', to: '2' }]);
  });
});

describe('files and folders', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'filror-nos-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const file = (name: string, content: string | Uint8Array | object): string => {
    const path = join(folder, name);
    const bytes =
      typeof content === 'string' || content instanceof Uint8Array ? content : JSON.stringify(content);
    writeFileSync(path, bytes);
    return path;
  };
  const levels = codeSystem(systemOf('TRE_R344'));
  const whole = JSON.stringify(levels);

  it.each([
    ['an HTML page', '<!doctype html><title>404</title>', 'CODES_HTML'],
    ['half of a file', whole.slice(0, whole.length / 2), 'CODES_JSON'],
    ['nothing', '', 'CODES_JSON'],
    ['a list', '[]', 'CODES_SHAPE'],
    ['UTF-16', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(whole, 'utf16le')]), 'CODES_ENCODING'],
    ['windows-1252', Buffer.from('{"resourceType":"CodeSystem","name":"é"}', 'latin1'), 'CODES_ENCODING'],
    ['another resource', { resourceType: 'Patient' }, 'CODES_KIND'],
    ['no resource', { name: 'essai' }, 'CODES_KIND'],
    ['a refusal', { resourceType: 'OperationOutcome', issue: [{ code: 'not-found' }] }, 'CODES_OUTCOME'],
    ['a hostile nesting', `${'{"resourceType":'.repeat(3)}`, 'CODES_JSON'],
  ])('%s is refused in French, with the place', async (_what, content, code) => {
    const path = file('a.json', content);
    await expect(readPlace(path, TODAY)).rejects.toMatchObject({ code, place: path });
  });

  it('a file too large, absent or an archive is refused before it is read', async () => {
    const path = file('a.json', Buffer.alloc(33 * 1024 * 1024, 32));
    await expect(readPlace(path, TODAY)).rejects.toMatchObject({ code: 'CODES_TOO_BIG' });
    await expect(readPlace(join(folder, 'absent.json'), TODAY)).rejects.toMatchObject({
      code: 'CODES_UNREADABLE',
    });
    await expect(readPlace('NOS.zip', TODAY)).rejects.toMatchObject({ code: 'CODES_ARCHIVE' });
  });

  it('a byte order mark is no fault, and a Bundle is what it holds', async () => {
    const bom = file('bom.json', `\u{feff}${whole}`);
    expect((await readPlace(bom, TODAY)).systems.map(({ url }) => url)).toEqual([levels['url']]);
    expect(jsonText(Buffer.from('\u{feff}{}'), 'essai')).toBe('{}');
    const bundle = file('bundle.json', { resourceType: 'Bundle', entry: [{ resource: levels }] });
    expect((await readPlace(bundle, TODAY)).systems).toHaveLength(1);
  });

  it('a FHIR package is read from the folder that holds it, profiles and lists of files passed over', async () => {
    await expect(readPlace(folder, TODAY)).rejects.toMatchObject({ code: 'CODES_NOTHING' });
    mkdirSync(join(folder, 'package'));
    file('package/package.json', { name: 'essai' });
    file('package/StructureDefinition-x.json', { resourceType: 'StructureDefinition' });
    file('package/CodeSystem-x.json', levels);
    expect((await readPlace(folder, TODAY)).systems).toHaveLength(1);
    file('package/CodeSystem-y.json', levels);
    await expect(readPlace(folder, TODAY)).rejects.toMatchObject({ code: 'CODES_TWICE' });
  });
});
