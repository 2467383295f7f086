import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/domain/json.js';
import { diffOffers } from '../../src/plan/diff.js';
import { patchOf } from '../../src/ror/patch.js';
import { refusedWrite } from '../../src/ror/write-guard.js';
import { codes, offer } from './essai.js';

const LIST = 'HealthcareService.characteristic';
const value = { name: 'value', valueCodeableConcept: { coding: [{ code: '11' }] } };
const named = { name: 'name', valueString: 'characteristic' };
const patch = (type: string, path: string, ...parts: readonly object[]): string =>
  JSON.stringify({
    resourceType: 'Parameters',
    parameter: [
      {
        name: 'operation',
        part: [{ name: 'type', valueCode: type }, { name: 'path', valueString: path }, ...parts],
      },
    ],
  });
const SHAPES: readonly (readonly [string, string])[] = [
  ['a whole list replaced', patch('replace', LIST, value)],
  ['a whole list replaced by its parent, as ANS shows', patch('replace', 'HealthcareService', named, value)],
  ['a whole list deleted', patch('delete', LIST)],
  ['an item replaced by its index', patch('replace', `${LIST}[0]`, value)],
  ['an item deleted by its index', patch('delete', `${LIST}[0]`)],
  ['an index after a criterion', patch('delete', `${LIST}.where(coding.code='11')[0]`)],
  ['an item replaced by its value', patch('replace', `${LIST}.where(coding.code='11')`, value)],
  ['an insertion', patch('insert', LIST, value, { name: 'index', valueInteger: 0 })],
  [
    'a move',
    patch('move', LIST, { name: 'source', valueInteger: 0 }, { name: 'destination', valueInteger: 1 }),
  ],
  [
    'several items added at once',
    patch('add', 'HealthcareService', named, { name: 'value', valueContactPoint: [{}, {}] }),
  ],
  ['the offer itself deleted', patch('delete', 'HealthcareService')],
  ['no patch at all', '{}'],
  ['no JSON', 'néant'],
];

const BLIND = [0, 2, 3, 4, 5] as const;

describe.each(BLIND)('under access profile %i', (profile) => {
  it.each(SHAPES)('%s never leaves', (_what, text) => {
    expect(refusedWrite(profile, 'patch', text)?.code).toBe('ROR_WRITE_BLIND');
  });

  it('a PUT never leaves, and the person is told what to do', () => {
    const refused = refusedWrite(profile, 'put', '{}');
    expect(refused?.message).toContain(`le profil d’accès ${profile} ne voit pas toute l’offre`);
    expect(refused?.remedy).toContain('fiche');
  });

  it.each<readonly [string, string]>([
    ['one item added', patch('add', 'HealthcareService', named, value)],
    ['one item deleted by its value', patch('delete', `${LIST}.where(coding.code='11')`)],
    [
      'a single element replaced',
      patch('replace', 'HealthcareService.name', { name: 'value', valueString: 'x' }),
    ],
  ])('%s may leave', (_what, text) => {
    expect(refusedWrite(profile, 'patch', text)).toBeNull();
  });
});

describe('under access profile 1, which sees everything', () => {
  it('every form may leave', () => {
    for (const [, text] of SHAPES) expect(refusedWrite(1, 'patch', text)).toBeNull();
    expect(refusedWrite(1, 'put', '{}')).toBeNull();
  });
});

describe('a patch composed for partial sight', () => {
  const contacts = [{ nature: '07', channel: '2', confidentiality: '1', value: '02 61 91 00 01' }];
  const open = offer({ specificActs: ['0284'], contacts });
  const before: JsonObject = {
    ...open,
    notAvailable: [{ id: 'closingReopeningDate', description: 'fermée', during: { start: '2026-01-01' } }],
  };
  const after: JsonObject = {
    ...open,
    ...offer({ public: 'mixte', contacts: [] }),
    name: 'Essai renommé',
    category: [codes.concept('TRE_R244', '09')],
  };

  it.each(['fhir', 'ans'] as const)('passes the guard whatever is edited, in the %s form', (dialect) => {
    const edits = diffOffers(before, after);
    expect(edits.map((edit) => edit.operation)).toEqual(expect.arrayContaining(['replace', 'delete']));
    const partial = JSON.stringify(patchOf(edits, before, dialect, 'partial'));
    expect(refusedWrite(2, 'patch', partial)).toBeNull();
    const whole = JSON.stringify(patchOf(edits, before, dialect, 'whole'));
    expect(refusedWrite(2, 'patch', whole)?.code).toBe('ROR_WRITE_BLIND');
  });
});
