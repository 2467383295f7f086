import { describe, expect, it } from 'vitest';
import type { OrphanetRecord } from '../../src/domain/orphanet.js';
import { OrphanetIndex } from '../../src/runs/orphanet-index.js';
import { ROOT_FAMILIES } from '../../src/sources/orphanet/families.js';

const disorder = (
  orphaCode: string,
  name: string,
  synonyms: readonly string[] = [],
  lang = 'fr',
): OrphanetRecord => ({ kind: 'disorder', orphaCode, lang, name, synonyms, status: [], related: [] });
const member = (orphaCode: string, root: string): OrphanetRecord => ({
  kind: 'member',
  orphaCode,
  root,
  classification: '1',
});
const familiesOf = (records: readonly OrphanetRecord[], code: string): readonly string[] =>
  new OrphanetIndex(records).entry(code).families.map((family) => family.code);

describe('the families of a disorder', () => {
  it.each(ROOT_FAMILIES.map(({ family, root }) => [family, root]))(
    'are %s under ORPHA:%s',
    (family, root) => {
      expect(familiesOf([member('9900001', root)], '9900001')).toEqual([family]);
      expect(familiesOf([{ kind: 'preferred', orphaCode: '9900001', root }], '9900001')).toEqual([family]);
    },
  );

  it('are two under two roots, in the order of their codes, the preferred one told', () => {
    const records: OrphanetRecord[] = [
      member('9900001', '97962'),
      member('9900001', '93419'),
      { kind: 'preferred', orphaCode: '9900001', root: '93419' },
    ];
    expect(new OrphanetIndex(records).entry('9900001').families).toEqual([
      { code: '47', root: '93419', preferred: true, confidence: 'high' },
      { code: '57', root: '97962', preferred: false, confidence: 'high' },
    ]);
    expect(familiesOf(records.reverse(), '9900001')).toEqual(['47', '57']);
  });

  it('are none under a root that has none, and the root is named', () => {
    const entry = new OrphanetIndex([member('9900001', '9900020')]).entry('9900001');
    expect(entry).toMatchObject({ families: [], otherRoots: ['9900020'] });
  });

  it('are those of the code asked for alone', () => {
    expect(familiesOf([member('9900001', '97962')], '9900002')).toEqual([]);
  });
});

describe('looking a disorder up', () => {
  const index = new OrphanetIndex([
    disorder('9900001', 'Maladie d’essai étoilée, forme de l’adulte'),
    disorder('9900002', 'Syndrome d’essai', ['Maladie d’essai étoilée']),
    disorder('9900003', 'Maladie d’essai étoilée'),
    disorder('9900004', 'Œdème d’essai', ['Type Évreux']),
    disorder('9900004', 'Trial oedema', [], 'en'),
    disorder('9900005', 'Maladie d’essai Béta'),
  ]);

  it.each([
    ['maladie d’essai étoilée', ['9900003', '9900002', '9900001']],
    ['MALADIE D ESSAI ETOIL', ['9900003', '9900001', '9900002']],
    ['etoilee maladie', ['9900003', '9900001', '9900002']],
    ['oedeme', ['9900004']],
    ['œdème', ['9900004']],
    ['trial', ['9900004']],
    ['evreux', ['9900004']],
    ['toilée', []],
    ['...', []],
    ['ORPHA:9900005', ['9900005']],
    ['9900005', ['9900005']],
    ['ORPHA:9900099', []],
  ])('by « %s » finds %j', (wanted, codes) => {
    expect(index.find(wanted)).toEqual(codes);
  });

  it('shows French first, and keeps the most trusted of two that speak of one name', () => {
    expect(index.entry('9900004').names.map(({ lang }) => lang)).toEqual(['fr', 'en']);
    const two = new OrphanetIndex([
      disorder('9900001', 'Nom d’essai A'),
      disorder('9900001', 'Nom d’essai B'),
    ]);
    expect(two.entry('9900001').names.map(({ name }) => name)).toEqual(['Nom d’essai A']);
  });
});
