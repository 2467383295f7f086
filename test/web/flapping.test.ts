import type { Browser, Page } from 'playwright-core';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { centreIdOf, centresList, changeOf, NORMANDIE, type CentreRow } from '../scenarios/world.js';
import { openBrowser, pageOf } from '../support/browser.js';
import { faultsOf } from '../support/walk.js';
import { openWebWorld, type Visitor, type WebWorld } from '../support/web-world.js';

const ALPHA = 'Centre d’essai Alpha';
const alpha: CentreRow = { title: ALPHA, hospital: 'CH de Dieppe', town: 'Dieppe', public: 'adulte' };
const waiting = (week: number): CentreRow => ({
  title: `Centre d’essai en attente ${String(week)}`,
  filiere: 'FILFOIE',
  hospital: 'CH de Coutances',
  town: 'Coutances',
});
const DAY = 24 * 3600 * 1000;
const source = (place: string, reader: string, precedence: number, more: object = {}): object => ({
  [reader === 'labelled-centres' && precedence < 60 ? 'liste-locale' : reader]: {
    ...{ reader, place, precedence, cadence: 'manual' },
    ...more,
  },
});

let web: WebWorld;
let reader: Visitor;
let browser: Browser;
let centre: string;
let change: string;
/** One list alternates between two publics each week; the local one may never give it, and names the centre first. */
beforeAll(async () => {
  browser = await openBrowser();
  web = await openWebWorld({
    list: centresList([alpha, waiting(0)]),
    config: {
      'sources.yaml': JSON.stringify({
        ...source('centres.csv', 'labelled-centres', 60),
        ...source('locale.csv', 'labelled-centres', 40, { fields: { public: 'never', title: 90 } }),
        ...source(NORMANDIE.finess, 'finess-etalab', 80),
        ...source('filieres.csv', 'filieres', 90),
      }),
      'locale.csv': centresList([waiting(99)]),
    },
  });
  reader = await web.visitor(['reader']);
  for (let week = 0; week < 4; week++) {
    const said = week % 2 === 0 ? alpha : { ...alpha, public: 'mixte' };
    web.list(centresList([said, waiting(week)]));
    if (week === 3)
      writeFileSync(
        join(web.folder, 'locale.csv'),
        centresList([{ ...alpha, public: 'adulte', label: 'CRMR constitutif' }, waiting(99)]),
      );
    const output = await web.syncAt(new Date(Date.now() - (4 - week) * 2 * DAY));
    const found = changeOf(output, ALPHA);
    [centre, change] = [centreIdOf(found), found.id];
  }
}, 60_000);
afterAll(async () => {
  await web.close();
  await browser.close();
});

const text = async (address: string): Promise<string> =>
  (await reader.get(address)).text.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');

describe('a source that swings', () => {
  it('is told among the sources, with its values, what is kept and what to do', async () => {
    const page = await text('/28/sources');
    expect(page).toMatch(/labelled-centres sans limite d’âge oscille/);
    expect(page).toMatch(/liste-locale sans limite d’âge –/);
    expect(page).toMatch(
      /« labelled-centres » oscille, public de « Centre d’essai Alpha » : adulte le [\d/]+, mixte le [\d/]+, adulte le [\d/]+, mixte le [\d/]+ \(clé /,
    );
    expect(page).toContain('« adulte » est gardé, jusqu’à ce qu’elle se stabilise et au plus tard jusqu’au');
    expect(page).toContain('labelled-centres.fields.public: never');
  });

  it('is told among the alerts of the last run and on the card of the centre', async () => {
    for (const address of ['/28', `/28/centres/${centre}`])
      expect(await text(address)).toContain(
        '« labelled-centres » oscille, public de « Centre d’essai Alpha »',
      );
  });

  it('explains on the change which value is held, and what the source says today', async () => {
    const page = await text(`/28/changements/${change}`);
    expect(page).toContain('Public : adulte');
    expect(page).toMatch(/liste-locale \(ne le donne jamais\) dit la même chose, depuis le/);
    expect(page).toMatch(/Retenu : « Centre d’essai Alpha », de liste-locale \(rang 90\)/);
    expect(page).toMatch(/Label : CCMR, campagne 2023 ! désaccord nouveau/);
    expect(page).toContain(
      'labelled-centres oscille (elle dit aujourd’hui « mixte ») : la dernière valeur stable est gardée',
    );
  });

  it('opens its explanations with the keyboard, and nothing overflows at 320 px', async () => {
    const page = await pageOf(browser, web, reader, { javaScriptEnabled: false });
    await page.goto(`${web.url}/28/centres/${centre}`);
    const summary = page.locator('summary', { hasText: 'Pourquoi cette valeur ?' }).first();
    await summary.focus();
    await page.keyboard.press('Enter');
    expect(await page.locator('details[open]', { hasText: 'Pourquoi cette valeur ?' }).innerText()).toContain(
      'Retenu : ',
    );
    await page.context().close();
    const openAll = (at: Page): Promise<void> =>
      at.locator('main details').evaluateAll((all) => {
        for (const each of all) each.setAttribute('open', '');
      });
    const open = (address: string) => ({ address, submit: openAll });
    expect(
      await faultsOf(browser, web, [
        '/28',
        '/28/sources',
        open(`/28/centres/${centre}`),
        open(`/28/changements/${change}`),
      ]),
    ).toEqual([]);
  });
});
