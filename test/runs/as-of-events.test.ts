import { describe, expect, it } from 'vitest';
import type { SaidInterval } from '../../src/db/centre-history.js';
import type { StoredChange } from '../../src/db/changes.js';
import type { CentreId, PersonId } from '../../src/domain/ids.js';
import { asOf, type PastRecord } from '../../src/runs/as-of.js';
import { daysOf, happenings } from '../../src/runs/as-of-events.js';
import { stateSteps } from '../../src/runs/as-of-states.js';

/** Days of April 2026, at noon in Paris. */
const day = (number: number): Date => new Date(Date.UTC(2026, 3, number, 10));
const [A, B] = ['a', 'b'] as unknown as readonly [PersonId, PersonId];
const NAMES: Readonly<Record<string, string>> = { a: 'Personne A', b: 'Personne B' };
const CENTRE = 'cmr_aaaaaaaaaaaaaaaa' as CentreId;
const OFFER = '28/ESSAI-0001';

const EMPTY: PastRecord = {
  centres: [CENTRE],
  offers: [OFFER],
  said: [],
  answers: [],
  versions: [],
  links: [],
  applied: [],
  changes: [],
  steps: new Map(),
  decisions: [],
  agreements: [],
  attempts: [],
  followups: [],
  journal: [],
};
const tell = (given: Partial<PastRecord>): string[] =>
  happenings({ ...EMPTY, ...given }, (person) => NAMES[person] ?? 'personne effacée').map(
    ({ at, text }) => `${String(at.getUTCDate())} ${text}`,
  );

function said(from: number, until: number | null, campaign: number, source = 'liste-d-essai'): SaidInterval {
  const delivery = (no: number): SaidInterval['from'] => ({
    no,
    fileName: `centres-${String(no)}.csv`,
    sha256: 'e'.repeat(64),
    contentDate: null,
    fetchedAt: day(no),
  });
  return {
    source,
    key: 'essai|fimarad|ch de dieppe',
    content: JSON.stringify({
      title: 'Centre d’essai',
      network: null,
      filiere: 'FIMARAD',
      label: { level: 'CCMR', campaign, campaignText: String(campaign) },
      hospital: 'CH de Dieppe',
      town: 'Dieppe',
    }),
    locator: { file: 'centres.csv', line: 2 },
    from: delivery(from),
    until: until === null ? null : delivery(until),
  };
}

function change(given: Partial<StoredChange>): StoredChange {
  return {
    id: 'essai',
    no: 1,
    runId: 'passage',
    kind: 'modify',
    state: 'proposed',
    target: `offer:${OFFER}`,
    centres: [CENTRE],
    reasons: [],
    elements: [],
    hash: 'e'.repeat(64),
    quorum: 2,
    openedAt: day(2),
    closedAt: null,
    ...given,
  };
}

describe('what lists said', () => {
  const intervals = [said(1, 5, 2017), said(5, 9, 2023)];

  it('is told when it begins, when it changes and when it ends', () => {
    expect(tell({ said: intervals })).toEqual([
      '1 La liste « liste-d-essai » (centres-1.csv, du 01/04/2026) dit ce centre : CCMR, campagne 2017 ; filière FIMARAD ; CH de Dieppe, Dieppe.',
      '5 La liste « liste-d-essai » (centres-5.csv, du 05/04/2026) dit autre chose de ce centre : CCMR, campagne 2023 ; filière FIMARAD ; CH de Dieppe, Dieppe.',
      '9 La liste « liste-d-essai » (centres-9.csv) ne dit plus ce centre.',
    ]);
  });

  it('holds from the delivery that said it until the one that no longer does', () => {
    const campaigns = (number: number): unknown =>
      asOf({ ...EMPTY, said: intervals }, day(number)).said.map(
        ({ content }) => (JSON.parse(content) as { label: { campaign: number } }).label.campaign,
      );
    expect([0, 1, 4, 5, 8, 9].map(campaigns)).toEqual([[], [2017], [2017], [2023], [2023], []]);
  });

  it('of one list does not end what another says', () => {
    const both = [...intervals, said(3, null, 2017, 'autre-liste')];
    expect(asOf({ ...EMPTY, said: both }, day(20)).said.map(({ source }) => source)).toEqual(['autre-liste']);
  });
});

describe('what the ROR said', () => {
  const version = (no: number, gone: boolean, identifier = OFFER): PastRecord['versions'][number] => ({
    no,
    remoteId: 'essai-1',
    identifier,
    versionId: String(no),
    gone,
    seenAt: day(no),
  });

  it('is told with what changed, went and came back', () => {
    const versions = [version(1, false), version(2, false), version(3, true), version(4, false)];
    expect(tell({ versions: [...versions, version(5, false, '28/AUTRE')] })).toEqual([
      '1 L’offre 28/ESSAI-0001 est lue pour la première fois dans le ROR (version 1).',
      '2 L’offre 28/ESSAI-0001 a changé dans le ROR (version 2).',
      '3 L’offre 28/ESSAI-0001 n’est plus dans le ROR.',
      '4 L’offre 28/ESSAI-0001 est lue de nouveau dans le ROR (version 4).',
      '5 La ressource de l’offre 28/ESSAI-0001 porte un autre numéro (version 5).',
    ]);
  });
});

