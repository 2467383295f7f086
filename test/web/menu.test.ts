import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MENU_GROUPS } from '../../src/web/menu.js';
import { routes } from '../../src/web/routes.js';
import { openBrowser, pageOf } from '../support/browser.js';
import { axeOn, EVERY_RIGHT, readAxe } from '../support/walk.js';
import { openWebWorld, type WebWorld } from '../support/web-world.js';

it('each page of the menu stands under one heading, and no heading names another', () => {
  const grouped = MENU_GROUPS.flatMap(({ pages }): readonly string[] => pages);
  expect([...grouped].sort()).toEqual(routes.flatMap(({ menu }) => menu ?? []).sort());
});

describe('the menu', () => {
  let web: WebWorld;
  let browser: Browser;
  beforeAll(async () => {
    [web, browser] = await Promise.all([openWebWorld(), openBrowser()]);
  });
  afterAll(async () => {
    await web.close();
    await browser.close();
  });

  it('leads to every page of the person’s rights, under headings of those only', async () => {
    const everything = await (await web.visitor(EVERY_RIGHT, 'Personne d’essai de tout')).get('/28');
    for (const { menu, path } of routes)
      if (menu !== undefined) expect(everything.text).toContain(`href="/28${path}"`);
    const hospital = await (await web.visitor(['establishment'])).get('/28/accord');
    expect(hospital.text).toContain('Accord de mon établissement');
    expect(hospital.text).not.toContain('Regarder</h2>');
  });

  it('marks the page that is shown, and the section of a page under one', async () => {
    const reader = await web.visitor(['reader']);
    const marks = async (path: string): Promise<string[]> =>
      [
        ...(await reader.get(path)).text.matchAll(
          /<a href="([^"]+)"\s+aria-current="(page|true)"\s*>([^<]+)</g,
        ),
      ].map(([, href = '', mark = '', label = '']) => `${href} ${mark} ${label}`);
    expect(await marks('/28')).toEqual(['/28 page Accueil']);
    expect(await marks('/28/couverture?par=departement')).toEqual(['/28/couverture page Couverture']);
    expect(await marks('/28/journal/999999')).toEqual(['/28/journal true Journal']);
  });

  it.each([true, false])(
    'is unfolded with the keyboard at 320 px (scripts: %s)',
    async (javaScriptEnabled) => {
      const page = await pageOf(browser, web, await web.visitor(['reader', 'operator']), {
        viewport: { width: 320, height: 800 },
        javaScriptEnabled,
      });
      await page.goto(`${web.url}/28/couverture`);
      const menu = page.getByRole('navigation', { name: 'Menu principal' });
      expect(await menu.getByRole('link').count()).toBe(0);
      expect(await menu.innerText()).toBe('Menu : Couverture');
      await menu.locator('summary').focus();
      await page.keyboard.press('Enter');
      await menu.getByRole('heading', { name: 'Regarder' }).waitFor({ state: 'visible' });
      // What follows in the order of Tab is the menu itself.
      await page.keyboard.press('Tab');
      expect(await page.locator(':focus').textContent()).toBe('Accueil');
      const looking = menu.getByRole('list', { name: 'Regarder' });
      await looking.getByRole('link', { name: 'Journal' }).focus();
      await page.keyboard.press('Enter');
      await page.waitForURL('**/28/journal');
      if (javaScriptEnabled) {
        await menu.locator('summary').click();
        await readAxe(page);
        expect(await axeOn(page)).toEqual([]);
      }
      await page.context().close();
    },
  );

  it('is whole at 1280 px, without anything to unfold', async () => {
    const page = await pageOf(browser, web, await web.visitor(['reader', 'operator']));
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.goto(`${web.url}/28`);
    const menu = page.getByRole('navigation', { name: 'Menu principal' });
    expect(await menu.locator('summary').isVisible()).toBe(false);
    expect(await menu.getByRole('link', { name: 'Couverture' }).isVisible()).toBe(true);
    expect(await menu.getByRole('heading').allTextContents()).toEqual(['Travail', 'Regarder', 'Régler']);
    await page.context().close();
  });
});
