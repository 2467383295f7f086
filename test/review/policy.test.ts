import { describe, expect, it } from 'vitest';
import { reviewConfig } from '../../src/config/schema/review.js';
import type { ChangeKind, ElementChange } from '../../src/domain/change.js';
import type { Json } from '../../src/domain/json.js';
import { quorumFor } from '../../src/review/policy.js';

const CENTRE = 'cmr_abcdefghijkl2345';
const BLOCK = `comment[${CENTRE}]`;
const LABEL = `served.label[${CENTRE}]`;

function element(key: string, before?: Json, after?: Json): ElementChange {
  return {
    key,
    path: 'HealthcareService',
    operation: before === undefined ? 'add' : after === undefined ? 'delete' : 'replace',
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
    conflict: false,
    channel: key.startsWith('served.') ? 'served' : 'ror',
    assumed: false,
    text: '',
    provenance: [],
  };
}

function block(label: string, campaign: string): string {
  return `[Maladies rares | filière=FIMARAD | label=${label} | campagne=${campaign} | id=${CENTRE}]`;
}

function quorum(kind: ChangeKind, elements: readonly ElementChange[], given: object = {}): number {
  return quorumFor({ kind, elements }, reviewConfig.parse(given));
}

describe('two people are asked for', () => {
  it.each(['withdraw', 'close'] as const)('%s, whatever it holds', (kind) => {
    expect(quorum(kind, [element('category', 'a', 'b')])).toBe(2);
  });

  it.each(['name', 'providedBy', 'characteristic[expertiseLevel]#10'])('a modification of %s', (key) => {
    expect(quorum('modify', [element('telecom#phone|1', 'a', 'b'), element(key, 'a', 'b')])).toBe(2);
  });

  it.each([
    ['CRMR constitutif', 'CRMR coordonnateur'],
    ['CCMR', 'CRC'],
  ])('another label in our block, %s to %s, though the ROR has one code for both', (from, to) => {
    expect(quorum('modify', [element(BLOCK, block(from, '2023'), block(to, '2023'))])).toBe(2);
  });

  it('a block that loses its label, or goes away', () => {
    expect(quorum('modify', [element(BLOCK, block('CCMR', '2023'), block('', '2023'))])).toBe(2);
    expect(quorum('modify', [element(BLOCK, block('CCMR', '2023'))])).toBe(2);
  });

  it.each(['modify', 'enrich'] as const)('another served label, in a change of kind %s', (kind) => {
    expect(quorum(kind, [element(LABEL, 'CCMR', 'CRC')])).toBe(2);
    expect(quorum(kind, [element(LABEL, 'CCMR')])).toBe(2);
  });

  it('what the configuration adds', () => {
    const given = { identityElements: ['telecom'] };
    expect(quorum('modify', [element('telecom#phone|1', 'a', 'b')], given)).toBe(2);
    expect(quorum('modify', [element('name', 'a', 'b')], given)).toBe(2);
  });
});

describe('one person is enough for', () => {
  it.each([
    ['a telephone number', element('telecom#phone|1', 'a', 'b')],
    ['a campaign in our block', element(BLOCK, block('CCMR', '2017'), block('CCMR', '2023'))],
    ['a centre that joins the offer', element(BLOCK, undefined, block('CCMR', '2023'))],
    ['a served fact that is no label', element(`served.network[${CENTRE}]`, 'A', 'B')],
  ])('%s', (_what, one) => {
    expect(quorum('modify', [one])).toBe(1);
  });

  it('a creation, which names its offer for the first time', () => {
    expect(quorum('create', [element('name', undefined, 'a')])).toBe(1);
  });
});

describe('the configuration', () => {
  it('cannot take name, establishment and level away', () => {
    const none = { identityElements: [] };
    expect(quorum('modify', [element('name', 'a', 'b')], none)).toBe(2);
    expect(quorum('modify', [element('providedBy', 'a', 'b')], none)).toBe(2);
    expect(quorum('modify', [element('characteristic[expertiseLevel]#11', 'a')], none)).toBe(2);
  });

  it('refuses an element that does not exist', () => {
    expect(reviewConfig.safeParse({ identityElements: ['nom'] }).success).toBe(false);
  });
});
