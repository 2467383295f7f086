import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from '../support/browser.js';
import { EVERY_RIGHT, faultsOf, type Visit } from '../support/walk.js';
import { WALK_WORLDS, WALKER } from '../support/walk-worlds.js';
import { openWebWorld, type WebWorld } from '../support/web-world.js';

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

describe.each(WALK_WORLDS)('the pages of a region $name', ({ options, prepare }) => {
  let web: WebWorld;
  let visits: readonly Visit[];
  beforeAll(async () => {
    web = await openWebWorld(options);
    visits = await prepare(web, await web.visitor(EVERY_RIGHT, WALKER));
  });
  afterAll(() => web.close());

  it('are accessible, silent and whole', async () => {
    expect(await faultsOf(browser, web, visits)).toEqual([]);
  });
});
