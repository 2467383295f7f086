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

describe('thin evidence', () => {
  const clinic = (eg: string, name: string, more: Partial<Line> = {}): Line => ({
    eg,
    ej: `ej-${eg}`,
    name,
    town: 'ESSAIVILLE',
    category: '128',
    aggregate: '1110',
    ...more,
  });

  it('is a clinic of the town beside another one, psychiatric and of a minor aggregate', () => {
    const first = clinic('eg-a', 'CLINIQUE TILLERAIES');
    const second = clinic('eg-b', 'CLINIQUE DE LA BOUCLAIE', { category: '161', aggregate: '1111' });
    expect(ask([first], 'Clinique d’Essaiville', 'Essaiville').outcome).toBe('auto');
    const { outcome, reason } = ask([first, second], 'Clinique d’Essaiville', 'Essaiville');
    expect(outcome).toBe('review');
    expect(reason).toContain('un autre établissement peut y être désigné ainsi');
  });

  it('is not a legal form: the bearer of the very name wins over a private hospital', () => {
    const named = clinic('eg-a', "SAS CLINIQUE D'ESSAIVILLE");
    const other = clinic('eg-b', "HOPITAL PRIVE D'ESSAIVILLE");
    expect(ask([named, other], 'Clinique d’Essaiville', 'Essaiville')).toMatchObject({
      outcome: 'auto',
      best: { ej: 'ej-eg-a', eg: 'eg-a' },
    });
    expect(ask([named, other], 'Hôpital privé d’Essaiville', 'Essaiville').best?.ej).toBe('ej-eg-b');
  });

  it('is a name under another kind, when the very name is elsewhere', () => {
    const here = clinic('eg-a', 'CLINIQUE TILLERAIES');
    const there = clinic('eg-b', 'HOPITAL PRIVE TILLERAIES', { town: 'AUTREBOURG' });
    expect(ask([here], 'Hôpital privé Tilleraies', 'Essaiville').outcome).toBe('auto');
    const { outcome, reason } = ask([here, there], 'Hôpital privé Tilleraies', 'Essaiville');
    expect(outcome).toBe('review');
    expect(reason).toContain('sous un autre type');
  });

  it('is a cooperation group of the place with the same name', () => {
    const site = { ...CH, name: 'CH ESSAIVILLE SITE POLE SANTE SUD TILLERAIES' };
    const group = clinic('eg-g', 'GCS-MOYENS POLE SANTE SUD TILLERAIES', {
      category: '696',
      aggregate: '1205',
    });
    expect(ask([site], 'Pôle santé Sud-Tilleraies', 'Essaiville').outcome).toBe('auto');
    const { outcome, reason } = ask([site, group], 'Pôle santé Sud-Tilleraies', 'Essaiville');
    expect(outcome).toBe('review');
    expect(reason).toContain('d’une autre entité juridique');
  });

  it('is a town of the same word: Saint-Calendon is not Calendon', () => {
    const away = { ...CH, name: 'CH CALENDON', town: 'CALENDON' };
    expect(ask([away], 'CH de Calendon', 'Calendon').outcome).toBe('auto');
    expect(ask([away], 'CH de Calendon', 'Saint-Calendon').outcome).not.toBe('auto');
    const ornate = { ...CH, name: 'CH CALENDON', town: 'ST AUBIN LES CALENDON' };
    expect(ask([ornate], 'CH de Calendon', 'Calendon').outcome).toBe('auto');
  });

  it('is a last letter or an article that no line goes on with', () => {
    const lines = [{ ...CH, name: 'CTRE HOSPITALIER J BOUCLARD ST TILLERAY', town: 'ST TILLERAY LA FORET' }];
    expect(ask(lines, 'CENTRE HOSPITALIER SAINT J').outcome).not.toBe('auto');
    const rehabilitation = [{ ...CH, name: 'SOINS DE SUITE TILLERAIES' }];
    expect(ask(rehabilitation, 'CENTRE TILLERAIES DE L').outcome).not.toBe('auto');
  });
});

