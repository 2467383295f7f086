import { beforeEach, describe, expect, it } from 'vitest';
import { bodyText, cloneBody, parseBody, type Body } from '../../src/sandbox/body.js';
import { EXT } from '../../src/sandbox/model.js';
import { Fault } from '../../src/sandbox/outcome.js';
import { applyPatch } from '../../src/sandbox/patch.js';
import { trialOffer } from '../../src/sandbox/seed.js';
import { CAEN, FAMILY_SKIN, LEVEL_COMPETENCE, SYSTEM } from '../support/trial-region.js';

type Part = Record<string, unknown>;
const R344 = SYSTEM('TRE_R344-NiveauExpertise');
let offer: Body;

beforeEach(() => {
  const seed = trialOffer({
    id: 'o',
    identifier: '28/1',
    label: 'un',
    site: CAEN,
    characteristics: [FAMILY_SKIN, LEVEL_COMPETENCE],
    comment: 'avant',
  });
  offer = parseBody(JSON.stringify(seed)) as Body;
});

/** Parameters of operations given as {type, path, …other parts}. */
function parameters(...operations: readonly Record<string, unknown>[]): Body {
  const parameter = operations.map(({ type, path, ...rest }) => ({
    name: 'operation',
    part: [
      { name: 'type', valueCode: type },
      { name: 'path', valueString: path },
      ...Object.entries(rest).map(([name, value]) => ({ name, ...(value as Part) })),
    ],
  }));
  return parseBody(JSON.stringify({ resourceType: 'Parameters', parameter })) as Body;
}

const patched = (...operations: readonly Record<string, unknown>[]) =>
  applyPatch('HealthcareService', offer, parameters(...operations));

function status(run: () => unknown): number {
  try {
    run();
  } catch (error) {
    if (error instanceof Fault) return error.status;
    throw error;
  }
  return 200;
}

const codes = (body: Body) =>
  (body['characteristic'] as { coding: { code: string }[] }[]).map((item) => item.coding[0]?.code);
const text = (valueString: string) => ({ valueString });
const level = (code: string) => ({ valueCodeableConcept: { coding: [{ system: R344, code }] } });
const where = `HealthcareService.characteristic.where(coding.system='${R344}' and coding.code='11')`;

