import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { centresList } from '../scenarios/world.js';
import { openBrowser } from '../support/browser.js';
import { openWebWorld, type WebWorld } from '../support/web-world.js';

/** A doubtful hospital decided with Tab and Enter alone, in real Chromium: no script of ours has a part in it. */
const FLERS = '610000119';

let web: WebWorld;
let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
  web = await openWebWorld({
    list: centresList([
      { title: 'Centre d’essai 1', hospital: 'Jacques Monod', public: 'mixte' },
      { title: 'Centre d’essai 2', hospital: 'CH de Dieppe', town: 'Dieppe', public: 'mixte' },
    ]),
  });
  await web.sync();
});
afterAll(async () => {
  await web.close();
  await browser.close();
});

/** Presses Tab until the element in focus says this; the mouse is never used. */
async function tabTo(page: Page, says: RegExp): Promise<string> {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press('Tab');
    const text = (await page.locator(':focus').textContent())?.replaceAll(/\s+/g, ' ') ?? '';
    if (says.test(text)) return text;
  }
  throw new Error(`nothing in the order of Tab says ${String(says)}`);
}

describe.each([true, false])('with the keyboard alone (scripts: %s)', (javaScriptEnabled) => {
  it('a person finds the hospital, decides, and takes the decision back', async () => {
    const visitor = await web.visitor(['operator'], 'Opératrice d’essai');
    const context = await browser.newContext({ javaScriptEnabled });
    await context.addCookies([{ name: 'filror', value: visitor.cookies.get('filror') ?? '', url: web.url }]);
    const page = await context.newPage();
    await page.goto(`${web.url}/28`);
    await tabTo(page, /^Rapprochements$/);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/28/rapprochements');
    const button = await tabTo(page, /C’est cet hôpital : .*FLERS/i);
    expect(button).toContain('C’est cet hôpital');
    const focus = await page.locator(':focus').evaluate((each) => getComputedStyle(each).outlineStyle);
    expect(focus).toBe('solid');
    await page.keyboard.press('Enter');
    await page.getByText(`« jacques monod » : reconnu : FINESS ${FLERS}`).waitFor();
    expect(await page.getByText('Aucun rapprochement en attente.').count()).toBe(1);
    await tabTo(page, /^Annuler la décision sur « jacques monod »$/);
    await page.keyboard.press('Enter');
    await page.getByText('décision annulée, la question est posée de nouveau').waitFor();
    expect(await page.getByText('« Jacques Monod »').first().isVisible()).toBe(true);
    await context.close();
  });
});
