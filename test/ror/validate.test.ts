import { describe, expect, it } from 'vitest';
import type { CentreId } from '../../src/domain/ids.js';
import type { Json, JsonObject } from '../../src/domain/json.js';
import { EXTENSION_URLS, ROR_EXTENSION } from '../../src/ror/urls.js';
import { validateOffer } from '../../src/ror/validate.js';
import { codes, hasShared, ID_A, offer, sharedExample } from './essai.js';

/** JSON that a test may break. */
type Draft = { [key: string]: Json | Draft | Draft[] };
const contacts = [
  { nature: '07', channel: '2', confidentiality: '1', value: '02 31 00 00 00' },
  { nature: '15', channel: 'MSSANTE', confidentiality: '2', value: 'essai@chu-essai.mssante.fr' },
];
const good = offer({ specificActs: ['1635'], contacts });
const at = (draft: Draft, name: string, index = 0): Draft => (draft[name] as Draft[])[index] as Draft;
const characteristic = (draft: Draft, system: string): Draft =>
  (draft['characteristic'] as Draft[]).find((each) => JSON.stringify(each).includes(system)) as Draft;
const extension = (draft: Draft, name: keyof typeof EXTENSION_URLS): Draft =>
  (draft['extension'] as Draft[]).find((each) => each['url'] === EXTENSION_URLS[name]) as Draft;
const drop = (draft: Draft, name: keyof typeof EXTENSION_URLS): void => {
  draft['extension'] = (draft['extension'] as Draft[]).filter((each) => each['url'] !== EXTENSION_URLS[name]);
};
const range = (draft: Draft): Draft =>
  at(extension(draft, 'patient-type'), 'extension')['valueRange'] as Draft;
const push = (draft: Draft, name: string, item: JsonObject): void => {
  draft[name] = [...((draft[name] as Draft[] | undefined) ?? []), item as Draft];
};
const coding = (concept: Draft): Draft => at(concept, 'coding');

const contactLevel = (code: string): JsonObject => ({
  url: EXTENSION_URLS['confidentiality-level'],
  valueCodeableConcept: codes.concept('TRE_R283', code),
});

