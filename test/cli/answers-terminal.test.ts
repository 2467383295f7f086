import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChangeOutput, SyncOutput } from '../../src/runs/report.js';
import { trialOffer } from '../../src/sandbox/seed.js';
import {
  centreIdOf,
  centresList,
  changeOf,
  openWorld,
  type CentreRow,
  type World,
} from '../scenarios/world.js';
import { tableChecksums } from '../support/region-run.js';
import type { Finished } from '../support/node-process.js';

/** A filière each, with one family, so that no two of them are taken for one another. */
const row = (number: number, hospital: string, town: string, filiere: string): CentreRow => ({
  title: `Centre d’essai ${number}`,
  filiere,
  hospital,
  town,
  public: 'mixte',
});
const CREATED = [
  row(1, 'CH Falaise', 'Falaise', 'G2M'),
  row(2, 'CH de Coutances', 'Coutances', 'G2M'),
  row(3, 'CH Argentan', 'Argentan', 'FILNEMUS'),
  row(4, 'CH Lisieux', 'Lisieux', 'FILFOIE'),
];
const renamed = (of: CentreRow): CentreRow => ({ ...of, title: `${of.title}, nouvel intitulé` });

/** Two centres stay, two are renamed, one comes where an offer already stands, one comes elsewhere. */
const LATER = centresList([
  ...CREATED.slice(0, 2),
  ...CREATED.slice(2).map(renamed),
  row(5, 'CH de Dieppe', 'Dieppe', 'FIMARAD'),
  row(6, 'CH Mémorial', 'Saint-Lô', 'RespiFIL'),
]);
const OFFER = '28/ESSAI-0002';

describe('answers and decisions at the terminal', () => {
  let w: World;
  let first: SyncOutput;
  let later: SyncOutput;
  const filror = (...args: readonly string[]): Promise<Finished> =>
    w.filror(...args, '--region', '28', '--as', 'camille');
  const centre = (number: number): string => centreIdOf(changeOf(first, `Centre d’essai ${number}`));
  const change = (title: string): string => changeOf(later, title).id;

  beforeAll(async () => {
    w = await openWorld({
      list: centresList(CREATED),
      offers: (site) => [
        trialOffer({ id: 'derm', identifier: OFFER, label: 'Dieppe', site: site('760000018') }),
      ],
    });
    first = await w.sync();
    for (const each of first.changes) await w.approve(w.dominique, each.id);
    await w.apply();
    w.list(LATER);
    later = await w.sync();
  });
  afterAll(() => w.close());

  async function states(): Promise<Record<string, readonly string[]>> {
    const open = await w.open();
    return Object.fromEntries(open.map((each) => [each.centres.join('+'), [each.kind, each.state] as const]));
  }

  it.each([
    ['same', () => ['same', change('Centre d’essai 3, nouvel intitulé'), centre(1)], 'CENTRE_UNKNOWN'],
    ['different', () => ['different', 'zzzz'], 'CHANGE_UNKNOWN'],
    ['create', () => ['create', change('Centre d’essai 5'), '--centre', centre(1)], 'CENTRE_UNKNOWN'],
    ['withdraw', () => ['withdraw', centre(1), '--proof', 'acte', '--date', '2026-02-30'], 'DATE_INVALID'],
    ['close', () => ['close', 'cmr_inconnu', '--proof', 'acte', '--date', '2026-06-30'], 'CENTRE_NOT_LINKED'],
    ['reject', () => ['reject', change('Centre d’essai 6'), '--reason', ' '], 'REASON_MISSING'],
  ])('%s refuses in French with what to do, and nothing moves: exit 1', async (_name, args, error) => {
    const before = await states();
    const { code, stdout, stderr } = await filror(...args());
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(`Erreur ${error} : `);
    expect(stderr).toMatch(/\nQue faire : .{10}/);
    expect(await states()).toEqual(before);
  });

  it('with --dry-run shows what would come of it and leaves every table as it was', async () => {
    const before = await tableChecksums(w.database.owner);
    const rejected = await filror('reject', change('Centre d’essai 6'), '--reason', 'essai', '--dry-run');
    expect(rejected.code).toBe(0);
    expect(rejected.stdout).toMatch(/^Serait rejeté : /);
    const proof = ['--proof', 'courrier d’essai', '--date', '2026-06-30', '--dry-run'];
    const withdrawn = await filror('withdraw', centre(1), ...proof);
    expect(withdrawn.stdout).toMatch(/^La réponse donnerait :\n− retrait de label /);
    expect(withdrawn.stdout).toMatch(/\nEssai à blanc : rien n’a été gardé\.\n$/);
    expect(await tableChecksums(w.database.owner)).toEqual(before);
  });

  it('same joins a renamed centre to the one it was: one modification, no creation', async () => {
    const done = await filror('same', change('Centre d’essai 3, nouvel intitulé'), centre(3));
    expect([done.code, done.stderr]).toEqual([0, '']);
    expect((await states())[centre(3)]).toEqual(['modify', 'proposed']);
  });

  it('different leaves two centres: a creation, and a withdrawal that still asks for its proof', async () => {
    const done = await filror('different', change('Centre d’essai 4, nouvel intitulé'), '--output', 'json');
    expect(done.code).toBe(0);
    const [created] = JSON.parse(done.stdout) as ChangeOutput[];
    expect([created?.kind, created?.state]).toEqual(['create', 'proposed']);
    expect((await states())[centre(4)]).toEqual(['withdraw', 'toComplete']);
  });

  it('create answers "rattacher ou créer ?"', async () => {
    const done = await filror('create', change('Centre d’essai 5'));
    expect(done.code).toBe(0);
    expect(done.stdout).toMatch(/^\+ créer +\w+ +à approuver +Centre d’essai 5 /m);
  });

  it('withdraw and close propose what two other people must approve', async () => {
    const proof = ['--proof', 'courrier d’essai', '--date', '2026-06-30'];
    const withdrawn = await filror('withdraw', centre(1), ...proof);
    expect(withdrawn.code).toBe(0);
    expect(withdrawn.stdout).toMatch(/^− retrait de label +\w+ +à approuver +Centre d’essai 1 /m);
    const closed = await filror('close', centre(2), ...proof, '--output', 'json');
    const [closure] = JSON.parse(closed.stdout) as ChangeOutput[];
    expect([closed.code, closure?.kind, closure?.state, closure?.quorum]).toEqual([
      0,
      'close',
      'proposed',
      2,
    ]);
  });

  it('reject keeps the reason: the change is not proposed again', async () => {
    const refused = await filror('reject', change('Centre d’essai 6'), '--reason', 'site fermé en 2025');
    expect([refused.code, refused.stderr]).toEqual([0, '']);
    expect(refused.stdout).toMatch(/^Rejeté : \w+\. /);
    await w.sync();
    expect(Object.keys(await states())).not.toContain(centreIdOf(changeOf(later, 'Centre d’essai 6')));
  });
});
