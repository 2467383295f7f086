import fc from 'fast-check';
import type { Json, JsonObject } from '../../src/domain/json.js';
import { EXTENSION_URLS } from '../../src/ror/urls.js';
import { codes, ID_A, ID_B, INSTANT } from './essai.js';

/** Arbitrary offers: the shapes of the profile, doubles, junk and hostile text, for properties. */
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.constantFrom('é', 'e\u0301', '~2', 'a|b', ']#', '%7E', "d'essai", '\n', '[Maladies rares | ', ']', '😀'),
);
const number = fc.oneof(
  fc.integer({ min: -5, max: 200 }),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }),
);
const json: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2, depthSize: 'small' },
    text,
    number,
    fc.boolean(),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(
      text.filter((name) => name !== '__proto__'),
      tie('value'),
      { maxKeys: 3, noNullPrototype: true },
    ),
  ),
})).value;

const coded = (name: string, list: readonly string[]): fc.Arbitrary<JsonObject> =>
  fc
    .record({ code: fc.constantFrom(...list), display: fc.option(text, { nil: undefined }) })
    .map(({ code, display }) => ({
      coding: [{ system: codes.url(name), code, ...(display === undefined ? {} : { display }) }],
    }));
const act = fc
  .tuple(coded('TRE_R210', ['0284', '1635']), fc.constantFrom('specificAct', 'outsideOfficeAct'))
  .map(([concept, kind]) => ({
    ...concept,
    extension: [{ url: EXTENSION_URLS['act-type'], valueCode: kind }],
  }));
const concept = fc.oneof(
  coded('TRE_R344', ['10', '11']),
  coded('TRE_R245', ['49', '44', '36']),
  coded('TRE_R213', ['32', '29']),
  act,
  json,
);
const contact = fc.tuple(fc.constantFrom('02', '07'), text).map(([nature, value]) => ({
  url: EXTENSION_URLS.contact,
  extension: [
    { url: 'purposeContact', valueCodeableConcept: { coding: [{ system: 'n', code: nature }] } },
    {
      url: EXTENSION_URLS['contact-telecom'],
      extension: [{ url: 'telecomAddress', valueString: value }],
    },
  ],
}));
const patientType = fc.tuple(number, number).map(([low, high]) => ({
  url: EXTENSION_URLS['patient-type'],
  extension: [{ url: 'ageRange', valueRange: { low: { value: low }, high: { value: high } } }],
}));
const extension = fc.oneof(
  contact,
  patientType,
  fc.boolean().map((value) => ({ url: EXTENSION_URLS['sensitive-unit'], valueBoolean: value })),
  fc.tuple(text, text).map(([url, value]) => ({ url, valueString: value })),
  json,
);
export const comment = fc
  .array(
    fc.oneof(
      text,
      fc.constantFrom(
        `[Maladies rares | filière=FIMARAD | label=CCMR | id=${ID_A}]`,
        `[Maladies rares | filière=ORKiD | label=CRC | id=${ID_B}]`,
        `[Maladies rares | id=${ID_A}`,
        '[Maladies rares | id=cmr_court]',
        '\n',
        'cmr_',
      ),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''));
const tag = fc.oneof(
  fc.constantFrom('28', '53').map((code) => ({ system: codes.url('TRE_R30'), code })),
  json,
);

export const resources: fc.Arbitrary<JsonObject> = fc
  .record(
    {
      id: text,
      meta: fc.record(
        { lastUpdated: fc.constant(INSTANT), tag: fc.array(tag, { maxLength: 2 }) },
        { requiredKeys: [] },
      ),
      identifier: fc.array(fc.record({ value: text }), { maxLength: 2 }),
      name: text,
      comment,
      active: fc.boolean(),
      category: fc.oneof(fc.array(concept, { maxLength: 2 }), json),
      type: fc.array(concept, { maxLength: 2 }),
      specialty: fc.array(concept, { maxLength: 2 }),
      characteristic: fc.array(concept, { maxLength: 6 }),
      extension: fc.array(extension, { maxLength: 6 }),
      telecom: fc.array(fc.record({ system: text, value: text }), { maxLength: 3 }),
      location: fc.array(fc.record({ reference: text }), { maxLength: 3 }),
      providedBy: fc.record({ reference: text }),
      coverageArea: json,
      program: fc.array(json, { maxLength: 3 }),
      _name: json,
    },
    { requiredKeys: [] },
  )
  .chain((known) =>
    fc
      .dictionary(
        text.filter(
          (name) => !(name in known) && name !== '__proto__' && name !== 'resourceType' && name !== 'meta',
        ),
        json,
        { maxKeys: 2, noNullPrototype: true },
      )
      .map((extra) => ({ resourceType: 'HealthcareService', ...known, ...extra }) as JsonObject),
  );

/** The same resource with every array and every object's keys reversed, its strings in the Unicode form asked for. */
export function scrambled(value: Json, form?: 'NFC' | 'NFD'): Json {
  if (typeof value === 'string') return form === undefined ? value : value.normalize(form);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: Json) => scrambled(item, form)).reverse();
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, item]) => [name, scrambled(item, form)]),
  );
}
