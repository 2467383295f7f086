import { describe, expect, it } from 'vitest';
import type { Establishment } from '../../src/domain/establishment.js';
import type { FinessEg, FinessEj } from '../../src/domain/ids.js';
import type { MatchResult } from '../../src/domain/matching.js';
import { buildIndex } from '../../src/matching/index.js';
import { hospitalPart } from '../../src/normalise/mention.js';
import { initialsOf } from '../../src/matching/initials.js';
import { readHospitalName, townWords } from '../../src/normalise/names.js';

interface Line {
  readonly eg: string;
  readonly ej: string;
  readonly name: string;
  readonly town: string;
  readonly category?: string;
  readonly aggregate?: string;
}

/** Synthetic sites ("d'essai"), with numbers that no establishment can have. */
function register(lines: readonly Line[]): ReturnType<typeof buildIndex> {
  return buildIndex(
    lines.map(({ eg, ej, name, town, category = '355', aggregate = '1102' }): Establishment => ({
      eg: eg as FinessEg,
      ej: ej as FinessEj,
      name,
      town,
      category,
      aggregate,
      longName: null,
      complement: null,
      categoryLabel: '',
      departement: '14',
      commune: '',
      postalCode: '',
      address: null,
      siret: null,
      phone: null,
      openedOn: null,
      updatedOn: null,
    })),
  );
}

function ask(lines: readonly Line[], mention: string, city: string | null = null): MatchResult {
  return register(lines).match({ mention, city, departement: null });
}

const CH = { eg: 'eg-ch', ej: 'ej-ch', name: "CENTRE HOSPITALIER D'ESSAIVILLE", town: 'ESSAIVILLE' };

describe('a kind and a town (generic.ts)', () => {
  it('is the only hospital of the town that can be called so', () => {
    expect(ask([CH], 'CH d’Essaiville', 'Essaiville')).toMatchObject({
      outcome: 'auto',
      best: { ej: 'ej-ch', eg: 'eg-ch' },
    });
  });

  it('asks when a private hospital of the town calls itself « hôpital », not when it is a clinic', () => {
    const aPrivate = { eg: 'eg-2', ej: 'ej-2', town: 'ESSAIVILLE', category: '128', aggregate: '1110' };
    const hospital = ask(
      [CH, { ...aPrivate, name: "HOPITAL PRIVE D'ESSAI" }],
      'Hôpital d’Essaiville',
      'Essaiville',
    );
    expect(hospital.outcome).toBe('review');
    expect(hospital.reason).toContain('un autre établissement peut y être désigné ainsi');
    const clinic = ask([CH, { ...aPrivate, name: "CLINIQUE D'ESSAI" }], 'Hôpital d’Essaiville', 'Essaiville');
    expect(clinic).toMatchObject({ outcome: 'auto', best: { ej: 'ej-ch' } });
  });

  it('names none of two public hospitals when the town is not even in the name', () => {
    const psychiatric = {
      eg: 'eg-3',
      ej: 'ej-3',
      name: 'CENTRE HOSPITALIER DES TILLEULS D’ESSAI',
      town: 'ESSAIVILLE',
    };
    const lines = [CH, { ...psychiatric, category: '292', aggregate: '1103' }];
    expect(ask(lines, 'CH', 'Essaiville').outcome).toBe('review');
    expect(ask(lines, 'CH d’Essaiville', 'Essaiville')).toMatchObject({
      outcome: 'auto',
      best: { ej: 'ej-ch' },
    });
  });
});

describe('words of several sites (together.ts)', () => {
  const sites = [
    { eg: 'eg-4', ej: 'ej-4', name: "HOPITAL LOUIS PRADIER D'ESSAI", town: 'ESSAIVILLE' },
    { eg: 'eg-5', ej: 'ej-4', name: "HOPITAL D'ESSAI", town: 'ST GENEST ESSAI' },
  ];

  it('make no name that no site bears', () => {
    const { outcome } = ask(sites, 'Hôpital Saint-Louis');
    expect(outcome).not.toBe('auto');
  });

  it('make a name when they are those of one site', () => {
    expect(ask(sites, 'Hôpital Louis-Pradier', 'Essaiville')).toMatchObject({
      outcome: 'auto',
      best: { eg: 'eg-4' },
    });
  });
});

