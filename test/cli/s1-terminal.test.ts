import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChangeOutput, SyncOutput } from '../../src/runs/report.js';
import { trialOffer } from '../../src/sandbox/seed.js';
import { centresList, openWorld, type World } from '../scenarios/world.js';
import type { Finished } from '../support/node-process.js';

/** Scenario S1 as people type it, from the list to the last "Aucun changement". */
const LIST = centresList([
  {
    title: 'Dermatoses bulleuses toxiques et toxidermies graves',
    network: 'TOXIBUL',
    hospital: 'CHU Rouen',
    town: 'Rouen',
    departement: '76',
    region: 'Normandie',
    ej: '760780239',
  },
]);
const SITE = '760000158';
const OFFER = '28/ESSAI-0001';

describe('S1 at the terminal', () => {
  let w: World;
  let id: string;
  const filror = (...args: readonly string[]): Promise<Finished> => w.filror(...args, '--region', '28');

  beforeAll(async () => {
    w = await openWorld({
      list: LIST,
      offers: (site) => [trialOffer({ id: 'derm', identifier: OFFER, label: 'Rouen', site: site(SITE) })],
    });
  });
  afterAll(() => w.close());

  it('sync proposes one change: exit 2, with what is asked in the JSON', async () => {
    const { code, stdout } = await filror('sync', '--output', 'json');
    const output = JSON.parse(stdout) as SyncOutput;
    expect([code, output.exitCode, output.changes.length]).toEqual([2, 2, 1]);
    id = output.changes[0]?.id ?? '';
    expect(id).toMatch(/^[a-z2-7]{10}$/);
  });

  it('changes lists it (exit 2), show tells what holds it back (exit 0)', async () => {
    const listed = await filror('changes');
    expect(listed.code).toBe(2);
    expect(listed.stdout).toMatch(new RegExp(`^\\+ créer +${id} +à compléter +TOXIBUL`, 'm'));
    const shown = await filror('show', id.slice(0, 6));
    expect(shown.code).toBe(0);
    expect(shown.stdout).toContain('Rattacher ou créer ?');
    expect(shown.stdout).toContain(OFFER);
    expect(shown.stdout).toContain('labelled-centres, centres.csv, ligne 2');
    expect(shown.stdout).toContain('À l’origine des valeurs : les sources seules.');
  });

  it.each([
    ['show', ['show', 'zzzz'], 'CHANGE_UNKNOWN', 'filror changes'],
    ['attach', ['attach', '', '28/AUTRE', '--as', 'camille'], 'OFFER_UNKNOWN', `choisissez parmi : ${OFFER}`],
    ['complete', ['complete', '', 'site=760000159', '--as', 'camille'], 'COMPLETE_VALUE', 'FINESS'],
    ['complete, without a role,', ['complete', '', `site=${SITE}`], 'NO_GRANT', '--as PERSONNE'],
    ['approve', ['approve', '', '--as', 'dominique'], 'NOT_APPROVABLE', `filror show`],
  ])('%s refuses what cannot be, in French with what to do: exit 1', async (_name, args, error, remedy) => {
    const { code, stdout, stderr } = await filror(...args.map((arg) => (arg === '' ? id : arg)));
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(`Erreur ${error} : `);
    expect(stderr.slice(stderr.indexOf('Que faire : '))).toContain(remedy);
  });

  it('complete and attach record the answers of camille (exit 0); the change is then to be approved', async () => {
    const completed = await filror('complete', id, `site=${SITE}`, '--as', 'camille');
    expect([completed.code, completed.stderr]).toEqual([0, '']);
    expect(completed.stdout).toMatch(/^Réponse enregistrée\.\n/);
    const shown = await filror('show', (await w.open())[0]?.id ?? '');
    expect(shown.stdout).toContain(
      '\n\nSite : HOPITAL CHARLES NICOLLE CHU ROUEN, ROUEN (FINESS 760000158)\n\nÀ l’origine',
    );
    const [asked] = JSON.parse((await filror('changes', '--output', 'json')).stdout) as ChangeOutput[];
    id = asked?.id ?? '';
    const attached = await filror('attach', id, OFFER, '--as', 'camille', '--output', 'json');
    const [change] = JSON.parse(attached.stdout) as ChangeOutput[];
    expect([attached.code, change?.kind, change?.state, change?.offer]).toEqual([
      0,
      'attach',
      'proposed',
      OFFER,
    ]);
    id = change?.id ?? '';
  });

  it('approve refuses its author (exit 1) and takes dominique (exit 0)', async () => {
    const author = await filror('approve', id, '--as', 'camille');
    expect(author.code).toBe(1);
    expect(author.stderr).toContain('Erreur FOUR_EYES : Camille (essai) est à l’origine d’une valeur');
    expect(author.stderr).toContain('Que faire : demandez l’approbation à une autre personne.');
    const tried = await filror('approve', id, '--as', 'dominique', '--dry-run');
    expect(tried.stdout).toMatch(/\n1 changement\(s\) seraient approuvés\. Rien n’a été enregistré\.\n$/);
    const other = await filror('approve', id, '--as', 'dominique');
    expect([other.code, other.stdout]).toEqual([0, `Approuvé : ${id} (1 sur 1).\n`]);
  });

  it('apply writes it once and has nothing more to send (exit 0 twice)', async () => {
    const first = await filror('apply');
    expect(first.code).toBe(0);
    expect(first.stdout).toContain('1 changement(s) appliqués sur 1.');
    expect(w.sandbox.writes().map(({ method, path }) => [method, path])).toEqual([
      ['PATCH', '/fhir/HealthcareService/derm'],
    ]);
    const second = await filror('apply');
    expect([second.code, second.stdout]).toEqual([
      0,
      'Rien à envoyer : aucun changement approuvé n’attend.\n',
    ]);
    expect(w.sandbox.writes().length).toBe(1);
  });

  it('a second sync says "Aucun changement" (exit 0), and the journal verifies (exit 0)', async () => {
    const again = await filror('sync');
    expect(again.code).toBe(0);
    expect(again.stdout).toMatch(/^Aucun changement\. Le référentiel est à jour \(vérifié à \d\d:\d\d\)\.$/m);
    const journal = await w.filrorAlone('journal', 'verify');
    expect(journal.code).toBe(0);
    expect(journal.stdout).toMatch(/^Journal intact : \d+ écritures/);
  });
});