/** Each fault made by one change of a good offer, and the one code that tells it. */
const FAULTS: readonly (readonly [string, string, (draft: Draft) => void])[] = [
  // What the official structure lets through.
  [
    'two codes in one concept',
    'OFFER_CODING_MANY',
    (d) => push(at(d, 'specialty'), 'coding', codes.coding('TRE_R211', '037')),
  ],
  [
    'levels 10 and 11 together',
    'OFFER_LEVELS_BOTH',
    (d) => push(d, 'characteristic', codes.concept('TRE_R344', '10')),
  ],
  ['low age above high', 'OFFER_AGE_ORDER', (d) => void ((range(d)['high'] as Draft)['value'] = 17)],
  [
    'region and number that disagree',
    'OFFER_REGION_MISMATCH',
    (d) => void (at(d, 'identifier')['value'] = '53/0000001'),
  ],
  ['a blank name', 'OFFER_NAME_BLANK', (d) => void (d['name'] = ' \u00a0')],
  [
    'the label of another code',
    'OFFER_DISPLAY',
    (d) => void (coding(characteristic(d, 'TRE_R344'))['display'] = 'Centre de référence labellisé'),
  ],
  [
    'a retired code',
    'OFFER_CODE_RETIRED',
    (d) => void (d['specialty'] = [{ coding: [{ system: codes.url('TRE_R211'), code: '048' }] }]),
  ],
  // Mandatory elements.
  ['no change date', 'OFFER_LAST_UPDATED', (d) => void delete (d['meta'] as Draft)['lastUpdated']],
  ['no region', 'OFFER_REGION_TAG', (d) => void delete (d['meta'] as Draft)['tag']],
  ['no number', 'OFFER_IDENTIFIER_COUNT', (d) => void delete d['identifier']],
  ['no establishment', 'OFFER_PROVIDER_MISSING', (d) => void delete d['providedBy']],
  ['no field of activity', 'OFFER_TYPE_COUNT', (d) => void delete d['type']],
  [
    'two operational activities',
    'OFFER_ACTIVITY_COUNT',
    (d) => push(d, 'specialty', codes.concept('TRE_R211', '037')),
  ],
  [
    'no care mode',
    'OFFER_CARE_MODE_COUNT',
    (d) => void (d['characteristic'] = (d['characteristic'] as Draft[]).slice(1)),
  ],
  ['no sensitive-unit', 'OFFER_SENSITIVE_MISSING', (d) => drop(d, 'sensitive-unit')],
  ['no patient type', 'OFFER_PATIENT_TYPE_MISSING', (d) => drop(d, 'patient-type')],
  ['no creation date', 'OFFER_CREATION_DATE_MISSING', (d) => drop(d, 'creation-date')],
  ['no upper age', 'OFFER_AGE_RANGE', (d) => void delete range(d)['high']],
  // Codes.
  [
    'an unknown code',
    'OFFER_CODE_UNKNOWN',
    (d) => void (coding(characteristic(d, 'TRE_R245'))['code'] = '99'),
  ],
  [
    'a code of another system',
    'OFFER_SYSTEM',
    (d) => void (d['type'] = [codes.concept('TRE_R211', '593') as Draft]),
  ],
  ['a concept without code', 'OFFER_CODING_NONE', (d) => void (d['category'] = [{ text: 'Centre expert' }])],
  ['two categories', 'OFFER_CATEGORY_MANY', (d) => push(d, 'category', codes.concept('TRE_R244', '09'))],
  ['one family twice', 'OFFER_CODE_TWICE', (d) => push(d, 'characteristic', codes.concept('TRE_R245', '49'))],
  [
    'an act without act type',
    'OFFER_ACT_TYPE',
    (d) => void delete characteristic(d, 'TRE_R210')['extension'],
  ],
  [
    'an act type on a family',
    'OFFER_ACT_TYPE_MISPLACED',
    (d) =>
      void (characteristic(d, 'TRE_R245')['extension'] = [
        { url: EXTENSION_URLS['act-type'], valueCode: 'specificAct' },
      ]),
  ],
  [
    'a characteristic of no known system',
    'OFFER_CHARACTERISTIC_SYSTEM',
    (d) => push(d, 'characteristic', { coding: [{ system: 'urn:essai', code: '1' }] }),
  ],
  // Identifier and references.
  [
    'a number without region',
    'OFFER_IDENTIFIER_SHAPE',
    (d) => void (at(d, 'identifier')['value'] = 'ESSAI 1'),
  ],
  [
    'a number with a system',
    'OFFER_IDENTIFIER_SYSTEM',
    (d) => void (at(d, 'identifier')['system'] = 'urn:essai'),
  ],
  [
    'the region’s internal number',
    'OFFER_IDENTIFIER_TYPE',
    (d) => void (at(d, 'identifier')['type'] = codes.concept('TRE_R355', '36') as Draft),
  ],
  [
    'an establishment that is a place',
    'OFFER_PROVIDER_TARGET',
    (d) => void (d['providedBy'] = { reference: 'Location/1' }),
  ],
  [
    'a place that is an organisation',
    'OFFER_LOCATION_TARGET',
    (d) => push(d, 'location', { reference: 'Organization/1' }),
  ],
  // Contacts and boxes.
  [
    'a contact without confidentiality',
    'OFFER_CONTACT_CONFIDENTIALITY',
    (d) => {
      const contact = extension(d, 'contact');
      contact['extension'] = (contact['extension'] as Draft[]).filter(
        (each) => each['url'] !== EXTENSION_URLS['confidentiality-level'],
      );
    },
  ],
  [
    'a box without channel',
    'OFFER_TELECOM_CHANNEL',
    (d) => {
      const box = at(d, 'telecom');
      box['extension'] = (box['extension'] as Draft[]).slice(1);
    },
  ],
  [
    'a box without visibility',
    'OFFER_TELECOM_CONFIDENTIALITY',
    (d) => {
      const box = at(d, 'telecom');
      box['extension'] = (box['extension'] as Draft[]).slice(0, 1);
    },
  ],
  ['a box without address', 'OFFER_TELECOM_ADDRESS', (d) => void delete at(d, 'telecom')['value']],
  [
    'an invented part in a contact',
    'OFFER_CONTACT_PART',
    (d) => push(extension(d, 'contact'), 'extension', { url: 'label', valueString: 'x' }),
  ],
  [
    'a contact that two levels of confidentiality show',
    'OFFER_CONTACT_MANY',
    (d) => push(extension(d, 'contact'), 'extension', contactLevel('1')),
  ],
  [
    'a contact of two natures',
    'OFFER_CONTACT_MANY',
    (d) => {
      const nature = { url: 'purposeContact', valueCodeableConcept: codes.concept('TRE_R287', '15') };
      push(extension(d, 'contact'), 'extension', nature);
    },
  ],
  [
    'a contact without number',
    'OFFER_CONTACT_EMPTY',
    (d) => {
      const contact = extension(d, 'contact');
      contact['extension'] = (contact['extension'] as Draft[]).filter(
        (each) => each['url'] !== EXTENSION_URLS['contact-telecom'],
      );
    },
  ],
  [
    'a part of a contact that is no object',
    'OFFER_SHAPE',
    (d) => void (extension(d, 'contact')['extension'] as unknown[]).push('essai'),
  ],
  [
    'two act types on one act',
    'OFFER_ACT_TYPE_MANY',
    (d) =>
      push(characteristic(d, 'TRE_R210'), 'extension', {
        url: EXTENSION_URLS['act-type'],
        valueCode: 'outsideOfficeAct',
      }),
  ],
  // Extensions, comment, structure.
  [
    'an unknown extension',
    'OFFER_EXTENSION_UNKNOWN',
    (d) => push(d, 'extension', { url: `${ROR_EXTENSION}ror-healthcareservice-label`, valueString: 'CRMR' }),
  ],
  [
    'sensitive-unit as text',
    'OFFER_EXTENSION_VALUE',
    (d) => {
      const unit = extension(d, 'sensitive-unit');
      delete unit['valueBoolean'];
      unit['valueString'] = 'false';
    },
  ],
  [
    'sensitive-unit twice',
    'OFFER_EXTENSION_MANY',
    (d) => push(d, 'extension', { url: EXTENSION_URLS['sensitive-unit'], valueBoolean: true }),
  ],
  [
    'an invented part in patient-type',
    'OFFER_PART_UNKNOWN',
    (d) => push(extension(d, 'patient-type'), 'extension', { url: 'agerange', valueString: 'x' }),
  ],
  ['an age in months', 'OFFER_AGE_UNIT', (d) => void ((range(d)['low'] as Draft)['code'] = 'mo')],
  ['an age of 200', 'OFFER_AGE_VALUE', (d) => void ((range(d)['high'] as Draft)['value'] = 200)],
  [
    'a creation date without hour',
    'OFFER_CREATION_DATE',
    (d) => void (extension(d, 'creation-date')['valueDateTime'] = '2026-11-21'),
  ],
  [
    'a block without id',
    'OFFER_COMMENT_BLOCK',
    (d) => void (d['comment'] = '[Maladies rares | filière=FIMARAD | id=cmr_1]'),
  ],
  [
    'a block left open',
    'OFFER_COMMENT_BLOCK',
    (d) => void (d['comment'] = `${String(d['comment'])} [Maladies rares | `),
  ],
  [
    'two blocks of one centre',
    'OFFER_COMMENT_TWICE',
    (d) => void (d['comment'] = `${String(d['comment'])}\n${String(d['comment'])}`),
  ],
  [
    'another centre’s block',
    'OFFER_COMMENT_CENTRE',
    (d) => void (d['comment'] = '[Maladies rares | filière=X | id=cmr_autreautreautre2]'),
  ],
  ['an unknown property', 'OFFER_PROPERTY', (d) => void (d['label'] = 'CCMR')],
  [
    'an unknown property of a code',
    'OFFER_PROPERTY',
    (d) => void (coding(characteristic(d, 'TRE_R344'))['label'] = 'CCMR'),
  ],
  [
    'an unknown property of a reference',
    'OFFER_PROPERTY',
    (d) => void ((d['providedBy'] as Draft)['id2'] = 'x'),
  ],
  ['a list written as one value', 'OFFER_SHAPE', (d) => void (d['telecom'] = at(d, 'telecom'))],
  ['an empty list', 'OFFER_EMPTY', (d) => void (d['location'] = [])],
  [
    'two closures',
    'OFFER_CLOSURE_MANY',
    (d) => {
      const closure = {
        id: 'closingReopeningDate',
        description: 'Période de fermeture et de réouverture prévisionnelle',
        during: { start: '2026-12-01' },
      };
      d['notAvailable'] = [closure, closure];
    },
  ],
  [
    'a reopening before the closure',
    'OFFER_CLOSURE_ORDER',
    (d) =>
      push(d, 'notAvailable', {
        id: 'closingReopeningDate',
        description: 'Période de fermeture et de réouverture prévisionnelle',
        during: { start: '2026-12-01', end: '2026-11-01' },
      }),
  ],
  ['an hour of 25', 'OFFER_TIME', (d) => push(d, 'availableTime', { availableStartTime: '25:00:00' })],
  ['another resource', 'OFFER_RESOURCE_TYPE', (d) => void (d['resourceType'] = 'Location')],
];

