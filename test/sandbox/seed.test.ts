import { describe, expect, it } from 'vitest';
import { parseBody, type Body } from '../../src/sandbox/body.js';
import { isTypeName } from '../../src/sandbox/model.js';
import { checkResource } from '../../src/sandbox/validate.js';
import { establishments, trialOffer } from '../../src/sandbox/seed.js';
import { hasShared, rorExample, rorValidator } from '../support/shared.js';
import { CAEN, ROUEN, trialRegion } from '../support/trial-region.js';

describe('sandbox seed', () => {
  it('gives each legal entity once, before its sites and places', () => {
    const second = { ...CAEN, eg: '140004383', name: 'CHR GEORGES CLEMENCEAU - CAEN' };
    expect(establishments([CAEN, second, ROUEN]).map(({ id }) => id)).toEqual([
      'ej-140000100',
      'ej-760780239',
      'eg-140000209',
      'eg-140004383',
      'eg-760000158',
      'lieu-140000209',
      'lieu-140004383',
      'lieu-760000158',
    ]);
  });

  it('names a trial offer so that nobody takes it for a real one', () => {
    expect(trialOffer({ id: 'o', identifier: '28/1', label: '7', site: CAEN })['name']).toBe(
      'Offre d’essai 7, consultation de dermatologie',
    );
  });

  it.skipIf(!hasShared)('passes the ROR conformance kit without an error nor a warning', async () => {
    const validate = await rorValidator();
    for (const resource of trialRegion())
      expect(
        validate(resource).filter(({ severity }) => severity !== 'information'),
        String(resource['id']),
      ).toEqual([]);
  });
});

describe.skipIf(!hasShared)('sandbox validation against the kit’s examples', () => {
  it.each([
    'healthcareservice',
    'healthcareservice-create',
    'healthcareservice-update',
    'healthcareservice-centre-reference',
    'healthcareservice-centre-competence',
    'organization-ej',
    'organization-eg',
    'organization-oi-pole',
    'location',
  ])('accepts %s', (name) => {
    const body = parseBody(JSON.stringify(rorExample(name))) as Body;
    const type = String(body['resourceType']);
    expect(isTypeName(type)).toBe(true);
    if (isTypeName(type)) checkResource(type, body);
  });
});
