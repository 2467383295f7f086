import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worksheet } from 'exceljs';
import { isListConfigured } from '../../src/runs/hand-over.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answersOf } from '../../src/db/answers.js';
import { currentDeliveries } from '../../src/db/deliveries.js';
import { plannedCentres } from '../../src/runs/planned-centres.js';
import { centresWorkbook, emptyList } from '../../src/runs/workbook.js';
import { openBrowser } from '../support/browser.js';
import { trialList } from '../support/region-run.js';
import { axeOn, readAxe } from '../support/walk.js';
import { openWebWorld, type Shown, type Visitor, type WebWorld } from '../support/web-world.js';
import { edited, put } from '../support/workbook-file.js';

/** Our centres go out as a workbook and come back: shown line by line, and nothing counts before it is confirmed. */
const row = (number: number) => ({ number, public: '' });
const LIST = trialList([
  row(1),
  row(2),
  row(3),
  { number: 4, public: '', campaign: '2017' },
  { number: 5, title: '+33 essai' },
]);

let web: WebWorld;
let alix: Visitor;
let ids: Map<string, string>;
beforeAll(async () => {
  web = await openWebWorld({ list: LIST });
  await web.sync();
  alix = await web.visitor(['operator', 'reviewer'], 'Alix d’essai');
  const centres = Object.values(await plannedCentres(web.context));
  ids = new Map(centres.map(({ id, title }) => [title, id]));
});
afterAll(() => web.close());

const id = (number: number): string => ids.get(`Centre d’essai ${String(number)}`) ?? '';
const publicOf = async (number: number): Promise<string | null> =>
  (await plannedCentres(web.context))[id(number)]?.public ?? null;

