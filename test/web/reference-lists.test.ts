import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultsOf } from '../support/walk.js';
import { openBrowser } from '../support/browser.js';
import { openWebWorld, type Visitor, type WebWorld } from '../support/web-world.js';
import { centresList, NORMANDIE } from '../scenarios/world.js';

const source = (reader: string, place: string): object => ({
  [reader]: { reader, place, cadence: 'manual', precedence: 50 },
});
const ERN = `Code;Nom;Domaine;Filières;Source;Date
ERN-ESSAI;Réseau d’essai;rare trial diseases;FIL-ESSAI;page d’essai;
`;
const FILIERES = `Sigle;Titre;Écritures;ERN;Source
FIL-ESSAI;Filière d’essai;;ERN-ESSAI|ERN-INCONNU;page d’essai
FIL-AUTRE;Autre filière d’essai;;;page d’essai
`;
/** Of the region: a hospital that is certain, a bare town, one that a number names, and one of nowhere. */
const PEMR = `Nom;Type;Régions;Établissements porteurs;Année;Source;Date;Remarque
Plateforme d’essai Nord;PEMR;28;CHU Rouen avec Dieppe, Hôpital d’essai de nulle part;2021;page d’essai;;
Plateforme d’essai Sud;PCOM;28;CHU de Caen 140000100;;page d’essai;;
Plateforme d’essai Ouest;PEMR;28;;2020;page d’essai;;
Plateforme d’essai Est;PEMR;44;CHU Rouen;2020;page d’essai;;
`;

const plain = (text: string): string => text.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');

let web: WebWorld;
let reader: Visitor;
let centre: string;
beforeAll(async () => {
  web = await openWebWorld({
    list: centresList([
      { title: 'Centre d’essai 1', hospital: 'CHU Rouen', town: 'Rouen', filiere: 'FIL-ESSAI' },
      { title: 'Centre d’essai 2', hospital: 'CHU Rouen', town: 'Rouen', filiere: 'FIL-AUTRE' },
    ]),
    config: {
      'sources.yaml': JSON.stringify({
        ...source('labelled-centres', 'centres.csv'),
        ...source('finess-etalab', NORMANDIE.finess),
        ...source('filieres', 'filieres.csv'),
        ...source('ern', 'ern.csv'),
        ...source('pemr', 'pemr.csv'),
      }),
      'filieres.csv': FILIERES,
      'ern.csv': ERN,
      'pemr.csv': PEMR,
    },
  });
  const output = await web.sync();
  const found = output.changes.flatMap(({ centres }) => centres);
  centre = found.find((each) => 'title' in each && each.title === 'Centre d’essai 1')?.id ?? '';
  reader = await web.visitor(['reader']);
});
afterAll(() => web.close());

describe('the list of European networks', () => {
  it('names the networks of a centre, where its filière gives their codes', async () => {
    const { text } = await reader.get(`/28/centres/${centre}`);
    expect(text).toContain('(Réseau d’essai, <span lang="en">rare trial diseases</span>)');
    expect(plain(text)).toContain('ERN-ESSAI (Réseau d’essai, rare trial diseases ) , ERN-INCONNU');
  });

  it('ties networks to filières and centres on the coverage page, in its file too', async () => {
    const { text } = await reader.get('/28/couverture');
    const part = plain(text.split('<h2 id="reseaux-europeens">')[1] ?? '');
    expect(part).toContain(
      'Par leur filière, les centres relèvent de 2 réseaux européens de référence ; 1 centre d’aucun.',
    );
    const file = await reader.get('/28/couverture/reseaux-europeens/csv');
    expect(file.text).toContain('ERN-ESSAI;Réseau d’essai;rare trial diseases;FIL-ESSAI;1\r\n');
    expect(file.text).toContain('ERN-INCONNU;absent de la liste des réseaux;;FIL-ESSAI;1\r\n');
    const other = await reader.get('/28/couverture?filiere=FIL-AUTRE');
    expect(plain(other.text)).toContain('relèvent de 0 réseau européen de référence ; 1 centre d’aucun.');
  });
});

describe('the list of platforms', () => {
  it('shows those of the region, their carriers tied to FINESS only where that is certain', async () => {
    const { text } = await reader.get('/28/couverture');
    const part = plain(text.split('<h2 id="plateformes">')[1] ?? '');
    expect(part).toContain('3 plateformes d’expertise ou de coordination couvrent la région.');
    expect(part).toContain('1 n’a pas de porteur connu de la liste.');
    expect(part).toContain('2 porteurs ne sont pas reconnus avec certitude.');
    const { text: file } = await reader.get('/28/couverture/plateformes/csv');
    expect(file).toMatch(/Plateforme d’essai Nord;PEMR;2021;CHU Rouen;760780239;/);
    expect(file).toMatch(/Plateforme d’essai Nord;PEMR;2021;Dieppe;à préciser;[^;]+/);
    expect(file).toMatch(/Plateforme d’essai Nord;PEMR;2021;Hôpital d’essai de nulle part;à préciser;[^;]+/);
    expect(file).toMatch(/Plateforme d’essai Sud;PCOM;non dite;CHU de Caen;140000100;/);
    expect(file).toContain('Plateforme d’essai Ouest;PEMR;2020;non connu;;la liste n’en dit aucun');
    expect(file).not.toContain('Plateforme d’essai Est');
  });

  it('is shown by pages that anybody can use', async () => {
    const browser = await openBrowser();
    try {
      expect(await faultsOf(browser, web, ['/28/couverture', `/28/centres/${centre}`])).toEqual([]);
    } finally {
      await browser.close();
    }
  });

  it('has its doubts told by source check, with their lines', async () => {
    const { code, stdout } = await web.filror('source', 'check', 'pemr', '--region', '28');
    expect(code).toBe(0);
    expect(stdout).toContain('Remarques sur des lignes gardées (2) : CARRIER_DOUBT 2');
    expect(stdout).toContain('! CARRIER_DOUBT pemr.csv, ligne 2, Établissements porteurs : « Dieppe »');
    expect(stdout).toContain('« Hôpital d’essai de nulle part »');
    expect(stdout).not.toContain('« CHU Rouen »');
  });
});
