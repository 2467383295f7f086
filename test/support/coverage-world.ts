import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { centresList, changeOf, NORMANDIE, type CentreRow } from '../scenarios/world.js';
import { openWebWorld, type WebWorld } from './web-world.js';

/**
 * Lambert 93 of a place inside each town, as a register would write it: Dieppe, Lisieux, Coutances; and, for Argentan,
 * of a place in Corsica: a register that is wrong.
 */
const POINTS: Readonly<Record<string, string>> = {
  '760000018': '562066.0;6981395.7',
  '140000027': '498213.4;6897143.2',
  '500000591': '376018.4;6892836.5',
  '610000069': '1175000.0;6110000.0',
};

/** Seven centres of which each is known by hand: where, which label, how far it came. */
export const COVERED: readonly CentreRow[] = [
  { title: 'Centre d’essai 1', hospital: 'CH de Dieppe', town: 'Dieppe', eg: '760000018', public: 'mixte' },
  {
    title: 'Centre d’essai 2',
    hospital: 'CH Lisieux',
    town: 'Lisieux',
    eg: '140000027',
    label: 'CRMR constitutif',
  },
  {
    title: 'Centre d’essai 3',
    hospital: 'CH de Coutances',
    town: 'Coutances',
    eg: '500000591',
    campaign: '2017',
    public: 'mixte',
  },
  {
    title: 'Centre d’essai 4',
    hospital: 'CH de Dieppe',
    town: 'Dieppe',
    eg: '760000018',
    filiere: 'FILNEMUS',
    public: 'adulte',
  },
  { title: 'Centre d’essai 5', hospital: 'CH Falaise', town: 'Falaise', eg: '140000233', public: 'mixte' },
  { title: 'Centre d’essai 6', hospital: 'CH Argentan', town: 'Argentan', eg: '610000069', public: 'mixte' },
  { title: 'Centre d’essai 7', hospital: 'Hôpital d’essai sans numéro', town: 'Nulle-Part', public: 'mixte' },
];

export interface CoverageWorld extends WebWorld {
  /** Id of each centre by its number. */
  readonly ids: ReadonlyMap<number, string>;
}

/** The region of `COVERED`: the first centre is approved, written and read again; the others wait where they are. */
export async function openCoverageWorld(rows: readonly CentreRow[] = COVERED): Promise<CoverageWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'filror-couverture-'));
  const finess = join(folder, 'finess.csv');
  const points = Object.entries(POINTS).map(([eg, at]) => `geolocalisation;${eg};${at};1,ESSAI;2021-01-08`);
  writeFileSync(finess, `${readFileSync(NORMANDIE.finess, 'utf8').trimEnd()}\n${points.join('\n')}\n`);
  const web = await openWebWorld({ list: centresList(rows), finess });
  const output = await web.sync();
  const ids = new Map(
    rows.map(({ title }, at) => [at + 1, changeOf(output, title).centre?.id ?? ''] as const),
  );
  const first = changeOf(output, rows[0]?.title ?? '');
  await web.approve(web.dominique, first.id);
  await web.apply();
  return {
    ...web,
    ids,
    close: async () => {
      await web.close();
      rmSync(folder, { recursive: true });
    },
  };
}