describe('the site (site.ts, claims.ts)', () => {
  const site = (eg: string, name: string, town = 'ESSAIVILLE', more: Partial<Line> = {}): Line => ({
    eg,
    ej: 'ej-6',
    name,
    town,
    ...more,
  });
  const egOf = (
    lines: readonly Line[],
    mention: string,
    city: string | null = null,
  ): string | null | undefined => ask(lines, mention, city).best?.eg;

  it('is given when its name is said whole and no sister of the town bears it', () => {
    const institute = site('eg-a', 'INSTITUT DUBOULEAU');
    expect(
      egOf(
        [institute, site('eg-b', 'RENE VALTONIER INSTITUT DUBOULEAU', 'AUTREBOURG')],
        'Institut Dubouleau',
        'Essaiville',
      ),
    ).toBe('eg-a');
    expect(
      egOf([institute, site('eg-b', 'INSTITUT DUBOULEAU ENFANTS')], 'Institut Dubouleau', 'Essaiville'),
    ).toBeNull();
  });

  it('is not given by a word that the line of its sister had no room for, nor by a slip of the pen', () => {
    const sisters = [
      site('eg-a', 'CH ESSAIVILLE CHI VALLON DE ROUVEAU', 'ESSAIVILLE'),
      site('eg-b', 'HOPITAL LOCAL AUTREBOURG CHIC VALLON', 'AUTREBOURG'),
    ];
    expect(egOf(sisters, 'CHI Vallon de Rouveau')).toBeNull();
    const slips = [
      site('eg-a', 'CH GEORGE VALTONIER ESSAIVILLE'),
      site('eg-b', 'CH GEORGES VALTONIER AUTREBOURG', 'AUTREBOURG'),
    ];
    expect(egOf(slips, 'CH George-Valtonier')).toBeNull();
  });

  it('is not given when another establishment of the town has the same name and the mention says no kind', () => {
    const lines = [
      site('eg-a', 'CMCO LES GRANDS TILLERAIES ESSAIVILLE', 'ESSAIVILLE', {
        category: '365',
        aggregate: '1110',
      }),
      site('eg-b', 'SSR GRANDS TILLERAIES', 'ESSAIVILLE', { category: '109', aggregate: '1107' }),
    ];
    expect(egOf(lines, 'Grands Tilleraies', 'Essaiville')).toBeNull();
  });

  it('is the one whose initials are said, when the town has one', () => {
    const lines = [
      site('eg-a', 'INSTITUT GILBERT ROUVEAU'),
      site('eg-b', 'HOPITAL AUTREBOURG', 'AUTREBOURG'),
    ];
    expect(egOf(lines, 'IGR', 'Essaiville')).toBe('eg-a');
  });
});

describe('cut names (written.ts)', () => {
  const lines = [
    { eg: 'eg-7', ej: 'ej-7', name: 'HOPITAL JOSEPH TILLERAIE', town: 'ESSAIVILLE' },
    {
      eg: 'eg-8',
      ej: 'ej-8',
      name: 'CLINIQUE SAINT-JOSEPH',
      town: 'ESSAIVILLE',
      category: '128',
      aggregate: '1110',
    },
  ];

  it('are linked when they begin one line of the place', () => {
    const { outcome, best, reason } = ask(lines, 'HOPITAL JOSEPH TILL', 'Essaiville');
    expect({ outcome, eg: best?.eg }).toEqual({ outcome: 'auto', eg: 'eg-7' });
    expect(reason).toContain('le début d’un nom');
  });

  it('are asked when they stop at a word that begins a hundred names', () => {
    expect(ask(lines, 'CLINIQUE SAINT', 'Essaiville').outcome).toBe('review');
  });

  it('are asked when another hospital of the place has these words under another kind', () => {
    const other = { eg: 'eg-9', ej: 'ej-9', name: 'CH JOSEPH TILLOY', town: 'ESSAIVILLE' };
    expect(ask([...lines, other], 'HOPITAL JOSEPH TILL', 'Essaiville').outcome).toBe('review');
  });
});

describe('rivals (rivals.ts)', () => {
  const clinic = {
    eg: 'eg-10',
    ej: 'ej-10',
    name: 'CLINIQUE DES TILLERAIES',
    town: 'ESSAIVILLE',
    category: '128',
    aggregate: '1110',
  };
  const hospital = { eg: 'eg-11', ej: 'ej-11', name: 'CH LES TILLERAIES', town: 'AUTREBOURG' };

  it('are the namesakes of a name without a place, whatever their kind', () => {
    const { outcome, reason } = ask([clinic, hospital], 'Hôpital des Tilleraies');
    expect(outcome).toBe('review');
    expect(reason).toContain('Aucun lieu n’est dit');
    expect(ask([clinic, hospital], 'Hôpital des Tilleraies', 'Autrebourg')).toMatchObject({
      outcome: 'auto',
      best: { ej: 'ej-11' },
    });
  });

  it('are not those who work on the site of the hospital named', () => {
    const guest = {
      eg: 'eg-12',
      ej: 'ej-12',
      name: 'CARDIOLOGIE ROUVEAU SITE CLINIQUE DES TILLERAIES',
      town: 'ESSAIVILLE',
      category: '365',
      aggregate: '1110',
    };
    expect(ask([clinic, guest], 'Clinique des Tilleraies', 'Essaiville')).toMatchObject({
      outcome: 'auto',
      best: { ej: 'ej-10' },
    });
  });

  it('are all hospitals of a territory when a GHT is named', () => {
    const { outcome, reason } = ask([hospital], 'GHT des Tilleraies', 'Autrebourg');
    expect(outcome).toBe('review');
    expect(reason).toContain('groupement hospitalier de territoire');
  });
});

describe('what a mention says of the hospital (normalise/mention.ts)', () => {
  it.each([
    ['Service de dermatologie, hôpital d’essai, 1 rue de Germont, 14000 Essaiville', 'hôpital d’essai'],
    ['CH d’Essaiville (GHT d’essai)', 'CH d’Essaiville'],
    ['Service de dermatologie', 'Service de dermatologie'],
  ])('%s', (written, kept) => {
    expect(hospitalPart(written).trim()).toBe(kept);
  });
});

describe('initials (initials.ts)', () => {
  it.each([
    ['CH ALES CEVENNES', 'ALES', 'chac'],
    ['CRLCC FRANCOIS BACLESSE - CAEN', 'CAEN', 'cfb'],
    ['NOUVEL HOPITAL DE NAVARRE', 'EVREUX', 'nhn'],
  ])('%s', (name, town, letters) => {
    expect(initialsOf({ name: readHospitalName(name), town: townWords(town) })).toContain(letters);
  });
});
