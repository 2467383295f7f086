import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig, shippedFolder } from '../../src/config/load.js';
import { DataError } from '../../src/domain/errors.js';
import { checkLists } from '../../src/runs/check-lists.js';
import { checkCrosswalk } from '../../src/runs/check-crosswalk.js';

describe('a configuration whose files contradict one another', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'filror-cross-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const write = (name: string, value: unknown): void =>
    writeFileSync(join(folder, name), typeof value === 'string' ? value : JSON.stringify(value));
  const crosswalk = (filiere: string, family: string, networks: unknown = {}): unknown => ({
    version: '2026-11-22',
    networks,
    filieres: { [filiere]: { families: [family], activities: ['593'], acts: [] } },
  });
  function refusal(): DataError {
    try {
      loadConfig(folder);
    } catch (error) {
      if (error instanceof DataError) return error;
      throw error;
    }
    throw new Error('the configuration was accepted');
  }

  it('is refused for a reader that does not exist, and says which do', () => {
    write('sources.yaml', { liste: { reader: 'finess_etalab' } });
    const { code, message } = refusal();
    expect(code).toBe('CFG_INVALID');
    expect(message).toContain(join(folder, 'sources.yaml'));
    expect(message).toContain('liste.reader');
    for (const id of ['labelled-centres', 'finess-etalab', 'filieres', 'bamara-deployment'])
      expect(message).toContain(id);
  });

  it('is refused for the place of a region that is not configured', () => {
    write('sources.yaml', { liste: { reader: 'filieres', places: { '28': 'a.csv', '82': 'b.csv' } } });
    expect(refusal().message).toContain('la région « 82 » n’est pas configurée (28, 53)');
    expect(refusal().message).toContain('→ à liste.places.82');
  });

  const dataset = { api: 'https://www.data.gouv.fr/api/1/datasets/essai/', title: 'essai-' };

  it('is refused for a source that has both a place and a dataset', () => {
    write('sources.yaml', { liste: { reader: 'filieres', place: 'a.csv', dataset } });
    expect(refusal().message).toContain('donnez « place » ou « dataset », pas les deux');
    expect(refusal().message).toContain('→ à liste.dataset');
  });

  it.each([
    [{ dataset: { ...dataset, api: 'file:///etc/passwd' } }, 'écrivez une adresse http(s)'],
    [{ dataset: { ...dataset, title: ' ' } }, '→ à liste.dataset.title'],
    [{ allowedHosts: ['https://static.data.gouv.fr'] }, 'écrivez un nom d’hôte seul'],
    [{ privateHosts: ['listes.essai.fr/centres'] }, 'écrivez un nom d’hôte seul'],
  ])('is refused for %j, and says what to write', (options, said) => {
    write('sources.yaml', { liste: { reader: 'filieres', ...options } });
    expect(refusal().message).toContain(said);
  });

  it('is taken with a dataset and the hosts of its files', () => {
    const hosts = { allowedHosts: ['Static.data.gouv.fr'], privateHosts: ['[fd00::1]', 'listes'] };
    write('sources.yaml', { liste: { reader: 'filieres', dataset, ...hosts } });
    expect(loadConfig(folder).sources['liste']).toMatchObject({
      dataset,
      allowedHosts: ['static.data.gouv.fr'],
      privateHosts: ['[fd00::1]', 'listes'],
    });
  });

  const list = (fields: unknown): unknown => ({ liste: { reader: 'labelled-centres', fields } });

  it('is refused for a field that has no rank, and proposes the one that it resembles', () => {
    write('sources.yaml', list({ tilte: 90 }));
    expect(refusal().message).toContain(join(folder, 'sources.yaml'));
    expect(refusal().message).toContain('vouliez-vous dire « title » ?');
    expect(refusal().message).toContain('→ à liste.fields');
  });

  it.each([0, 101, 'jamais', null])(
    'is refused for %s as the rank of a field, and says what to write',
    (rank) => {
      write('sources.yaml', list({ public: rank }));
      expect(refusal().message).toContain(
        'écrivez un rang de 1 à 100, ou never (la source ne donne jamais cette donnée)',
      );
      expect(refusal().message).toContain('→ à liste.fields.public');
    },
  );

  it('is refused for ranks of fields that its reader never gives', () => {
    write('sources.yaml', { finess: { reader: 'finess-etalab', fields: { public: 90 } } });
    expect(refusal().message).toContain('le lecteur « finess-etalab » ne dit pas de centre');
    expect(refusal().message).toContain('→ à finess.fields');
  });

  it('is another one as soon as a rank or the damping is: a plan says under which it was made', () => {
    const hashes = [list({}), list({ public: 90 }), list({ public: 'never' })].map((sources) => {
      write('sources.yaml', sources);
      return loadConfig(folder).hash;
    });
    const { rules, ...figures } = loadConfig(folder).gates;
    expect(rules.N1.level).toBe('A');
    write('gates.yaml', { ...figures, flapping: { returns: 0 } });
    expect(new Set([...hashes, loadConfig(folder).hash]).size).toBe(4);
  });

  it('is refused for a crosswalk code that no code list holds', () => {
    write('crosswalk.yaml', crosswalk('FIMARAD', '999', { TOXIBUL: { families: ['49'] } }));
    expect(refusal().message).toContain('« 999 » n’est pas un code connu de TRE_R245 (codes/*.yaml)');
    expect(refusal().message).toContain('→ à filieres.FIMARAD.families');
    expect(refusal().message).not.toContain('TOXIBUL');
  });

  it('is told the filières and the networks of the crosswalk that no list knows', async () => {
    write(
      'crosswalk.yaml',
      crosswalk('FIMARAT', '49', { TOXIBULE: { families: ['49'] }, TOXIBUL: { families: ['49'] } }),
    );
    const list =
      'label;centre;réseau;filière;établissement;ville\nCCMR;Centre d’essai 1;TOXIBUL;FIMARAD;CH Falaise;Falaise\n';
    write('centres.csv', list);
    write('filieres.csv', readFileSync(join(shippedFolder, 'filieres.csv'), 'utf8'));
    write('sources.yaml', {
      'labelled-centres': { reader: 'labelled-centres', place: 'centres.csv' },
      filieres: { reader: 'filieres', place: 'filieres.csv' },
    });
    const { faults, warnings } = await checkCrosswalk(loadConfig(folder));
    expect(faults).toEqual([
      'crosswalk.yaml, filieres.FIMARAT : cette filière n’est pas dans la liste des filières.',
    ]);
    expect(warnings).toEqual([
      'crosswalk.yaml, networks.TOXIBULE : aucun centre des listes configurées n’est de ce réseau.',
    ]);
  });

  it('is told the European networks that only one of two lists knows, and regions that are none', async () => {
    const filieres = [
      'Sigle;Titre;Écritures;ERN',
      'ESSAI-A;Filière d’essai A;;ERN-UN|ERN-ABSENT',
      'ESSAI-B;Filière d’essai B;;ERN-UN',
      'ESSAI-C;Filière d’essai C;;',
    ];
    const erns = [
      'Code;Nom;Domaine;Filières',
      'ERN-UN;Un;essai;ESSAI-A|ESSAI-C',
      'ERN-DEUX;Deux;essai;ESSAI-Z',
    ];
    const platforms = ['Nom;Type;Régions;Établissements porteurs', 'Plateforme d’essai;PEMR;28|29;'];
    write('filieres.csv', `${filieres.join('\n')}\n`);
    write('ern.csv', `${erns.join('\n')}\n`);
    write('pemr.csv', `${platforms.join('\n')}\n`);
    const of = (reader: string): object => ({ [reader]: { reader, place: `${reader}.csv` } });
    write('sources.yaml', { ...of('filieres'), ...of('ern'), ...of('pemr') });
    expect(await checkLists(loadConfig(folder))).toEqual([
      'ern.csv, ligne 3 : « ESSAI-Z » n’est pas une filière connue.',
      'pemr.csv, ligne 2 : « 28|29 » ne nomme pas que des régions.',
      'filieres.csv, ESSAI-A : le réseau européen « ERN-ABSENT » n’est pas dans la liste ern.',
      'ern.csv, ERN-UN : la filière ESSAI-B dit ce réseau, qui ne la cite pas.',
      'filieres.csv, ESSAI-C : le réseau ERN-UN cite cette filière, qui ne le dit pas.',
    ]);
  });

  it('is refused for a page described to a reader that opens none', () => {
    write('sources.yaml', { liste: { reader: 'filieres', html: {} } });
    expect(refusal().message).toContain('le lecteur « filieres » ne lit pas de page web');
    expect(refusal().message).toContain('→ à liste.html');
  });

  it('is not the one that is shipped', async () => {
    expect(await checkCrosswalk(loadConfig(shippedFolder))).toEqual({ faults: [], warnings: [] });
    expect(await checkLists(loadConfig(shippedFolder))).toEqual([]);
  });
});
