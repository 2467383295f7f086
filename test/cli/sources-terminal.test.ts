import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { currentDeliveries } from '../../src/db/deliveries.js';
import type { SourceCheck } from '../../src/runs/check-source.js';
import type { SourceState } from '../../src/runs/source-states.js';
import { centresList, NORMANDIE, openWorld, type World } from '../scenarios/world.js';
import { fixture } from '../sources/bytes.js';
import { startLocalServer } from '../support/local-server.js';

const page = fixture('bamara-deployment/fixtures/deploiement-essai-2026-11.html').toString('utf8');
const source = (reader: string, place: string | null, precedence: number, more: object = {}): object => ({
  [reader]: { reader, place, precedence, cadence: 'manual', ...more },
});
const html = { date: { selector: 'p.maj', pattern: 'mis à jour le ([^,]+)' } };

let world: World;
let work: string;
beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'filror-sources-'));
  world = await openWorld({
    list: centresList([
      { title: 'Centre d’essai 12', hospital: 'CHU Rouen', town: 'Rouen', public: 'adulte' },
    ]),
    bamara: page,
    config: {
      'sources.yaml': JSON.stringify({
        ...source('labelled-centres', 'centres.csv', 60),
        ...source('finess-etalab', NORMANDIE.finess, 80),
        ...source('filieres', 'filieres.csv', 90),
        ...source('bamara-deployment', 'bamara.csv', 20, { html, cadence: 'yearly' }),
        ...source('finess-activites', null, 10),
      }),
    },
  });
});
afterAll(async () => {
  await world.close();
  rmSync(work, { recursive: true });
});

const states = async (): Promise<readonly SourceState[]> => {
  const { stdout } = await world.filror('sources', '--region', '28', '--output', 'json');
  return (JSON.parse(stdout) as { sources: SourceState[] }).sources;
};
const check = async (...args: readonly string[]): Promise<SourceCheck> => {
  const { stdout } = await world.filror('source', 'check', ...args, '--region', '28', '--output', 'json');
  return JSON.parse(stdout) as SourceCheck;
};
const given = (name: string, bytes: string | Uint8Array): string => {
  writeFileSync(join(work, name), bytes);
  return join(work, name);
};

describe('filror sources', () => {
  it('shows a source never received, then what its last delivery and run said', async () => {
    const before = await states();
    expect(before.map(({ source: name, state }) => `${name} ${state}`)).toEqual([
      'labelled-centres never',
      'finess-etalab never',
      'filieres never',
      'bamara-deployment never',
      'finess-activites unplaced',
    ]);
    expect(before.every(({ lastSuccess, delivery }) => lastSuccess === null && delivery === null)).toBe(true);
    await world.sync();
    const after = await states();
    const bamara = after.find((one) => one.source === 'bamara-deployment');
    expect(bamara).toMatchObject({
      owner: 'BNDMR (AP-HP)',
      cadence: 'yearly',
      contentDate: '2026-11-03',
      delivery: { file: 'bamara.csv', rows: 3, kept: 3, setAside: 0 },
    });
    expect(bamara?.lastSuccess).not.toBeNull();
    const { stdout, code } = await world.filror('sources', '--region', '28');
    expect(code).toBe(0);
    expect(stdout).toContain('aucune n’est périmée');
    expect(stdout).toMatch(/répertoire régional : à jour[^]*offres? lues?, 0 de maladies rares/);
    expect(stdout).toMatch(/bamara-deployment : .*\d+ jours? sur \d+ admis/);
    expect(stdout).toContain('Éditeur : BNDMR (AP-HP). Rythme : chaque année.');
    expect(stdout).toContain('date du contenu : 03/11/2026 | dernier passage réussi : ');
    expect(stdout).toContain('3 lignes lues, 0 mise de côté, bamara.csv');
    expect(stdout).toContain('Sans lieu pour cette région (« place » de sources.yaml) : finess-activites.');
  });

  it('keeps what holds when the layout of the page changes, and says what to mend', async () => {
    const held = async () => (await currentDeliveries(world.database.app, '28')).get('bamara-deployment')?.no;
    const before = await held();
    expect(before).toBeDefined();
    const success = (await states()).find((one) => one.source === 'bamara-deployment')?.lastSuccess;
    for (const [changed, code] of [
      [page.replace('>déployé<', '>En service<'), 'SRC_COLUMN_MISSING'],
      [page.replaceAll(/<(\/?)table/g, '<$1section'), 'SRC_TABLE_MISSING'],
      [page.replace('<p class="maj">', '<p>'), 'SRC_PAGE_DATE'],
      [page.replace('</body>', page.slice(page.indexOf('<table id')) + '</body>'), 'SRC_TABLES_SEVERAL'],
    ] as const) {
      world.bamara(changed);
      await expect(world.sync()).rejects.toMatchObject({ code, source: 'bamara-deployment' });
      expect(await held()).toBe(before);
      const failed = (await states()).filter(({ failure }) => failure !== null);
      expect(failed.map(({ source: name, failure }) => [name, failure?.code])).toEqual([
        ['bamara-deployment', code],
      ]);
      const { stdout } = await world.filror('sources', '--region', '28');
      expect(stdout).toMatch(
        new RegExp(`! dernier passage en échec le .*, ${code} : .* L’état d’avant reste en place\\.`),
      );
    }
    expect((await states()).find((one) => one.source === 'bamara-deployment')?.lastSuccess).toBe(success);
    world.bamara(page);
    // A run that ends well takes the failure away.
    await world.sync();
    expect((await states()).every(({ failure }) => failure === null)).toBe(true);
  });
});

