import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.js';
import { sha256 } from '../../src/domain/json.js';
import { FORMATS } from '../../src/domain/export-formats.js';
import {
  CENTRE_COLUMNS,
  DEPARTURE_COLUMNS,
  FORMER_COLUMNS,
  OFFER_COLUMNS,
} from '../../src/publish/export/columns.js';
import { exportFiles } from '../../src/publish/export/files.js';
import { writeSet } from '../../src/publish/export/folder.js';
import { exportState } from '../../src/publish/export/state.js';
import type { Audience } from '../../src/publish/views.js';
import { CodeBook } from '../../src/ror/codes.js';
import { CAEN, ROUEN } from '../support/trial-region.js';
import { trialOffer } from '../../src/sandbox/seed.js';
import {
  centreId,
  DERMATOLOGY,
  hospitals,
  servedWorld,
  trialCentres,
  type ServedWorld,
} from '../support/served-world.js';

/** What the exports say is what one view says, and what may be told of what will leave (DESIGN 3, steps 9 and 12). */
const config = loadConfig();
const codes = new CodeBook(config.codes);
const TERMS = { formats: FORMATS, regionName: 'Normandie', licence: 'Licence d’essai' };

async function filesOf(world: ServedWorld, audience: Audience = 'public'): Promise<Record<string, string>> {
  const state = await exportState(world.database.app, '28', audience, codes);
  return Object.fromEntries(exportFiles(state, TERMS));
}

/** Rows of a table as a program reads them, each a record of texts. */
function rowsOf(text: string | undefined): Record<string, string>[] {
  return parse(text ?? '', { bom: true, delimiter: ';', columns: true, record_delimiter: '\r\n' });
}

const folders: string[] = [];
const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'filror-export-'));
  folders.push(folder);
  return folder;
};