describe('what no other hospital answers for', () => {
  it('is not told by a guest of a hospital that the register lacks', () => {
    const guest = { ...CH, eg: 'eg-g', ej: 'ej-g', name: 'CHU AUTREBOURG - SITE CH TILLERAIES' };
    const { outcome, reason } = ask([guest], 'CH Tilleraies', 'Essaiville');
    expect(outcome).toBe('review');
    expect(reason).toContain('où travaille');
    const own = { ...CH, eg: 'eg-o', ej: 'ej-o', name: 'CHU AUTREBOURG - SITE TILLERAIES' };
    expect(ask([own], 'Tilleraies', 'Essaiville').best?.eg).toBe('eg-o');
  });

  it('is not told by an equipment of that name', () => {
    const equipment = {
      ...CH,
      name: 'CENTRE DE RADIOTHERAPIE DES TILLERAIES',
      category: '129',
      aggregate: '1110',
    };
    const { outcome, reason } = ask([equipment], 'Hôpital privé des Tilleraies', 'Essaiville');
    expect(outcome).toBe('review');
    expect(reason).toContain('équipement');
    expect(ask([equipment], 'Centre de radiothérapie des Tilleraies', 'Essaiville').outcome).toBe('auto');
  });

  it('is not told by a slip of the pen without a town', () => {
    const lines = [{ ...CH, name: 'CH CALENDON', town: 'CALENDON' }];
    expect(ask(lines, 'CH Calandon', 'Calendon').outcome).toBe('auto');
    const { outcome, reason } = ask(lines, 'CH Calandon');
    expect(outcome).toBe('review');
    expect(reason).toContain('n’est qu’approché');
    expect(
      ask([{ ...CH, name: 'CLINIQUE SAINTE TILLERAYE' }], 'CH Saint-Tilleraye', 'Essaiville').outcome,
    ).toBe('review');
  });

  it('is not told by two words of far-away sites of a group', () => {
    const of = (eg: string, name: string, town: string): Line => ({ eg, ej: 'ej-s', name, town });
    const sites = Array.from({ length: 9 }, (_, at) =>
      of(`eg-${String(at)}`, `CLINIQUE NUMERO ${String(at)}`, 'CALENDON'),
    );
    const group = [
      of('eg-a', 'CLINIQUE SAINT BOUCLARD', 'ESSAIVILLE'),
      of('eg-b', 'HJ ST TILLERAY BOUCLARD', 'AUTREBOURG'),
      of('eg-c', 'CATTP ST TILLERAY BOUCLARD', 'AUTREBOURG'),
      ...sites,
    ];
    expect(ask(group, 'Clinique Saint-Tilleray', 'Essaiville').outcome).not.toBe('auto');
  });

  it('is not told by the outpost of another hospital for the hospital of the town', () => {
    const psychiatric = {
      ...CH,
      eg: 'eg-p',
      ej: 'ej-p',
      name: 'CENTRE TILLERAIES',
      category: '292',
      aggregate: '1103',
    };
    expect(ask([psychiatric], 'CH d’Essaiville', 'Essaiville').outcome).toBe('review');
    expect(ask([psychiatric], 'Hôpital psychiatrique d’Essaiville', 'Essaiville').outcome).toBe('auto');
  });

  it('is not told for a town by its neighbour: Lambouc-lès-Calendon is not Calendon', () => {
    const lines = [
      { ...CH, name: 'CLINIQUE TILLERAIES', town: 'LAMBOUC LEZ CALENDON' },
      { ...CH, eg: 'eg-2', ej: 'ej-2', name: 'CH DE CALENDON', town: 'CALENDON' },
    ];
    expect(ask(lines, 'Clinique Tilleraies', 'Calendon').outcome).toBe('review');
    expect(ask(lines, 'Clinique Tilleraies', 'Lambouc-lez-Calendon').outcome).toBe('auto');
  });

  it('is not told by a town’s name that is a hospital’s elsewhere', () => {
    const lines = [
      { ...CH, name: 'HOPITAL ST TILLERAY', town: 'ST TILLERAY' },
      { ...CH, eg: 'eg-2', ej: 'ej-2', name: 'CH AUTREBOURG - HOPITAL SAINT-TILLERAY', town: 'AUTREBOURG' },
    ];
    expect(ask(lines, 'Hôpital Saint-Tilleray').outcome).toBe('review');
    expect(ask(lines, 'Hôpital Saint-Tilleray', 'Saint-Tilleray').best?.ej).toBe('ej-ch');
  });

  it('is not told by a bare name that another entity has on any of its lines', () => {
    const of = (eg: string, ej: string, name: string, town: string): Line => ({ eg, ej, name, town });
    const lines = [
      of('eg-a', 'ej-a', 'CENTRE DE PNEUMOLOGIE LES TILLERAIES', 'ESSAIVILLE'),
      of('eg-b', 'ej-b', 'CH AUTREBOURG', 'AUTREBOURG'),
      of('eg-c', 'ej-b', 'MAISON MEDICALE LES TILLERAIES', 'AUTREBOURG'),
    ];
    expect(ask(lines.slice(0, 2), 'Les Tilleraies').best?.eg).toBe('eg-a');
    const { outcome, reason } = ask(lines, 'Les Tilleraies');
    expect(outcome).toBe('review');
    expect(reason).toContain('MAISON MEDICALE LES TILLERAIES');
    expect(ask(lines, 'Les Tilleraies', 'Essaiville').best?.eg).toBe('eg-a');
    const here = [...lines, of('eg-d', 'ej-b', 'SSR ANTENNE LES TILLERAIES', 'ESSAIVILLE')];
    expect(ask(here, 'Les Tilleraies', 'Essaiville').outcome).toBe('review');
  });

  it('is not told by equipment that alone stands in the town', () => {
    const of = (eg: string, ej: string, name: string, town: string): Line => ({ eg, ej, name, town });
    const lines = [
      of('eg-a', 'ej-a', 'INSTITUT DES TILLERAIES', 'AUTREBOURG'),
      of('eg-b', 'ej-a', 'AUTODIALYSE INSTITUT DES TILLERAIES', 'ESSAIVILLE'),
    ];
    expect(ask(lines, 'Institut des Tilleraies', 'Autrebourg').outcome).toBe('auto');
    expect(ask(lines, 'Institut des Tilleraies', 'Essaiville').outcome).toBe('review');
  });

  it('is not told when the site of that name stands in another town of the entity', () => {
    const of = (eg: string, name: string, town: string): Line => ({ eg, ej: 'ej-s', name, town });
    const lines = [
      of('eg-a', 'HOPITAL DES TILLERAIES - HCE', 'CALENDON'),
      of('eg-b', 'HOPITAL BOUCLARD - HCE', 'ESSAIVILLE'),
    ];
    expect(ask(lines, 'Hôpital des Tilleraies', 'Calendon').best?.eg).toBe('eg-a');
    const { outcome, reason } = ask(lines, 'Hôpital des Tilleraies', 'Essaiville');
    expect(outcome).toBe('review');
    expect(reason).toContain('n’est pas dans cette ville');
  });

  it('is asked when a rehabilitation of the place bears the name too', () => {
    const lines = [
      { ...CH, name: 'CENTRE ANNE TILLERAIES' },
      { ...CH, eg: 'eg-2', ej: 'ej-2', name: 'CTRE DE SSR JEAN TILLERAIES' },
    ];
    expect(ask(lines.slice(0, 1), 'Centre Tilleraies', 'Essaiville').outcome).toBe('auto');
    expect(ask(lines, 'Centre Tilleraies', 'Essaiville').outcome).toBe('review');
  });
});

