import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LABEL_LEVELS, PUBLICS } from '../../src/domain/centre.js';
import { readCampaign } from '../../src/normalise/campaigns.js';
import { readDate } from '../../src/normalise/dates.js';
import { readDepartement, readRegion, regionOf } from '../../src/normalise/departements.js';
import { indexFilieres, readFiliere } from '../../src/normalise/filieres.js';
import { readLabelLevel } from '../../src/normalise/labels.js';
import { readPublic } from '../../src/normalise/publics.js';
import { fold } from '../../src/normalise/text.js';

describe('label levels', () => {
  it.each([
    ['CRMR coordonnateur', 'CRMR coordonnateur'],
    ['Centre de référence maladies rares – site coordonnateur', 'CRMR coordonnateur'],
    ['CENTRE DE REFERENCE COORDONNATEUR', 'CRMR coordonnateur'],
    ['site constitutif', 'CRMR constitutif'],
    ['Centre de référence (constitutif)', 'CRMR constitutif'],
    ['CRC', 'CRC'],
    ['CRCM', 'CRC'],
    ['Centre de ressources et de compétences de la mucoviscidose', 'CRC'],
    ['CRC-MHC', 'CRC'],
    ['CCMR', 'CCMR'],
    ['centre de compétence', 'CCMR'],
    ['Centres de compétences maladies rares', 'CCMR'],
  ])('reads %j as %s', (text, level) => {
    expect(readLabelLevel(text)).toBe(level);
  });

  it.each([
    'non précisé',
    'CRMR',
    'CRMR (non précisé)',
    'centre de référence',
    'ancien CCMR',
    'CCMR en cours',
    'CRMR coordonnateur ou constitutif',
    'CRC / CCMR',
    'CRMR et CCMR',
    'site',
    '',
    '?',
    'CCMR ?',
  ])('finds no level in %j', (text) => {
    expect(readLabelLevel(text)).toBeNull();
  });

  it('reads its own words back', () => {
    for (const level of LABEL_LEVELS) expect(readLabelLevel(level)).toBe(level);
  });
});

describe('campaigns', () => {
  it.each([
    ['2023', 2023],
    [' 2017 ', 2017],
    ['2014', 2014],
    ['Campagne 2023', 2023],
    ['labellisation 2022-2023', 2023],
    ['2023-2028', 2023],
    ['avant 2017', null],
    ['2023 (page non datée)', null],
    ['2017-2028', null],
    ['20233', null],
    ['', null],
  ])('reads %j as %s', (text, campaign) => {
    expect(readCampaign(text).campaign).toBe(campaign);
  });

  it('keeps the text as written', () => {
    expect(readCampaign(' avant  2017 ')).toEqual({ campaign: null, campaignText: 'avant 2017' });
  });
});

describe('publics', () => {
  it.each([
    ['adulte', 'adulte'],
    ['Adultes', 'adulte'],
    ['Enfants', 'pédiatrique'],
    ['pediatrie', 'pédiatrique'],
    ['Adulte et pédiatrique', 'mixte'],
    ['enfants/adultes', 'mixte'],
    ['MIXTE', 'mixte'],
    ['tous âges', 'mixte'],
    ['gériatrique', null],
    ['adulte ?', null],
    ['adulte sauf Rouen', null],
    ['', null],
  ])('reads %j as %s', (text, expected) => {
    expect(readPublic(text)).toBe(expected);
  });

  it('reads its own words back', () => {
    for (const one of PUBLICS) expect(readPublic(one)).toBe(one);
  });
});

describe('dates', () => {
  it.each([
    ['janv-21', 'month', '2021-01'],
    ['févr-25', 'month', '2025-02'],
    ['sept-24', 'month', '2024-09'],
    ['juil. 17', 'month', '2017-07'],
    ['août 2024', 'month', '2024-08'],
    ['01/2021', 'month', '2021-01'],
    ['2021-01', 'month', '2021-01'],
    ['08/01/2021', 'day', '2021-01-08'],
    ['8-1-21', 'day', '2021-01-08'],
    ['2021-01-08', 'day', '2021-01-08'],
    ['1er mars 2024', 'day', '2024-03-01'],
    ['29/02/2024', 'day', '2024-02-29'],
  ])('reads %j to the %s as %s', (text, precision, iso) => {
    expect(readDate(text)).toEqual({ kind: 'date', date: { text, precision, iso } });
  });

  it.each(['31/02/2021', '29/02/2023', '2021-13', '00/01/2021', '32/01/2021', '31 avril 2024'])(
    'says that %j is in no calendar',
    (text) => {
      expect(readDate(text)).toEqual({ kind: 'fault', fault: 'impossible' });
    },
  );

  it.each(['', '2021', '44204', '08/21', 'bientôt', 'oui', '8/1/2021 à confirmer', 'janv'])(
    'does not guess %j',
    (text) => {
      expect(readDate(text)).toEqual({ kind: 'fault', fault: 'unreadable' });
    },
  );

  it('reads any day of the century, and reads its own result back', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('2000-01-01'), max: new Date('2099-12-31'), noInvalidDate: true }),
        (date) => {
          const iso = date.toISOString().slice(0, 10);
          const [year = '', month = '', day = ''] = iso.split('-');
          for (const text of [iso, `${day}/${month}/${year}`, `${day}.${month}.${year.slice(2)}`]) {
            const read = readDate(text);
            expect(read).toMatchObject({ kind: 'date', date: { iso, precision: 'day' } });
          }
        },
      ),
    );
  });
});