describe('sandbox patch, FHIR form', () => {
  it('adds to a list, and a single element that is absent', () => {
    const add = { type: 'add', path: 'HealthcareService' };
    const result = patched({ ...add, name: text('characteristic'), value: level('10') });
    expect(codes(result)).toEqual(['32', '49', '11', '10']);
    expect(status(() => patched({ ...add, name: text('comment'), value: text('x') }))).toBe(422);
    delete offer['comment'];
    expect(patched({ ...add, name: text('comment'), value: text('x') })['comment']).toBe('x');
  });

  it('replaces a single element, an item by index and an item by value', () => {
    const replace = { type: 'replace' };
    expect(patched({ ...replace, path: 'HealthcareService.name', value: text('Neuf') })['name']).toBe('Neuf');
    const byIndex = patched({ ...replace, path: 'HealthcareService.characteristic[2]', value: level('10') });
    expect(codes(byIndex)).toEqual(['32', '49', '10']);
    expect(codes(patched({ ...replace, path: where, value: level('10') }))).toEqual(['32', '49', '10']);
  });

  it('finds a contact by the address in it, and refuses one that two contacts bear', () => {
    const url = `${EXT}ror-healthcareservice-contact`;
    const contact = (address: string, level: string): Body => ({
      url,
      extension: [
        { url: 'purposeContact', valueCodeableConcept: { coding: [{ system: 'x', code: level }] } },
        {
          url: `${EXT}ror-healthcareservice-contact-telecom`,
          extension: [{ url: 'telecomAddress', valueString: address }],
        },
      ],
    });
    offer['extension'] = [contact('0261910001', '07'), contact('0261910002', '07')];
    const path = `HealthcareService.extension.where(url='${url}' and extension.extension.where(url='telecomAddress').value='0261910002')`;
    expect(patched({ type: 'delete', path })['extension']).toEqual([contact('0261910001', '07')]);
    offer['extension'] = [contact('0261910002', '07'), contact('0261910002', '02')];
    expect(status(() => patched({ type: 'delete', path }))).toBe(422);
    const deeper = path.replace("where(url='telecomAddress')", "where(url='a').where(url='b')");
    expect(status(() => patched({ type: 'delete', path: deeper }))).toBe(400);
  });

  it('replaces an extension found by url, in both spellings', () => {
    const url =
      'https://interop.esante.gouv.fr/ig/fhir/ror/StructureDefinition/ror-healthcareservice-sensitive-unit';
    for (const path of [
      `HealthcareService.extension.where(url='${url}')`,
      `HealthcareService.extension('${url}')`,
    ]) {
      const value = { valueExtension: { url, valueBoolean: true } };
      const result = patched({ type: 'replace', path, value });
      expect((result['extension'] as { valueBoolean?: boolean }[])[0]?.valueBoolean).toBe(true);
    }
  });

  it('deletes by value, by index and whole, and the list leaves with its last item', () => {
    expect(codes(patched({ type: 'delete', path: where }))).toEqual(['32', '49']);
    expect(codes(patched({ type: 'delete', path: 'HealthcareService.characteristic[0]' }))).toEqual([
      '49',
      '11',
    ]);
    expect(patched({ type: 'delete', path: 'HealthcareService.comment' })).not.toHaveProperty('comment');
    expect(patched({ type: 'delete', path: 'HealthcareService.category[0]' })).not.toHaveProperty('category');
  });

  it('does nothing when a delete designates nothing', () => {
    const nothing = where.replace("'11'", "'10'");
    expect(patched({ type: 'delete', path: nothing })).toEqual(offer);
    expect(patched({ type: 'delete', path: 'HealthcareService.telecom' })).toEqual(offer);
    expect(patched({ type: 'delete', path: 'HealthcareService.characteristic[9]' })).toEqual(offer);
  });

  it('inserts and moves in a list', () => {
    const path = 'HealthcareService.characteristic';
    const insert = { type: 'insert', path, value: level('10') };
    expect(codes(patched({ ...insert, index: { valueInteger: 0 } }))).toEqual(['10', '32', '49', '11']);
    expect(status(() => patched({ ...insert, index: { valueInteger: 4 } }))).toBe(422);
    const move = { type: 'move', path, source: { valueInteger: 2 }, destination: { valueInteger: 0 } };
    expect(codes(patched(move))).toEqual(['11', '32', '49']);
    expect(status(() => patched({ ...move, source: { valueInteger: 3 } }))).toBe(422);
  });

  it('takes a complex value in parts', () => {
    const value = {
      part: [
        { name: 'id', valueString: 'closingReopeningDate' },
        { name: 'description', valueString: 'Période de fermeture et de réouverture prévisionnelle' },
        { name: 'during', valuePeriod: { start: '2026-06-01' } },
      ],
    };
    const result = patched({ type: 'add', path: 'HealthcareService', name: text('notAvailable'), value });
    expect(result['notAvailable']).toEqual([
      {
        id: 'closingReopeningDate',
        description: 'Période de fermeture et de réouverture prévisionnelle',
        during: { start: '2026-06-01' },
      },
    ]);
  });

  it.each(['value', 'value[x]'])('takes an extension in parts, its value named %s', (name) => {
    const url =
      'https://interop.esante.gouv.fr/ig/fhir/ror/StructureDefinition/ror-healthcareservice-patient-type';
    const range = { low: { value: 0 }, high: { value: 17 } };
    const value = {
      part: [
        { name: 'url', valueUri: url },
        {
          name: 'extension',
          part: [
            { name: 'url', valueUri: 'ageRange' },
            { name, valueRange: range },
          ],
        },
      ],
    };
    const path = `HealthcareService.extension.where(url='${url}')`;
    const result = patched({ type: 'replace', path, value });
    expect(JSON.parse(bodyText(result['extension'] ?? null))).toContainEqual({
      url,
      extension: [{ url: 'ageRange', valueRange: range }],
    });
  });

  it('keeps the name of an element called value outside an extension', () => {
    const value = {
      part: [
        { name: 'system', valueCode: 'phone' },
        { name: 'value', valueString: '0200000000' },
      ],
    };
    const result = patched({ type: 'add', path: 'HealthcareService', name: text('telecom'), value });
    expect(result['telecom']).toEqual([{ system: 'phone', value: '0200000000' }]);
  });

  it('applies all operations or none', () => {
    const before = cloneBody(offer);
    const run = () =>
      patched(
        { type: 'replace', path: 'HealthcareService.name', value: text('Neuf') },
        { type: 'replace', path: 'HealthcareService.telecom[0]', value: text('x') },
      );
    expect(status(run)).toBe(422);
    expect(offer).toEqual(before);
  });

  it.each([
    ['deeper than the first level', 400, { type: 'delete', path: 'HealthcareService.characteristic.coding' }],
    ['deeper after a where', 400, { type: 'delete', path: `${where}.coding` }],
    ['another type', 400, { type: 'delete', path: 'Organization.name' }],
    ['another function', 400, { type: 'delete', path: 'HealthcareService.characteristic.first()' }],
    ['another criterion', 400, { type: 'delete', path: 'HealthcareService.characteristic.where(true)' }],
    ['unknown element', 422, { type: 'delete', path: 'HealthcareService.label' }],
    ['the id', 422, { type: 'replace', path: 'HealthcareService.id', value: text('x') }],
    ['the whole resource', 422, { type: 'delete', path: 'HealthcareService' }],
    ['several items', 422, { type: 'delete', path: 'HealthcareService.characteristic' }],
    ['replace of nothing', 422, { type: 'replace', path: 'HealthcareService.telecom', value: text('x') }],
    ['add without name', 400, { type: 'add', path: 'HealthcareService', value: text('x') }],
    ['replace without value', 400, { type: 'replace', path: 'HealthcareService.name' }],
    ['the verb remove', 400, { type: 'remove', path: 'HealthcareService.name' }],
  ])('refuses %s', (_name, expected, operation) => {
    expect(status(() => patched(operation))).toBe(expected);
  });

  it('refuses Parameters without operation', () => {
    expect(status(() => patched())).toBe(400);
  });
});

