import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { stopCluster } from '../../src/db/embedded/cluster.js';
import { clusterFolder } from '../../src/db/embedded/folder.js';
import { openBrowser } from '../support/browser.js';
import { startScript, type Running } from '../support/node-process.js';
import { until } from '../support/scheduled-region.js';

/** `filror demo --pages` as a person plays it, from the plan to what a reader of the API gets. */
describe('filror demo --pages', () => {
  const env = {
    FILROR_DATA_HOME: join(inject('testHome'), 'demo-pages'),
    DATABASE_URL: '',
    DATABASE_OWNER_URL: '',
  };
  let demo: Running;
  let browser: Browser;
  let page: Page;
  let pages: string;
  let api: string;
  beforeAll(async () => {
    browser = await openBrowser();
    page = await browser.newPage();
    demo = startScript('src/cli/main.ts', ['demo', '--pages', '--port', '0'], env);
    let over = false;
    void demo.finished.then(() => (over = true));
    while (!over && !demo.said().includes('export AUTORISATION')) await sleep(50);
    pages = /Ouvrez (http:\S+) et entrez/.exec(demo.said())?.[1] ?? demo.told();
    api = /curl '(\S+)'/.exec(demo.said())?.[1] ?? '';
  });
  afterAll(async () => {
    demo.kill();
    await demo.finished;
    await browser.close();
    await stopCluster(clusterFolder(env));
  });

  const enter = async (name: RegExp): Promise<void> => {
    await page.goto(pages);
    await page.locator('a.button').click();
    await page.getByRole('button', { name }).click();
  };
  const told = async (): Promise<string> => (await page.getByRole('status').textContent()) ?? '';
  /** Centres of the offers that the API serves, at the address that the demonstration shows. */
  const centres = async (): Promise<number> => {
    const answer = await fetch(api);
    expect(answer.status).toBe(200);
    return (await answer.text()).split('/StructureDefinition/centre-maladies-rares"').length - 1;
  };

  it('serves a centre once Dominique approved it and Camille sent it, not before', async () => {
    expect(await centres()).toBe(0);
    await enter(/^Entrer comme Dominique/);
    await page.goto(`${pages}/28/changements`);
    await page.getByRole('link', { name: /^Approuver en nombre par cette règle/ }).click();
    await page.getByRole('button', { name: /^Approuver les \d+ changements/ }).click();
    const approved = Number(/(\d+) approuvés/.exec(await told())?.[1]);
    expect(approved).toBeGreaterThanOrEqual(30);
    expect(await centres()).toBe(0);
    await page.getByRole('button', { name: 'Se déconnecter' }).click();

    await enter(/^Entrer comme Camille/);
    await page.getByRole('link', { name: 'Envoi', exact: true }).click();
    await page.getByRole('button', { name: /^Envoyer maintenant/ }).click();
    // A slow machine is told that it began; what is served says that it ended.
    expect(await told()).toMatch(/Envoi (terminé|commencé)/);
    await until(centres, (served) => served === approved);
    await page.getByRole('link', { name: 'Envoi', exact: true }).click();
    expect(await page.locator('.lead').textContent()).toContain('Aucun changement approuvé n’attend.');
  });
});
