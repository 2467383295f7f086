import { describe, expect, it } from 'vitest';
import { movedText } from '../../src/apply/moved-text.js';
import { followupText } from '../../src/cli/queue-text.js';
import { changeText } from '../../src/cli/render.js';
import { paint } from '../../src/cli/terminal.js';
import { loadConfig } from '../../src/config/load.js';
import type { StoredChange } from '../../src/db/changes.js';
import type { FollowupEvent } from '../../src/db/followups.js';
import type { ElementChange } from '../../src/domain/change.js';
import type { Json } from '../../src/domain/json.js';
import type { QueueItem } from '../../src/followup/queue.js';
import { CodeBook } from '../../src/ror/codes.js';
import { columnsOf, lineOf } from '../../src/ror/columns.js';

const codes = new CodeBook(loadConfig().codes);
const LEVELS = 'https://mos.esante.gouv.fr/NOS/TRE_R344-NiveauExpertise/FHIR/TRE-R344-NiveauExpertise';
const level = (code: string, display: string): Json => ({ coding: [{ system: LEVELS, code, display }] });
const COMPETENCE = level('11', 'Centre de compétences labellisé');
const REFERENCE = level('10', 'Centre de référence labellisé');
const years = (low: number, high: number): Json => ({
  low: { value: low, code: 'a', system: 'http://unitsofmeasure.org' },
  high: { value: high, code: 'a', system: 'http://unitsofmeasure.org' },
});

const element = (change: Partial<ElementChange>): ElementChange => ({
  key: 'characteristic[expertiseLevel]#11',
  path: 'HealthcareService.characteristic',
  operation: 'replace',
  conflict: false,
  channel: 'ror',
  assumed: false,
  text: '11 Centre de compétences labellisé',
  provenance: [],
  ...change,
});
const changeWith = (elements: readonly ElementChange[]): StoredChange =>
  ({
    id: 'essai12345',
    no: 1,
    runId: 'run_essai',
    kind: 'modify',
    state: 'conflict',
    target: 'offer:28/ESSAI-0001',
    centres: [],
    reasons: [],
    elements,
    hash: '0'.repeat(64),
    quorum: 1,
    openedAt: new Date('2026-03-12T08:00:00Z'),
    closedAt: null,
  }) as StoredChange;
const shown = (elements: readonly ElementChange[]): string[] =>
  changeText(changeWith(elements), {}, paint('plain'), codes).split('\n').slice(2);

describe('filror show', () => {
  it('puts the three values of a conflict below one another, as people say them', () => {
    expect(
      shown([element({ conflict: true, base: REFERENCE, before: years(0, 17), after: COMPETENCE })]),
    ).toEqual([
      '  ! characteristic[expertiseLevel]#11  11 Centre de compétences labellisé',
      '      base    10 Centre de référence labellisé',
      '      ROR     de 0 à 17 ans',
      '      demandé 11 Centre de compétences labellisé',
    ]);
  });

  it('says what was and what comes of a replacement, what was of a removal, nothing twice of an addition', () => {
    expect(shown([element({ before: REFERENCE, after: COMPETENCE })]).slice(1)).toEqual([
      '      avant   10 Centre de référence labellisé',
      '      après   11 Centre de compétences labellisé',
    ]);
    expect(shown([element({ operation: 'delete', before: REFERENCE })]).slice(1)).toEqual([
      '      avant   10 Centre de référence labellisé',
    ]);
    expect(shown([element({ operation: 'add', after: COMPETENCE })])).toHaveLength(1);
  });
});

