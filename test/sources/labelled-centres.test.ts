import { describe, expect, it } from 'vitest';
import type { CentreObservation } from '../../src/domain/centre.js';
import type { RowOutcome } from '../../src/domain/rows.js';
import { readAll } from '../../src/sources/contract.js';
import { labelledCentres } from '../../src/sources/labelled-centres/index.js';
import { delivery, encoded, fixture } from './bytes.js';

const source = labelledCentres([
  { code: 'FIMARAD', title: 'Maladies rares en dermatologie', spellings: [], erns: [] },
  { code: 'MaRIH', title: 'Maladies rares immuno-hématologiques', spellings: [], erns: [] },
  { code: 'FAI²R', title: 'Maladies auto-immunes', spellings: [], erns: [] },
  { code: 'MUCO-CFTR', title: 'Mucoviscidose', spellings: ['MUCO'], erns: [] },
]);

const HEADER =
  'label_type;centre_nom;acronyme;filiere;etablissement;ville;departement;public;responsable;millesime_label;finess_ej;finess_eg;acte_specifique';

interface Row {
  readonly label?: string;
  readonly title?: string;
  readonly network?: string;
  readonly filiere?: string;
  readonly hospital?: string;
  readonly town?: string;
  readonly departement?: string;
  readonly public?: string;
  readonly head?: string;
  readonly campaign?: string;
  readonly ej?: string;
  readonly eg?: string;
  readonly acts?: string;
}

function line(row: Row): string {
  return [
    row.label ?? 'CCMR',
    row.title ?? 'Centre d’essai',
    row.network ?? '',
    row.filiere ?? 'MaRIH',
    row.hospital ?? 'Hôpital d’essai',
    row.town ?? 'Évreux',
    row.departement ?? '27',
    row.public ?? '',
    row.head ?? '',
    row.campaign ?? '2023',
    row.ej ?? '',
    row.eg ?? '',
    row.acts ?? '',
  ].join(';');
}

const read = (text: string): Promise<readonly RowOutcome<CentreObservation>[]> =>
  readAll(source, delivery(Buffer.from(text)));
const readRows = (...rows: readonly Row[]): Promise<readonly RowOutcome<CentreObservation>[]> =>
  read([HEADER, ...rows.map(line)].join('\n'));
const codes = (outcomes: readonly RowOutcome<CentreObservation>[]): readonly string[] =>
  outcomes.map((one) =>
    one.kind === 'aside' ? one.code : (one.flags ?? []).map((flag) => `+${flag.code}`).join(),
  );

