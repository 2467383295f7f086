import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import type { RowOutcome } from '../../src/domain/rows.js';
import { readAll } from '../../src/sources/contract.js';
import { lineCells, postalLine } from '../../src/sources/finess-etalab/cells.js';
import { finessEtalab } from '../../src/sources/finess-etalab/index.js';
import { inLambert93, toWgs84 } from '../../src/sources/reading/points.js';
import type { FinessRecord } from '../../src/sources/reading/finess-record.js';
import { neat } from '../../src/sources/reading/mend.js';
import { SeenNumbers } from '../../src/sources/reading/seen-numbers.js';
import { delivery, encoded, fixture } from './bytes.js';

const source = finessEtalab();
const FIRST = 'finess;etalab;;2021-01-08';

function structure(changes: Readonly<Record<number, string>>, cells = 32): string {
  const line = Array.from({ length: cells }, () => '');
  const base = {
    0: 'structureet',
    1: '140000209',
    2: '140000100',
    3: 'CHU D’ESSAI',
    13: '14',
    15: '14000 CAEN',
  };
  for (const [place, value] of Object.entries({ ...base, ...changes })) line[Number(place)] = value;
  return line.join(';');
}

const read = (...lines: readonly string[]): Promise<readonly RowOutcome<FinessRecord>[]> =>
  readAll(source, delivery(Buffer.from([FIRST, ...lines].join('\n'))));

