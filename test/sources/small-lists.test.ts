import { describe, expect, it } from 'vitest';
import { indexFilieres, readFiliere } from '../../src/normalise/filieres.js';
import { bamaraDeployment } from '../../src/sources/bamara-deployment/index.js';
import { readAll } from '../../src/sources/contract.js';
import { ernSource } from '../../src/sources/ern/index.js';
import { carriersOf } from '../../src/sources/pemr/carriers.js';
import { pemrSource } from '../../src/sources/pemr/index.js';
import { filieresSource } from '../../src/sources/filieres/index.js';
import { SOURCE_IDS, isSourceId, sourceRegistry } from '../../src/sources/registry.js';
import { delivery, fixture, shipped } from './bytes.js';

describe('the deployment table', () => {
  const source = bamaraDeployment();
  const HEADER =
    'Hôpital;Ville;convention BaMaRa envoyée le;Convention BaMaRa;Convention BNDMR;déployé;Date de déploiement';
  const read = (row: string) => readAll(source, delivery(Buffer.from(`${HEADER}\n${row}\n`)));

  it('says everything that is wrong with a row at once', async () => {
    const [row] = await read(';Dieppe;;;;peut-être;31/02/2024');
    expect(row).toMatchObject({ kind: 'aside', code: 'ESTABLISHMENT_MISSING' });
    for (const part of ['ne nomme pas d’hôpital', '« peut-être »', '« 31/02/2024 » n’existe pas'])
      expect((row as { message: string }).message).toContain(part);
  });

  it('becomes statuses and dates as precise as they are', async () => {
    const outcomes = await readAll(
      source,
      delivery(fixture('bamara-deployment/fixtures/deploiement-essai-2026-11.csv')),
    );
    expect(outcomes.map((one) => (one.kind === 'row' ? one.value : one))).toEqual([
      {
        hospital: 'Hôpital d’essai Nord',
        town: 'Évreux',
        bamara: {
          sentOn: { text: 'janv-21', precision: 'month', iso: '2021-01' },
          status: 'signée',
          signed: true,
        },
        bndmr: {
          sentOn: { text: '08/01/2021', precision: 'day', iso: '2021-01-08' },
          status: 'signée',
          signed: true,
        },
        status: 'delabelled',
        deployedOn: null,
      },
      {
        hospital: 'Hôpital d’essai Sud',
        town: 'Saint-Lô',
        bamara: {
          sentOn: { text: 'juil-17', precision: 'month', iso: '2017-07' },
          status: 'signée',
          signed: true,
        },
        bndmr: {
          sentOn: { text: '31/10/2019', precision: 'day', iso: '2019-10-31' },
          status: 'signée',
          signed: true,
        },
        status: 'yes',
        deployedOn: { text: 'juil-18', precision: 'month', iso: '2018-07' },
      },
      {
        hospital: 'Clinique d’essai Œuvre',
        town: 'Sées',
        bamara: {
          sentOn: { text: 'févr-24', precision: 'month', iso: '2024-02' },
          status: 'en cours',
          signed: false,
        },
        bndmr: { sentOn: null, status: null, signed: false },
        status: 'unstated',
        deployedOn: null,
      },
    ]);
  });

  it.each([
    ['Hôpital d’essai;Caen;31/02/2021;signée;signée;oui;', 'DATE_IMPOSSIBLE', 'convention BaMaRa envoyée le'],
    ['Hôpital d’essai;Caen;;signée;signée;oui;bientôt', 'DATE_UNREADABLE', 'Date de déploiement'],
    ['Hôpital d’essai;Caen;;signée;signée;peut-être;', 'STATUS_UNKNOWN', 'déployé'],
    [';Caen;;signée;signée;oui;', 'ESTABLISHMENT_MISSING', 'Hôpital'],
  ])('sets %j aside: %s', async (row, code, field) => {
    expect(await read(row)).toMatchObject([{ kind: 'aside', code, field, locator: { line: 2 } }]);
  });

  it('believes neither of two rows of one hospital that disagree', async () => {
    const outcomes = await read(
      'Hôpital d’essai;Caen;;signée;signée;oui;\nHÔPITAL D’ESSAI;Caen;;signée;signée;non;',
    );
    expect(outcomes).toMatchObject([{ code: 'DUPLICATE_DIFFERENT' }, { code: 'DUPLICATE_DIFFERENT' }]);
  });
});

