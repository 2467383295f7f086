import { describe, expect, it } from 'vitest';
import { readHospitalName, townWords } from '../../src/normalise/names.js';

describe('reading a hospital name', () => {
  it.each([
    ['C.H.U. Rouen', ['chu'], ['rouen']],
    ['Centre Hospitalier Régional Universitaire de Nancy', ['chu'], ['nancy']],
    ['CTRE HOSPITALIER REG UNIVERSITAIRE DIJ', ['chu'], ['dij']],
    ['HOPITAL NORD - CHU38', ['hospital', 'chu'], ['nord']],
    ['CRLCC FRANCOIS BACLESSE - CAEN', ['clcc'], ['francois', 'baclesse', 'caen']],
    ['Ets public de santé mentale', ['psy'], []],
    ['GPE HOSP COCHIN SAINT VINCENT DE PAUL', ['hospital'], ['groupe', 'cochin', 'saint', 'vincent', 'paul']],
    ['AP-HP, Necker', [], ['aphp', 'necker']],
    ['CH STE ANNE', ['ch'], ['sainte', 'anne']],
    ['Hôpital d’Hayange', ['hospital'], ['hayange']],
    ['Centre hospitalier universitai', ['chu'], []],
  ])('%s', (text, types, words) => {
    expect(readHospitalName(text)).toMatchObject({ types, words });
  });

  it('knows a part of a hospital from a hospital', () => {
    expect(readHospitalName('HOPITAL DE JOUR (50G07)-CH DE L’ESTRAN')).toMatchObject({
      words: ['estran'],
      units: ['hopital de jour', '50g07'],
    });
    expect(readHospitalName('UNITÉ RADIOTHÉRAPIE EXTERNE CHERBOURG').units).toEqual([
      'unite',
      'radiotherapie',
    ]);
    expect(readHospitalName('HOPITAL MAISON BLANCHE CHU REIMS').units).toEqual([]);
  });

  it('tells the site from the brand, even when they bear one name', () => {
    expect(readHospitalName('HU HENRI MONDOR SITE HENRI MONDOR APHP').siteWords).toEqual([
      'henri',
      'mondor',
      'aphp',
    ]);
    expect(readHospitalName('HOPITAL MORVAN').siteWords).toBeNull();
  });

  it.each([
    ['Groupe Hospitalier Bretagne Sud', 'ghbs'],
    ['CH Bretagne-Atlantique', 'chba'],
    ['CHIC Alençon-Mamers', 'chicam'],
    ['Hospices civils de Lyon', 'hcl'],
    ['Groupe Hospitalier du Havre', 'ghh'],
    ['Centre hospitalier public du Cotentin', 'chpc'],
    ['Hôpitaux universitaires de Strasbourg', 'hus'],
  ])('%s gives the letters %s', (text, acronym) => {
    expect(readHospitalName(text).acronyms.map(({ text: letters }) => letters)).toContain(acronym);
  });
});

describe('reading a town', () => {
  it.each([
    ['Le Petit-Quevilly', ['petit', 'quevilly']],
    ['ST ETIENNE DU ROUVRAY CEDE', ['saint', 'etienne', 'rouvray']],
    ['LYON CEDEX 08', ['lyon']],
    ['L’Aigle', ['aigle']],
    ['Cricquebœuf', ['cricqueboeuf']],
  ])('%s', (town, words) => {
    expect(townWords(town)).toEqual(words);
  });
});