describe('the site of thin evidence', () => {
  const of = (eg: string, name: string, town: string): Line => ({ eg, ej: 'ej-s', name, town });

  it('is asked when a second site is called « pôle santé »', () => {
    const lines = [
      of('eg-a', 'CH ESSAIVILLE-SITE BOUCLAIE', 'ESSAIVILLE'),
      of('eg-b', 'CH ESSAIVILLE SITE POLE SANTE TILLERAIES', 'ESSAIVILLE'),
    ];
    expect(ask(lines, 'CH d’Essaiville', 'Essaiville')).toMatchObject({
      outcome: 'auto',
      best: { ej: 'ej-s', eg: null },
    });
    const unit = of('eg-b', 'CH ESSAIVILLE POLE SANTE MENTALE', 'ESSAIVILLE');
    expect(ask([lines[0] ?? unit, unit], 'CH d’Essaiville', 'Essaiville').best?.eg).toBe('eg-a');
  });

  it('is asked when a word that is said stands on another line of the place', () => {
    const lines = [
      of('eg-a', 'CH ESSAIVILLE', 'ESSAIVILLE'),
      of('eg-b', 'HJ PSY SITE STE BOUCLAIE', 'ESSAIVILLE'),
    ];
    expect(ask(lines, 'CH d’Essaiville', 'Essaiville').best?.eg).toBe('eg-a');
    expect(ask(lines, 'CH d’Essaiville, Sainte-Bouclaie', 'Essaiville').best).toMatchObject({
      ej: 'ej-s',
      eg: null,
    });
  });

  it('is not told by an acronym without a town, whichever line writes it', () => {
    const lines = [
      of('eg-a', 'HOPITAL BOUCLARD', 'ESSAIVILLE'),
      of('eg-b', 'HOPITAL TILLERAIES - GHZTE', 'AUTREBOURG'),
    ];
    expect(ask(lines, 'GHZTE').best).toMatchObject({ ej: 'ej-s', eg: null });
    expect(ask(lines, 'GHZTE', 'Autrebourg').best?.eg).toBe('eg-b');
  });

  it('stands in the town that is said, where the entity has another hospital', () => {
    const lines = [
      of('eg-a', 'CH ESSAIVILLE SITE ESSAIVILLE', 'ESSAIVILLE'),
      of('eg-b', 'CH TILLERAIES ESSAIVILLE CHIRURGIE', 'AUTREBOURG'),
    ];
    expect(ask(lines, 'CH Tilleraies - Essaiville', 'Essaiville').best?.eg).not.toBe('eg-b');
  });

  it('is not told by « médical »', () => {
    const lines = [
      of('eg-a', 'CENTRE MEDICAL TILLERAIES ESSAIVILLE', 'ESSAIVILLE'),
      of('eg-b', 'CENTRE TILLERAIES AUTREBOURG', 'AUTREBOURG'),
    ];
    expect(ask(lines, 'Centre médical Tilleraies').best).toMatchObject({ ej: 'ej-s', eg: null });
    expect(ask(lines, 'Centre médical Tilleraies', 'Essaiville').best?.eg).toBe('eg-a');
  });

  it('is not told by the towns that make the name of the entity', () => {
    const lines = [
      of('eg-a', 'CHI ESSAIVILLE AUTREBOURG', 'ESSAIVILLE'),
      of('eg-b', 'CHI ESSAIVILLE CTRE TILLERAIES', 'AUTREBOURG'),
    ];
    expect(ask(lines, 'CHI Essaiville-Autrebourg').best).toMatchObject({ ej: 'ej-s', eg: null });
  });

  it('is the unit that says every unit of the mention', () => {
    const lines = [
      of('eg-a', 'CH ESSAIVILLE', 'ESSAIVILLE'),
      of('eg-b', 'CMP ENFANTS CH ESSAIVILLE', 'ESSAIVILLE'),
    ];
    expect(ask(lines, 'CMP du CH d’Essaiville', 'Essaiville').best?.eg).toBe('eg-b');
    expect(ask(lines, 'CMP et hôpital de jour du CH d’Essaiville', 'Essaiville').outcome).toBe('review');
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
