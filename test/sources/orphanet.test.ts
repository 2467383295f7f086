import { describe, expect, it } from 'vitest';
import type { OrphanetRecord } from '../../src/domain/orphanet.js';
import { readOrphaCode } from '../../src/domain/orphanet.js';
import type { RowOutcome } from '../../src/domain/rows.js';
import { readAll } from '../../src/sources/contract.js';
import { familyOfRoot, ROOT_FAMILIES } from '../../src/sources/orphanet/families.js';
import { orphanet } from '../../src/sources/orphanet/index.js';
import { delivery, fixture } from './bytes.js';
import { xmlConformance, type XmlSamples } from './xml-conformance.js';

const source = orphanet();
const textOf = (name: string): string => fixture(`orphanet/fixtures/${name}`).toString('utf8');
const nomenclature = textOf('nomenclature-essai-fr.xml');
const classifications = textOf('classifications-essai.xml');
const linearisation = textOf('linearisation-essai-fr.xml');
const read = (text: string): Promise<readonly RowOutcome<OrphanetRecord>[]> =>
  readAll(source, delivery(Buffer.from(text)));
const rowsOf = async (text: string): Promise<readonly OrphanetRecord[]> =>
  (await read(text)).flatMap((one) => (one.kind === 'row' ? [one.value] : []));

const wrongShape: XmlSamples['wrongShape'] = {
  text: `<?xml version="1.0"?><JDBOR><DisorderList count="1"><Disorder id="1"><OrphaCode>9900001</OrphaCode><DisorderGeneAssociationList count="0"/></Disorder></DisorderList></JDBOR>`,
  says: /ni parent préférentiel.*product1\.xml.*product3_NNN\.xml.*product7\.xml/s,
};

xmlConformance(source, {
  name: 'nomenclature',
  text: nomenclature,
  record: / {4}<Disorder id[\s\S]*?\n {4}<\/Disorder>/g,
  rows: 4,
  read: { text: 'Syndrome d’essai', control: 'CONTROL_CHARACTER', endless: 'CELL_TOO_LONG' },
  before: '<ExpertLink lang="fr">',
  wrongShape,
});
xmlConformance(source, {
  name: 'classifications',
  text: classifications,
  record: / {4}<Classification id[\s\S]*?<\/Classification>/g,
  rows: 8,
  read: { text: '9900001', control: 'ORPHACODE_INVALID', endless: 'ORPHACODE_INVALID' },
  before: '<DisorderType id="36561">',
  wrongShape,
});
xmlConformance(source, {
  name: 'linearisation',
  text: linearisation,
  record: / {4}<Disorder id[\s\S]*?\n {4}<\/Disorder>/g,
  rows: 2,
  read: { text: '9900001', control: 'ORPHACODE_INVALID', endless: 'ORPHACODE_INVALID' },
  before: '<DisorderDisorderAssociationList',
  wrongShape,
});

describe('the nomenclature of Orphanet', () => {
  it('becomes names, synonyms and status, in the language of each name', async () => {
    const outcomes = await read(nomenclature);
    expect(outcomes[0]).toEqual({
      kind: 'row',
      locator: { file: 'essai.csv', path: '/JDBOR/DisorderList/Disorder[1]' },
      key: '9900001|fr',
      value: {
        kind: 'disorder',
        orphaCode: '9900001',
        lang: 'fr',
        name: 'Maladie d’essai 1 <forme étoilée>',
        synonyms: ['Essai 1 & étoiles', 'Syndrome d’essai d’Évreux'],
        status: [],
        related: [],
      },
    });
    expect(outcomes[1]).toMatchObject({ value: { name: 'Maladie d’essai 2 & suites', synonyms: [] } });
    expect(outcomes[2]).toMatchObject({
      value: { status: ['Entrée d’essai obsolète'], related: ['9900002'] },
    });
    expect(await rowsOf(textOf('nomenclature-essai-en.xml'))).toMatchObject([
      { lang: 'en', name: 'Trial disease 1', synonyms: ['Starry trial disease'] },
      { lang: 'en', name: 'Trial disease 2' },
    ]);
    expect((await source.inspect(delivery(Buffer.from(nomenclature)))).contentDate).toBe('2026-06-23');
  });

  it('reads the form of the nomenclature pack and of files from before 2020', async () => {
    const pack = nomenclature
      .replace(/<DisorderFlagList[\s\S]*?<\/DisorderFlagList>/g, '<Totalstatus lang="fr">Actif</Totalstatus>')
      .replaceAll('OrphaCode>', 'OrphaNumber>');
    expect((await rowsOf(pack))[0]).toMatchObject({ orphaCode: '9900001', status: ['Actif'] });
  });

  it.each([
    ['<OrphaCode>9900001</OrphaCode>', '<OrphaCode>99-00</OrphaCode>', 'ORPHACODE_INVALID', '*|fr'],
    ['<OrphaCode>9900001</OrphaCode>', '', 'ORPHACODE_INVALID', '*|fr'],
    ['<Name lang="fr">Maladie d’essai 3</Name>', '<Name lang="fr"/>', 'NAME_MISSING', '9900003|fr'],
    [
      '<Name lang="fr">Maladie d’essai 3</Name>',
      '<Name>Maladie d’essai 3</Name>',
      'LANGUAGE_UNKNOWN',
      '9900003|*',
    ],
  ])('sets %s aside when it is %s', async (good, bad, code, key) => {
    const outcomes = await read(nomenclature.replace(good, () => bad));
    expect(outcomes.filter((one) => one.kind === 'aside')).toMatchObject([{ code, key }]);
    expect(outcomes.length).toBe(4);
  });

  it('keeps neither of two entries of one code that differ', async () => {
    const outcomes = await read(nomenclature.replace('<OrphaCode>9900002<', '<OrphaCode>9900001<'));
    expect(outcomes.map((one) => (one.kind === 'aside' ? one.code : one.key))).toEqual([
      'DUPLICATE_DIFFERENT',
      'DUPLICATE_DIFFERENT',
      '9900003|fr',
      '97962|fr',
    ]);
  });
});

