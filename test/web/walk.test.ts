/// <reference lib="dom" />
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Role } from '../../src/db/people.js';
import { routes } from '../../src/web/routes.js';
import { openBrowser } from '../support/browser.js';
import { trialList } from '../support/region-run.js';
import { HOSTILE, WALK_WORLDS, WALKER } from '../support/walk-worlds.js';
import { openWebWorld, type WebWorld } from '../support/web-world.js';

/**
 * Every GET address of the server in real Chromium: empty, full, and with names of nearly 10 kB (the longest cell that is read) that attack. For each, axe finds
 * nothing in light and in dark, the console is silent, nothing is asked of another machine, and nothing overflows or is
 * cut at 320, 768 and 1280 px and at 200 % zoom (RGAA 10.4, 10.11).
 */
const STAFF: readonly Role[] = ['reader', 'operator', 'reviewer', 'establishment', 'administrator'];

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

/** Files, not pages: each is opened by the test of the page that offers it. */
const DOWNLOADS = [
  '/passages/:run/mises-a-part',
  '/journal/export',
  '/accords/:change/document',
  '/sources/:source/contenus/:livraison',
  '/tableur/centres.xlsx',
  '/tableur/modele.xlsx',
];

/** Every GET route with what its parameters may be in this state; a route that nobody can visit fails the test. */
async function addresses(web: WebWorld): Promise<string[]> {
  const [first, ...others] = await web.open();
  const run: unknown = await web.database.app('run').orderBy('no', 'desc').first('id');
  const entry: unknown = await web.database.app('journal').where({ region: '28' }).orderBy('no').first('no');
  const values: Readonly<Record<string, string>> = {
    ':centre': first?.centres[0] ?? 'inconnu',
    ':change': first?.id ?? 'inconnu',
    ':no': String((entry as { no: string } | undefined)?.no ?? 'inconnu'),
    ':source': 'labelled-centres',
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
  return [...found, ...asked, '/28/changements?vue=complet', '/28/changements?onglet=retraits', ...PLAIN];
}

async function signedIn(web: WebWorld, dark: boolean): Promise<BrowserContext> {
  const visitor = await web.visitor(STAFF, WALKER);
  const context = await browser.newContext({ colorScheme: dark ? 'dark' : 'light' });
  await context.addCookies([{ name: 'filror', value: visitor.cookies.get('filror') ?? '', url: web.url }]);
  return context;
}

/** Elements that stick out of the window, or whose text is cut. */
async function cutAt(page: Page, width: number, zoom = 1): Promise<string[]> {
  await page.setViewportSize({ width: Math.round(width / zoom), height: 900 });
  return await page.evaluate(() => {
    const found: string[] = [];
    const room = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth > room + 1)
      found.push(`the page is ${String(document.documentElement.scrollWidth)} px wide in ${String(room)}`);
    for (const element of document.querySelectorAll('body *')) {
      const style = getComputedStyle(element);
      const hiddenOnPurpose = style.clipPath !== 'none' || element.closest('.hidden, .skip, thead') !== null;
      if (hiddenOnPurpose || element.closest('pre') !== null) continue;
      const box = element.getBoundingClientRect();
      if (box.width > 0 && box.right > room + 1)
        found.push(`${element.tagName} ends at ${String(box.right)}`);
      if (style.overflowX === 'hidden' && element.scrollWidth > element.clientWidth + 1)
        found.push(`${element.tagName} cuts its text`);
    }
    return found.slice(0, 5);
  });
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

  it.each([false, true])('are accessible, silent and whole (dark: %s)', async (dark) => {
    await walk(web, await addresses(web), dark);
  });
});

describe.each(WALK_WORLDS)('the pages of a region $name', ({ options, prepare }) => {
  let web: WebWorld;
  let visited: readonly string[];
  beforeAll(async () => {
    web = await openWebWorld(options);
    visited = await prepare(web, await web.visitor(STAFF, WALKER));
  });
  afterAll(() => web.close());

  it.each([false, true])('are accessible, silent and whole (dark: %s)', async (dark) => {
    await walk(web, visited, dark, [200]);
  });
});

/** @param expected what the pages may answer: in a state made for them, each is there */
async function walk(
  web: WebWorld,
  visited: readonly string[],
  dark: boolean,
  expected: readonly number[] = [200, 403, 404],
): Promise<void> {
  const context = await signedIn(web, dark);
  const page = await context.newPage();
  let address = '';
  // All of them are told at once, each with its address.
  const faults: string[] = [];
  const fault = (what: string): void => void faults.push(`${address}: ${what}`);
  let refused = false;
  page.on('console', (message) => {
    // What is not there, or not for this person, is refused by a page, and Chromium says so in its console.
    if (!(refused && /status of 40[34] /.test(message.text()))) fault(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => fault(`script: ${error.message}`));
  page.on('dialog', (dialog) => {
    fault('a dialog opened');
    void dialog.dismiss();
  });
  page.on('response', (response) => {
    if (response.url() === `${web.url}${address}`) refused = [403, 404].includes(response.status());
  });
  await context.route('**/*', async (route) => {
    const url = new URL(route.request().url());
    if (url.origin === web.url) return await route.continue();
    fault(`asked of another machine: ${url.href}`);
    await route.abort();
  });
  for (address of visited) {
    refused = false;
    await page.setViewportSize({ width: 1280, height: 900 });
    const status = (await page.goto(`${web.url}${address}`))?.status() ?? 0;
    if (!expected.includes(status)) fault(`answers ${String(status)}`);
    const title = await page.title();
    if (!title.endsWith(' – filror')) fault(`its title is ${title}`);
    const headings = await page.locator('h1').count();
    if (headings !== 1) fault(`${String(headings)} h1`);
    const { violations } = await new AxeBuilder({ page }).analyze();
    for (const { id, nodes } of violations) fault(`axe ${id}: ${nodes[0]?.html.slice(0, 200) ?? ''}`);
    for (const width of [320, 768, 1280])
      for (const cut of await cutAt(page, width)) fault(`at ${String(width)} px, ${cut}`);
    // 200 % zoom halves the room that a page has (WCAG 1.4.4).
    for (const cut of await cutAt(page, 1280, 2)) fault(`zoomed, ${cut}`);
  }
  expect(faults).toEqual([]);
  await context.close();
}