describe('the export of the synthetic centres', () => {
  let world: ServedWorld;
  let files: Record<string, string>;
  beforeAll(async () => {
    world = await servedWorld();
    await trialCentres(world);
    await world.publish('public', 'professional', 'regulation');
    files = await filesOf(world);
  });
  afterAll(async () => {
    await world.close();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  it('has a row for each centre of each offer, read back as it was written', async () => {
    const at = await world.at();
    const rouen = {
      identifiant_ror: '28/ESSAI-0002',
      nom: 'Offre d’essai 2, consultation de dermatologie',
      finess_eg: '760000158',
      nom_eg: 'HOPITAL CHARLES NICOLLE CHU ROUEN',
      finess_ej: '760780239',
      commune: 'ROUEN',
      code_postal: '76031',
      code_insee: '76540',
      departement: '76',
      latitude: '49.44',
      longitude: '1.105',
      activite_code: '037',
      activite_libelle: 'Dermatologie',
      familles_codes: '49',
      familles_libelles: 'Maladies rares de la peau',
      niveau_expertise_code: '',
      niveau_expertise_libelle: '',
      mode_prise_en_charge_code: '32',
      mode_prise_en_charge_libelle: 'Consultation (CS) ou Séance',
      public: 'pédiatrique',
      age_min: '0',
      age_max: '17',
      telephones: '',
      modifie_le: at,
      filiere_code: 'FIMARAD',
      filiere_titre: DERMATOLOGY.title,
      ern: '',
      sources: '',
      date_source: '',
      enregistre_le: '2026-02-03T09:00:00.000Z',
    };
    expect(rowsOf(files['offres.csv'])).toEqual([
      {
        identifiant_ror: '28/ESSAI-0001',
        nom: 'Offre d’essai 1, consultation de dermatologie',
        finess_eg: '140000209',
        nom_eg: 'CHU COTE DE NACRE - CAEN',
        finess_ej: '140000100',
        commune: 'CAEN',
        code_postal: '14033',
        code_insee: '14118',
        departement: '14',
        latitude: '',
        longitude: '',
        activite_code: '037',
        activite_libelle: 'Dermatologie',
        familles_codes: '49',
        familles_libelles: 'Maladies rares de la peau',
        niveau_expertise_code: '11',
        niveau_expertise_libelle: 'Centre de compétences labellisé',
        mode_prise_en_charge_code: '32',
        mode_prise_en_charge_libelle: 'Consultation (CS) ou Séance',
        public: 'adulte',
        age_min: '18',
        age_max: '150',
        telephones: '02 61 91 00 01',
        modifie_le: at,
        id_centre: centreId('a'),
        filiere_code: 'FIMARAD',
        filiere_titre: DERMATOLOGY.title,
        reseau: "Centre d'essai 1",
        role_label: 'CCMR',
        campagne: '2023',
        ern: 'ERN-SKIN',
        offre_coordonnateur: '28/ESSAI-0002',
        sources: 'labelled-centres',
        date_source: '2026-01-15',
        enregistre_le: '2026-02-03T09:00:00.000Z',
      },
      {
        ...rouen,
        id_centre: centreId('b'),
        reseau: "Centre d'essai 1",
        role_label: 'CRMR-coordonnateur',
        campagne: '2023',
        offre_coordonnateur: '28/ESSAI-0002',
      },
      {
        ...rouen,
        id_centre: centreId('c'),
        reseau: "Centre d'essai 3",
        role_label: 'CRMR-constitutif',
        campagne: 'avant 2017',
        offre_coordonnateur: '',
      },
    ]);
  });

  it('has a feature for each offer: longitude first, and no position where none is known', () => {
    const { type, features } = JSON.parse(files['offres.geojson'] ?? '') as {
      type: string;
      features: { type: string; id: string; geometry: unknown; properties: Record<string, unknown> }[];
    };
    expect(type).toBe('FeatureCollection');
    expect(features.map(({ type, id, geometry }) => ({ type, id, geometry }))).toEqual([
      { type: 'Feature', id: '28/ESSAI-0001', geometry: null },
      { type: 'Feature', id: '28/ESSAI-0002', geometry: { type: 'Point', coordinates: [1.105, 49.44] } },
    ]);
    expect(features[0]?.properties).toMatchObject({
      age_min: 18,
      telephones: ['02 61 91 00 01'],
      latitude: null,
      centres: [{ id_centre: centreId('a'), ern: ['ERN-SKIN'], role_label: 'CCMR' }],
    });
  });

  it('has each resource once, byte for byte as it is served, with its structures and places', async () => {
    const lines = (files['offres.ndjson'] ?? '').split('\n');
    expect(lines.pop()).toBe('');
    const served = (await world.database
      .app('served_resource')
      .where({ view: 'fhir.public' })
      .pluck('body')) as string[];
    expect(lines.filter((line) => !served.includes(line))).toEqual([]);
    const names = lines.map((line) => {
      const { resourceType, id } = JSON.parse(line) as { resourceType: string; id: string };
      return `${resourceType}/${id}`;
    });
    expect(names).toEqual([
      'HealthcareService/offre-essai-1',
      'HealthcareService/offre-essai-2',
      `Organization/eg-${CAEN.eg}`,
      `Organization/eg-${ROUEN.eg}`,
      `Organization/ej-${CAEN.ej}`,
      `Organization/ej-${ROUEN.ej}`,
      `Location/lieu-${CAEN.eg}`,
      `Location/lieu-${ROUEN.eg}`,
    ]);
  });

  it('for the public holds no contact for others, no name of a head, no sensitive unit', async () => {
    await world.database.app('centre_head').insert({
      ...{ region: '28', centre: centreId('a'), name: 'Pr Essai Tête', since: '2026-01-01', proof: 'lettre' },
      ...{ declared_by: await world.person('camille'), declared_at: new Date() },
    });
    const whole = (audience: Audience): Promise<string> =>
      filesOf(world, audience).then((made) => Object.values(made).join('\n'));
    const hidden = [
      '02 61 91 00 02',
      '02 61 91 00 03',
      '02 61 91 00 04',
      'ESSAI-0003',
      centreId('d'),
      'Tête',
    ];
    const seenBy = async (audience: Audience): Promise<readonly string[]> => {
      const text = await whole(audience);
      return hidden.filter((each) => text.includes(each));
    };
    expect(await seenBy('public')).toEqual([]);
    expect(await seenBy('professional')).toEqual(['02 61 91 00 02']);
    // The same world shows them to whom may see them, so that their absence means something.
    expect(await seenBy('regulation')).toEqual(hidden.slice(0, 5));
  });

  it('has no former number and no announced departure when nothing moved: a header and no row', () => {
    expect(files['anciens-numeros.csv']).toBe(
      '\uFEFFid_centre;ancien_identifiant_ror;nouvel_identifiant_ror;depuis_le;ancienne_offre_servie\r\n',
    );
    expect(files['retraits-annonces.csv']).toBe(
      '\uFEFFidentifiant_ror;id_centre;ce_qui_part;role_label;campagne;decide_le\r\n',
    );
  });

  it('has a dictionary and a data package that say every column of every table', () => {
    const said = rowsOf(files['dictionnaire.csv']).map(({ fichier, colonne }) => `${fichier}/${colonne}`);
    const headers = ['offres.csv', 'anciens-numeros.csv', 'retraits-annonces.csv'].flatMap((file) =>
      (files[file] ?? '')
        .slice(1)
        .split('\r\n', 1)[0]
        ?.split(';')
        .map((column) => `${file}/${column}`),
    );
    expect(said).toEqual(headers);
    const { resources } = JSON.parse(files['datapackage.json'] ?? '') as {
      resources: { path: string; schema?: { fields: { name: string; description: string }[] } }[];
    };
    expect(
      resources.flatMap(({ path, schema }) => schema?.fields.map(({ name }) => `${path}/${name}`) ?? []),
    ).toEqual(headers);
    const columns = [...OFFER_COLUMNS, ...CENTRE_COLUMNS, ...FORMER_COLUMNS, ...DEPARTURE_COLUMNS];
    expect(columns.filter(({ text }) => !/^.{5,}[.»]$/u.test(text)).map(({ name }) => name)).toEqual([]);
  });

  it('gives the same bytes for the same state, and writes the same set once', async () => {
    expect(await filesOf(world)).toEqual(files);
    const folder = newFolder();
    const state = await exportState(world.database.app, '28', 'public', codes);
    const first = await writeSet(folder, state, exportFiles(state, TERMS));
    const again = await writeSet(folder, state, exportFiles(state, TERMS));
    expect([first.outcome, again.outcome]).toEqual(['written', 'same']);
    expect(again.name).toBe(first.name);
    const instant = (await world.at()).replace(/[-:]/g, '').replace(/\.\d{3}/, '');
    expect(first.name).toMatch(new RegExp(`^28-public-${instant}-[0-9a-f]{8}$`));
    expect(readdirSync(folder).sort()).toEqual([first.name, '28-public-dernier']);
    expect(readlinkSync(join(folder, '28-public-dernier'))).toBe(first.name);
    const sums = readFileSync(join(folder, '28-public-dernier', 'SHA256SUMS'), 'utf8');
    for (const line of sums.trimEnd().split('\n')) {
      const [sum, name = ''] = line.split('  ');
      expect(sha256(readFileSync(join(folder, first.name, name)))).toBe(sum);
    }
  });

  it('leaves the former set and nothing else when it fails in the middle', async () => {
    const folder = newFolder();
    const state = await exportState(world.database.app, '28', 'public', codes);
    const former = await writeSet(folder, state, exportFiles(state, TERMS));
    function* failing(): Generator<readonly [string, string]> {
      yield ['offres.csv', 'une moitié'];
      throw new Error('panne au milieu');
    }
    await expect(writeSet(folder, state, failing())).rejects.toThrow('panne au milieu');
    expect(readdirSync(folder).sort()).toEqual([former.name, '28-public-dernier']);
    expect(readlinkSync(join(folder, '28-public-dernier'))).toBe(former.name);
    // The disk itself refuses: a name that cannot be a file.
    await expect(writeSet(folder, state, [['a/b', 'x']])).rejects.toMatchObject({ code: 'EXPORT_FOLDER' });
    expect(readdirSync(folder).sort()).toEqual([former.name, '28-public-dernier']);
  });

  it('keeps a set that is not public from other accounts, and says that it has no open licence', async () => {
    const folder = newFolder();
    const state = await exportState(world.database.app, '28', 'professional', codes);
    const { name } = await writeSet(folder, state, exportFiles(state, TERMS));
    expect(statSync(join(folder, name)).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, name, 'offres.csv')).mode & 0o777).toBe(0o600);
    const licence = readFileSync(join(folder, name, 'LICENCE.txt'), 'utf8');
    expect(licence).toContain('aucune licence ouverte');
    expect(licence).not.toContain('Licence d’essai');
    expect(files['LICENCE.txt']).toContain('Licence d’essai');
  });
});