describe('the classifications of Orphanet', () => {
  it('become one row for each disorder under each root, however often it stands there', async () => {
    expect((await read(classifications)).map((one) => one.key)).toEqual([
      '97962|97962',
      '9900010|97962',
      '9900001|97962',
      '9900002|97962',
      '93419|93419',
      '9900001|93419',
      '9900020|9900020',
      '9900004|9900020',
    ]);
    expect((await rowsOf(classifications))[1]).toEqual({
      kind: 'member',
      orphaCode: '9900010',
      root: '97962',
      classification: '186',
    });
  });

  it('hold what stood under a root that cannot be read', async () => {
    const outcomes = await read(classifications.replace('<OrphaCode>93419<', '<OrphaCode>?<'));
    expect(outcomes.filter((one) => one.kind === 'aside')).toMatchObject([
      { code: 'ORPHACODE_INVALID', key: '*|*', locator: { path: 'Classification[@id=199], nœud 1' } },
    ]);
    expect(outcomes.map((one) => one.key)).not.toContain('9900001|93419');
  });

  it('are read whatever stands first in a node, the disorder or the nodes below', async () => {
    const swapped = classifications.replace(
      /(<Disorder id="6">[\s\S]*?<\/Disorder>)(\s*)(<ClassificationNodeChildList count="1">[\s\S]*?<\/ClassificationNodeChildList>\s*<\/ClassificationNode>\s*<\/ClassificationNodeChildList>)/,
      '$3$2$1',
    );
    expect(swapped).not.toBe(classifications);
    expect(new Set((await read(swapped)).map((one) => one.key))).toEqual(
      new Set((await read(classifications)).map((one) => one.key)),
    );
  });
});

describe('the linearisation of Orphanet', () => {
  it('becomes the one preferred root of a disorder; a head has none', async () => {
    expect(await rowsOf(linearisation)).toEqual([
      { kind: 'preferred', orphaCode: '9900001', root: '93419' },
      { kind: 'preferred', orphaCode: '9900002', root: '97962' },
    ]);
  });

  it.each([
    ['<OrphaCode>93419<', '<OrphaCode>x<', 'PARENT_UNREADABLE'],
    [
      '<DisorderDisorderAssociationType id="21485">\n            <Name lang="fr">Parent préférentiel</Name>',
      '<DisorderDisorderAssociationType id="1"><Name lang="fr">Autre</Name>',
      'PARENT_UNREADABLE',
    ],
  ])('says that %s is not read as %s', async (good, bad, code) => {
    const outcomes = await read(linearisation.replace(good, () => bad));
    expect(outcomes[0]).toMatchObject({ kind: 'aside', code, key: '9900001|preferred' });
  });

  it('takes none of two preferred parents', async () => {
    const relation = /<DisorderDisorderAssociation>[\s\S]*?<\/DisorderDisorderAssociation>/;
    const [one = ''] = relation.exec(linearisation) ?? [];
    const outcomes = await read(
      linearisation.replace(relation, () => `${one}${one.replace('93419', '97962')}`),
    );
    expect(outcomes[0]).toMatchObject({ kind: 'aside', code: 'PARENT_AMBIGUOUS', value: '93419, 97962' });
  });
});

describe('the families of TRE_R245', () => {
  it('are 33, each reached by one root', () => {
    expect(ROOT_FAMILIES.map(({ family }) => family)).toEqual(
      Array.from({ length: 33 }, (_, index) => String(29 + index)),
    );
    expect(new Set(ROOT_FAMILIES.map(({ root }) => root)).size).toBe(33);
    expect(new Set(ROOT_FAMILIES.map(({ classification }) => classification)).size).toBe(33);
    for (const one of ROOT_FAMILIES) expect(familyOfRoot(one.root)).toBe(one);
  });

  it('are none for another root', () => {
    expect(familyOfRoot('9900020')).toBeNull();
    expect(familyOfRoot('constructor')).toBeNull();
  });
});

describe('an ORPHAcode', () => {
  it.each([
    ['ORPHA:9900001', '9900001'],
    [' orpha 9900001 ', '9900001'],
    ['Orphacode 9900001', '9900001'],
    ['9900001', '9900001'],
    ['ORPHA:0', null],
    ['ORPHA:', null],
    ['maladie 12', null],
    ['123456789', null],
  ])('%s is %s', (text, code) => {
    expect(readOrphaCode(text)).toBe(code);
  });
});
