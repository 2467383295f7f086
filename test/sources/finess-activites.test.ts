import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../src/domain/json.js';
import type { Recognition } from '../../src/domain/recognition.js';
import type { RowOutcome } from '../../src/domain/rows.js';
import { readAll } from '../../src/sources/contract.js';
import { finessActivites } from '../../src/sources/finess-activites/index.js';
import { MAX_SITES } from '../../src/sources/reading/finess-plus.js';
import { delivery, fixture, hasMaterial, realExtract } from './bytes.js';
import { fails } from './refused.js';
import { jsonConformance } from './json-conformance.js';

const source = finessActivites();
const text = fixture('finess-activites/fixtures/activites-essai-2026-11.json').toString('utf8');
const read = (tree: unknown): Promise<readonly RowOutcome<Recognition>[]> =>
  readAll(source, delivery(Buffer.from(JSON.stringify(tree))));

jsonConformance(source, {
  text,
  list: 'pmej',
  rows: 2,
  doubles: 'joined',
  deepIn: (item, value) => {
    const [site] = item['ege'] as JsonObject[];
    const [activity] = site?.['activitesExercees'] as JsonObject[];
    return {
      ...item,
      ege: [{ ...site, activitesExercees: [{ ...activity, caracteristiquesGeneriques: value }] }],
    };
  },
  deepCode: 'STATUS_UNKNOWN',
  wrongShape: {
    text: '{"pmej":[{"informationsGeneralesPMEJ":{"numFinessPm":"010000016"},"ege":[]}]}',
    says: /flux FINESS\+ des structures.*finess-activites-journalier/s,
  },
});

describe('FINESS+ activities', () => {
  it('give the recognised sites alone, with the dates of their authorisation', async () => {
    const outcomes = await read(JSON.parse(text));
    expect(outcomes).toEqual([
      {
        kind: 'row',
        locator: { file: 'essai.csv', path: 'pmej[0].ege[0].activitesExercees[0]' },
        key: '140000209|R8|P9|25',
        value: {
          eg: '140000209',
          ej: '140000100',
          activity: 'R8',
          modality: 'P9',
          form: '25',
          active: true,
          since: '2024-01-01',
          until: null,
        },
      },
      {
        kind: 'row',
        locator: { file: 'essai.csv', path: 'pmej[1].ege[0].activitesExercees[0]' },
        key: '9D0000025|RC10|M31|F45',
        value: {
          eg: '9D0000025',
          ej: '140000019',
          activity: 'RC10',
          modality: 'M31',
          form: 'F45',
          active: false,
          since: '2026-11-02',
          until: null,
        },
      },
    ]);
  });

  it('give one row of two authorisations of one recognition, whichever comes first', async () => {
    const tree = JSON.parse(text) as { pmej: { ege: { activitesExercees: JsonObject[] }[] }[] };
    const site = tree.pmej[0]?.ege[0];
    const [first] = site?.activitesExercees ?? [];
    if (site === undefined || first === undefined) throw new Error('the fixture has changed');
    const ended = {
      ...first,
      caracteristiquesGeneriques: {
        activiteAeId: '9009',
        etatObjet: 'I',
        dateDebutActiviteAutorisee: '2017-01-01',
      },
    };
    for (const both of [
      [first, ended],
      [ended, first],
    ]) {
      site.activitesExercees = both;
      const values = (await read(tree)).flatMap((one) => (one.kind === 'row' ? [one.value] : []));
      expect(values.filter(({ eg }) => eg === '140000209')).toMatchObject([
        { active: true, since: '2024-01-01' },
      ]);
    }
  });

  it('set a recognised site aside whose number is wrong, and say where', async () => {
    const outcomes = await read(JSON.parse(text.replace('"140000209"', '"140000208"')));
    expect(outcomes[0]).toMatchObject({
      kind: 'aside',
      code: 'X2',
      field: 'numFinessEge',
      locator: { path: 'pmej[0].ege[0].activitesExercees[0]' },
    });
    expect(outcomes).toHaveLength(2);
  });
});