describe('an export of hostile values', () => {
  it('keeps them whole, and none is a formula', async () => {
    const world = await servedWorld();
    await world.mirror(...hospitals(), {
      ...trialOffer({ id: 'offre-1', identifier: '28/ESSAI-0001', label: '1', site: CAEN }),
      name: '=HYPERLINK("http://x";"y")\nligne;2',
    });
    await world.facts('28/ESSAI-0001', {
      ...{ centre: centreId('a'), filiere: { code: '@F', title: 'a|b' }, network: '+1;2', label: 'CCMR' },
      ern: ['A|B', 'C'],
    });
    await world.publish('public');
    const files = await filesOf(world);
    expect(rowsOf(files['offres.csv'])).toMatchObject([
      {
        nom: '\'=HYPERLINK("http://x";"y")\nligne;2',
        filiere_code: "'@F",
        filiere_titre: 'a|b',
        reseau: "'+1;2",
        ern: 'A/B|C',
      },
    ]);
    await world.close();
  });
});

describe('an export of a region', () => {
  it('without any centre has headers and no row, and can be read', async () => {
    const world = await servedWorld();
    await world.mirror(trialOffer({ id: 'offre-1', identifier: '28/ESSAI-0001', label: '1', site: CAEN }));
    await world.publish('public');
    const files = await filesOf(world);
    expect(rowsOf(files['offres.csv'])).toEqual([]);
    expect(files['offres.csv']?.startsWith('\uFEFFidentifiant_ror;nom;')).toBe(true);
    expect(files['offres.ndjson']).toBe('');
    expect(JSON.parse(files['offres.geojson'] ?? '')).toEqual({ type: 'FeatureCollection', features: [] });
    await world.close();
  });

  it('that published nothing yet is refused; with nothing to serve it is empty and has no date', async () => {
    const world = await servedWorld();
    const asked = (audience: Audience): Promise<unknown> =>
      exportState(world.database.app, '28', audience, codes);
    await expect(asked('public')).rejects.toMatchObject({ code: 'EXPORT_NOT_PUBLISHED' });
    await world.publish('public');
    expect(await asked('public')).toMatchObject({ at: null, offers: [] });
    await world.mirror(trialOffer({ id: 'offre-1', identifier: '28/ESSAI-0001', label: '1', site: CAEN }));
    await world.publish('public');
    await expect(asked('professional')).rejects.toMatchObject({ code: 'EXPORT_NOT_PUBLISHED' });
    await world.close();
  });
});

