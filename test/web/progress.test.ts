import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from '../support/browser.js';
import { trialList } from '../support/region-run.js';
import { openWebWorld, type WebWorld } from '../support/web-world.js';

/** A run that lasts is followed on its page, in real Chromium: the repository is held until the test lets it answer. */
let web: WebWorld;
let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
  web = await openWebWorld({ list: trialList([{ number: 1 }]) });
});
afterAll(async () => {
  await web.close();
  await browser.close();
});

/** The next search waits until `go`. */
function held(): { readonly reached: Promise<void>; go(): void } {
  let [go, reach] = [(): void => undefined, (): void => undefined];
  const released = new Promise<void>((resolve) => (go = resolve));
  const reached = new Promise<void>((resolve) => (reach = resolve));
  const act = async (): Promise<void> => {
    reach();
    await released;
  };
  web.sandbox.faults.next('search', { kind: 'meanwhile', act, when: 'before' });
  return { reached, go };
}

describe.each([true, false])('a run that lasts (scripts: %s)', (javaScriptEnabled) => {
  it('shows its step while it goes on, and its end without being asked again', async () => {
    const visitor = await web.visitor(['operator'], 'Opératrice d’essai');
    const context = await browser.newContext({ javaScriptEnabled });
    await context.addCookies([{ name: 'filror', value: visitor.cookies.get('filror') ?? '', url: web.url }]);
    const page = await context.newPage();
    const repository = held();
    await page.goto(`${web.url}/28/passages`);
    await page.getByRole('button', { name: 'Lancer un passage maintenant' }).click();
    await page.waitForURL('**/28/passages/run_*');
    await repository.reached;
    expect(await page.getByText('Passage commencé').count()).toBe(1);
    expect(await page.locator('h1 + p .badge').textContent()).toBe('en cours');
    await page.getByRole('link', { name: 'Actualiser' }).click();
    await page.getByText('Étape : miroir').waitFor();
    const announced = await page.locator('#avancement').getAttribute('aria-live');
    expect(announced).toBe('polite');
    repository.go();
    const ended = page.locator('h1 + p .badge', { hasText: /terminé|rien de nouveau/ });
    if (!javaScriptEnabled)
      while ((await ended.count()) === 0) await page.getByRole('link', { name: 'Actualiser' }).click();
    await ended.waitFor();
    expect(await page.locator('#avancement').count()).toBe(0);
    await context.close();
  });
});

describe('the server', () => {
  it('waits for a run that it began before it stops', async () => {
    const visitor = await web.visitor(['operator'], 'Opératrice d’essai');
    const repository = held();
    const asked = visitor.post('/28/passages', { essai: 'non' });
    await repository.reached;
    expect((await asked).status).toBe(303);
    const closed = web.pages.close();
    repository.go();
    await closed;
    const states: { state: string }[] = await web.database.app('run').orderBy('no').select('state');
    expect(states.at(-1)?.state).toBe('unchanged');
  });
});