describe('filror source check', () => {
  it('says what would be read and changes nothing', async () => {
    const tables = async () => (await currentDeliveries(world.database.app, '28')).size;
    const before = await tables();
    const list = centresList([
      { title: 'Centre d’essai 1', hospital: 'CHU Rouen', town: 'Rouen' },
      { title: 'Centre d’essai 2', hospital: 'CHU Rouen', filiere: 'INCONNUE' },
    ])
      .replace('label;', 'Note;label;')
      .replaceAll('\nCCMR', '\nx;CCMR');
    const file = given('liste.csv', list);
    const found = await check('labelled-centres', '--file', file);
    expect(found).toMatchObject({
      source: 'labelled-centres',
      file: 'liste.csv',
      rows: 2,
      kept: 1,
      setAside: 1,
      facts: { encoding: 'utf-8', separator: ';', unknownColumns: ['Note'] },
      faults: [{ code: 'FILIERE_UNKNOWN', locator: { line: 3 }, value: 'INCONNUE' }],
    });
    const text = await world.filror('source', 'check', 'labelled-centres', '--region', '28', '--file', file);
    expect(text.code).toBe(0);
    expect(text.stdout).toContain('1 ligne serait lue de liste.csv, 1 mise de côté. Rien n’est changé.');
    expect(text.stdout).toContain('! FILIERE_UNKNOWN liste.csv, ligne 3, filière : « INCONNUE »');
    expect(text.stdout).toContain('colonnes ignorées : Note');
    expect(await tables()).toBe(before);
  });

  /** Copies under way, those of a process that was killed on this machine included. */
  const copies = () => readdirSync(tmpdir()).filter((name) => name.startsWith('filror-source-'));

  it('reads the configured place, a register, a page and an address', async () => {
    const before = copies();
    expect(await check('bamara-deployment')).toMatchObject({
      rows: 3,
      facts: { page: true, contentDate: '2026-11-03' },
    });
    const register = await check('finess-etalab');
    expect(register.kept).toBe(register.rows);
    expect(register.rows).toBeGreaterThan(0);
    const server = await startLocalServer((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/html' }).end(page);
    });
    try {
      const url = `${server.url}/deploiement?token=secret`;
      const found = await check('bamara-deployment', '--file', url);
      expect(found).toMatchObject({ rows: 3, file: 'deploiement', bytes: Buffer.byteLength(page) });
      expect(JSON.stringify(found)).not.toContain('secret');
    } finally {
      await server.close();
    }
    expect(copies()).toEqual(before);
  });

  it('reads the newest file of a dataset, and says which it chose and what it checked', async () => {
    const server = await startLocalServer((request, response) => {
      if (request.url !== '/api/') return void response.end(page);
      const resource = (day: string, more: object = {}): object => {
        const title = `deploiement-essai-${day}.html`;
        return { title, url: `${server.url}/${title}`, published: `${day}T02:15:00Z`, ...more };
      };
      const newest = resource('2026-11-04', { filesize: Buffer.byteLength(page) });
      response.end(JSON.stringify({ resources: [resource('2026-11-03'), newest] }));
    });
    const config = mkdtempSync(join(work, 'jeu-'));
    const dataset = { api: `${server.url}/api/`, title: 'deploiement-essai-' };
    const placed = source('bamara-deployment', null, 20, { html, dataset });
    writeFileSync(join(config, 'sources.yaml'), JSON.stringify(placed));
    const { runFilror } = await import('../support/built.js');
    const args = ['source', 'check', 'bamara-deployment', '--region', '28', '--config', config];
    try {
      const { code, stdout } = await runFilror(args, {});
      expect(code).toBe(0);
      expect(stdout).toContain(`lieu : ${server.url}/deploiement-essai-2026-11-04.html`);
      expect(stdout).toContain(
        'ressource choisie : « deploiement-essai-2026-11-04.html », publiée le 04/11/2026 à 03:15 ; taille : conforme',
      );
      expect(stdout).toContain('date du contenu : 03/11/2026');
    } finally {
      await server.close();
    }
  });

  it('ends with 1, the place and what to do, for a file that is no data', async () => {
    const cases = [
      ['filieres', given('page.html', page), 'SRC_HTML'],
      ['bamara-deployment', given('erreur.html', '<html><body>503</body></html>'), 'SRC_TABLE_MISSING'],
      ['labelled-centres', given('vide.csv', ''), 'SRC_EMPTY'],
      ['labelled-centres', join(work, 'absent.csv'), 'SRC_UNREADABLE'],
      ['autre', given('vide.csv', ''), 'SRC_UNKNOWN'],
    ] as const;
    for (const [name, file, fault] of cases) {
      const { code, stdout, stderr } = await world.filror(
        'source',
        'check',
        name,
        '--region',
        '28',
        '--file',
        file,
      );
      expect(code).toBe(1);
      expect(stdout).toBe('');
      expect(stderr).toContain(`Erreur ${fault} : `);
      expect(stderr).toMatch(/\nOù : .+\nQue faire : .+/);
    }
    const { code, stderr } = await world.filror('source', 'check', 'finess-activites', '--region', '28');
    expect([code, stderr]).toEqual([1, expect.stringContaining('SRC_MISSING') as string]);
  });

  it('reads without a database', async () => {
    expect(readFileSync(join(world.folder, 'bamara.csv'), 'utf8')).toBe(page);
    const { runFilror } = await import('../support/built.js');
    const { code, stdout } = await runFilror(
      ['source', 'check', 'bamara-deployment', '--region', '28', '--config', world.folder],
      { DATABASE_URL: 'postgresql://personne@127.0.0.1:1/rien' },
    );
    expect([code, stdout]).toEqual([0, expect.stringContaining('3 lignes seraient lues') as string]);
  });

  it('shows no date where the head of FINESS+ states one that is none, and says so', async () => {
    const text = fixture('finess-activites/fixtures/activites-essai-2026-11.json').toString('utf8');
    const file = given('activites.json', text.replace('2026-11-02T', '2026-13-45T'));
    const { stdout } = await world.filror(
      'source',
      'check',
      'finess-activites',
      '--file',
      file,
      '--region',
      '28',
    );
    expect(stdout).toContain('date du contenu : non dite par le fichier');
    expect(stdout).toContain('CONTENT_DATE_UNREADABLE activites.json, generatedAt');
    expect(stdout).not.toContain('45/13/2026');
  });
});