describe('a centre that is on another offer than before', () => {
  it('has its former number with the present one and the instant, whether the former offer is served or gone', async () => {
    const world = await servedWorld();
    await trialCentres(world);
    await world.publish('public');
    await world.mirror(
      trialOffer({ id: 'offre-essai-5', identifier: '28/ESSAI-0005', label: '5', site: CAEN }),
    );
    for (const letter of ['a', 'b'])
      await world.facts('28/ESSAI-0005', { centre: centreId(letter), filiere: DERMATOLOGY, label: 'CCMR' });
    await world.noFacts('28/ESSAI-0001', centreId('a'));
    // Never served: what was never shown is not told now.
    await world.noFacts('28/ESSAI-0003', centreId('d'));
    await world.facts('28/ESSAI-0005', { centre: centreId('d'), filiere: DERMATOLOGY, label: 'CCMR' });
    await world.publish('public');
    const first = await world.at();
    const row = {
      nouvel_identifiant_ror: '28/ESSAI-0005',
      id_centre: centreId('a'),
      ancien_identifiant_ror: '28/ESSAI-0001',
      depuis_le: first,
      ancienne_offre_servie: 'oui',
    };
    expect(rowsOf((await filesOf(world))['anciens-numeros.csv'])).toEqual([row]);
    await world.gone('offre-essai-2');
    await world.publish('public');
    expect(rowsOf((await filesOf(world))['anciens-numeros.csv'])).toEqual([
      row,
      {
        ...row,
        id_centre: centreId('b'),
        ancien_identifiant_ror: '28/ESSAI-0002',
        depuis_le: await world.at(),
        ancienne_offre_servie: 'non',
      },
    ]);
    await world.close();
  });
});