describe('a value on one line', () => {
  it.each([
    [null, 'rien'],
    [undefined, 'rien'],
    ['Centre d’essai 1', 'Centre d’essai 1'],
    [false, 'non'],
    [2023, '2023'],
    [
      { code: 'FIMARAD', title: 'Maladies rares en dermatologie' },
      'FIMARAD – Maladies rares en dermatologie',
    ],
    [['ERN-SKIN', 'ERN-EuroBloodNet'], 'ERN-SKIN, ERN-EuroBloodNet'],
    [
      { text: 'de la main d’un tiers', coding: [{ system: LEVELS, code: '10' }] },
      '10 Centre de référence labellisé, « de la main d’un tiers »',
    ],
    [[], '[]'],
  ])('%j reads %s', (value, line) => expect(lineOf(value, codes)).toBe(line));

  it('gives the official label whatever label came with the code', () => {
    expect(lineOf(level('11', 'Autre libellé'), codes)).toBe('11 Centre de compétences labellisé');
  });

  it('shows the JSON of two values that differ and read alike, and of these only', () => {
    expect(columnsOf([COMPETENCE, level('11', 'Autre libellé'), null], codes)).toEqual([
      expect.stringMatching(/^11 Centre de compétences labellisé \[\{"coding":/),
      expect.stringMatching(/^11 Centre de compétences labellisé \[.*"Autre libellé"/),
      'rien',
    ]);
    expect(columnsOf([COMPETENCE, COMPETENCE], codes)).toEqual([
      '11 Centre de compétences labellisé',
      '11 Centre de compétences labellisé',
    ]);
  });
});

describe('a receipt of a conflict', () => {
  it('names the field in its own term and gives the three values', () => {
    const moved = {
      key: 'characteristic[expertiseLevel]#11',
      shown: null,
      now: REFERENCE,
      wanted: COMPETENCE,
    };
    expect(movedText([moved], codes)).toBe(
      'Niveau d’expertise (characteristic[expertiseLevel]#11) : montré rien | ROR 10 Centre de référence labellisé | demandé 11 Centre de compétences labellisé',
    );
  });
});

describe('the steps of what is typed by hand', () => {
  const event = (
    kind: FollowupEvent['kind'],
    day: string,
    more: Partial<FollowupEvent> = {},
  ): FollowupEvent => ({
    ...{ no: 1, changeId: 'essai12345', hash: '0', kind, owner: null, expiresAt: null, reason: null },
    ...{ body: null, attempt: 1, person: null, at: new Date(`${day}T08:00:00Z`) },
    ...more,
  });
  const item = (change: Partial<QueueItem>): QueueItem => ({
    change: changeWith([]),
    step: 'agreement',
    owner: null,
    since: new Date('2026-03-12T08:00:00Z'),
    ageDays: 3,
    remindAt: null,
    reminderDue: false,
    reminders: 0,
    expiresAt: null,
    reason: null,
    columns: [],
    ...change,
  });
  const handed = event('transmitted', '2026-03-12', { expiresAt: new Date('2026-05-11T08:00:00Z') });

  it('are nothing for a change that filror writes itself', () => {
    expect(followupText(null, [], codes)).toBe('');
  });

  it('say that the agreement is waited for, and what to type', () => {
    expect(followupText(item({}), [], codes).split('\n')).toEqual([
      'Saisie dans le ROR : accord attendu',
      '  à confier · depuis 3 jour(s)',
      '  Que faire : demandez l’accord de l’établissement, puis « filror agree essai12345 … ».',
    ]);
  });

  it('are dated, to the end, even long after the queue forgot them', () => {
    const steps = [
      handed,
      event('assigned', '2026-03-13', { owner: 'référent ROR, Hôpital d’essai' }),
      event('reminded', '2026-03-27'),
      event('seen', '2026-04-02', { reason: 'saisie constatée dans l’offre 28/ESSAI-0001' }),
    ];
    expect(followupText(null, steps, codes).split('\n')).toEqual([
      'Saisie dans le ROR : vu',
      '  12/03/2026 transmis : à saisir avant le 11/05/2026',
      '  13/03/2026 confié : à référent ROR, Hôpital d’essai',
      '  27/03/2026 relancé',
      '  02/04/2026 vu : saisie constatée dans l’offre 28/ESSAI-0001',
    ]);
  });

  it('give what was typed otherwise in three columns', () => {
    const columns = [
      { key: 'characteristic[expertiseLevel]#10', before: null, asked: COMPETENCE, now: REFERENCE },
    ];
    expect(followupText(item({ step: 'differs', columns }), [handed], codes).split('\n')).toEqual([
      'Saisie dans le ROR : différent',
      '  12/03/2026 transmis : à saisir avant le 11/05/2026',
      '  à confier · depuis 3 jour(s)',
      '  ! characteristic[expertiseLevel]#10 : avant rien | demandé 11 Centre de compétences labellisé | ROR 10 Centre de référence labellisé',
      '  Que faire : voyez avec l’établissement laquelle des deux valeurs est juste ; « filror sync » repart de ce que dit le ROR.',
    ]);
  });
});