describe('the filières that are shipped', () => {
  const read = () =>
    readAll(filieresSource(), delivery(shipped('config/filieres.csv'), { fileName: 'filieres.csv' }));

  it('are the 23, none set aside, each with a title', async () => {
    const outcomes = await read();
    expect(outcomes.filter((one) => one.kind === 'row')).toHaveLength(23);
    expect(outcomes).toHaveLength(23);
    expect(outcomes[4]).toMatchObject({
      key: 'FAI²R',
      value: {
        code: 'FAI²R',
        title: 'Maladies auto-immunes et auto-inflammatoires rares',
        spellings: ['FAI2R'],
        erns: ['ReCONNET', 'RITA'],
      },
    });
  });

  it('are recognised under every spelling seen, and no spelling stands for two', async () => {
    const filieres = (await read()).flatMap((one) => (one.kind === 'row' ? [one.value] : []));
    const index = indexFilieres(filieres);
    for (const [written, code] of [
      ['ANDDI-RARES', 'AnDDI-Rares'],
      ['Brain-Team', 'BRAIN-TEAM'],
      ['defiscience', 'DéfiScience'],
      ['FAI2R', 'FAI²R'],
      ['SLA', 'FilSLAN'],
      ['Memo', 'MHEMO'],
      ['Muco', 'MUCO-CFTR'],
      ['ORKID', 'ORKiD'],
      ['TÊTECOU', 'TETECOU'],
      ['marih', 'MaRIH'],
      ['Neurosphinx', 'NeuroSphinx'],
      ['Filière RESPIFIL', 'RespiFIL'],
    ]) {
      expect(readFiliere(index, written ?? '')).toEqual({ kind: 'one', code });
    }
  });

  it('have European networks of the official 24, FilSLAN alone having none', async () => {
    // Codes of the 24 networks in the register of the European Commission.
    const erns = new Set(
      (
        'BOND CRANIO Endo-ERN EpiCARE ERKNet ERN-EYE ERN-LUNG ERN-RND ERN-SKIN ERNICA EURACAN EURO-NMD EuroBloodNet ' +
        'eUROGEN GENTURIS GUARD-HEART ITHACA MetabERN PaedCAN RARE-LIVER ReCONNET RITA TRANSPLANTCHILD VASCERN'
      ).split(' '),
    );
    expect(erns.size).toBe(24);
    const filieres = (await read()).flatMap((one) => (one.kind === 'row' ? [one.value] : []));
    for (const { erns: tied } of filieres) expect(tied.filter((code) => !erns.has(code))).toEqual([]);
    expect(filieres.filter((one) => one.erns.length === 0).map((one) => one.code)).toEqual(['FilSLAN']);
  });
});

