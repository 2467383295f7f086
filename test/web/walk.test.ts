import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routes } from '../../src/web/routes.js';
import { openBrowser } from '../support/browser.js';
import { storedDraft } from '../support/order-draft.js';
import { trialList } from '../support/region-run.js';
import { faultsOf, type Visit } from '../support/walk.js';
import { HOSTILE } from '../support/walk-worlds.js';
import { openWebWorld, type WebWorld } from '../support/web-world.js';

/**
 * Every GET address of the server in real Chromium: empty, full, and with names of nearly 10 kB (the longest cell that is
 * read) that attack; and the pages that its forms for files answer with.
 */
interface State {
  readonly name: string;
  readonly list: string;
  readonly synced: boolean;
}
const STATES: readonly State[] = [
  { name: 'empty', list: trialList([{ number: 1 }]), synced: false },
  {
    name: 'full',
    list: trialList([
      { number: 1 },
      { number: 2, hospital: 'CH de Coutances', town: 'Coutances', public: '' },
      { number: 3, hospital: 'CH Lisieux', town: 'Lisieux', campaign: '2017' },
      { number: 4, hospital: 'Jacques Monod', town: '' },
    ]),
    synced: true,
  },
  {
    name: 'with hostile names of 10 kB',
    list: trialList([{ number: 1, title: HOSTILE }, { number: 2 }]),
    synced: true,
  },
];

/** Addresses outside of any region, for nobody in particular. */
const PLAIN = ['/connexion', '/accessibilite', '/nulle-part'];

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

/** A first-day list shown before it counts, and a workbook that is none. */
const PREVIEWS: readonly Visit[] = [
  {
    address: '/28/tableur',
    submit: async (page) => {
      await page.getByLabel('Liste de centres (XLSX ou CSV)').setInputFiles({
        name: `${'liste '.repeat(20)}.csv`,
        mimeType: 'text/csv',
        buffer: Buffer.from(
          trialList([{ number: 1, title: HOSTILE }, { number: 3 }, { number: 5, label: 'X' }]),
        ),
      });
      await page.getByRole('button', { name: 'Montrer ce que cette liste donnerait' }).click();
      await page.getByRole('heading', { name: 'Ce que cette liste donnerait' }).waitFor();
    },
  },
  {
    address: '/28/tableur',
    submit: async (page) => {
      await page.getByLabel('Classeur complété (XLSX)').setInputFiles({
        name: 'image.xlsx',
        mimeType: 'application/octet-stream',
        buffer: Buffer.from('ce n’est pas un classeur'),
      });
      await page.getByRole('button', { name: 'Montrer ce que ce classeur changerait' }).click();
      await page.getByText('Que faire').first().waitFor();
    },
  },
];

/** Files, not pages: each is opened by the test of the page that offers it. */
const DOWNLOADS = [
  '/passages/:run/mises-a-part',
  '/journal/export',
  '/accords/:change/document',
  '/sources/:source/contenus/:livraison',
  '/tableur/centres.xlsx',
  '/tableur/modele.xlsx',
  '/couverture/:figure/svg',
  '/couverture/:figure/csv',
  '/offres/liste',
];

/** Every GET route with what its parameters may be in this state; a route that nobody can visit fails the test. */
async function addresses(web: WebWorld, order: string): Promise<string[]> {
  const [first, ...others] = await web.open();
  const run: unknown = await web.database.app('run').orderBy('no', 'desc').first('id');
  const entry: unknown = await web.database.app('journal').where({ region: '28' }).orderBy('no').first('no');
  const values: Readonly<Record<string, string>> = {
    ':centre': first?.centres[0] ?? 'inconnu',
    ':change': first?.id ?? 'inconnu',
    ':no': String((entry as { no: string } | undefined)?.no ?? 'inconnu'),
    ':source': 'labelled-centres',
    ':arrete': order,
    ':run': (run as { id: string } | undefined)?.id ?? 'inconnu',
  };
  const found = routes
    .filter(({ method, path }) => method === 'GET' && !DOWNLOADS.includes(path))
    .map(({ path }) => {
      const address = path.replaceAll(/:[a-z]+/g, (name) => {
        const value = values[name];
        if (value === undefined) throw new Error(`no value for ${name} of ${path}`);
        return value;
      });
      return `/28${address}`;
    });
  // Each open change asks something else: every form of the questions is looked at.
  const asked = others.map(({ id }) => `/28/changements/${id}`);
  const compared = `/28/centres/${first?.centres[0] ?? 'inconnu'}/au?comparer=2026-01-01`;
  return [
    ...found,
    ...asked,
    compared,
    '/28/changements?vue=complet',
    '/28/changements?onglet=retraits',
    ...PLAIN,
  ];
}

describe.each(STATES)('the pages of a region, $name', ({ list, synced }) => {
  let web: WebWorld;
  beforeAll(async () => {
    web = await openWebWorld({ list });
    if (synced) await web.sync();
  });
  afterAll(() => web.close());

  it.runIf(list.includes('<script>'))('show a hostile name as text, whole and harmless', async () => {
    const [change] = (await web.open()).filter(({ elements }) =>
      elements.some(({ key, after }) => key === 'name' && JSON.stringify(after).includes('<script>')),
    );
    expect(change).toBeDefined();
    const { text } = await (await web.visitor(['reader'])).get(`/28/changements/${change?.id ?? ''}`);
    expect(text).toContain('&lt;script&gt;document.title=&#39;pris&#39;&lt;/script&gt;');
    expect(text).not.toContain('<script>document');
    expect(text.split('Très long nom').length).toBeGreaterThan(299);
  });

  it('are accessible, silent and whole', async () => {
    const title = list.includes('<script>') ? HOSTILE : 'Centre d’essai 1';
    const order = synced ? await storedDraft(web, title, 'arrêté-essai.pdf') : 'inconnu';
    const visits: readonly Visit[] = [...(await addresses(web, order)), ...(synced ? PREVIEWS : [])];
    expect(await faultsOf(browser, web, visits, [200, 403, 404])).toEqual([]);
  });
});

/** Where else a page could go wrong unseen: one that has each fault, which the walk tells one by one. */
it('finds each fault of a page made for it', async () => {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(`<!doctype html><html lang="fr"><head><title>Essai</title><style>
      body { background: white; color: black }
      @media (prefers-color-scheme: dark) { body { background: #111; color: #222 } }
      .wide { width: 900px }
      .cut { width: 90px; overflow: hidden; white-space: nowrap }
      </style></head><body><main><h1>Un</h1><h1>Deux</h1><p class="wide">large</p>
      <p class="cut">coupé au milieu de la phrase</p><input><img alt="" src="https://ailleurs.invalid/x.png">
      <script>alert(1); throw new Error('essai')</script></main></body></html>`);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const visitor = { cookies: new Map([['filror', 'essai']]) } as Awaited<ReturnType<WebWorld['visitor']>>;
  try {
    const told = await faultsOf(browser, { url, visitor: () => Promise.resolve(visitor) }, ['/'], [404]);
    for (const fault of [
      'answers 200',
      'its title is Essai',
      '2 h1',
      'axe label:',
      'in dark, axe color-contrast:',
      'at 320 px, P ends at',
      'zoomed, P ends at',
      'P cuts its text',
      'a dialog opened',
      'script: essai',
      'asked of another machine: https://ailleurs.invalid/x.png',
    ])
      expect(told.join('\n')).toContain(fault);
    expect(told.some((each) => each.startsWith('/: axe color-contrast'))).toBe(false);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