describe('an offer with one fault', () => {
  it.each(FAULTS)('%s is refused as %s', (_, code, change) => {
    const draft = structuredClone(good) as Draft;
    change(draft);
    const found = validateOffer(draft as JsonObject, codes, [ID_A]).filter(
      (each) => each.severity === 'error',
    );
    expect(found.map((each) => each.code)).toContain(code);
    for (const each of found) {
      expect(each.message).toMatch(/[.?]$/);
      expect(each.remedy).not.toBe('');
    }
  });

  it('is told by its own code and by no other', () => {
    const noisy = FAULTS.filter(([, , change]) => {
      const draft = structuredClone(good) as Draft;
      change(draft);
      return new Set(validateOffer(draft as JsonObject, codes, [ID_A]).map((each) => each.code)).size > 1;
    }).map(([name]) => name);
    expect(noisy).toEqual([]);
  });
});

describe('a good offer', () => {
  it('raises nothing; without contact it only warns', () => {
    expect(validateOffer(good, codes, [ID_A])).toEqual([]);
    expect(validateOffer(offer(), codes).map((each) => [each.severity, each.code])).toEqual([
      ['warning', 'OFFER_NO_CONTACT'],
    ]);
  });

  it('may write its labels with other apostrophes and case', () => {
    const draft = structuredClone(good) as Draft;
    ((draft['meta'] as Draft)['tag'] as Draft[])[0] = {
      ...codes.coding('TRE_R30', '28'),
      display: 'NORMANDIE',
    } as Draft;
    expect(validateOffer(draft as JsonObject, codes)).toEqual([]);
  });

  it.skipIf(!hasShared)(
    'is also the kit’s own example of a competence centre, its id of centre aside',
    () => {
      const example = JSON.parse(sharedExample('healthcareservice-centre-competence')) as JsonObject;
      const found = validateOffer(example, codes).filter((each) => each.severity === 'error');
      // The example's id holds 0 and 1, which base32 does not have.
      expect(found.map((each) => each.code)).toEqual(['OFFER_COMMENT_BLOCK']);
      const comment = String(example['comment']).replace('cmr_essai00000000001', ID_A as CentreId);
      expect(
        validateOffer({ ...example, comment }, codes, [ID_A]).filter((each) => each.severity === 'error'),
      ).toEqual([]);
    },
  );
});
