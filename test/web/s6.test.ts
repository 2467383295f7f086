import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { identifyPerson } from '../../src/db/person.js';
import { DAY_MS } from '../../src/domain/time.js';
import { trialList } from '../support/region-run.js';
import { openBrowser, pageOf } from '../support/browser.js';
import { openWebWorld, type Visitor, type WebWorld } from '../support/web-world.js';

/** S6 on the pages, in real Chromium: the August absence. Creations ask for two people here, by the region's policy. */
const ABSENT = 'Absente d’essai';
const DEPUTY = 'Suppléante d’essai';
const FIRST = 'Première valideuse d’essai';
const HEAD = 'Administratrice d’essai';

let web: WebWorld;
let browser: Browser;
const visitors = new Map<string, Visitor>();
beforeAll(async () => {
  browser = await openBrowser();
  web = await openWebWorld({
    list: trialList([{ number: 1 }]),
    config: { 'review.yaml': JSON.stringify({ quorum: { create: 2 } }) },
  });
  await web.sync();
  visitors.set(HEAD, await web.visitor(['administrator'], HEAD));
  visitors.set(FIRST, await web.visitor(['reviewer'], FIRST));
  visitors.set(ABSENT, await web.visitor(['reviewer'], ABSENT));
  visitors.set(DEPUTY, await web.visitor(['reader'], DEPUTY));
});
afterAll(async () => {
  await web.close();
  await browser.close();
});

const as = async (name: string): Promise<Page> => await pageOf(browser, web, visitors.get(name) as Visitor);
const day = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);

describe('S6 on the pages', () => {
  it('leaves a reader without a way to approve, and says why', async () => {
    const page = await as(DEPUTY);
    await page.goto(`${web.url}/28/changements`);
    await page.getByRole('link', { name: /Centre d’essai 1/ }).click();
    expect(await page.getByRole('button', { name: /^Approuver / }).isDisabled()).toBe(true);
    expect(await page.locator('#pourquoi').textContent()).toBe(
      'Approuver et rejeter demandent le droit de valideur.',
    );
    await page.context().close();
  });

  it('lets the administrator name her the deputy of the absent person, with dates', async () => {
    const page = await as(HEAD);
    await page.goto(`${web.url}/28/droits`);
    await page.getByLabel(/^Chercher/).fill('Suppléante');
    await page.getByRole('button', { name: /^Chercher/ }).click();
    await page.getByRole('link', { name: new RegExp(DEPUTY) }).click();
    const absent = page.locator('select[name=de] option', { hasText: ABSENT });
    await page.locator('select[name=de]').selectOption(await absent.getAttribute('value'));
    await page.locator('input[name=du]').fill(day(0));
    await page.locator('input[name=au]').fill(day(20));
    await page.getByRole('button', { name: `Nommer ${DEPUTY} suppléant` }).click();
    expect(await page.getByRole('table', { name: 'Qui a quel droit' }).textContent()).toMatch(
      /valideur, au nom de Absente d’essai du \d\d\/\d\d\/\d{4} au \d\d\/\d\d\/\d{4}/,
    );
    await page.context().close();
  });

  it('lets the first reviewer and the deputy approve; the page says in whose name', async () => {
    for (const [name, told] of [
      [FIRST, /1 sur 2/],
      [DEPUTY, /Approuvé/],
    ] as const) {
      const page = await as(name);
      await page.goto(`${web.url}/28/changements?etat=proposed`);
      await page.getByRole('link', { name: /Centre d’essai 1/ }).click();
      const inName = page.getByText(`Vous approuvez au nom de ${ABSENT} : à vous deux, une seule voix.`);
      expect(await inName.count()).toBe(name === DEPUTY ? 1 : 0);
      await page.getByRole('button', { name: /^Approuver / }).click();
      expect(await page.getByRole('status').textContent()).toMatch(told);
      if (name === DEPUTY)
        expect(await page.locator('.slots').first().textContent()).toMatch(
          /Suppléante d’essai, au nom de Absente d’essai/,
        );
      await page.context().close();
    }
    expect((await web.open()).map(({ state }) => state)).toEqual(['approved']);
    expect((await web.apply()).map(({ result }) => result)).toEqual(['applied']);
  });

  it('shows on whose behalf in the journal', async () => {
    const absent = await identifyPerson(web.database.app, {
      issuer: 'https://emetteur.invalid',
      subject: ABSENT,
      displayName: ABSENT,
    });
    const entry = (await web.database
      .app('journal')
      .where({ kind: 'approve' })
      .orderBy('no', 'desc')
      .first('no', 'body')) as { no: string; body: string };
    expect(JSON.parse(entry.body)).toMatchObject({ onBehalfOf: absent });
    const page = await as(HEAD);
    await page.goto(`${web.url}/28/journal/${entry.no}`);
    expect(await page.locator('h1 + p').textContent()).toMatch(
      /par\s+Suppléante d’essai, au nom de Absente d’essai\./,
    );
    await page.context().close();
  });
});
