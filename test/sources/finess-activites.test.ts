import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/domain/json.js';
import type { Recognition } from '../../src/domain/recognition.js';
import type { RowOutcome } from '../../src/domain/rows.js';
import { readAll } from '../../src/sources/contract.js';
import { finessActivites } from '../../src/sources/finess-activites/index.js';
import { delivery, fixture, hasMaterial, realExtract } from './bytes.js';
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
