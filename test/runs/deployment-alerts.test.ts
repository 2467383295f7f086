import { describe, expect, it } from 'vitest';
import type { Deployment } from '../../src/domain/deployment.js';
import type { Alert } from '../../src/runs/alerts.js';
import type { Material } from '../../src/runs/material.js';
import { mentionKey } from '../../src/runs/places.js';
import { propose } from '../../src/runs/propose.js';
import { answer, centreId, idOf, material, observation, row, site, unitOffer } from '../support/material.js';

/** A name that stands in no register: nothing but a person can say which hospital it is. */
const UNKNOWN = 'Groupe d’essai des Trois Lacs';

const LEVEL_11 = {
  system: 'TRE_R344-NiveauExpertise',
  code: '11',
  display: 'Centre de compétences labellisé',
};

function line(change: Partial<Deployment> = {}): Deployment {
  const agreement = { sentOn: null, status: 'signée', signed: true };
  return {
    hospital: UNKNOWN,
    town: 'Caen',
    bamara: agreement,
    bndmr: agreement,
    status: 'delabelled',
    deployedOn: null,
    ...change,
  };
}

function alerts(change: Partial<Material>, code: 'N8' | 'N9'): Alert[] {
  const proposal = propose(material(change), () => centreId('nouveau'));
  return proposal.alerts.filter((alert) => alert.code === code);
}

const inList = row({ hospital: UNKNOWN });
const elsewhere = row({ title: 'Centre d’essai 2', hospital: site(1).name });
const decided = answer('match', mentionKey(inList.observation), { ej: site(0).ej, eg: site(0).eg });

const NOT_KNOWN =
  'Groupe d’essai des Trois Lacs est « délabellisé » dans le tableau BaMaRa, mais cet hôpital n’est pas reconnu avec certitude dans FINESS : ses centres n’ont pas pu être contrôlés.';
const STILL_LISTED =
  'Groupe d’essai des Trois Lacs est « délabellisé » dans le tableau BaMaRa, mais le centre « Centre d’essai 1 » y est encore listé.';

describe('N8, a hospital "délabellisé" that still has a centre', () => {
  it('sees the centre that a person attached to its hospital, under a name that no index knows', () => {
    const found = alerts({ observations: [inList], deployments: [line()], answers: [decided] }, 'N8');
    expect(found.map((alert) => alert.message)).toEqual([STILL_LISTED]);
    expect(found[0]?.remedy).toContain('preuve');
  });

  it('sees it under another name too, and the offers of the hospital that was decided', () => {
    const other = row({ title: 'Centre d’essai 2', hospital: site(0).name });
    const found = alerts(
      {
        observations: [inList, other],
        deployments: [line()],
        answers: [decided],
        offers: [unitOffer(site(0), { identifier: '28/ESSAI-0007', characteristics: [LEVEL_11] })],
      },
      'N8',
    );
    expect(found.map((alert) => alert.message)).toEqual([
      STILL_LISTED,
      expect.stringContaining('« Centre d’essai 2 » y est encore listé') as string,
      expect.stringContaining('l’offre 28/ESSAI-0007 ') as string,
    ]);
  });

  it('lets the decision of a person win over the index', () => {
    const named = row({ hospital: site(0).name });
    const moved = answer('match', mentionKey(named.observation), { ej: site(1).ej, eg: site(1).eg });
    const table = [line({ hospital: site(0).name })];
    const at = (observations: Material['observations'], answers: Material['answers']): number =>
      alerts({ observations, deployments: table, answers }, 'N8').length;
    expect(at([elsewhere], [])).toBe(0);
    expect(at([elsewhere], [moved])).toBe(1);
  });

  it('sees a centre that a person placed by completing its site', () => {
    const placed = answer('complete', idOf(inList), { field: 'site', value: site(2).eg });
    const found = alerts({ observations: [inList], deployments: [line()], answers: [placed] }, 'N8');
    expect(found.map((alert) => alert.message)).toEqual([STILL_LISTED]);
  });

  it('sees a centre written so although nobody knows the hospital, and says that it is not known', () => {
    const found = alerts({ observations: [inList], deployments: [line()] }, 'N8');
    expect(found.map((alert) => alert.message)).toEqual([NOT_KNOWN, STILL_LISTED]);
  });

  it('knows no hospital any more once a person refused every candidate', () => {
    const named = row({ hospital: site(0).name });
    const refused = answer('matchReject', mentionKey(named.observation), {});
    const deployments = [line({ hospital: site(0).name })];
    expect(alerts({ observations: [], deployments }, 'N8')).toEqual([]);
    expect(alerts({ observations: [], deployments, answers: [refused] }, 'N8')).toHaveLength(1);
  });

  it.each([
    ['of another town', { town: 'Rouen' }, [NOT_KNOWN]],
    ['without a town', { town: null }, [STILL_LISTED]],
    [
      'in other capitals',
      { hospital: 'GROUPE D’ESSAI DES TROIS LACS' },
      [expect.stringContaining('Centre d’essai 1')],
    ],
  ])('takes a hospital written %s for what it is', (_what, change, expected) => {
    const found = alerts({ observations: [inList], deployments: [line(change)], answers: [decided] }, 'N8');
    expect(found.map((alert) => alert.message)).toEqual(expected);
  });

  it('says nothing of a hospital that is deployed, nor of centres elsewhere', () => {
    const answers = [decided];
    const deployed = [line({ status: 'yes' })];
    expect(alerts({ observations: [inList], deployments: deployed, answers }, 'N8')).toEqual([]);
    expect(alerts({ observations: [elsewhere], deployments: [line()], answers }, 'N8')).toEqual([]);
  });

  it('closes and withdraws nothing', () => {
    const proposal = propose(
      material({ observations: [inList], deployments: [line()], answers: [decided] }),
      () => centreId('nouveau'),
    );
    expect(proposal.changes.map((change) => change.kind)).toEqual(['create']);
  });
});

describe('N9, a centre outside the hospitals that signed a convention', () => {
  it('sees decisions: a hospital recognised by a person is in the table', () => {
    const deployments = [line({ status: 'yes' })];
    expect(alerts({ observations: [inList], deployments, answers: [decided] }, 'N9')).toEqual([]);
    const found = alerts({ observations: [inList, elsewhere], deployments, answers: [decided] }, 'N9');
    expect(found.map((alert) => alert.message)).toEqual([
      `1 hôpital(aux) avec un centre labellisé hors du tableau BaMaRa : ${observation({ hospital: site(1).name }).hospital}.`,
    ]);
  });

  it('tells a hospital of the table without any convention', () => {
    const none = { sentOn: null, status: null, signed: false };
    const change = { observations: [inList], answers: [decided] };
    const unsigned = alerts(
      { ...change, deployments: [line({ status: 'yes', bamara: none, bndmr: none })] },
      'N9',
    );
    expect(unsigned.map((alert) => alert.message)).toEqual([
      `1 hôpital(aux) avec un centre labellisé dont le tableau BaMaRa ne donne aucune convention signée : ${UNKNOWN}.`,
    ]);
    expect(alerts({ ...change, deployments: [line({ status: 'yes', bamara: none })] }, 'N9')).toEqual([]);
  });
});
