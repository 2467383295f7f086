import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SourceError } from '../../src/domain/errors.js';
import type { ChangeOutput, SyncOutput } from '../../src/runs/report.js';
import { trialOffer } from '../../src/sandbox/seed.js';
import { changedTables, tableCounts } from './tables.js';
import {
  centreIdOf,
  centresList,
  changeOf,
  complete,
  openWorld,
  type CentreRow,
  type World,
} from './world.js';

/** Table of progress of BaMaRa in Normandie, extract of 22/05/2025 (PEMR Normandie committee), hospitals and status. */
const DEPLOYMENTS = [
  'GHH LE HAVRE;Le Havre;janv-21;signée;08/01/2021;signée;délabellisé;',
  'CHU de CAEN NORMANDIE;Caen;juil-17;signée;31/10/2019;signée;oui;juil-18',
  'CHU de ROUEN;Rouen;mai-17;signée;31/10/2019;signée;oui;avr-18',
  'CRLCC HENRI BECQUEREL ROUEN;Rouen;janv-21;signée;08/01/2021;signée;;',
  'CH de L’ESTRAN;Pontorson;janv-24;signée;janv-24;signée;oui;juin-24',
  'CH EURE-SEINE (Evreux);Evreux;janv-24;signée;janv-24;signée;;',
  'CHIC ALENCON-MAMERS;Alençon;janv-24;signée;janv-24;signée;oui;févr-25',
  'CHS DU ROUVRAY SOTTEVILLE-LES-ROUEN;Sotteville Les Rouen;janv-24;signée;janv-24;signée;oui;sept-24',
];

function table(rows: readonly string[]): string {
  const header =
    'Hôpital;Ville;convention BaMaRa envoyée le;Convention BaMaRa;Convention BNDMR envoyée le;Convention BNDMR;déployé;Date de déploiement autonome';
  return `${[header, ...rows].join('\n')}\n`;
}

const MONTIVILLIERS = '760805770';
const TITLE = 'Centre d’essai du Havre';
/** Nine other synthetic rows, so that the list has the size of a list. */
const ROWS: readonly CentreRow[] = [
  { title: TITLE, hospital: 'Groupe Hospitalier du Havre', town: 'Le Havre', departement: '76' },
  ...Array.from({ length: 9 }, (_, i) => ({
    title: `Centre d’essai ${i + 1} de Dieppe`,
    hospital: 'CH de Dieppe',
    town: 'Dieppe',
    departement: '76',
  })),
];