describe('a list of labelled centres', () => {
  it('becomes observations, whatever the order and the names of its columns', async () => {
    const outcomes = await readAll(
      source,
      delivery(fixture('labelled-centres/fixtures/centres-essai-2026-11.csv')),
    );
    expect(outcomes[0]).toMatchObject({
      kind: 'row',
      locator: { file: 'essai.csv', line: 2 },
      value: {
        title: 'Centre d’essai des dermatoses',
        network: 'ESSAIBUL',
        filiere: 'FIMARAD',
        label: { level: 'CRMR coordonnateur', campaign: 2023, campaignText: '2023' },
        hospital: 'Hôpital d’essai Nord',
        town: 'Évreux',
        departement: '27',
        region: 'Normandie',
        public: 'adulte',
        head: 'Pr Œdipe Naïf',
        finessEj: null,
        finessEg: null,
        specificActs: [],
        evidence: 'arrêté d’essai, annexe ; page 12',
      },
    });
    expect(outcomes[2]).toMatchObject({
      value: { finessEj: '140000100', finessEg: '140000209', public: 'mixte' },
    });
  });

  it('numbers lines as an editor does, quoted cells over several lines included', async () => {
    const outcomes = await readAll(
      source,
      delivery(fixture('labelled-centres/fixtures/centres-essai-2026-11.csv')),
    );
    // The second row spans lines 3 and 4.
    expect(outcomes.map((one) => one.locator.line)).toEqual([2, 3, 5, 6]);
  });

  it('tells which columns it did not recognise', async () => {
    const facts = await source.inspect(delivery(Buffer.from(`${HEADER};Téléphone;FINESS\n${line({})};;\n`)));
    expect(facts).toMatchObject({
      separator: ';',
      encoding: 'utf-8',
      unknownColumns: ['Téléphone', 'FINESS'],
    });
  });

  it.each([
    [',', 'Label,"Intitulé, centre",FSMR,Hôpital\n'],
    ['\t', 'Label\tIntitulé\tFSMR\tHôpital\n'],
  ])('finds the separator %j', async (separator, header) => {
    const text =
      header.replace('"Intitulé, centre"', 'Intitulé') +
      ['CCMR', '"Essai ; un, deux"', 'MaRIH', 'CH'].join(separator);
    expect((await source.inspect(delivery(Buffer.from(text)))).separator).toBe(separator);
    expect(await read(text)).toMatchObject([
      { kind: 'row', value: { title: 'Essai ; un, deux', hospital: 'CH' } },
    ]);
  });

  it('skips the line that Excel writes above the header, blank rows and empty columns on the right', async () => {
    const outcomes = await read(`sep=;\nLabel;Intitulé;FSMR;Hôpital;;\n;;;;;\nCCMR;Essai;MaRIH;CH;;\n\n`);
    expect(outcomes).toMatchObject([{ kind: 'row', locator: { line: 4 } }]);
  });

  it('keeps a quote inside an unquoted cell', async () => {
    const outcomes = await readRows({ hospital: 'CH "Jacques d’essai"' });
    expect(outcomes).toMatchObject([{ value: { hospital: 'CH "Jacques d’essai"' } }]);
  });

  it('refuses a file whose quote is never closed', async () => {
    await expect(readRows({ title: '"Centre' }, {}, {})).rejects.toMatchObject({ code: 'SRC_QUOTE_OPEN' });
  });

  it('tells a line that is too long from a quote left open', async () => {
    const endless = read(`${HEADER}\nCCMR;${'x'.repeat(9 * 1024 ** 2)};;;;;;;;;;;\n`);
    await expect(endless).rejects.toMatchObject({ code: 'SRC_LINE_TOO_LONG' });
  });

  it('refuses two columns for one thing', async () => {
    await expect(read('Label;Niveau;Intitulé;FSMR;Hôpital\nCCMR;;a;MaRIH;b\n')).rejects.toMatchObject({
      code: 'SRC_COLUMN_TWICE',
      message: 'Deux colonnes donnent « Label » : « Label » et « Niveau ».',
    });
  });

  it('reads ISO-8859-15 when it is declared, and only then', async () => {
    const bytes = fixture('labelled-centres/fixtures/centres-essai-iso-8859-15.csv');
    const declared = await readAll(source, delivery(bytes, { encoding: 'iso-8859-15' }));
    expect(declared).toMatchObject([{ value: { title: "Centre d'essai de l'œil et du cœur (5 €)" } }]);
    const guessed = await readAll(source, delivery(bytes));
    expect(guessed).toMatchObject([{ value: { title: "Centre d'essai de l'½il et du c½ur (5 ¤)" } }]);
  });

  it('refuses a UTF-8 file cut in the middle of a character rather than taking it for windows-1252', async () => {
    const text = `Label;Intitule;FSMR;Ville;Etablissement\nCCMR;Été;MaRIH;X;CHÉ`;
    const utf8 = encoded(text, 'utf-8');
    await expect(readAll(source, delivery(utf8.subarray(0, -1)))).rejects.toMatchObject({
      code: 'SRC_TRUNCATED',
    });
    // The same last byte is a whole letter in windows-1252.
    const ansi = encoded(text, 'windows-1252');
    expect(await readAll(source, delivery(ansi))).toMatchObject([
      { value: { title: 'Été', hospital: 'CHÉ' } },
    ]);
  });
});

