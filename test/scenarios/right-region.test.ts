import { afterEach, describe, expect, it } from 'vitest';
import type { Reason } from '../../src/domain/change.js';
import type { SyncOutput } from '../../src/runs/report.js';
import {
  blocking,
  centreIdOf,
  centresList,
  changeOf,
  complete,
  openWorld,
  type CentreRow,
  type World,
} from './world.js';

const TITLE = 'Centre d’essai Alpha';
const lisieux: CentreRow = { title: TITLE, hospital: 'CH Lisieux', town: 'Lisieux', public: 'adulte' };
const rouen: CentreRow = { title: TITLE, hospital: 'CHU Rouen', town: 'Rouen', public: 'adulte' };
const LISIEUX_SITE = '140000027';
const MAMERS = '720000470';

let w: World;
afterEach(() => w.close());

async function planned(...rows: readonly CentreRow[]): Promise<SyncOutput> {
  w = await openWorld({ list: centresList(rows) });
  return await w.sync();
}

/** What is said of the establishment. */
const told = ({ reasons }: { readonly reasons: readonly Reason[] }): string[] =>
  reasons.filter((reason) => reason.field === 'establishment').map((reason) => reason.message);

const outOfRegion = (output: SyncOutput): number | undefined =>
  output.sources.find((source) => source.source === 'labelled-centres')?.outOfRegion;

describe('a hospital of the region whose row names another place', () => {
  it.each([
    ['a former region', { region: 'Basse-Normandie' }],
    ['an agency', { region: 'ARS Normandie' }],
    ['a slip of the keyboard', { region: 'Nomandie' }],
  ])('is planned all the same with %s, and nothing is told', async (_what, place) => {
    const output = await planned({ ...lisieux, ...place, ej: '140000035' });
    expect(outOfRegion(output)).toBe(0);
    expect(told(changeOf(output, TITLE))).toEqual([]);
  });

  it.each([
    ['département', { departement: '75', ej: '140000035' }, 'département 75'],
    ['region', { region: 'Bretagne', ej: '140000035' }, 'région Bretagne'],
  ])('is planned all the same with another %s, which the reviewer is told', async (_what, place, wrong) => {
    const output = await planned({ ...lisieux, ...place });
    expect(outOfRegion(output)).toBe(0);
    const change = changeOf(output, TITLE);
    expect(blocking(change)).toEqual([]);
    expect(told(change)).toEqual([expect.stringContaining(`La liste écrit « ${wrong} »`)]);
  });

  it('is not planned when nothing but the stated region is known of it', async () => {
    const output = await planned({ ...lisieux, hospital: 'Hôpital d’essai', town: '', region: 'Bretagne' });
    expect(outOfRegion(output)).toBe(1);
    expect(output.changes).toEqual([]);
  });

  it('raises an alert when the row of a written centre leaves the region, and withdraws nothing', async () => {
    const unknown = { ...lisieux, hospital: 'Hôpital d’essai' };
    const centre = centreIdOf(changeOf(await planned(unknown), TITLE));
    const { changes } = await w.answer(w.camille, complete(centre, 'establishment', LISIEUX_SITE));
    await w.approve(w.dominique, changes[0]?.id ?? '');
    expect((await w.apply()).map((receipt) => receipt.result)).toEqual(['applied']);
    w.list(centresList([{ ...unknown, region: 'Bretagne' }]));
    const output = await w.sync();
    expect(output.changes).toEqual([]);
    expect(outOfRegion(output)).toBe(1);
    expect(output.alerts.map((alert) => alert.code)).toEqual(['LEFT_REGION']);
  });
});

describe('a row whose number belongs to another hospital', () => {
  const baclesse: CentreRow = {
    title: TITLE,
    hospital: 'Centre François Baclesse',
    town: 'Caen',
    public: 'adulte',
    ej: '140000118',
  };

  it('is listed among the matches, and planned with its wrong number told once a person decides', async () => {
    const first = await planned(baclesse);
    expect(first.changes).toEqual([]);
    const [mention, ...others] = first.matches.open;
    expect(others).toEqual([]);
    expect(mention?.candidates.map(({ ej, eg }) => [ej, eg])).toContainEqual(['140000639', '140000555']);
    const said = await w.filror('match', 'accept', mention?.id ?? '', '140000555', ...asCamille);
    expect(said.stderr).toBe('');
    const [change, ...more] = await w.open();
    expect(more).toEqual([]);
    expect([change?.kind, change?.state]).toEqual(['create', 'proposed']);
    expect(told(change ?? { reasons: [] })).toEqual([
      expect.stringContaining('X12 : Le numéro FINESS 140000118'),
    ]);
    await expect(w.approve(w.camille, change?.id ?? '')).rejects.toMatchObject({ code: 'FOUR_EYES' });
  });
});

const asCamille = ['--region', '28', '--as', 'camille'] as const;

describe('filror complete', () => {
  async function completing(value: string): Promise<{ code: number | null; stderr: string }> {
    const change = changeOf(await planned(rouen), TITLE);
    return await w.filror('complete', change.id, value, '--proof', 'acte d’essai', ...asCamille);
  }

  it('takes a site of the hospital', async () => {
    expect(await completing('site=760000158')).toMatchObject({ stderr: '' });
    expect((await w.open()).map((change) => change.state)).toEqual(['proposed']);
  });

  it.each([
    ['site=' + LISIEUX_SITE, 'un site d’un autre hospital'.replace('hospital', 'hôpital')],
    ['site=' + MAMERS, 'hors de la région Normandie'],
    ['etablissement=' + MAMERS, 'hors de la région Normandie'],
    ['campagne=2099', 'vient après la dernière campagne, 2023'],
  ])('refuses %s and records nothing', async (value, why) => {
    const { code, stderr } = await completing(value);
    expect(code).toBe(1);
    expect(stderr).toContain(why);
    expect(stderr).toContain('Que faire');
    expect(await w.database.app('answer')).toEqual([]);
  });

  it('takes another hospital when it is asked for by name', async () => {
    expect(await completing('etablissement=' + LISIEUX_SITE)).toMatchObject({ stderr: '' });
  });

  it('holds back a site of another region, however it was recorded', async () => {
    const centre = centreIdOf(changeOf(await planned(rouen), TITLE));
    const { changes } = await w.answer(w.camille, complete(centre, 'establishment', MAMERS));
    expect(changes.map((change) => change.state)).toEqual(['question']);
    expect(changes[0]?.reasons.map((reason) => reason.message)).toContainEqual(
      expect.stringContaining('hors de la région Normandie'),
    );
  });
});
