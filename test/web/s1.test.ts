import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trialOffer } from '../../src/sandbox/seed.js';
import { centresList } from '../scenarios/world.js';
import { openBrowser } from '../support/browser.js';
import { openWebWorld, type WebWorld } from '../support/web-world.js';

/**
 * S1 on the pages, in real Chromium: the question is asked, A answers, A is refused as approver, B approves, and it is
 * written once. The real row of 2023 (CHU Rouen, TOXIBUL); the offer that already stands is synthetic.
 */
const SITE = '760000158';
const OFFER = '28/ESSAI-0001';
const LIST = centresList([
  {
    title: 'Dermatoses bulleuses toxiques et toxidermies graves',
    network: 'TOXIBUL',
    hospital: 'CHU Rouen',
    town: 'Rouen',
    departement: '76',
    region: 'Normandie',
    ej: '760780239',
  },
]);

let web: WebWorld;
let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
  web = await openWebWorld({
    list: LIST,
    offers: (site) => [trialOffer({ id: 'derm', identifier: OFFER, label: 'Rouen', site: site(SITE) })],
  });
  await web.sync();
});
afterAll(async () => {
  await web.close();
  await browser.close();
});

async function pageOf(roles: Parameters<WebWorld['visitor']>[0], name: string): Promise<Page> {
  const visitor = await web.visitor(roles, name);
  const context = await browser.newContext();
  await context.addCookies([{ name: 'filror', value: visitor.cookies.get('filror') ?? '', url: web.url }]);
  return await context.newPage();
}

async function openFromHome(page: Page, line: RegExp): Promise<void> {
  await page.goto(`${web.url}/28`);
  await page.getByRole('link', { name: line }).click();
  await page.getByRole('link', { name: /TOXIBUL/ }).click();
}

describe('S1 on the pages', () => {
  it('asks "rattacher ou créer ?", takes A’s answers, and tells A why another person must approve', async () => {
    const page = await pageOf(['operator', 'reviewer'], 'Personne A');
    await openFromHome(page, /1 changement à compléter ou à éclaircir/);
    const asked = page.getByRole('region', { name: 'Ce qui empêche d’approuver' });
    expect(await asked.textContent()).toContain('Rattacher ou créer ?');
    await page.getByRole('radio', { name: new RegExp(`FINESS ${SITE}`) }).check();
    await page.getByRole('button', { name: /^Choisir le site de TOXIBUL/ }).click();
    expect(await page.getByRole('status').textContent()).toContain('Réponse enregistrée pour TOXIBUL');
    await page.getByRole('radio', { name: new RegExp(`Rattacher à ${OFFER}`) }).check();
    await page.getByRole('button', { name: /^Répondre pour TOXIBUL/ }).click();
    const approve = page.getByRole('button', { name: /^Approuver TOXIBUL/ });
    expect(await approve.isDisabled()).toBe(true);
    const why = await page.locator('#pourquoi').textContent();
    expect(why).toBe(
      'Vous êtes à l’origine d’une valeur de ce changement : une autre personne doit l’approuver.',
    );
    expect((await web.open()).map(({ kind, state }) => [kind, state])).toEqual([['attach', 'proposed']]);
    await page.context().close();
  });

  it('lets B approve what B saw; it is written once, and the list says so', async () => {
    const page = await pageOf(['reviewer'], 'Personne B');
    await openFromHome(page, /1 changement à approuver/);
    expect(await page.getByText('11 ').first().isVisible()).toBe(true);
    await page.getByRole('button', { name: /^Approuver TOXIBUL/ }).click();
    expect(await page.getByRole('status').textContent()).toContain('Approuvé : TOXIBUL');
    expect((await web.apply()).map(({ result }) => result)).toEqual(['applied']);
    expect(web.sandbox.writes().map(({ method, path }) => [method, path])).toEqual([
      ['PATCH', '/fhir/HealthcareService/derm'],
    ]);
    await web.sync();
    await page.goto(`${web.url}/28/changements`);
    expect(await page.locator('.lead').textContent()).toMatch(
      /^\s*Aucun changement\. Le référentiel est à jour/,
    );
    expect((await web.apply()).length).toBe(0);
    expect(web.sandbox.writes().length).toBe(1);
    await page.context().close();
  });
});