describe('the FINESS CSV', () => {
  it('becomes establishments and points', async () => {
    const input = delivery(fixture('finess-etalab/fixtures/finess-essai-2026-11.csv'));
    const outcomes = await readAll(source, input);
    expect(outcomes[0]).toEqual({
      kind: 'row',
      locator: { file: 'essai.csv', line: 2 },
      key: '140000209',
      value: {
        kind: 'establishment',
        establishment: {
          eg: '140000209',
          ej: '140000100',
          name: "CHU D'ESSAI - CAEN",
          longName: "CENTRE D'ESSAI DE LA CÔTE",
          complement: null,
          category: '101',
          categoryLabel: 'Centre Hospitalier Régional (C.H.R.)',
          aggregate: '1101',
          departement: '14',
          commune: '118',
          postalCode: '14033',
          town: 'CAEN',
          address: 'AV COTE DE NACRE',
          siret: '26140093100018',
          phone: '0231000000',
          openedOn: '1974-01-01',
          updatedOn: '2010-08-25',
        },
      },
    });
    expect(outcomes[1]).toMatchObject({
      value: {
        establishment: {
          name: 'CH "JACQUES D\'ESSAI" - FLERS',
          address: "12 B R DE L'HÔPITAL, BP 219",
          siret: null,
        },
      },
    });
    expect(outcomes[2]).toMatchObject({
      key: '2A0000014',
      value: { establishment: { departement: '2A', updatedOn: null } },
    });
    // Origin of Lambert 93: 700 000 m, 6 600 000 m is 3° E, 46.5° N by definition.
    expect(outcomes[3]).toMatchObject({
      key: '140000209#point',
      value: {
        kind: 'point',
        point: { eg: '140000209', x: 700000, y: 6600000, longitude: 3, latitude: 46.5 },
      },
    });
    expect((await source.inspect(input)).contentDate).toBe('2026-05-04');
  });

  it('is read without its first line, and then has no date', async () => {
    const input = delivery(Buffer.from(structure({})));
    expect(await readAll(source, input)).toMatchObject([{ kind: 'row', locator: { line: 1 } }]);
    expect((await source.inspect(input)).contentDate).toBeNull();
  });

  it('refuses the file of legal entities', async () => {
    await expect(readAll(source, delivery(Buffer.from('structureej;140000100;CHU\n')))).rejects.toMatchObject(
      {
        code: 'SRC_FORMAT',
        message: 'Le fichier est l’extraction des entités juridiques, et non celle des établissements.',
      },
    );
  });

  it('accepts the 31 cells of before 2021', async () => {
    expect(await read(structure({}, 31))).toMatchObject([{ kind: 'row' }]);
  });

  it.each([
    ['X11', structure({}, 30)],
    ['X11', structure({}, 33)],
    ['X11', 'geolocalisation;140000209;700000.0;6600000.0'],
    ['X1', structure({ 1: '14000020' })],
    ['X1', structure({ 2: '1,4E+08' })],
    ['X2', structure({ 1: '140000208' })],
    ['X2', structure({ 2: '140000101' })],
    ['LINE_UNKNOWN', 'inconnu;1;2;3'],
    ['COORDINATES', 'geolocalisation;970100228;655000.0;1796000.0;1,IGN,UTM_N20;2020-01-01'],
    ['COORDINATES', 'geolocalisation;140000209;6906172.4;455023.4;;'],
    ['COORDINATES', 'geolocalisation;140000209;;;;'],
  ])('sets a line aside with %s', async (code, line) => {
    const outcomes = await read(line, structure({ 1: '140000233', 2: '140000118' }));
    expect(outcomes).toMatchObject([{ kind: 'aside', code, locator: { line: 2 } }, { kind: 'row' }]);
  });

  it('keeps the key of a site whose legal entity is wrong: it did not disappear', async () => {
    expect(await read(structure({ 2: '140000101' }))).toMatchObject([{ kind: 'aside', key: '140000209' }]);
  });

  it('X3: leaves a wrong SIRET out and keeps the establishment', async () => {
    const outcomes = await read(structure({ 22: '26140093100019' }));
    expect(outcomes).toMatchObject([
      {
        kind: 'row',
        value: { establishment: { siret: null } },
        flags: [{ code: 'X3', field: 'siret', value: '26140093100019' }],
      },
    ]);
  });

  it('writes overseas départements as INSEE does', async () => {
    const outcomes = await read(structure({ 13: '9D' }), structure({ 1: '970400024', 13: '974' }));
    expect(outcomes).toMatchObject([
      { value: { establishment: { departement: '974' } } },
      { value: { establishment: { departement: '974' } } },
    ]);
  });

  it('decodes the official windows-1252 files, the apostrophes that latin1 loses included', async () => {
    const text = [FIRST, structure({ 3: 'MAISON MÉDICALE DE L’ESSAI – CŒUR' })].join('\n');
    const outcomes = await readAll(source, delivery(encoded(text, 'windows-1252')));
    expect(outcomes).toMatchObject([
      { value: { establishment: { name: 'MAISON MÉDICALE DE L’ESSAI – CŒUR' } } },
    ]);
  });

  it('stops on bytes that break the encoding after its first megabyte', async () => {
    const line = Buffer.from(`${structure({ 3: 'HÔPITAL' })}\n`);
    const many = Array.from({ length: 12_000 }, () => line);
    const input = delivery([Buffer.from(`${FIRST}\n`), ...many, Buffer.from([0xe9, 0x0a])]);
    await expect(readAll(source, input)).rejects.toMatchObject({ code: 'SRC_ENCODING' });
  });

  it('reads cells cut by quotes at any place', async () => {
    const names = fc.string({ unit: fc.constantFrom('A', ' ', '"', ';', 'É'), maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(names, async (name) => {
        const written = name.includes('"') || name.includes(';') ? `"${name.replaceAll('"', '""')}"` : name;
        const [outcome] = await read(structure({ 3: written }));
        expect(outcome).toMatchObject({ kind: 'row', value: { establishment: { name: neat(name) } } });
      }),
    );
  });
});

describe('cells of FINESS', () => {
  it.each([
    ['a;b;c', ['a', 'b', 'c']],
    [';;', ['', '', '']],
    ['a;"CH ""JACQUES MONOD"" - FLERS";c', ['a', 'CH "JACQUES MONOD" - FLERS', 'c']],
    ['"""""SELARL PHARMACIE GRAND""""";c', ['""SELARL PHARMACIE GRAND""', 'c']],
    ['a;"""";c', ['a', '"', 'c']],
    ['a;"";c', ['a', '', 'c']],
    ['a;"b;c";d', ['a', 'b;c', 'd']],
    ['CH "X";b', ['CH "X"', 'b']],
    ['"jamais fermé;b', ['"jamais fermé', 'b']],
    ['"fermé" trop tôt;b', ['"fermé" trop tôt', 'b']],
    ['a;"fin"', ['a', 'fin']],
  ])('%j is cut into %j', (line, cells) => {
    expect(lineCells(line)).toEqual(cells);
  });

  it('undoes quotes doubled twice, and double spaces', () => {
    expect(neat('Lieu dit ""LES BOURBES""')).toBe('Lieu dit "LES BOURBES"');
    expect(neat(' HOPITAL LA  MUSSE ')).toBe('HOPITAL LA MUSSE');
  });

  it.each([
    ['14107 LISIEUX CEDEX', '14107', 'LISIEUX'],
    ['14033 CAEN CEDEX 9', '14033', 'CAEN'],
    ['76806 ST ETIENNE DU ROUVRAY CEDE', '76806', 'ST ETIENNE DU ROUVRAY'],
    ['69655 VILLEFRANCHE SUR SAONE CED', '69655', 'VILLEFRANCHE SUR SAONE'],
    ['01204 BELLEGARDE SUR VALSERINE C', '01204', 'BELLEGARDE SUR VALSERINE'],
    ['49130 LES PONTS DE CE', '49130', 'LES PONTS DE CE'],
    ['53200 CHATEAU GONTIER SUR MAYENN', '53200', 'CHATEAU GONTIER SUR MAYENN'],
    ['14000 CAEN', '14000', 'CAEN'],
    ['', '', ''],
  ])('%j is %s %s', (line, postalCode, town) => {
    expect(postalLine(line)).toEqual({ postalCode, town });
  });
});

describe('points', () => {
  it('converts Lambert 93 to degrees', () => {
    // Fleyriat hospital, Viriat (01): 46.22° N, 5.21° E on any map.
    const { longitude, latitude } = toWgs84(870215.7, 6571590.5);
    expect(longitude).toBeCloseTo(5.21, 2);
    expect(latitude).toBeCloseTo(46.22, 2);
  });

  it('does not take swapped pairs, degrees or overseas metres for Lambert 93', () => {
    expect(inLambert93(455023.4, 6906172.4)).toBe(true);
    expect(inLambert93(6906172.4, 455023.4)).toBe(false);
    expect(inLambert93(-0.36, 49.2)).toBe(false);
    expect(inLambert93(655000, 1796000)).toBe(false);
  });
});

describe('numbers already seen', () => {
  it('are a set, whatever the letters and however many', () => {
    const number = fc
      .tuple(fc.nat(9), fc.constantFrom(...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'), fc.nat(9_999_999))
      .map(([first, second, rest]) => `${String(first)}${second}${String(rest).padStart(7, '0')}`);
    fc.assert(
      fc.property(fc.array(number, { maxLength: 300 }), (numbers) => {
        const seen = new SeenNumbers();
        const expected = new Set<string>();
        for (const one of [...numbers, ...numbers]) {
          expect(seen.add(one)).toBe(!expected.has(one));
          expected.add(one);
        }
      }),
    );
    const seen = new SeenNumbers();
    for (let i = 0; i < 200_000; i++) seen.add(String(i).padStart(9, '0'));
    expect(seen.add('000000000')).toBe(false);
    expect(seen.add('000199999')).toBe(false);
    expect(seen.add('000200000')).toBe(true);
  });
});