describe('FINESS+ activities that changed or are hostile', () => {
  it.each([
    ['ege', /"ege"/g, 'pmej[].ege »'],
    ['numFiness', /"numFiness"/g, 'numFiness »'],
    ['numFinessEge', /"numFinessEge"/g, 'numFinessEge »'],
    ['activitesExercees', /"activitesExercees"/g, 'activitesExercees »'],
    ['codeNature', /"codeNature"/g, 'codeNature »'],
    ['etatObjet', /"etatObjet"/g, 'etatObjet »'],
    ['activiteSanitaireRegulee', /"activiteSanitaireRegulee"/g, 'activiteSanitaireRegulee »'],
  ])('are refused at their end when a field is gone: %s', async (_, field, told) => {
    const renamed = text.replaceAll(field, (name) => `"autre${name.slice(1)}`);
    const { message } = await fails(readAll(source, delivery(Buffer.from(renamed))), 'SRC_COLUMN_MISSING');
    expect(message).toContain(told);
  });

  const withFacts = (change: Record<string, Json>): Promise<readonly RowOutcome<Recognition>[]> => {
    const tree = JSON.parse(text) as {
      pmej: { ege: { activitesExercees: { caracteristiquesGeneriques: Record<string, Json> }[] }[] }[];
    };
    const facts = tree.pmej[0]?.ege[0]?.activitesExercees[0]?.caracteristiquesGeneriques;
    if (facts === undefined) throw new Error('the fixture has changed');
    Object.assign(facts, change);
    return read(tree);
  };

  it.each([['Z'], [''], [null]])('keep what was known of a recognition whose state is %j', async (state) => {
    const [first] = await withFacts({ etatObjet: state });
    expect(first).toMatchObject({ kind: 'aside', code: 'STATUS_UNKNOWN', key: '140000209|R8|P9|25' });
  });

  it('flag dates that are none, and say the day on which a recognition ended', async () => {
    const [first] = await withFacts({
      dateDebutActiviteAutorisee: '2024-02-31',
      dateFinEffectiveActivite: '2025-06-30',
      dateCaduciteAutorisation: '2025-13-01',
    });
    expect(first).toMatchObject({
      value: { active: true, since: '2024-01-01', until: '2025-06-30', endedOn: '2025-06-30' },
      flags: [
        { code: 'DATE_IMPOSSIBLE', field: 'dateDebutActiviteAutorisee' },
        { code: 'DATE_IMPOSSIBLE', field: 'dateCaduciteAutorisation' },
      ],
    });
  });

  it('let the authorisation speak that did not end, whichever comes first', async () => {
    const tree = JSON.parse(text) as { pmej: { ege: { activitesExercees: JsonObject[] }[] }[] };
    const site = tree.pmej[0]?.ege[0];
    const [first] = site?.activitesExercees ?? [];
    if (site === undefined || first === undefined) throw new Error('the fixture has changed');
    const ended = {
      ...first,
      caracteristiquesGeneriques: {
        activiteAeId: '9009',
        etatObjet: 'A',
        dateDebutActiviteAutorisee: '2017-01-01',
        dateFinEffectiveActivite: '2023-12-31',
      },
    };
    for (const both of [
      [first, ended],
      [ended, first],
    ]) {
      site.activitesExercees = both;
      const [value] = (await read(tree)).flatMap((one) => (one.kind === 'row' ? [one.value] : []));
      expect([value?.since, value?.endedOn]).toEqual(['2024-01-01', undefined]);
    }
  });

  it('set aside codes that no table has, and an entity with more sites than any', async () => {
    const long = text.replace('"P9"', `"${'P'.repeat(20_000)}"`);
    const [first] = await readAll(source, delivery(Buffer.from(long)));
    expect(first).toMatchObject({ kind: 'aside', code: 'CELL_TOO_LONG', field: 'modaliteActivite' });
    const { pmej } = JSON.parse(text) as { pmej: JsonObject[] };
    const many = { ...pmej[0], ege: Array.from({ length: MAX_SITES + 1 }, () => ({})) };
    const outcomes = await read({ pmej: [many, ...pmej.slice(1)] });
    expect(outcomes.map(({ kind, key }) => `${kind} ${key ?? ''}`)).toEqual([
      'aside *',
      'row 9D0000025|RC10|M31|F45',
    ]);
  });

  it('are refused when most of many items are set aside', async () => {
    const { pmej } = JSON.parse(text) as { pmej: JsonObject[] };
    const broken = (count: number): unknown[] => Array.from({ length: count }, () => []);
    const good = Array.from({ length: 500 }, () => pmej[2]);
    await fails(read({ pmej: [...pmej, ...good, ...broken(504)] }), 'SRC_MOSTLY_ASIDE');
    const half = await read({ pmej: [...pmej, ...good, ...broken(503)] });
    expect(half.filter(({ kind }) => kind === 'aside')).toHaveLength(503);
  });

  it('have one mark for one content, whatever their header, and another when an activity changes', async () => {
    const markOf = async (json: string): Promise<string | null> => {
      const fresh = finessActivites();
      expect(fresh.contentMark?.()).toBeNull();
      await readAll(fresh, delivery(Buffer.from(json)));
      return fresh.contentMark?.() ?? null;
    };
    const mark = await markOf(text);
    expect(mark).toMatch(/^[0-9a-f]{64}$/);
    expect(await markOf(text.replace('2026-11-02T02:15', '2026-12-24T02:15'))).toBe(mark);
    // An activity that is not of rare diseases, and is not kept.
    expect(await markOf(text.replace('"9003", "etatObjet" : "A"', '"9003", "etatObjet" : "I"'))).not.toBe(
      mark,
    );
  });
});

describe.skipIf(!hasMaterial)('the official example of FINESS+ activities', () => {
  it('has recognitions, none of them of rare diseases, and none set aside', async () => {
    const bytes = realExtract('finess-plus/activites-sample.json');
    expect(bytes.toString('utf8')).toContain('"activiteSanitaireRegulee"');
    expect(await readAll(source, delivery(bytes))).toEqual([]);
    // One of them, said to be of rare diseases: the path of the real record is the one that is read.
    const rare = Buffer.from(
      bytes.toString('utf8').replaceAll(/("activiteSanitaireRegulee"\s*:\s*)"R4"/g, '$1"R8"'),
    );
    expect(await readAll(source, delivery(rare))).toMatchObject([
      { kind: 'row', value: { eg: '010780195', activity: 'R8', modality: 'N2', form: '01' } },
    ]);
  });
});