describe('sandbox patch, forms of the ANS samples', () => {
  const run = (...parts: readonly Part[]) => {
    const body = { resourceType: 'Parameters', parameter: [{ name: 'operation', part: parts }] };
    return applyPatch('HealthcareService', offer, parseBody(JSON.stringify(body)) as Body);
  };

  it('takes the type as valueString and replace with the parent as path and a name', () => {
    const result = run(
      { name: 'type', valueString: 'replace' },
      { name: 'path', valueString: 'HealthcareService' },
      { name: 'name', valueString: 'name' },
      { name: 'value', valueString: 'Neuf' },
    );
    expect(result['name']).toBe('Neuf');
  });

  it('takes a bare value, with coding as an object', () => {
    const result = run(
      { name: 'type', valueString: 'add' },
      { name: 'path', valueString: 'HealthcareService' },
      { name: 'name', valueString: 'characteristic' },
      { name: 'value', value: { coding: { system: R344, code: '10' } } },
    );
    expect((result['characteristic'] as Body[]).at(-1)).toEqual({ coding: [{ system: R344, code: '10' }] });
  });

  it('takes an array under value[x] as the whole list', () => {
    const result = run(
      { name: 'type', valueString: 'replace' },
      { name: 'path', valueString: 'HealthcareService' },
      { name: 'name', valueString: 'telecom' },
      { name: 'value', valueContactPoint: [{ value: 'a' }, { value: 'b' }] },
    );
    expect(result['telecom']).toEqual([{ value: 'a' }, { value: 'b' }]);
  });

  it('ignores a value in a delete', () => {
    const result = run(
      { name: 'type', valueString: 'delete' },
      { name: 'path', valueString: 'HealthcareService.comment' },
      { name: 'value', valueString: 'avant' },
    );
    expect(result).not.toHaveProperty('comment');
  });
});
