import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { orderDrafts, orderLines } from '../../src/db/orders.js';
import type { RegionCode } from '../../src/domain/ids.js';
import type { SyncOutput } from '../../src/runs/report.js';
import { BRETAGNE, centresList } from '../scenarios/world.js';
import { openBrowser, pageOf } from '../support/browser.js';
import { STORED_LINES, storedDraft } from '../support/order-draft.js';
import { pdfkitOrder } from '../support/order-pdfkit.js';
import { PLAIN, type OrderSpec } from '../support/order-spec.js';
import { faultsOf } from '../support/walk.js';
import { HOSTILE } from '../support/walk-worlds.js';
import { openPagesOn, openWebWorld, type Shown, type Visitor, type WebWorld } from '../support/web-world.js';

/** A labelling order handed over on the page « Arrêtés », and read again there line by line. */
const site = (n: number, hospital: string, label: string) => ({
  head: `Dr Personne d’essai ${String(n)}`,
  hospital,
  label,
});
const SPEC: OrderSpec = {
  filieres: [
    {
      heading: 'Filière FIMARAD',
      code: 'FIMARAD',
      centres: [
        {
          title: 'Centre d’essai 90',
          sites: [site(1, 'CH de Dieppe', 'Coordonnateur'), site(2, 'CH de Falaise', 'Compétence')],
        },
        { title: 'Centre d’essai 91', sites: [site(3, 'CH de Coutances', 'non précisé')] },
        { title: 'Centre <b>d’essai</b> 92', sites: [site(4, 'CH Lisieux', 'Compétence')] },
      ],
    },
  ],
};

let web: WebWorld;
let alix: Visitor;
let pdf: Buffer;
let id = '';
beforeAll(async () => {
  web = await openWebWorld({
    list: centresList([{ title: 'Centre d’essai 1', hospital: 'CH de Dieppe', town: 'Dieppe' }]),
  });
  await web.sync();
  alix = await web.visitor(['operator'], 'Alix d’essai');
  pdf = await pdfkitOrder(SPEC, PLAIN);
});
afterAll(() => web.close());

