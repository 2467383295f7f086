import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RowFault } from '../../src/domain/rows.js';
import type { SyncOutput } from '../../src/runs/report.js';
import {
  blocking,
  centreIdOf,
  centresList,
  changeOf,
  complete,
  NORMANDIE,
  openWorld,
  type World,
} from './world.js';

const ALENCON = '610000051';
const MAMERS = '720000470';
const FLERS = '610000119';
const MONTIVILLIERS = '760805770';

/** Hospitals as people write them; the centres are synthetic. Line 1 is the header: row n stands on line n + 1. */
const LIST = centresList([
  { title: 'Centre d’essai Alençon', hospital: 'CHICAM', town: 'Alençon', public: 'mixte' },
  { title: 'Centre d’essai Mamers', hospital: 'CHICAM', town: 'Mamers', public: 'mixte' },
  { title: 'Centre d’essai Monod', hospital: 'Jacques Monod', public: 'mixte' },
  {
    title: 'Centre d’essai Baclesse',
    hospital: 'Centre François Baclesse',
    town: 'Caen',
    public: 'adulte',
    ej: '140000118',
  },
  { title: 'Centre d’essai Estran', hospital: 'CH de l’Estran', town: 'Pontorson', public: 'adulte' },
  { title: 'Centre d’essai Caen', hospital: 'CHU Caen', town: 'Caen', public: 'adulte', ej: '70000481' },
  {
    title: 'Centre d’essai Lisieux',
    hospital: 'CH Lisieux',
    town: 'Lisieux',
    public: 'adulte',
    ej: '140000117',
  },
  {
    title: 'Centre d’essai Nantes',
    hospital: 'CHU de Nantes',
    town: 'Nantes',
    departement: '44',
    public: 'adulte',
  },
  {
    title: 'Centre d’essai inconnu',
    hospital: 'Hôpital d’essai des Trois Lacs',
    town: 'Rouen',
    public: 'adulte',
  },
]);

