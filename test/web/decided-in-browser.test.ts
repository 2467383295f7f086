import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLogger } from '../../src/observe/logger.js';
import { addSchedule } from '../../src/schedule/manage.js';
import { claimNow } from '../../src/schedule/request.js';
import { work } from '../../src/schedule/worker.js';
import { trialList } from '../support/region-run.js';
import { openBrowser, pageOf } from '../support/browser.js';
import { openWebWorld, type WebWorld } from '../support/web-world.js';

/** In real Chromium: a rule approves several changes at once, and a right taken back counts at the scheduled sending. */
const REVIEWER = 'Valideuse d’essai';

let web: WebWorld;
let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
  web = await openWebWorld({
    list: trialList([
      { number: 1 },
      { number: 2, hospital: 'CH de Coutances', town: 'Coutances' },
      { number: 3, hospital: 'CH Lisieux', town: 'Lisieux', public: '' },
    ]),
  });
  await web.sync();
});
afterAll(async () => {
  await web.close();
  await browser.close();
});

const person = async (roles: Parameters<WebWorld['visitor']>[0], name: string): Promise<Page> =>
  await pageOf(browser, web, await web.visitor(roles, name));
const states = async (): Promise<string[]> => (await web.open()).map(({ state }) => state).sort();

describe('a rule that approves', () => {
  it('shows first what it would approve and what it leaves, then approves just that', async () => {
    const page = await person(['reviewer'], REVIEWER);
    await page.goto(`${web.url}/28/changements`);
    await page.getByRole('link', { name: /^Approuver en nombre par cette règle/ }).click();
    expect(await page.locator('.lead').textContent()).toMatch(
      /2 changements\s+seraient approuvés par cette\s+règle, 1 non/,
    );
    expect(await states()).toEqual(['proposed', 'proposed', 'toComplete']);
    await page.getByRole('button', { name: /^Approuver les 2 changements/ }).click();
    expect(await page.getByRole('status').textContent()).toContain('2 approuvés');
    expect(await states()).toEqual(['approved', 'approved', 'toComplete']);
    await page.context().close();
  });
});

describe('a right taken back before a scheduled sending', () => {
  it('on the page of rights, makes what was approved under it wait: nothing is sent', async () => {
    const page = await person(['administrator'], 'Administratrice d’essai');
    await page.goto(`${web.url}/28/droits`);
    await page.getByRole('button', { name: `Retirer le droit de valideur, ${REVIEWER}` }).click();
    expect(await page.getByRole('status').textContent()).toMatch(/retiré/i);
    await page.context().close();
    const worker = {
      db: web.database.app,
      database: { place: 'base d’essai' },
      config: web.context.config,
      log: silentLogger,
      worker: 'essai:1',
      newRunId: web.context.newId.run,
      openRun: () => ({ run: web.context, close: () => undefined }),
    };
    const daily = { kind: 'apply', source: null, name: 'envoi', cron: '0 7 * * *' } as const;
    await addSchedule(worker, '28', { ...daily, timeZone: null, catchUp: null, bound: null }, web.camille);
    const ended = await work(worker, await claimNow(worker, web.context.region, 'envoi', web.camille));
    expect(ended).toMatchObject({ state: 'done', outcome: { results: { skipped: 2 }, left: 2 } });
    expect(web.sandbox.writes()).toEqual([]);
    expect(await states()).toEqual(['approved', 'approved', 'toComplete']);
  });
});