async function send(path: string, bytes: Uint8Array, name: string, who = alix): Promise<Shown> {
  const form = new FormData();
  form.set('_jeton', who.csrf);
  form.set('fichier', new Blob([new Uint8Array(bytes)]), name);
  const headers = {
    origin: web.url,
    cookie: [...who.cookies].map(([key, value]) => `${key}=${value}`).join('; '),
  };
  const response = await fetch(new URL(path, web.url), {
    method: 'POST',
    body: form,
    headers,
    redirect: 'manual',
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}
const returned = async (change: (sheet: Worksheet) => void): Promise<Shown> =>
  await send('/28/tableur/apercu', await edited(await centresWorkbook(web.context), change), 'centres.xlsx');

/** Text of a page without its marks, spaces as one. */
const plain = (text: string): string =>
  text
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll(/\s+/g, ' ');
const hidden = (text: string, name: string): string =>
  (new RegExp(`name="${name}"\\s+value="([^"]*)"`).exec(text)?.[1] ?? '')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replaceAll('&#39;', "'");
const confirmation = (shown: Shown): Record<string, string> => ({
  empreinte: hidden(shown.text, 'empreinte'),
  modifications: hidden(shown.text, 'modifications'),
});

describe('contacts of the service', () => {
  /** Numbers of the range kept for fiction (ARCEP decision 2018-0881). */
  const PHONE = 'Secrétariat, téléphone fixe (visible du grand public)';
  const BOX = 'Boîte MSSanté du service (visible des professionnels)';

  it('come back as one list, are shown in the next workbook, and an empty cell takes none away', async () => {
    const shown = await returned((sheet) => {
      put(sheet, id(2), PHONE, '02 61 91 00 11');
      put(sheet, id(2), BOX, 'Service@Essai.mssante.fr');
    });
    expect(plain(shown.text)).toMatch(/Secrétariat[^.]*vide 0261910011/);
    const confirmed = await alix.post('/28/tableur/confirmer', confirmation(shown));
    expect(confirmed.status).toBe(303);
    const said = async (): Promise<unknown> =>
      (await answersOf(web.database.app, '28')).findLast(({ body }) => body['field'] === 'contacts')?.body[
        'value'
      ];
    const both = [
      { nature: '07', channel: '2', confidentiality: '1', value: '0261910011' },
      { nature: '07', channel: 'MSSANTE', confidentiality: '2', value: 'service@essai.mssante.fr' },
    ];
    expect(await said()).toEqual(both);
    const next = await returned((sheet) => put(sheet, id(2), PHONE, ''));
    expect(plain(next.text)).toContain('0 modification');
    const other = await returned((sheet) => put(sheet, id(2), PHONE, '0261910012'));
    expect(plain(other.text)).toMatch(/0261910011 0261910012/);
    await alix.post('/28/tableur/confirmer', confirmation(other));
    expect(await said()).toEqual([both[1], { ...both[0], value: '0261910012' }]);
  });

  it('are told when they are a person’s, or lost their zero', async () => {
    for (const wrong of ['06 39 98 00 11', '261910011']) {
      const { text } = await returned((sheet) => put(sheet, id(3), PHONE, wrong));
      expect(plain(text)).toContain('ne convient pas à ce canal');
      expect(plain(text)).toContain('0 modification');
    }
  });
});

describe('the round trip, in a real browser', () => {
  it('is downloaded, completed, shown before and after, confirmed, and the change shows the value', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'filror-tableur-'));
    const browser = await openBrowser();
    try {
      const context = await browser.newContext({ acceptDownloads: true });
      await context.addCookies([...alix.cookies].map(([name, value]) => ({ name, value, url: web.url })));
      const page = await context.newPage();
      await page.goto(`${web.url}/28/tableur`);
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: 'Télécharger le classeur de nos centres (5 lignes' }).click(),
      ]);
      expect(download.suggestedFilename()).toBe('centres-28.xlsx');
      const path = join(folder, 'centres.xlsx');
      await download.saveAs(path);
      writeFileSync(
        path,
        await edited(readFileSync(path), (sheet) => put(sheet, id(1), 'Public', 'Pédiatrique')),
      );
      await page.getByLabel('Classeur complété (XLSX)').setInputFiles(path);
      await page.getByRole('button', { name: 'Montrer ce que ce classeur changerait' }).click();
      await page.getByRole('heading', { name: 'Ce que ce classeur changerait' }).waitFor();
      const shown = (await page.locator('table').innerText()).replaceAll(/\s+/g, ' ');
      expect(shown).toContain('Centre d’essai 1');
      expect(shown).toMatch(/Public vide pédiatrique/);
      await readAxe(page);
      expect(await axeOn(page)).toEqual([]);
      expect(await publicOf(1)).toBeNull();
      await page.getByRole('button', { name: 'Confirmer la modification montrée' }).click();
      await page.getByText('1 réponse enregistrée depuis le classeur').waitFor();
      expect(await publicOf(1)).toBe('pédiatrique');
      const change = (await web.open()).find(({ centres }) => centres.some((each) => each === id(1)));
      await page.goto(`${web.url}/28/changements/${change?.id ?? ''}`);
      expect(await page.locator('main').innerText()).toMatch(/0\s*(?:à|–|-)\s*17|0–17/);
    } finally {
      await browser.close();
      rmSync(folder, { recursive: true });
    }
  });
});