describe('S4, the right hospital, through a run', () => {
  let w: World;
  let output: SyncOutput;

  beforeAll(async () => {
    w = await openWorld({ list: LIST, finess: NORMANDIE.finess });
    output = await w.sync();
  });
  afterAll(() => w.close());

  const list = (): SyncOutput['sources'][number] => {
    const found = output.sources.find((source) => source.source === 'labelled-centres');
    if (found === undefined) throw new Error('the list is not in the report');
    return found;
  };
  const fault = (line: number): RowFault | undefined =>
    list().setAside.find((each) => each.locator.line === line);

  it('ends with questions, not with an error, and drops nothing in silence', () => {
    expect(output.exitCode).toBe(2);
    const { read, kept, setAside, outOfRegion } = list();
    expect([read, kept, setAside.length, outOfRegion]).toEqual([9, 4, 3, 2]);
    expect(output.changes.length).toBe(4);
  });

  it('counts the same rows once an answer planned the region again', async () => {
    const { report } = await w.replan();
    const again = report.sources.find((source) => source.source === 'labelled-centres');
    const { read, kept, setAside, outOfRegion } = again ?? list();
    expect([read, kept, setAside.length, outOfRegion]).toEqual([9, 4, 3, 2]);
  });

  it('finds Alençon for CHICAM in Alençon, never Mamers', () => {
    const change = changeOf(output, 'Centre d’essai Alençon');
    expect(change.centre).toMatchObject({ ej: '610780082', eg: ALENCON });
    expect(change.state).toBe('proposed');
    expect(JSON.stringify(output.changes)).not.toContain(MAMERS);
  });

  it('counts a row on Mamers or Nantes out of the region and plans nothing for it', () => {
    expect(() => changeOf(output, 'Centre d’essai Mamers')).toThrow('0 changes');
    expect(() => changeOf(output, 'Centre d’essai Nantes')).toThrow('0 changes');
    expect(list().outOfRegion).toBe(2);
  });

  it('refuses the number of CH de Falaise given to Baclesse, naming both hospitals (X12)', () => {
    const refused = fault(5);
    expect(refused).toMatchObject({ code: 'X12', field: 'finess_ej', value: '140000118' });
    expect(refused?.message).toContain('FALAISE');
    expect(refused?.message).toContain('EJ 140000639, EG 140000555');
    expect(() => changeOf(output, 'Centre d’essai Baclesse')).toThrow('0 changes');
  });

  it('refuses eight characters (X1) and a wrong key (X2), and guesses nothing', () => {
    expect(fault(7)).toMatchObject({ code: 'X1', value: '70000481', locator: { line: 7 } });
    expect(fault(7)?.message).toContain('8 caractères au lieu de neuf');
    expect(fault(8)).toMatchObject({ code: 'X2', value: '140000117' });
    expect(JSON.stringify(output.changes)).not.toContain('070000481');
    for (const title of ['Centre d’essai Caen', 'Centre d’essai Lisieux'])
      expect(() => changeOf(output, title)).toThrow('0 changes');
  });

  it('gives every row set aside a code, a place and a remedy', () => {
    expect(
      list()
        .setAside.map((each) => each.code)
        .sort(),
    ).toEqual(['X1', 'X12', 'X2']);
    for (const each of list().setAside) {
      expect(each.locator).toEqual({ file: 'centres.csv', line: expect.any(Number) as number });
      expect(each.remedy).not.toBe('');
    }
  });

  it('asks for the activity field of a psychiatric hospital, and does not write 01', async () => {
    const change = changeOf(output, 'Centre d’essai Estran');
    expect(change.centre).toMatchObject({ eg: '500000575' });
    expect(change.state).toBe('toComplete');
    expect(blocking(change)).toEqual(['missing:activityField']);
    expect(change.elements.some((element) => element.key === 'type')).toBe(false);
    const acted = await w.answer(w.camille, complete(centreIdOf(change), 'activityField', '03'));
    const chosen = acted.changes.find((each) => each.centres[0] === centreIdOf(change));
    expect(chosen?.state).toBe('proposed');
    const type = chosen?.elements.find((element) => element.key === 'type');
    expect(JSON.stringify(type?.after)).toContain('"code":"03"');
  });

  it('says that a hospital nobody knows is to be found, and plans no offer for it', () => {
    const change = changeOf(output, 'Centre d’essai inconnu');
    expect(change.state).not.toBe('proposed');
    expect(blocking(change)).toContain('missing:establishment');
    expect(output.matches.open.map((mention) => [mention.mention, mention.outcome])).toContainEqual([
      'Hôpital d’essai des Trois Lacs',
      'none',
    ]);
  });

  describe('"Jacques Monod" alone', () => {
    it('is a question with Flers and Montivilliers as candidates', () => {
      const change = changeOf(output, 'Centre d’essai Monod');
      expect(change.state).toBe('question');
      const question = change.reasons.find((reason) => reason.code === 'establishment');
      expect(question?.candidates?.map((candidate) => candidate.value)).toEqual(
        expect.arrayContaining([FLERS, MONTIVILLIERS]),
      );
      expect(change.centre).toMatchObject({ ej: null, eg: null });
    });

    it('takes the hospital that a person accepts, who then may not approve', async () => {
      const { key } = openMention();
      const { changes } = await w.answer(w.camille, {
        kind: 'match',
        subject: key,
        body: { ej: '760780726', eg: MONTIVILLIERS },
      });
      const change = changes.find((each) => each.centres[0] === monod());
      expect(change?.state).toBe('proposed');
      expect(JSON.stringify(change?.elements)).toContain(`Organization/eg-${MONTIVILLIERS}`);
      await expect(w.approve(w.camille, change?.id ?? '')).rejects.toMatchObject({ code: 'FOUR_EYES' });
    });

    it('is a question again once the decision is undone', async () => {
      const rows = (await w.database.app('answer').where({ kind: 'match' })) as { no: number }[];
      const { changes, report } = await w.answer(w.camille, {
        kind: 'undo',
        subject: openMention().key,
        body: { answer: Number(rows[0]?.no) },
      });
      const change = changes.find((each) => each.centres[0] === monod());
      expect(change?.state).toBe('question');
      expect(change?.reasons.some((reason) => reason.code === 'establishment')).toBe(true);
      expect(report.mentions.map((mention) => mention.mention)).toContain('Jacques Monod');
    });

    it('asks for a number once a person said that no candidate is right', async () => {
      const { changes } = await w.answer(w.camille, {
        kind: 'matchReject',
        subject: openMention().key,
        body: {},
      });
      const change = changes.find((each) => each.centres[0] === monod());
      expect(change?.state).toBe('toComplete');
      expect(blocking(change ?? { reasons: [] })).toContain('missing:establishment');
    });

    const openMention = (): SyncOutput['matches']['open'][number] => {
      const found = output.matches.open.find((mention) => mention.mention === 'Jacques Monod');
      if (found === undefined) throw new Error('no open mention');
      return found;
    };
    const monod = (): string => centreIdOf(changeOf(output, 'Centre d’essai Monod'));
  });
});

describe('S4 at the terminal', () => {
  let w: World;
  beforeAll(async () => {
    w = await openWorld({ list: LIST, finess: NORMANDIE.finess });
  });
  afterAll(() => w.close());

  it('lists, accepts and undoes a match, with exit codes that scripts can read', async () => {
    const synced = await w.filror('sync', '--region', '28', '--output', 'json');
    expect([synced.code, synced.stderr]).toEqual([2, '']);
    const listed = await w.filror('match', 'list', '--region', '28', '--output', 'json');
    expect(listed.code).toBe(2);
    const mentions = JSON.parse(listed.stdout) as { id: string; mention: string }[];
    const id = mentions.find((each) => each.mention === 'Jacques Monod')?.id ?? '';
    const as = ['--region', '28', '--as', 'camille'];
    const accepted = await w.filror('match', 'accept', id, FLERS, ...as);
    expect([accepted.code, accepted.stderr]).toEqual([0, '']);
    expect(accepted.stdout).toContain(`Décision enregistrée pour ${id}.`);
    expect((await w.filror('match', 'undo', id, ...as)).code).toBe(0);
    expect((await w.filror('match', 'list', '--region', '28')).stdout).toContain('Jacques Monod');
    const wrong = await w.filror('match', 'accept', id, '140000117', ...as);
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain('Que faire :');
  });

  it('"filror changes" says that hospitals wait, and exits 2 for them alone', async () => {
    const { code, stdout } = await w.filror('changes', '--region', '28');
    expect(stdout).toMatch(/(?:hôpitaux sont|hôpital est) à rapprocher : voyez « filror match list »\.\n$/);
    expect(code).toBe(2);
  });
});
