import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { centresList } from '../scenarios/world.js';
import { openBrowser, pageOf } from '../support/browser.js';
import { openWebWorld, type WebWorld } from '../support/web-world.js';

/** The search of the list of changes in real Chromium: in place with scripts, by its button without. */
const LIST = centresList([
  { title: 'Centre d’essai 1', hospital: 'CH Falaise', town: 'Falaise', public: 'mixte' },
  { title: 'Centre d’essai 2', hospital: 'CH de Coutances', town: 'Coutances', public: 'mixte' },
  { title: 'Centre d’essai 3', hospital: 'CH Argentan', town: 'Argentan', public: 'mixte' },
]);

let web: WebWorld;
let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
  web = await openWebWorld({ list: LIST });
  await web.sync();
});
afterAll(async () => {
  await web.close();
  await browser.close();
});

const centresShown = async (page: Page): Promise<string[]> =>
  (await page.locator('#liste tbody th[scope=row] > a').allTextContents()).map((text) => text.trim());
const searchIn = (page: Page): string | null => new URL(page.url()).searchParams.get('cherche');

async function list(javaScriptEnabled: boolean): Promise<Page> {
  const visitor = await web.visitor(['reader'], 'Lectrice d’essai');
  const page = await pageOf(browser, web, visitor, { javaScriptEnabled });
  await page.goto(`${web.url}/28/changements`);
  expect(await centresShown(page)).toEqual(['Centre d’essai 1', 'Centre d’essai 2', 'Centre d’essai 3']);
  return page;
}

describe('with scripts', () => {
  it('typing replaces the list in place, keeps the address and announces how many are left', async () => {
    const page = await list(true);
    // A page that is loaded anew would lose this mark.
    await page.evaluate(() => document.documentElement.setAttribute('data-mark', 'before'));
    await page.locator('#cherche').pressSequentially('coutances');
    await page.locator('#liste caption', { hasText: '1 changement' }).waitFor();
    expect(await centresShown(page)).toEqual(['Centre d’essai 2']);
    expect(await page.locator('html').getAttribute('data-mark')).toBe('before');
    await expect.poll(() => searchIn(page)).toBe('coutances');
    expect(await page.locator('[role=status]').textContent()).toBe('1 changement');
    expect(await page.locator(':focus').getAttribute('id')).toBe('cherche');
    expect(await page.locator('#cherche').inputValue()).toBe('coutances');
    await page.context().close();
  });

  it('says in place that nothing answers, and shows the same when the address is opened again', async () => {
    const page = await list(true);
    await page.evaluate(() => document.documentElement.setAttribute('data-mark', 'before'));
    await page.locator('#cherche').pressSequentially('introuvable');
    await page.locator('#liste p', { hasText: 'Aucun changement ne répond à ces filtres.' }).waitFor();
    expect(await page.locator('html').getAttribute('data-mark')).toBe('before');
    await expect
      .poll(() => page.locator('[role=status]').textContent())
      .toBe('Aucun changement ne répond à ces filtres.');
    await expect.poll(() => searchIn(page)).toBe('introuvable');
    await page.reload();
    expect(await page.locator('html').getAttribute('data-mark')).toBeNull();
    expect(await page.locator('#cherche').inputValue()).toBe('introuvable');
    expect(await centresShown(page)).toEqual([]);
    await page.context().close();
  });
});

describe('without scripts', () => {
  it('typing changes nothing, the button of the same form does', async () => {
    const page = await list(false);
    await page.locator('#cherche').pressSequentially('coutances');
    expect(searchIn(page)).toBeNull();
    await page.getByRole('button', { name: 'Filtrer' }).click();
    await page.waitForURL('**/28/changements?*cherche=coutances*');
    expect(await centresShown(page)).toEqual(['Centre d’essai 2']);
    expect(await page.locator('#cherche').inputValue()).toBe('coutances');
    await page.context().close();
  });
});