describe('the European networks and the platforms that are shipped', () => {
  const filieres = async () =>
    (await readAll(filieresSource(), delivery(shipped('config/filieres.csv')))).flatMap((one) =>
      one.kind === 'row' ? [one.value] : [],
    );

  it('are the 24 networks, none set aside, each tied to the filières that name it', async () => {
    const known = await filieres();
    const outcomes = await readAll(ernSource(known), delivery(shipped('config/ern.csv')));
    const rows = outcomes.flatMap((one) => (one.kind === 'row' ? [one.value] : []));
    expect([outcomes.length, rows.length]).toEqual([24, 24]);
    for (const { code, filieres: tied } of rows)
      expect([code, [...tied].sort()]).toEqual([
        code,
        known.flatMap((one) => (one.erns.includes(code) ? [one.code] : [])).sort(),
      ]);
    // Cancers, predispositions to tumours and transplantation have no filière of rare diseases.
    expect(rows.filter((one) => one.filieres.length === 0).map(({ code }) => code)).toEqual([
      'EURACAN',
      'GENTURIS',
      'PaedCAN',
      'TRANSPLANTCHILD',
    ]);
  });

  it('are 19 PEMR and 4 PCOM, of every region, one of Normandie', async () => {
    const outcomes = await readAll(pemrSource(), delivery(shipped('config/pemr.csv')));
    const rows = outcomes.flatMap((one) => (one.kind === 'row' ? [one.value] : []));
    expect(outcomes).toHaveLength(23);
    expect(rows.filter(({ kind }) => kind === 'PEMR')).toHaveLength(19);
    expect(rows.filter(({ kind }) => kind === 'PCOM').map(({ regions }) => regions)).toEqual([
      ['02'],
      ['01'],
      ['04', '06'],
      ['03'],
    ]);
    expect(new Set(rows.flatMap(({ regions }) => regions)).size).toBe(18);
    expect(rows.filter(({ regions }) => regions.includes('28'))).toEqual([
      { name: 'PEMR Normandie', kind: 'PEMR', regions: ['28'], carriers: null, year: 2021 },
    ]);
  });

  it.each([
    ['Plateforme d’essai;PEMR;29;', 'REGION_UNKNOWN'],
    ['Plateforme d’essai;PEMR;;', 'REGION_UNKNOWN'],
    ['Plateforme d’essai;Autre;28;', 'KIND_UNKNOWN'],
    [';PEMR;28;', 'NAME_MISSING'],
    ['Plateforme d’essai;PEMR;28;deux mille', 'YEAR_UNREADABLE'],
  ])('sets %j aside: %s', async (row, code) => {
    const text = `Nom;Type;Régions;Année;Établissements porteurs\n${row};\n`;
    expect(await readAll(pemrSource(), delivery(Buffer.from(text)))).toMatchObject([{ kind: 'aside', code }]);
  });

  it.each([
    [null, []],
    ['CHU d’essai', [['CHU d’essai', null]]],
    [
      'CHU d’essai avec CH Premier, Fondation d’essai|CHU Avecques',
      [
        ['CHU d’essai', null],
        ['CH Premier', null],
        ['Fondation d’essai', null],
        ['CHU Avecques', null],
      ],
    ],
    [
      'CHU d’essai 140000001 | CH Second (2A0000012),',
      [
        ['CHU d’essai', '140000001'],
        ['CH Second', '2A0000012'],
      ],
    ],
    ['140000001', [['140000001', '140000001']]],
  ])('name as carriers in %j: %j', (text, expected) => {
    expect(carriersOf(text).map(({ written, finess }) => [written, finess])).toEqual(expected);
  });

  it('set a row aside whose carriers are no list of names', async () => {
    const text = `Nom;Type;Régions;Établissements porteurs\nEssai;PEMR;28;${'CH d’essai, '.repeat(100)}\n`;
    expect(await readAll(pemrSource(), delivery(Buffer.from(text)))).toMatchObject([
      { kind: 'aside', code: 'CARRIERS_TOO_LONG', field: 'Établissements porteurs' },
    ]);
  });

  it('take a region by its code, by a code without its zero, or by its name', async () => {
    const text = 'Nom;Type;Régions;Établissements porteurs\nEssai;PCOM;2|Corse|28;\n';
    expect(await readAll(pemrSource(), delivery(Buffer.from(text)))).toMatchObject([
      { value: { regions: ['02', '94', '28'] } },
    ]);
  });

  it('set a network aside that names an unknown filière, or has no code', async () => {
    const text = 'Code;Nom;Domaine;Filières\nE1;Un;x;AUTRE\n;Deux;x;\n';
    expect(await readAll(ernSource([]), delivery(Buffer.from(text)))).toMatchObject([
      { code: 'FILIERE_UNKNOWN', key: 'E1' },
      { code: 'CODE_MISSING', key: '*' },
    ]);
  });
});

describe('the registry', () => {
  it('has every source under its own id', () => {
    const registry = sourceRegistry([]);
    expect(Object.keys(registry)).toEqual([...SOURCE_IDS]);
    for (const id of SOURCE_IDS) expect(registry[id].id).toBe(id);
    expect(isSourceId('labelled-centres')).toBe(true);
    expect(isSourceId('autre')).toBe(false);
  });
});