async function send(bytes: Uint8Array, annee: string, who = alix, csrf = who.csrf): Promise<Shown> {
  const form = new FormData();
  form.set('_jeton', csrf);
  form.set('annee', annee);
  form.set('fichier', new Blob([new Uint8Array(bytes)]), 'arrêté-essai.pdf');
  const headers = {
    origin: web.url,
    cookie: [...who.cookies].map(([key, value]) => `${key}=${value}`).join('; '),
  };
  const init = { method: 'POST', body: form, headers, redirect: 'manual' } as const;
  const response = await fetch(new URL('/28/arretes', web.url), init);
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** Text of a page without its marks, spaces as one. */
const plain = ({ text }: Shown): string =>
  text
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&#39;', "'")
    .replaceAll(/\s+/g, ' ');
/** The values of the fields of a line, as its form would send them. */
const fieldsOf = ({ text }: Shown, line: number): Record<string, string> => {
  const row = text.slice(text.indexOf(`id="ligne-${String(line)}"`));
  const form = row.slice(0, row.indexOf('</form>'));
  return Object.fromEntries(
    [...form.matchAll(/<input[^>]*?\sname="([^"]+)"[^>]*?\svalue="([^"]*)"/g)].map(
      ([, name = '', value = '']) => [
        name,
        value.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&#39;', "'"),
      ],
    ),
  );
};
const stored = async () => await orderLines(web.database.app, '28', id);
const titles = (output: SyncOutput): string[] =>
  output.changes
    .flatMap(({ centres }) => centres.map((centre) => ('title' in centre ? centre.title : '')))
    .filter((title) => title.includes(' 9'))
    .sort();

describe('an order handed over', () => {
  it('is refused without an order: no file, no year, no PDF, a PDF without a table, with what to do', async () => {
    for (const [bytes, annee, status, told] of [
      [Buffer.alloc(0), '2023', 400, 'est vide'],
      [pdf, '', 400, 'quatre chiffres'],
      [pdf, '23', 400, 'quatre chiffres'],
      [Buffer.from('ce n’est pas un PDF'), '2023', 422, 'Endroit : arrêté-essai.pdf'],
      [await pdfkitOrder({ filieres: [] }, PLAIN), '2023', 422, 'pages 1 à 2'],
    ] as const) {
      const refused = await send(bytes, annee);
      expect([told, refused.status]).toEqual([told, status]);
      expect(plain(refused)).toContain(told);
      expect(plain(refused)).toContain('Que faire :');
      expect(refused.text).toContain('href="/28/arretes"');
    }
    const forged = await send(pdf, '2023', alix, 'autre');
    expect(forged.status).toBe(403);
    const reader = await web.visitor(['reader'], 'Lecteur d’essai');
    expect((await send(pdf, '2023', reader)).status).toBe(403);
    expect(await orderDrafts(web.database.app, '28')).toEqual([]);
    expect(plain(await alix.get('/28/arretes'))).toContain('Aucun arrêté lu dans cette région.');
  });

  it('is shown line by line with its pages, once, and nothing of it counts', async () => {
    const sent = await send(pdf, '2023');
    expect(sent.status).toBe(303);
    [, id = ''] = /^\/28\/arretes\/([a-z2-7]{8})$/.exec(sent.headers.get('location') ?? '') ?? [];
    const shown = await alix.get(`/28/arretes/${id}`);
    const said = plain(shown);
    expect(said).toContain('Arrêté lu : 4 lignes à relire. Rien n’en compte avant d’être validé.');
    expect(said).toContain('0 ligne relue sur 4.');
    for (const line of [1, 2, 3, 4]) expect(said).toContain(`page 2, ligne ${String(line)} `);
    expect(said).toContain('Intitulé du centre Centre <b>d');
    expect(shown.text).not.toContain('<b>d');
    expect(said).toContain('ne dit pas de label');
    expect(fieldsOf(shown, 1)).toMatchObject({ etablissement: 'CH de Dieppe', filiere: 'FIMARAD' });
    const again = await send(pdf, '2023');
    expect([again.status, again.headers.get('location')]).toEqual([303, `/28/arretes/${id}`]);
    expect((await orderDrafts(web.database.app, '28')).map((draft) => draft.id)).toEqual([id]);
    const list = plain(await alix.get('/28/arretes'));
    expect(list).toContain('4 lignes en 2 pages');
    expect(list).toContain('0 ligne relue sur 4, 4 restantes');
    expect(titles(await web.sync())).toEqual([]);
  });

  it('counts for the validated lines only, as corrected, and is taken back', async () => {
    const form = fieldsOf(await alix.get(`/28/arretes/${id}`), 3);
    const asRead = await alix.post(`/28/arretes/${id}/3/valider`, form);
    expect([asRead.status, plain(asRead).includes('ne dit pas de label')]).toEqual([400, true]);
    expect(asRead.text).toContain(`href="/28/arretes/${id}?etat=toutes&amp;page=1"`);
    const validated = await alix.post(`/28/arretes/${id}/3/valider`, {
      ...form,
      label: 'CCMR',
      responsable: 'Dr Personne d’essai 30',
    });
    expect([validated.status, validated.headers.get('location')]).toEqual([303, `/28/arretes/${id}#ligne-3`]);
    const [, , third] = await stored();
    expect([third?.decided?.kind, third?.decided?.corrections, third?.head]).toEqual([
      'validate',
      { label: 'CCMR', head: 'Dr Personne d’essai 30' },
      'Dr Personne d’essai 3',
    ]);
    const noReason = await alix.post(`/28/arretes/${id}/2/ecarter`, { raison: '  ' });
    expect([noReason.status, plain(noReason).includes('avec une raison')]).toEqual([400, true]);
    const filtered = { etat: 'a-relire', page: '1' };
    const raison = 'ligne d’essai <script>';
    const discarded = await alix.post(`/28/arretes/${id}/2/ecarter`, { ...filtered, raison });
    expect(discarded.headers.get('location')).toBe(`/28/arretes/${id}?etat=a-relire`);
    expect(plain(await alix.get(`/28/arretes/${id}?etat=a-relire`))).toContain(
      'Ligne 2 écartée. 2 lignes relues sur 4',
    );
    const whole = await alix.get(`/28/arretes/${id}`);
    await alix.post(`/28/arretes/${id}/4/valider`, fieldsOf(whole, 4));
    expect((await stored())[3]?.decided?.corrections).toEqual({});
    const twice = await alix.post(`/28/arretes/${id}/4/valider`, fieldsOf(whole, 4));
    expect([twice.status, plain(twice).includes('est déjà validée')]).toEqual([409, true]);
    expect((await alix.post(`/28/arretes/${id}/4/reprendre`, {})).status).toBe(303);

    const output = await web.sync();
    expect(titles(output)).toEqual(['Centre d’essai 91']);
    expect(output.changes.flatMap(({ centres }) => centres)).toContainEqual(
      expect.objectContaining({ title: 'Centre d’essai 91', label: 'CCMR' }),
    );
    const seen = plain(await alix.get(`/28/arretes/${id}?etat=ecartees`));
    expect(seen).toContain('raison : ligne d’essai <script>');
    expect(seen).not.toContain('ligne 3');
    expect(plain(await alix.get(`/28/arretes/${id}?etat=validees`))).toContain('avec 2 corrections');
    await alix.post(`/28/arretes/${id}/3/reprendre`, {});
    expect(fieldsOf(await alix.get(`/28/arretes/${id}`), 3)).toMatchObject({
      responsable: 'Dr Personne d’essai 3',
    });
    expect(titles(await web.sync())).toEqual([]);
  });

  it('is seen by a reader, who decides nothing', async () => {
    const reader = await web.visitor(['reader'], 'Lecteur d’essai');
    const shown = await reader.get(`/28/arretes/${id}`);
    expect([shown.status, plain(shown).includes('page 2, ligne 1')]).toEqual([200, true]);
    expect(shown.text).not.toContain(`action="/28/arretes`);
    expect((await reader.get('/28/arretes')).text).not.toContain('type="file"');
    for (const act of ['valider', 'ecarter', 'reprendre'])
      expect((await reader.post(`/28/arretes/${id}/1/${act}`, { raison: 'essai' })).status).toBe(403);
    expect((await stored())[0]?.decided).toBeNull();
  });

  it('is nowhere in another region, nor are lines that it has not', async () => {
    for (const path of [`${id}/0/valider`, `${id}/99/valider`, `${id}/x/reprendre`, 'inconnu1/1/valider'])
      expect([path, (await alix.post(`/28/arretes/${path}`, {})).status]).toEqual([path, 404]);
    expect((await alix.get(`/28/arretes/${id}?etat=autres`)).status).toBe(400);
    expect((await alix.get(`/28/arretes/${id}?page=99`)).status).toBe(200);
    const other = await openPagesOn({
      database: web.database,
      config: web.context.config,
      region: { ...web.context.region, code: BRETAGNE.code as RegionCode, name: BRETAGNE.name },
      secret: web.secret,
    });
    try {
      const bea = await other.visitor(['operator'], 'Béa d’essai');
      expect((await bea.get(`/53/arretes/${id}`)).status).toBe(404);
      expect((await bea.post(`/53/arretes/${id}/1/valider`, {})).status).toBe(404);
      expect(plain(await bea.get('/53/arretes'))).toContain('Aucun arrêté lu dans cette région.');
    } finally {
      await other.pages.close();
    }
  });
});

describe('a long order, in a real browser', () => {
  let browser: Browser;
  let long = '';
  beforeAll(async () => {
    browser = await openBrowser();
    long = await storedDraft(web, 'Centre d’essai 95', 'arrêté long d’essai.pdf');
  });
  afterAll(() => browser.close());

  it('is accessible and whole in its filters, with hostile words of 10 kB too', async () => {
    const hostile = await storedDraft(web, HOSTILE, `${'arrêté '.repeat(20)}.pdf`);
    // Their first page is of the walk (walk.test.ts), in the same two states.
    const visits = [
      ...['?page=2', '?etat=a-relire', '?etat=ecartees'].map((query) => `/28/arretes/${long}${query}`),
      `/28/arretes/${hostile}?etat=validees`,
    ];
    expect(await faultsOf(browser, web, ['/28/arretes', ...visits])).toEqual([]);
  });

  it('names what it leaves out, and leads to the next lines to review', async () => {
    const shown = await alix.get(`/28/arretes/${long}`);
    const said = plain(shown);
    expect(said).toContain(`2 lignes relues sur ${String(STORED_LINES)}.`);
    expect(said).toContain('dont rien n’est lu : 3.');
    expect(said).toContain('cellule fusionnée : vérifiez');
    expect(said).toContain('Aller aux 3 lignes suivantes à relire');
    expect(said).toContain('page 3, ligne 25');
    expect(said).not.toContain('ligne 26');
    const ids = [...shown.text.matchAll(/\sid="([^"]+)"/g)].map(([, each]) => each);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('decides together what the form names, and only sure lines of one page', async () => {
    const decidedLines = async (): Promise<number[]> =>
      (await orderLines(web.database.app, '28', long)).flatMap(({ decided, line }) =>
        decided === null ? [] : [line],
      );
    const shown = await alix.get(`/28/arretes/${long}`);
    expect(plain(shown)).toContain('Valider ensemble 16 lignes sûres de la page 2 du PDF (lignes 1, 6 à 20)');
    expect(plain(shown)).toContain('Valider ensemble 5 lignes sûres de la page 3 du PDF (lignes 21 à 25)');
    const together = async (lignes: string): Promise<Shown> =>
      await alix.post(`/28/arretes/${long}/valider`, { lignes });
    for (const [lignes, status, told] of [
      ['1,2,6', 400, 'est douteuse : 2. Rien n’est décidé.'],
      ['20,21', 400, '2 pages du PDF (2, 3)'],
      ['6,99', 404, 'n’a pas de ligne 99'],
      ['', 400, 'Aucune ligne n’est donnée.'],
      ['4,6', 409, 'est déjà validée'],
    ] as const) {
      const refused = await together(lignes);
      expect([lignes, refused.status]).toEqual([lignes, status]);
      expect(plain(refused)).toContain(told);
      expect(plain(refused)).toContain('Que faire :');
      if (status !== 404) expect(refused.text).toContain(`href="/28/arretes/${long}`);
    }
    expect(await decidedLines()).toEqual([4, 5]);
    const reader = await web.visitor(['reader'], 'Lectrice d’essai');
    expect((await reader.get(`/28/arretes/${long}`)).text).not.toContain('Valider ensemble');
  });

  it.each([true, false])(
    'is decided page by page with the keyboard alone, and taken back (scripts: %s)',
    async (javaScriptEnabled) => {
      const page = await pageOf(browser, web, alix, {
        viewport: { width: 320, height: 800 },
        javaScriptEnabled,
      });
      await page.goto(`${web.url}/28/arretes/${long}`);
      await page.getByRole('button', { name: 'Valider ensemble 16 lignes sûres de la page 2' }).focus();
      await page.keyboard.press('Enter');
      await page.getByText('Lignes 1, 6 à 20 validées telles quelles. 18 lignes relues sur 28').waitFor();
      const decided = (await orderLines(web.database.app, '28', long)).slice(5, 20);
      expect(decided.every(({ decided: one }) => one?.kind === 'validate')).toBe(true);
      await page.goto(`${web.url}/28/arretes/${long}?etat=validees`);
      await page.getByRole('button', { name: 'Reprendre 16 lignes validées ensemble, page 2' }).focus();
      await page.keyboard.press('Enter');
      await page
        .getByText('Lignes 1, 6 à 20 reprises : elles sont de nouveau à relire. 2 lignes relues')
        .waitFor();
      await page.context().close();
    },
  );

  it.each([true, false])(
    'is decided with the keyboard alone at 320 px (scripts: %s)',
    async (javaScriptEnabled) => {
      const page = await pageOf(browser, web, alix, {
        viewport: { width: 320, height: 800 },
        javaScriptEnabled,
      });
      await page.goto(`${web.url}/28/arretes/${long}?etat=a-relire#ligne-6`);
      await page.locator('#ligne-6 summary').focus();
      // Closed, its fields are no stops of Tab; opened, they come one by one, then the two acts.
      expect(await stops(page, 3)).toEqual([
        'Valider la ligne 6',
        'Raison d’écarter la ligne 6',
        'Écarter la ligne 6',
      ]);
      await page.locator('#ligne-6 summary').focus();
      await page.keyboard.press('Enter');
      expect((await stops(page, 2))[0]).toBe('Label');
      await page.keyboard.press('Control+A');
      await page.keyboard.type('Centre d’essai 96');
      await page.keyboard.press('Enter');
      await page.getByText('Ligne 6 validée, avec 1 correction.').waitFor();
      expect(new URL(page.url()).search).toBe('?etat=a-relire');
      await page.goto(`${web.url}/28/arretes/${long}?etat=validees`);
      await page.getByRole('button', { name: 'Reprendre la ligne 6' }).focus();
      await page.keyboard.press('Enter');
      await page.getByText('Ligne 6 reprise : elle est de nouveau à relire.').waitFor();
      await page.context().close();
    },
  );
});

/** What the next presses of Tab lead to, as it is named. */
async function stops(page: Page, presses: number): Promise<string[]> {
  const found: string[] = [];
  for (let at = 0; at < presses; at++) {
    await page.keyboard.press('Tab');
    found.push(
      await page.locator(':focus').evaluate((each) => {
        const label = (each as HTMLInputElement).labels?.[0]?.textContent ?? each.textContent;
        return label.replaceAll(/\s+/g, ' ').trim();
      }),
    );
  }
  return found;
}