describe('what comes back', () => {
  it('untouched, or with its cells emptied, changes nothing', async () => {
    for (const change of [() => undefined, (sheet: Worksheet) => put(sheet, id(1), 'Public', null)]) {
      const shown = plain((await returned(change)).text);
      expect(shown).toContain('0 modification sur 0 centre, 5 lignes inchangées, rien à corriger');
      expect(shown).toContain('Ce classeur ne change rien');
    }
  });

  it('with its columns in another order is the same', async () => {
    const shown = await returned((sheet) => {
      put(sheet, id(2), 'Public', 'mixte');
      sheet.spliceColumns(2, 0, sheet.getColumn(8).values.slice(1) as string[]);
      sheet.spliceColumns(9, 1);
    });
    expect(plain(shown.text)).toContain('1 modification sur 1 centre, 4 lignes inchangées, rien à corriger');
  });

  it.each<[string, (sheet: Worksheet) => void, RegExp]>([
    [
      'an id that no centre has',
      (s) => (s.getCell('A2').value = 'cmr_inconnu'),
      /ligne 2, colonne « Identifiant \(ne pas modifier\) » « cmr_inconnu » n’est l’identifiant d’aucun centre/,
    ],
    [
      'a workbook of another region',
      (s) => (s.getCell('R2').value = s.getCell('R2').text.replace('"28"', '"53"')),
      /ligne 2, .* est un centre d’une autre région/,
    ],
    [
      'an id twice',
      (s) => (s.getCell('A2').value = s.getCell('A3').value),
      /ligne 3, .* sur plusieurs lignes \(2, 3\) : aucune n’est lue/,
    ],
    [
      'a line without id',
      (s) => (s.getCell('A2').value = null),
      /ligne 2, .* un centre nouveau ne s’ajoute pas par ce classeur/,
    ],
    [
      'a column renamed',
      (s) => (s.getCell('I1').value = 'Numéro'),
      /ligne 1, colonne « Site \(numéro FINESS\) » Cette colonne manque, ou a été renommée/,
    ],
    [
      'a column removed',
      (s) => s.spliceColumns(10, 1),
      /ligne 1, colonne « Champ d’activité » Cette colonne manque/,
    ],
    [
      'a value out of the list',
      (s) => (s.getCell('H2').value = 'tous'),
      /ligne 2, colonne « Public » public : « tous » n’est pas un public connu\. donnez l’un de : adulte, pédiatrique, mixte/,
    ],
    [
      'a number that is no FINESS number',
      (s) => (s.getCell('I2').value = 76000015),
      /ligne 2, colonne « Site \(numéro FINESS\) » site : « 76000015 » n’a pas la forme d’un numéro FINESS/,
    ],
    [
      'a site of another region',
      (s) => (s.getCell('I2').value = '720000470'),
      /ligne 2, colonne « Site \(numéro FINESS\) »/,
    ],
    [
      'a campaign without proof',
      (s) => put(s, id(4), 'Campagne', '2023'),
      /colonne « Preuve de la campagne \(acte, date, page\) » La campagne 2023 est attestée sans preuve/,
    ],
    [
      'a proof without campaign',
      (s) => (s.getCell('Q2').value = 'BO Santé'),
      /ligne 2, colonne « Preuve .* n’accompagne aucune campagne/,
    ],
    [
      'a grey column typed over',
      (s) => (s.getCell('B2').value = 'Autre titre'),
      /ligne 2, colonne « Intitulé du centre » Cette colonne ne se corrige pas ici/,
    ],
    [
      'its landmark lost',
      (s) => (s.getCell('R2').value = null),
      /ligne 2, colonne « Repère .* a été ôté ou modifié/,
    ],
    [
      'a landmark with nulls',
      (s) => (s.getCell('R2').value = '{"region":"28","answers":null,"shown":null}'),
      /ligne 2, colonne « Repère .* a été ôté ou modifié/,
    ],
    [
      'a landmark with nothing in it',
      (s) => (s.getCell('R2').value = '{"region":"28","answers":{},"shown":{}}'),
      /ligne 2, colonne « Repère .* a été ôté ou modifié/,
    ],
    [
      'a landmark that is a list',
      (s) => (s.getCell('R2').value = '[]'),
      /ligne 2, colonne « Repère .* a été ôté ou modifié/,
    ],
    [
      'a formula',
      (s) => (s.getCell('H2').value = { formula: 'A1', result: 'mixte' }),
      /ligne 2, colonne « Public » La cellule est calculée par une formule/,
    ],
  ])('with %s is told by line and column, and the other lines stand', async (_what, wrong, says) => {
    const shown = await returned((sheet) => {
      sheet.getCell('H6').value = sheet.getCell('H6').text === 'adulte' ? 'mixte' : 'adulte';
      wrong(sheet);
    });
    expect(shown.status).toBe(200);
    expect(plain(shown.text)).toMatch(says);
    expect(plain(shown.text)).toMatch(/1 modification sur 1 centre/);
  });

  it('after the centre changed is refused for that cell: nobody’s answer is undone unseen', async () => {
    const old = await centresWorkbook(web.context);
    await web.answer(web.camille, {
      kind: 'complete',
      subject: id(2),
      body: { field: 'public', value: 'mixte' },
    });
    const late = await edited(old, (sheet) => put(sheet, id(2), 'Public', 'adulte'));
    const shown = plain((await send('/28/tableur/apercu', late, 'centres.xlsx')).text);
    expect(shown).toContain(
      'Le centre a changé depuis que ce classeur a été téléchargé : vide est devenu « mixte »',
    );
    expect(shown).toContain('0 modification sur 0 centre');
    // A line left as it was undoes nothing either.
    expect(plain((await send('/28/tableur/apercu', old, 'centres.xlsx')).text)).toContain(
      '5 lignes inchangées',
    );
  });
});