describe('S3, Le Havre', () => {
  let w: World;
  let centre: string;
  let before: string;
  let alerted: SyncOutput;
  const body = (): string => w.sandbox.text('HealthcareService', 'havre') ?? '';

  beforeAll(async () => {
    w = await openWorld({
      list: centresList(ROWS),
      bamara: table(DEPLOYMENTS),
      offers: (site) => [
        trialOffer({
          id: 'havre',
          identifier: '28/ESSAI-0001',
          label: 'Le Havre',
          site: site(MONTIVILLIERS),
          comment: 'Consultation le mardi.',
        }),
      ],
    });
    before = body();
    centre = centreIdOf(changeOf(await w.sync(), TITLE));
    const { changes } = await w.answer(w.camille, complete(centre, 'site', MONTIVILLIERS), {
      kind: 'attach',
      subject: centre,
      body: { offer: '28/ESSAI-0001' },
    });
    const change = changes.find((each) => each.centres[0] === centre);
    await w.approve(w.dominique, change?.id ?? '');
    expect((await w.apply()).map((receipt) => receipt.result)).toEqual(['applied']);
    alerted = await w.sync();
  });
  afterAll(() => w.close());

  it('tells by N8 that a hospital "délabellisé" still has a centre and an offer of level 11', () => {
    const n8 = alerted.alerts.filter((alert) => alert.code === 'N8');
    expect(n8.map((alert) => alert.message)).toEqual([
      `GHH LE HAVRE est « délabellisé » dans le tableau BaMaRa, mais le centre « ${TITLE} » y est encore listé.`,
      expect.stringContaining('l’offre 28/ESSAI-0001') as string,
    ]);
    for (const alert of n8) expect(alert.remedy).toContain('preuve');
  });

  it('closes and withdraws nothing because of a table', () => {
    const kinds = alerted.changes.map((change) => change.kind);
    expect(kinds).not.toContain('withdraw');
    expect(kinds).not.toContain('close');
    expect(alerted.changes.some((change) => change.offer === '28/ESSAI-0001')).toBe(false);
    expect(body()).toContain('[Maladies rares |');
  });

  describe('once the PEMR declares the withdrawal with its proof', () => {
    let change: ChangeOutput;

    beforeAll(async () => {
      await w.answer(w.camille, {
        kind: 'withdraw',
        subject: centre,
        body: { proof: 'arrêté d’essai du 01/02/2026, annexe', date: '2026-02-01' },
      });
      change = changeOf(await w.sync(), TITLE);
    });

    it('proposes one withdrawal, which takes back our elements only and says why', () => {
      expect([change.kind, change.state, change.offer, change.quorum]).toEqual([
        'withdraw',
        'proposed',
        '28/ESSAI-0001',
        2,
      ]);
      const ror = change.elements.filter((element) => element.channel === 'ror');
      expect(ror.map((element) => [element.key, element.operation])).toEqual([
        ['characteristic[expertiseLevel]#11', 'delete'],
        ['characteristic[takingCareSpeciality]#49', 'delete'],
        [`comment[${centre}]`, 'delete'],
      ]);
      expect(change.reasons.map((reason) => reason.message).join(' ')).toContain(
        'arrêté d’essai du 01/02/2026',
      );
    });

    it('needs two people besides the one who declared it', async () => {
      await expect(w.approve(w.camille, change.id)).rejects.toMatchObject({ code: 'FOUR_EYES' });
      expect(await w.approve(w.dominique, change.id)).toMatchObject({ approvals: 1, approved: false });
      await expect(w.approve(w.dominique, change.id)).rejects.toMatchObject({ code: 'ALREADY_DECIDED' });
      expect(await w.apply()).toEqual([]);
      expect(await w.approve(w.eloi, change.id)).toMatchObject({ approvals: 2, approved: true });
    });

    it('leaves the consultation open as it was before us, and deletes nothing', async () => {
      expect((await w.apply()).map((receipt) => receipt.result)).toEqual(['applied']);
      const said = (text: string): unknown => ({ ...(JSON.parse(text) as object), meta: null });
      expect(said(body())).toEqual(said(before));
      expect(w.sandbox.requests.some((request) => request.method === 'DELETE')).toBe(false);
      expect(w.sandbox.list('HealthcareService').length).toBe(1);
    });

    it('has nothing more to say afterwards, although the list still holds the row', async () => {
      const quiet = await w.sync();
      expect(quiet.changes.some((each) => each.offer === '28/ESSAI-0001')).toBe(false);
      expect(() => changeOf(quiet, TITLE)).toThrow('0 changes');
    });
  });
});

describe('S3, a table that shrank', () => {
  it('stops the run in French with nothing changed when half of the hospitals are gone', async () => {
    const w = await openWorld({ list: centresList(ROWS), bamara: table(DEPLOYMENTS) });
    try {
      await w.sync();
      const before = await tableCounts(w.database.owner);
      w.bamara(table(DEPLOYMENTS.slice(0, 4)));
      const stopped = w.sync();
      await expect(stopped).rejects.toBeInstanceOf(SourceError);
      await expect(stopped).rejects.toMatchObject({
        code: 'GATE_X15',
        message: expect.stringContaining('4 lignes lues, contre 8 à la livraison précédente') as string,
        remedy: expect.stringContaining('vérifiez que la liste est entière') as string,
      });
      expect(changedTables(before, await tableCounts(w.database.owner))).toEqual([]);
    } finally {
      await w.close();
    }
  });
});

describe('S3, a hospital that FINESS does not know', () => {
  it('is told too: a "délabellisé" that cannot be checked is no silence', async () => {
    const unknown = ['HÔPITAL D’ESSAI DES TROIS LACS;Rouen;janv-24;signée;janv-24;signée;délabellisé;'];
    const w = await openWorld({ list: centresList(ROWS), bamara: table(unknown) });
    try {
      const { alerts } = await w.sync();
      expect(alerts.filter((alert) => alert.code === 'N8').map((alert) => alert.message)).toEqual([
        expect.stringContaining('n’est pas reconnu avec certitude') as string,
      ]);
    } finally {
      await w.close();
    }
  });
});

describe('S3, alerts and exit code', () => {
  it('exits 0 when only alerts are left', async () => {
    const w = await openWorld({
      list: centresList([
        {
          title: TITLE,
          hospital: 'Hôpital Jacques Monod',
          town: 'Montivilliers',
          departement: '76',
          public: 'adulte',
        },
      ]),
      bamara: table(DEPLOYMENTS),
    });
    try {
      const first = await w.sync();
      await w.approve(w.dominique, changeOf(first, TITLE).id);
      await w.apply();
      const quiet = await w.sync();
      expect(quiet.alerts.map((alert) => alert.code)).toContain('N8');
      expect(quiet.changes).toEqual([]);
      expect(quiet.exitCode).toBe(0);
    } finally {
      await w.close();
    }
  });
});
