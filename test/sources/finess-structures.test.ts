import { describe, expect, it } from 'vitest';
import { isJsonObject, type Json, type JsonObject } from '../../src/domain/json.js';
import type { RowOutcome } from '../../src/domain/rows.js';
import { readAll } from '../../src/sources/contract.js';
import { finessStructures } from '../../src/sources/finess-structures/index.js';
import type { FinessRecord } from '../../src/sources/reading/finess-record.js';
import { delivery, fixture, hasMaterial, realExtract } from './bytes.js';
import { jsonConformance } from './json-conformance.js';

const source = finessStructures();
const text = fixture('finess-structures/fixtures/structures-essai-2026-11.json').toString('utf8');
const read = (tree: unknown): Promise<readonly RowOutcome<FinessRecord>[]> =>
  readAll(source, delivery(Buffer.from(JSON.stringify(tree))));

/** The first site of the fixture, changed. */
function withSite(change: (site: Record<string, Json>) => void): JsonObject {
  const tree = JSON.parse(text) as { pmej: { ege: Record<string, Json>[] }[] };
  change(tree.pmej[0]?.ege[0] ?? {});
  return tree as unknown as JsonObject;
}

jsonConformance(source, {
  text,
  list: 'pmej',
  rows: 5,
  doubles: 'aside',
  deepIn: (item, value) => {
    const [site, ...others] = item['ege'] as JsonObject[];
    return { ...item, ege: [{ ...site, adresse: [{ usageAdresse: '03', ligneQuatre: value }] }, ...others] };
  },
  deepCode: 'ITEM_TOO_DEEP',
  textOf: (item, value) => {
    const [site, ...others] = item['ege'] as JsonObject[];
    const facts = site?.['informationsGeneralesEGE'] as JsonObject;
    return {
      ...item,
      ege: [{ ...site, informationsGeneralesEGE: { ...facts, nomEgeCourt: value } }, ...others],
    };
  },
  wrongShape: {
    text: '{"schemaVersion":"v1.0.0","pmej":[{"numFiness":"010000016","activitesAutorisees":[],"ege":[]}]}',
    says: /flux FINESS\+ des activités.*finess-structures-journalier/s,
  },
});

describe('FINESS+ structures', () => {
  it('become establishments, points and closed sites', async () => {
    const outcomes = await read(JSON.parse(text));
    expect(outcomes.map((one) => one.key)).toEqual([
      '140000209',
      '140000209#point',
      '140000019#closed',
      '9D0000025',
      '9D0000025#point',
    ]);
    expect(outcomes[0]).toEqual({
      kind: 'row',
      locator: { file: 'essai.csv', path: 'pmej[0].ege[0]' },
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
          address: 'AVENUE COTE DE NACRE',
          siret: '26140093100018',
          phone: '0261910001',
          openedOn: '1974-01-01',
          updatedOn: '2021-10-18',
        },
      },
    });
    // 49.2 north, 0.36 west, by the formulas and constants of the IGN (NTG 71); swapped as the flow writes them.
    expect(outcomes[1]).toMatchObject({
      value: {
        point: {
          x: 455163.2,
          y: 6905240.72,
          longitude: expect.closeTo(-0.36, 6) as number,
          latitude: expect.closeTo(49.2, 6) as number,
        },
      },
    });
    expect(outcomes[2]).toMatchObject({ value: { kind: 'closed', eg: '140000019', on: '2019-03-03' } });
    expect(outcomes[3]).toMatchObject({
      value: { establishment: { departement: '974', commune: '411', siret: null, address: '12 R D ESSAI' } },
      flags: [{ code: 'X3' }],
    });
    expect(outcomes[4]).toMatchObject({
      value: { point: { x: null, y: null, longitude: 55.45, latitude: -20.88 } },
    });
    expect(JSON.stringify(outcomes)).not.toContain('ne-pas-lire');
    expect((await source.inspect(delivery(Buffer.from(text)))).contentDate).toBe('2026-11-02');
  });

  it('are read in the three schemas that were published, told apart by what they contain', async () => {
    const expected = await read(JSON.parse(text));
    const { schemaVersion, generatedAt, ...lists } = JSON.parse(text) as JsonObject;
    const second = { metadata: { schemaVersion, generatedAt }, ...lists };
    expect(await read(second)).toEqual(expected);
    expect((await source.inspect(delivery(Buffer.from(JSON.stringify(second))))).contentDate).toBe(
      '2026-11-02',
    );
    const draft = JSON.parse(
      JSON.stringify(lists)
        .replaceAll('informationsGeneralesPMEJ', 'informationsGeneralesPmej')
        .replaceAll('categorieentiteGeographiqueExercice', 'categorieEntiteGeographiqueExercice')
        .replace(
          /"(etatObjet|categorieEntiteGeographiqueExercice)":"([^"]+)"/g,
          '"$1":{"code":"$2","system":"x"}',
        ),
    ) as JsonObject;
    expect(await read({ ...draft, gco: {}, gcc: {} })).toEqual(expected);
    expect((await source.inspect(delivery(Buffer.from(JSON.stringify(draft))))).contentDate).toBeNull();
  });

  it('keep what was known of a site whose state is not told, and say where', async () => {
    const [first] = await read(withSite((site) => void (site['etatObjet'] = 'Z')));
    expect(first).toMatchObject({
      kind: 'aside',
      code: 'STATUS_UNKNOWN',
      key: '140000209',
      locator: { path: 'pmej[0].ege[0]' },
    });
  });

  it.each([
    ['14000020', 'X1'],
    ['140000208', 'X2'],
  ])('set a site aside whose number is %s', async (number, code) => {
    const [first] = await read(
      withSite((site) => {
        const facts = site['informationsGeneralesEGE'];
        if (isJsonObject(facts)) site['informationsGeneralesEGE'] = { ...facts, numFinessEge: number };
      }),
    );
    expect(first).toMatchObject({ kind: 'aside', code });
  });

  it('keep dates that exist alone, and flag a category that is not known', async () => {
    const [first] = await read(
      withSite((site) => {
        site['dateDerniereMaj'] = '2021-02-30 00:00:00';
        site['categorieentiteGeographiqueExercice'] = '999';
      }),
    );
    expect(first).toMatchObject({
      value: { establishment: { updatedOn: null, aggregate: '' } },
      flags: [{ code: 'CATEGORY_UNKNOWN' }, { code: 'DATE_IMPOSSIBLE', field: 'dateDerniereMaj' }],
    });
  });
});

describe.skipIf(!hasMaterial)('the official example of FINESS+ structures', () => {
  it('has one open site and three closed ones, none set aside', async () => {
    const outcomes = await readAll(source, delivery(realExtract('finess-plus/structures-sample.json')));
    expect(outcomes.filter((one) => one.kind === 'aside')).toEqual([]);
    expect(outcomes.map((one) => one.key)).toEqual([
      '010780195',
      '010780195#point',
      '010787190#closed',
      '010002749#closed',
      '010002699#closed',
    ]);
    // Bourg-en-Bresse: the flow's own degrees are 46.211257, 5.254203.
    expect(outcomes[1]).toMatchObject({
      value: {
        point: {
          latitude: expect.closeTo(46.211257, 5) as number,
          longitude: expect.closeTo(5.254203, 5) as number,
        },
      },
    });
  });
});