describe('what people decided', () => {
  const decision = { changeId: 'essai', hash: 'e'.repeat(64), onBehalfOf: null, reason: null };

  it('is told with the voices that counted, the deputy and the reason', () => {
    const opened = change({ state: 'rejected', closedAt: day(6) });
    const decisions: PastRecord['decisions'] = [
      { ...decision, no: 1, verdict: 'approve', person: A, onBehalfOf: B, at: day(3) },
      { ...decision, no: 2, verdict: 'reject', person: B, reason: 'brouillon d’essai', at: day(6) },
    ];
    const journal: PastRecord['journal'] = [
      { no: 41, kind: 'approve', at: day(3), actor: A, change: 'essai', attempt: null, approvals: 1 },
    ];
    const steps = new Map([
      ['essai', stateSteps(opened, { opening: null, decisions, journal, attempts: [], followups: [] })],
    ]);
    const record = { changes: [opened], decisions, journal, steps };
    expect(tell(record)).toEqual([
      '2 Proposé : modifier (à approuver).',
      '3 Approuvé par Personne A, au nom de Personne B (1 voix sur 2).',
      '6 Rejeté par Personne B : « brouillon d’essai ».',
    ]);
    const found = happenings({ ...EMPTY, ...record }, () => '').find(
      ({ at }) => at.getTime() === day(3).getTime(),
    );
    expect([found?.change, found?.entry]).toEqual(['essai', 41]);
    const open = (number: number): unknown =>
      asOf({ ...EMPTY, ...record }, day(number)).open.map(({ state }) => state);
    expect([1, 2, 5, 6].map(open)).toEqual([[], ['proposed'], ['proposed'], []]);
  });

  it('is told with what was answered and taken back, and by whom', () => {
    const answer = { no: 1, kind: 'complete' as const, subject: CENTRE, author: A, at: day(3), undone: true };
    expect(
      tell({
        answers: [
          { ...answer, body: { field: 'public', value: 'adulte' }, undoing: { at: day(4), author: B } },
        ],
      }),
    ).toEqual([
      '3 Valeur complétée : public = adulte, par Personne A.',
      '4 Repris par Personne B : valeur complétée.',
    ]);
  });

  it('names nobody who was erased', () => {
    const gone = 'c' as unknown as PersonId;
    const decisions: PastRecord['decisions'] = [
      { ...decision, no: 1, verdict: 'approve', person: gone, at: day(3) },
    ];
    expect(tell({ decisions })).toEqual(['3 Approuvé par personne effacée.']);
  });
});

describe('what was sent', () => {
  const attempt = (given: Partial<PastRecord['attempts'][number]>): PastRecord['attempts'][number] => ({
    no: 7,
    changeId: 'essai',
    way: 'patch',
    identifier: null,
    sentAt: day(3),
    state: 'done',
    endedAt: day(4),
    outcome: {},
    ...given,
  });
  const journal: PastRecord['journal'] = [
    { no: 50, kind: 'apply', at: day(4), actor: A, change: 'essai', attempt: 7, approvals: null },
  ];

  it.each([
    ['written', attempt({}), ['3 Envoyé au ROR par Personne A.', '4 Écrit dans le ROR, et relu.']],
    ['nothing to send', attempt({ way: 'none', sentAt: null }), ['4 Appliqué sans rien envoyer au ROR.']],
    ['handed over', attempt({ way: 'sheet' }), ['4 Transmis par Personne A à qui saisit (fiche).']],
    [
      'refused, without the remedy of that day',
      attempt({
        state: 'refused',
        outcome: { message: 'le répertoire a refusé l’écriture : 422. Que faire : corrigez.' },
      }),
      [
        '3 Envoyé au ROR par Personne A.',
        '4 Pas écrit, ou pas en entier : le répertoire a refusé l’écriture : 422.',
      ],
    ],
    [
      'met another value',
      attempt({ state: 'abandoned', sentAt: null, outcome: { moved: [] } }),
      ['4 Pas envoyé : l’offre avait changé dans le ROR depuis l’approbation.'],
    ],
  ])('is told, %s', (_what, one, expected) => {
    expect(tell({ attempts: [one], journal })).toEqual(expected);
  });
});

it('days are those of Paris', () => {
  const said1 = said(1, null, 2023);
  // 30/04/2026 at 22:30 UTC is half past midnight on 1 May in Paris.
  const late = { ...said1, from: { ...said1.from, fetchedAt: new Date('2026-04-30T22:30:00.000Z') } };
  const days = daysOf(happenings({ ...EMPTY, said: [late, said1] }, () => ''));
  expect(days.map(({ iso }) => iso)).toEqual(['2026-04-01', '2026-05-01']);
});