describe('a row set aside', () => {
  it.each<[string, Row, object]>([
    [
      'an unknown label',
      { label: 'non précisé' },
      { code: 'LABEL_UNKNOWN', field: 'label_type', value: 'non précisé' },
    ],
    ['no label', { label: '' }, { code: 'LABEL_UNKNOWN', message: 'La ligne ne donne pas de label.' }],
    [
      'an unknown filière',
      { filiere: 'FIMARADE' },
      { code: 'FILIERE_UNKNOWN', field: 'filiere', value: 'FIMARADE' },
    ],
    ['two filières in its cell', { filiere: 'MaRIH / FAI2R' }, { code: 'R6', value: 'MaRIH / FAI2R' }],
    ['no title', { title: '' }, { code: 'TITLE_MISSING', field: 'centre_nom' }],
    ['neither hospital nor town', { hospital: '', town: '' }, { code: 'ESTABLISHMENT_MISSING' }],
    ['an unreadable public', { public: 'gériatrique' }, { code: 'PUBLIC_UNKNOWN', value: 'gériatrique' }],
    ['a FINESS number too short', { ej: '70000481' }, { code: 'X1', field: 'finess_ej', value: '70000481' }],
    ['a FINESS number turned into an amount', { ej: '2,601E+13' }, { code: 'X1', message: /tableur/ }],
    ['a FINESS number with a wrong key', { eg: '140000208' }, { code: 'X2', field: 'finess_eg' }],
    ['a CRC outside its three filières', { label: 'CRC' }, { code: 'R8', value: 'CRC' }],
    ['a cell too many', { acts: '1635;x' }, { code: 'TOO_MANY_CELLS' }],
  ])('for %s says what, where and what to do', async (_, row, fault) => {
    const { message, ...others } = fault as { message?: RegExp | string };
    const [outcome, next] = await readRows(row, { title: 'Autre' });
    expect(outcome).toMatchObject({ kind: 'aside', locator: { file: 'essai.csv', line: 2 }, ...others });
    if (outcome?.kind !== 'aside') throw new Error('the row was kept');
    expect(outcome.message).toMatch(message ?? /./);
    expect(outcome.remedy).not.toBe('');
    expect(next?.kind).toBe('row');
  });

  it('for cells missing says how many', async () => {
    expect(await read(`${HEADER}\nCCMR;Essai;;MaRIH\n`)).toMatchObject([
      { kind: 'aside', code: 'TOO_FEW_CELLS', message: 'La ligne a 4 cellules pour 13 colonnes.' },
    ]);
  });

  it('has a key made of what could be read of its network or title, filière and place', async () => {
    const outcomes = await readRows({ network: 'ESSAI', label: '?' }, { filiere: '?' }, { ej: '70000481' });
    expect(outcomes.map((one) => one.key)).toEqual([
      'essai|marih|hopital d essai',
      'centre d essai|*|hopital d essai',
      'centre d essai|marih|hopital d essai',
    ]);
  });

  it('is not what happens to an empty public, a number with spaces, a CRC of MUCO or a wrong département', async () => {
    const outcomes = await readRows(
      { public: '', ej: '140 000 100', title: 'Un' },
      { label: 'CRCM', filiere: 'Muco', title: 'Deux' },
      { departement: 'Caen', title: 'Trois' },
      { hospital: '', town: 'Évreux', title: 'Quatre' },
      { acts: '1635 ETP | inconnu', title: 'Cinq' },
    );
    expect(codes(outcomes)).toEqual(['', '', '+DEPARTEMENT_UNKNOWN', '+L5', '+ACT_UNREADABLE']);
    expect(outcomes[0]).toMatchObject({ value: { public: null, finessEj: '140000100' } });
    expect(outcomes[1]).toMatchObject({ value: { label: { level: 'CRC' }, filiere: 'MUCO-CFTR' } });
    expect(outcomes[2]).toMatchObject({ value: { departement: null } });
    expect(outcomes[3]).toMatchObject({
      value: { hospital: '', town: 'Évreux' },
      key: 'quatre|marih|evreux',
    });
    expect(outcomes[4]).toMatchObject({ value: { specificActs: ['1635'] } });
  });
});

