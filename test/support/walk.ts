/// <reference lib="dom" />
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import type { Role } from '../../src/db/people.js';
import { pageOf } from './browser.js';
import { WALKER } from './walk-worlds.js';
import type { WebWorld } from './web-world.js';

/** An address to look at, or the page that a form of it answers with. */
export type Visit = string | { readonly address: string; readonly submit: (page: Page) => Promise<void> };

export const EVERY_RIGHT: readonly Role[] = [
  'reader',
  'operator',
  'reviewer',
  'establishment',
  'administrator',
];

/** Of axe's rules, those whose answer depends on the colours. */
const COLOUR_RULES = ['color-contrast', 'link-in-text-block'];

/**
 * Looks at each page in real Chromium: axe finds nothing in light, nor in dark where colours matter; the console is silent,
 * nothing is asked of another machine, and nothing overflows or is cut at 320, 768 and 1280 px and at 200 % zoom (RGAA
 * 10.4, 10.11).
 * @param expected what the pages may answer: in a state made for them, each is there
 * @returns what is wrong, each with its address: all of them are told at once
 */
export async function faultsOf(
  browser: Browser,
  web: Pick<WebWorld, 'url' | 'visitor'>,
  visits: readonly Visit[],
  expected: readonly number[] = [200],
): Promise<string[]> {
  const page = await pageOf(browser, web, await web.visitor(EVERY_RIGHT, WALKER));
  const faults: string[] = [];
  let address = '';
  const fault = (what: string): void => void faults.push(`${address}: ${what}`);
  let refused = false;
  page.on('console', (message) => {
    // What is not there, not for this person, or no file of ours is refused by a page; Chromium's console says so.
    if (!(refused && /status of 4(00|03|04|22) /.test(message.text()))) fault(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => fault(`script: ${error.message}`));
  page.on('dialog', (dialog) => {
    fault('a dialog opened');
    void dialog.dismiss();
  });
  page.on('response', (response) => {
    if (response.request().isNavigationRequest()) refused = [400, 403, 404, 422].includes(response.status());
  });
  await page.context().route('**/*', async (route) => {
    const url = new URL(route.request().url());
    if (url.origin === web.url) return await route.continue();
    fault(`asked of another machine: ${url.href}`);
    await route.abort();
  });
  for (const visit of visits) {
    address = typeof visit === 'string' ? visit : visit.address;
    refused = false;
    await page.setViewportSize({ width: 1280, height: 900 });
    const status = (await page.goto(`${web.url}${address}`))?.status() ?? 0;
    if (!expected.includes(status)) fault(`answers ${String(status)}`);
    if (typeof visit !== 'string') {
      await visit.submit(page);
      address += ', its form sent';
    }
    const title = await page.title();
    if (!title.endsWith(' – filror')) fault(`its title is ${title}`);
    const headings = await page.locator('h1').count();
    if (headings !== 1) fault(`${String(headings)} h1`);
    await readAxe(page);
    for (const broken of await axeOn(page)) fault(broken);
    await page.emulateMedia({ colorScheme: 'dark' });
    for (const broken of await axeOn(page, COLOUR_RULES)) fault(`in dark, ${broken}`);
    await page.emulateMedia({ colorScheme: 'light' });
    for (const width of [320, 768, 1280])
      for (const cut of await cutAt(page, width)) fault(`at ${String(width)} px, ${cut}`);
    // 200 % zoom halves the room that a page has (WCAG 1.4.4).
    for (const cut of await cutAt(page, 1280, 2)) fault(`zoomed, ${cut}`);
  }
  await page.context().close();
  return faults;
}

/** Read by the page once; our pages hold no frame, in which it would have to be read too. */
export async function readAxe(page: Page): Promise<void> {
  await page.evaluate(axe.source);
}

/** What axe finds on a page that has read it, by all its rules or by some. */
export async function axeOn(page: Page, rules: readonly string[] | null = null): Promise<string[]> {
  return await page.evaluate(async (only) => {
    const { violations } = await (window as unknown as { axe: typeof axe }).axe.run(document, {
      resultTypes: ['violations'],
      ...(only === null ? {} : { runOnly: { type: 'rule' as const, values: [...only] } }),
    });
    return violations.map(({ id, nodes }) => `axe ${id}: ${nodes[0]?.html.slice(0, 200) ?? ''}`);
  }, rules);
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
      // A drawing keeps its size in a frame that scrolls, which the keyboard reaches (WCAG 1.4.10 excepts it).
      const frame = element.parentElement?.closest('[role="region"][tabindex="0"]') ?? null;
      if (frame !== null && getComputedStyle(frame).overflowX === 'auto') continue;
      const box = element.getBoundingClientRect();
      if (box.width > 0 && box.right > room + 1)
        found.push(`${element.tagName} ends at ${String(box.right)}`);
      if (style.overflowX === 'hidden' && element.scrollWidth > element.clientWidth + 1)
        found.push(`${element.tagName} cuts its text`);
    }
    return found.slice(0, 5);
  });
}