describe('départements and regions', () => {
  it.each([
    ['14', '14'],
    ['Calvados', '14'],
    ['calvados (14)', '14'],
    ['76 - Seine-Maritime', '76'],
    ['SEINE MARITIME', '76'],
    ['2a', '2A'],
    ['Corse-du-Sud', '2A'],
    ['1', '01'],
    ['974', '974'],
    ['9D', '974'],
    ['La Réunion', '974'],
  ])('reads %j as %s', (text, code) => {
    expect(readDepartement(text)).toBe(code);
  });

  it.each(['', '0', '96', '20', '14000', 'Normandie', 'Calvados (76)', '14 ou 76', 'Caen'])(
    'finds no département in %j',
    (text) => {
      expect(readDepartement(text)).toBeNull();
    },
  );

  it('knows regions by present and former names', () => {
    expect(readRegion('Normandie')).toBe('28');
    expect(readRegion('Basse-Normandie')).toBe('28');
    expect(readRegion('BRETAGNE')).toBe('53');
    expect(readRegion('Caen')).toBeNull();
    expect(['14', '27', '50', '61', '76'].map(regionOf)).toEqual(['28', '28', '28', '28', '28']);
    expect(regionOf('72')).toBe('52');
  });
});

describe('filières', () => {
  const filieres = [
    {
      code: 'FAI²R',
      title: 'Maladies auto-immunes et auto-inflammatoires rares',
      spellings: [],
      erns: ['RITA'],
    },
    { code: 'BRAIN-TEAM', title: 'Système nerveux central', spellings: ['BrainTeam'], erns: [] },
    { code: 'FilSLAN', title: 'Sclérose latérale amyotrophique', spellings: ['SLA'], erns: [] },
    { code: 'MaRIH', title: 'Maladies rares immuno-hématologiques', spellings: [], erns: [] },
  ];
  const index = indexFilieres(filieres);

  it.each([
    ['FAI²R', 'FAI²R'],
    ['FAI2R', 'FAI²R'],
    ['fai2r', 'FAI²R'],
    ['Filière FAI²R', 'FAI²R'],
    ['Maladies auto-immunes et auto-inflammatoires rares', 'FAI²R'],
    ['Brain-Team', 'BRAIN-TEAM'],
    ['BRAIN TEAM', 'BRAIN-TEAM'],
    ['MARIH', 'MaRIH'],
    ['SLA', 'FilSLAN'],
    ['SLA / FilSLAN', 'FilSLAN'],
  ])('reads %j as %s', (text, code) => {
    expect(readFiliere(index, text)).toEqual({ kind: 'one', code });
  });

  it('names both filières of a cell that gives two', () => {
    expect(readFiliere(index, 'MaRIH / FAI2R')).toEqual({ kind: 'several', codes: ['FAI²R', 'MaRIH'] });
  });

  it.each(['', 'FIMARADE', 'MaRIH / inconnue', '-'])('does not know %j', (text) => {
    expect(readFiliere(index, text)).toEqual({ kind: 'unknown' });
  });

  it('refuses a spelling that stands for two filières', () => {
    expect(() =>
      indexFilieres([...filieres, { code: 'AUTRE', title: 'Autre', spellings: ['s.l.a.'], erns: [] }]),
    ).toThrow(/désigne deux filières/);
  });
});

describe('any text', () => {
  const texts = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }));

  it('folds once and for all', () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(fold(fold(text))).toBe(fold(text));
      }),
    );
  });

  it('is read the same whatever its Unicode form, case or spacing', () => {
    const written = fc.constantFrom(
      'CRMR coordonnateur',
      'Centre de compétence',
      'pédiatrique',
      'févr-25',
      'Côte-d’Or',
      'avant 2017',
    );
    fc.assert(
      fc.property(
        written,
        fc.constantFrom('NFC', 'NFD', 'NFKC', 'NFKD'),
        fc.boolean(),
        (text, form, upper) => {
          const changed = ` ${(upper ? text.toUpperCase() : text).normalize(form).replace(/ /g, '\u00a0 ')}`;
          expect(readLabelLevel(changed)).toBe(readLabelLevel(text));
          expect(readPublic(changed)).toBe(readPublic(text));
          expect(readDepartement(changed)).toBe(readDepartement(text));
          expect(readCampaign(changed).campaign).toBe(readCampaign(text).campaign);
          const [one, two] = [readDate(changed), readDate(text)];
          expect(one.kind === 'date' ? one.date.iso : one.fault).toBe(
            two.kind === 'date' ? two.date.iso : two.fault,
          );
        },
      ),
    );
  });

  it('never throws and only answers with its own words, which read back as themselves', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const level = readLabelLevel(text);
        if (level !== null) expect(readLabelLevel(level)).toBe(level);
        const departement = readDepartement(text);
        if (departement !== null) expect(readDepartement(departement)).toBe(departement);
        const { campaignText, campaign } = readCampaign(text);
        expect(readCampaign(campaignText)).toEqual({ campaign, campaignText });
        const date = readDate(text);
        if (date.kind === 'date')
          expect(readDate(date.date.iso)).toMatchObject({ date: { iso: date.date.iso } });
      }),
    );
  });
});