describe('the confirmation', () => {
  it('counts for exactly what was shown, once', async () => {
    const shown = await returned((sheet) => put(sheet, id(3), 'Public', 'adulte'));
    const form = confirmation(shown);
    const other = { ...form, modifications: form['modifications']?.replace('"adulte"', '"mixte"') ?? '' };
    const forged = await alix.post('/28/tableur/confirmer', other);
    expect([forged.status, forged.text.includes('NOT_AS_SHOWN')]).toEqual([409, true]);
    expect(await publicOf(3)).toBeNull();
    expect((await alix.post('/28/tableur/confirmer', form)).status).toBe(303);
    expect(await publicOf(3)).toBe('adulte');
    const again = await alix.post('/28/tableur/confirmer', form);
    expect([again.status, plain(again.text).includes('a changé entre-temps (Public)')]).toEqual([409, true]);
  });

  it.each(['', '{', '[]', '[{"centre":"x"}]', 'null'])(
    'with %j for its content is refused',
    async (modifications) => {
      const { status, text } = await alix.post('/28/tableur/confirmer', {
        empreinte: 'a'.repeat(64),
        modifications,
      });
      expect([status, text.includes('FORM_INVALID')]).toEqual([400, true]);
    },
  );
});

describe('a list of the first day', () => {
  it('is not what the next run reads where a place is configured, and the page says so', async () => {
    const told = 'le prochain passage reprendra celle de cet endroit';
    expect(plain((await alix.get('/28/tableur')).text)).toContain(told);
    const { config, region } = web.context;
    const list = config.sources['labelled-centres'];
    if (list === undefined) throw new Error('no list');
    const unplaced = { ...config, sources: { 'labelled-centres': { ...list, place: null } } };
    expect(isListConfigured({ config: unplaced, region })).toBe(false);
  });

  it('is shown by a dry run, its bytes kept, and counts once confirmed, under the name of who handed it over', async () => {
    const filled = await edited(await emptyList(web.context), (sheet) => {
      const texts: Record<string, string> = {
        Label: 'CCMR',
        'Intitulé du centre': 'Centre d’essai 9',
        Filière: 'FIMARAD',
        Établissement: 'CH de Dieppe',
        Ville: 'Dieppe',
        Public: 'mixte',
        Campagne: '2023',
      };
      for (const [at, title] of [...ids.keys(), 'Centre d’essai 9'].entries())
        sheet.getRow(1).eachCell((cell, column) => {
          sheet.getRow(at + 2).getCell(column).value =
            cell.text === 'Intitulé du centre' ? title : (texts[cell.text] ?? null);
        });
      sheet.getRow(8).getCell(2).value = 'Centre sans label';
    });
    const before = await currentDeliveries(web.database.app, '28');
    const shown = await send('/28/tableur/liste', filled, '../li\u202Este.xlsx');
    expect(plain(shown.text)).toContain('7 lignes lues, 6 gardées, 1 à part');
    expect(plain(shown.text)).toMatch(/liste\.xlsx, feuille Centres, ligne 8/);
    expect(plain(shown.text)).toMatch(
      /Changements que la région aurait alors à décider .*Centre d’essai 9 CCMR filière FIMARAD .*Nom de l’offre : Centre de compétence – Centre d’essai 9/,
    );
    expect((await currentDeliveries(web.database.app, '28')).get('labelled-centres')).toEqual(
      before.get('labelled-centres'),
    );
    const form = Object.fromEntries(['sha256', 'empreinte'].map((name) => [name, hidden(shown.text, name)]));
    const other = await alix.post('/28/tableur/liste/confirmer', { ...form, empreinte: 'b'.repeat(64) });
    expect([other.status, other.text.includes('NOT_AS_SHOWN')]).toEqual([409, true]);
    // A form of before leaves no run that failed: nobody is alarmed.
    expect(await web.database.app('run').where({ state: 'failed' })).toEqual([]);
    expect((await currentDeliveries(web.database.app, '28')).get('labelled-centres')?.no).toBe(
      before.get('labelled-centres')?.no,
    );
    const another = await web.visitor(['operator', 'reviewer'], 'Sacha d’essai');
    const foreign = await another.post('/28/tableur/liste/confirmer', form);
    expect([foreign.status, foreign.text.includes('LIST_UNKNOWN')]).toEqual([409, true]);
    const taken = await alix.post('/28/tableur/liste/confirmer', form);
    expect(taken.status).toBe(303);
    const delivery = (await currentDeliveries(web.database.app, '28')).get('labelled-centres');
    expect(delivery).toMatchObject({
      sha256: form['sha256'],
      file_name: 'liste.xlsx',
      origin: 'déposé à la page Tableur',
      rows_read: 7,
    });
    expect(delivery?.imported_by).not.toBeNull();
    expect(
      Object.values(await plannedCentres(web.context))
        .map(({ title }) => title)
        .sort(),
    ).toContain('Centre d’essai 9');
  });

  it.each([
    ['/28/tableur/liste', 'PK\u0003\u0004 coupé', /il est coupé ou abîmé/],
    [
      '/28/tableur/apercu',
      'Label;Public',
      /n’est pas un classeur \(XLSX\).* CSV compris, se dépose dans l’autre/,
    ],
    ['/28/tableur/apercu', '', /Le fichier « x\.xlsx » est vide : .*redéposez-le/],
    ['/28/tableur/liste', '', /Le fichier « x\.xlsx » est vide : .*redéposez-le/],
  ])('or a workbook at %s that holds %j is refused with what to do', async (path, content, says) => {
    const { status, text } = await send(path, Buffer.from(content), 'x.xlsx');
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(plain(text)).toMatch(says);
    expect(plain(text)).toContain('Que faire');
  });

  it('says which of its columns mean nothing here, and is not our workbook handed in by mistake', async () => {
    const [header = '', ...rows] = LIST.split('\n');
    const more = [
      `${header};Couleur du dossier`,
      ...rows.filter((row) => row !== '').map((row) => `${row};bleu`),
    ];
    const shown = await send('/28/tableur/liste', Buffer.from(more.join('\n')), 'liste.csv');
    expect(plain(shown.text)).toContain('Colonnes que filror ne lit pas : « Couleur du dossier ».');
    const ours = await send('/28/tableur/liste', await centresWorkbook(web.context), 'centres.xlsx');
    expect(ours.status).toBe(422);
    expect(plain(ours.text)).toContain(
      'Ce fichier est le classeur de nos centres, et non une liste de centres',
    );
    expect(plain(ours.text)).toContain('déposez-le comme classeur complété');
  });

  it('handed in as our workbook is recognised', async () => {
    const { text } = await send('/28/tableur/apercu', await emptyList(web.context), 'modele.xlsx');
    expect(plain(text)).toContain('Ce fichier est une liste de centres (le modèle du premier jour)');
  });
});