describe('keys', () => {
  it('leave the public out as long as nothing needs it', async () => {
    const before = await readRows({ public: '' });
    const after = await readRows({ public: 'adulte' });
    expect(after[0]?.key).toBe(before[0]?.key);
    expect(after[0]?.key).toBe('centre d essai|marih|hopital d essai');
  });

  it('carry the public when two rows differ by nothing else', async () => {
    const outcomes = await readRows({ public: 'adulte' }, { public: 'enfants' });
    expect(outcomes.map((one) => one.key)).toEqual([
      'centre d essai|marih|hopital d essai#adulte',
      'centre d essai|marih|hopital d essai#pédiatrique',
    ]);
  });

  it('do not change when the public of the neighbour cannot be read', async () => {
    const outcomes = await readRows(
      { public: 'adulte' },
      { public: 'gériatrie' },
      { public: 'x', title: 'Z' },
    );
    expect(outcomes.map((one) => one.key)).toEqual([
      'centre d essai|marih|hopital d essai#adulte',
      'centre d essai|marih|hopital d essai',
      'z|marih|hopital d essai',
    ]);
  });

  it('do not change when the neighbour is set aside for a fault', async () => {
    const outcomes = await readRows({ public: 'adulte' }, { public: 'enfants', ej: '70000481' });
    expect(codes(outcomes)).toEqual(['', 'X1']);
    expect(outcomes.map((one) => one.key?.split('#')[1])).toEqual(['adulte', 'pédiatrique']);
  });

  it('do not change when the row of the latest campaign is set aside for a fault', async () => {
    const outcomes = await readRows({ campaign: '2017' }, { campaign: '2023', ej: '70000481' });
    expect(outcomes.map((one) => one.key)).toEqual([
      'centre d essai|marih|hopital d essai@2017',
      'centre d essai|marih|hopital d essai',
    ]);
  });

  it('keep the latest campaign under the plain key', async () => {
    const outcomes = await readRows({ campaign: '2017' }, { campaign: '2023' }, { campaign: 'avant 2017' });
    expect(outcomes.map((one) => one.key?.split('@')[1])).toEqual(['2017', undefined, 'avant 2017']);
    expect(codes(outcomes)).toEqual(['', '', '']);
  });
});

