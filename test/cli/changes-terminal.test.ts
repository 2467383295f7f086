import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parisClock } from '../../src/domain/time.js';
import { centresList, openWorld, type World } from '../scenarios/world.js';
import type { Finished } from '../support/node-process.js';

const LIST = centresList([
  { title: 'Centre d’essai 1', hospital: 'CH Falaise', town: 'Falaise', public: 'mixte' },
  {
    title: 'Centre d’essai 2',
    hospital: 'CH de Coutances',
    town: 'Coutances',
    public: 'mixte',
    filiere: 'G2M',
  },
]);

describe('filror changes when nothing waits', () => {
  let w: World;
  const changes = (): Promise<Finished> => w.filror('changes', '--region', '28');
  beforeAll(async () => {
    w = await openWorld({ list: LIST });
  });
  afterAll(() => w.close());

  it('says that nothing ever ran instead of calling the directory up to date: exit 1', async () => {
    const { code, stdout, stderr } = await changes();
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('Aucun passage n’a encore été fait pour la région Normandie (essai).');
    expect(stderr).toContain(
      'Que faire : lancez d’abord un passage (page « Passages » ; au terminal : « filror sync --region 28 »).',
    );
  });

  it('gives the hour of the last synchronisation, not of the look at the list', async () => {
    const [first] = (await w.sync()).changes;
    for (const change of await w.open()) await w.approve(w.dominique, change.id);
    await w.apply();
    await w.sync();
    expect(first).toBeDefined();
    const checkedAt = new Date('2026-03-12T05:12:00Z');
    await w.database.owner('run').where({ region: '28', kind: 'sync' }).update({ started_at: checkedAt });
    const { code, stdout } = await changes();
    expect([code, stdout]).toEqual([
      0,
      'Aucun changement. Le référentiel est à jour (vérifié le 12/03/2026 à 06:12).\n',
    ]);
    expect(parisClock(checkedAt)).toBe('06:12');
  });

  it('does not call the directory up to date while an offer that filror wrote is gone', async () => {
    const gone = w.sandbox
      .list('HealthcareService')
      .find((offer) => String(offer['name']).endsWith('Centre d’essai 1'));
    w.sandbox.remove('HealthcareService', String(gone?.['id']));
    // The weekly reading sees what disappeared; a delta does not.
    const read = await w.filror('mirror', 'refresh', '--full', '--region', '28');
    expect([read.code, read.stderr]).toEqual([0, '']);
    const output = await w.sync();
    expect(output.alerts.map((alert) => alert.code)).toContain('OFFER_GONE');
    expect(output.plan.summary).toMatch(
      /^Aucun changement à proposer \(vérifié à \d\d:\d\d\), mais 1 offre écrite par filror n’y est plus\.$/,
    );
    const { code, stdout } = await changes();
    expect(code).toBe(0);
    expect(stdout).toMatch(/mais 1 offre écrite par filror n’y est plus\.\n/);
    expect(stdout).not.toContain('à jour');
  });

  it('does not either after a rejection', async () => {
    w.list(LIST.replace('CCMR;Centre d’essai 2', 'CRMR constitutif;Centre d’essai 2'));
    const [change, ...others] = (await w.sync()).changes;
    expect([change?.kind, others]).toEqual(['modify', []]);
    const rejected = await w.filror(
      ...['reject', change?.id ?? '', '--reason', 'essai', '--region', '28', '--as', 'dominique'],
    );
    expect(rejected.code).toBe(0);
    expect(rejected.stdout).toContain('1 changement rejeté n’est pas proposé de nouveau');
    expect(rejected.stdout).not.toContain('à jour');
  });
});