describe('a departure that is decided', () => {
  let world: ServedWorld;
  beforeAll(async () => {
    world = await servedWorld();
    await trialCentres(world);
    await world.publish('public');
  });
  afterAll(() => world.close());
  const announced = async (): Promise<Record<string, string>[]> =>
    rowsOf((await filesOf(world))['retraits-annonces.csv']).map(({ decide_le, ...row }) => {
      expect(decide_le).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
      return row;
    });

  it('is told once two people approved it, for the label that leaves and no other, and only where it is shown', async () => {
    await world.change({ kind: 'close', identifier: '28/ESSAI-0001', state: 'proposed', approvals: 1 });
    await world.change({
      ...{ kind: 'withdraw', identifier: '28/ESSAI-0002', state: 'approved', approvals: 2 },
      leaving: [centreId('b')],
    });
    await world.change({
      ...{ kind: 'withdraw', identifier: '28/ESSAI-0003', state: 'approved', approvals: 2 },
      leaving: [centreId('d')],
    });
    expect(await announced()).toEqual([
      {
        identifiant_ror: '28/ESSAI-0002',
        id_centre: centreId('b'),
        ce_qui_part: 'label',
        role_label: 'CRMR-coordonnateur',
        campagne: '2023',
      },
    ]);
  });

  it('is not told before the establishment agreed, where that is asked, nor once it refused', async () => {
    const { id, hash } = (await world.database
      .app('change')
      .where({ target: 'offer:28/ESSAI-0002' })
      .first('id', 'hash')) as { id: string; hash: string };
    await world.database.owner('region_state').update({ agreement_asked: true });
    expect(await announced()).toEqual([]);
    const said = async (verdict: 'agree' | 'refuse' | 'undo'): Promise<void> => {
      await world.database.app('agreement').insert({
        ...{
          region: '28',
          change_id: id,
          hash,
          verdict,
          reason: 'essai',
          document_reference: 'lettre d’essai',
        },
        ...{ given_by: 'Direction d’essai', channel: 'letter', given_on: '2026-02-01' },
        ...{ recorded_by: await world.person('camille'), recorded_at: '2031-01-01T00:00:00Z' },
      });
    };
    await said('agree');
    expect(await announced()).toHaveLength(1);
    const [row] = rowsOf((await filesOf(world))['retraits-annonces.csv']);
    expect(row?.['decide_le']).toBe('2031-01-01T00:00:00.000Z');
    await said('refuse');
    expect(await announced()).toEqual([]);
    await world.database.owner('region_state').update({ agreement_asked: false });
    expect(await announced()).toEqual([]);
    await said('undo');
    expect(await announced()).toHaveLength(1);
  });

  it('is not told any more when an approver lost the right, nor once it is in conflict', async () => {
    await world.database
      .app('person_grant')
      .where({ person: await world.person('approbateur-1') })
      .update({ revoked_at: new Date() });
    expect(await announced()).toEqual([]);
    await world.database.app('person_grant').insert({
      ...{ person: await world.person('approbateur-1'), role: 'reviewer', region: '28' },
      ...{ granted_at: new Date(), confirmed_at: new Date() },
    });
    expect(await announced()).toHaveLength(1);
    await world.database.app('change').where({ target: 'offer:28/ESSAI-0002' }).update({ state: 'conflict' });
    expect(await announced()).toEqual([]);
  });

  it('of an offer that closes names the offer and every label that it carries', async () => {
    await world.database
      .app('change')
      .where({ target: 'offer:28/ESSAI-0001', state: 'proposed' })
      .update({ state: 'superseded' });
    await world.change({ kind: 'close', identifier: '28/ESSAI-0001', state: 'transmitted', approvals: 2 });
    expect(await announced()).toEqual([
      {
        identifiant_ror: '28/ESSAI-0001',
        id_centre: centreId('a'),
        ce_qui_part: 'offre',
        role_label: 'CCMR',
        campagne: '2023',
      },
    ]);
  });
});