describe('rules across rows', () => {
  it('set a repeated row aside, once, wherever its evidence was found', async () => {
    const outcomes = await readRows({}, { title: 'Autre' }, {});
    expect(codes(outcomes)).toEqual(['', '', 'DUPLICATE']);
    expect(outcomes[2]).toMatchObject({
      message: 'La ligne répète la ligne 2.',
      key: 'centre d essai|marih|hopital d essai',
    });
  });

  it('believe neither of two rows of one centre that disagree, and say on what', async () => {
    const [outcome] = await readRows({ head: 'Dr Un', acts: '1635' }, { head: 'Dr Deux' });
    expect(outcome).toMatchObject({
      message:
        'Le même centre est donné plusieurs fois avec des valeurs différentes (responsable, actes spécifiques), lignes 2, 3.',
    });
    expect(codes(await readRows({ head: 'Dr Un' }, { head: 'Dr Deux' }))).toEqual([
      'DUPLICATE_DIFFERENT',
      'DUPLICATE_DIFFERENT',
    ]);
  });

  it('L2: set both rows aside when one centre has two labels in one campaign', async () => {
    const outcomes = await readRows({ label: 'CCMR' }, { label: 'site constitutif' });
    expect(codes(outcomes)).toEqual(['L2', 'L2']);
    expect(outcomes[0]).toMatchObject({
      message: expect.stringContaining('CCMR, CRMR constitutif), lignes 2, 3') as string,
    });
    expect(codes(await readRows({ label: 'CCMR', campaign: '2017' }, { label: 'site constitutif' }))).toEqual(
      ['', ''],
    );
    expect(
      codes(await readRows({ label: 'CCMR', public: 'adulte' }, { label: 'constitutif', public: 'enfant' })),
    ).toEqual(['', '']);
  });

  it('L2: see one campaign under its two spellings', async () => {
    const outcomes = await readRows(
      { label: 'CCMR', campaign: '2022-2023' },
      { label: 'site constitutif', campaign: '2023' },
    );
    expect(codes(outcomes)).toEqual(['L2', 'L2']);
    expect(codes(await readRows({ campaign: '2022-2023' }, { campaign: '2023' }))).toEqual(['', 'DUPLICATE']);
  });

  it('L2: take a row without public for the one that states it', async () => {
    const outcomes = await readRows({ label: 'CCMR', public: 'adulte' }, { label: 'site constitutif' });
    expect(codes(outcomes)).toEqual(['L2', 'L2']);
  });

  it('keep the row that states its public of two that say the same, whatever their order', async () => {
    const [adult, unstated]: readonly Row[] = [{ public: 'adulte' }, {}];
    expect(codes(await readRows(adult ?? {}, unstated ?? {}))).toEqual(['', 'DUPLICATE']);
    const outcomes = await readRows(unstated ?? {}, adult ?? {});
    expect(codes(outcomes)).toEqual(['DUPLICATE', '']);
    expect(outcomes[1]?.key).toBe('centre d essai|marih|hopital d essai');
  });

  it('keep both publics of a centre beside a row that states none', async () => {
    const outcomes = await readRows({ public: 'adulte' }, { public: 'enfant' }, {});
    expect(codes(outcomes)).toEqual(['', '', 'DUPLICATE']);
  });

  it('R6: set both rows aside when one centre is given to two filières, by title or by network', async () => {
    expect(codes(await readRows({}, { filiere: 'FAI2R' }))).toEqual(['R6', 'R6']);
    const network = await readRows(
      { network: 'ESSAI', title: 'Un' },
      { network: 'essai', title: 'Deux', filiere: 'FAI2R' },
    );
    expect(codes(network)).toEqual(['R6', 'R6']);
    expect(codes(await readRows({}, { filiere: 'FAI2R', hospital: 'Autre hôpital d’essai' }))).toEqual([
      '',
      '',
    ]);
  });

  it('R4: flag one head at two establishments, titles before the name ignored', async () => {
    const outcomes = await readRows(
      { head: 'Pr A. Essai' },
      { head: 'A. ESSAI', hospital: 'Hôpital d’essai Sud' },
    );
    expect(codes(outcomes)).toEqual(['+R4', '+R4']);
    expect(outcomes.every((one) => one.kind === 'row')).toBe(true);
  });

  it('R4: flag one centre on two sites of one hospital', async () => {
    const outcomes = await readRows(
      { hospital: 'CHU Rouen', eg: '760000158' },
      { hospital: 'CHU Rouen', eg: '760783522' },
    );
    expect(codes(outcomes)).toEqual(['+R4', '+R4']);
    expect(outcomes.map((one) => one.key)).toEqual([
      'centre d essai|marih|chu rouen/760000158',
      'centre d essai|marih|chu rouen/760783522',
    ]);
  });

  it('are not for hospitals of two towns that are written alike', async () => {
    const alike = [
      { hospital: 'Centre hospitalier', town: 'Lisieux', departement: '14' },
      { hospital: 'Centre hospitalier', town: 'Falaise', departement: '14' },
    ];
    const outcomes = await readRows(...alike);
    expect(codes(outcomes)).toEqual(['', '']);
    expect(outcomes.map((one) => one.key)).toEqual([
      'centre d essai|marih|centre hospitalier/lisieux',
      'centre d essai|marih|centre hospitalier/falaise',
    ]);
  });

  it('R4: flag a regional centre at two establishments', async () => {
    const title = 'Maladies d’essai, centre de Basse-Normandie';
    expect(codes(await readRows({ title }, { title, hospital: 'Hôpital d’essai Sud' }))).toEqual([
      '+R4',
      '+R4',
    ]);
    expect(codes(await readRows({ title }, { title, hospital: 'Sud', campaign: '2017' }))).toEqual(['', '']);
  });

  it('R4: leave the sites of a network alone', async () => {
    const sites = await readRows(
      { network: 'ESSAI', head: 'Dr Un' },
      { network: 'ESSAI', head: 'Dr Deux', hospital: 'Hôpital d’essai Sud' },
      { network: 'ESSAI', hospital: 'Hôpital d’essai Est' },
      { network: 'ESSAI', hospital: 'Hôpital d’essai Ouest' },
    );
    expect(codes(sites)).toEqual(['', '', '', '']);
  });
});
