import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

const PLACES = [process.env['FILROR_CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser'];

/** Real Chromium, which asks nothing of any other machine. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = PLACES.find((place) => place !== undefined && existsSync(place));
  if (executablePath === undefined) {
    throw new Error(
      'Chromium is missing. Install it (Debian: apt-get install chromium fonts-dejavu-core) or give its path in FILROR_CHROMIUM.',
    );
  }
  return await chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
}

/** A page of a browser of its own in which this visitor is signed in. */
export async function pageOf(
  browser: Browser,
  web: { readonly url: string },
  visitor: { readonly cookies: ReadonlyMap<string, string> },
  options: BrowserContextOptions = {},
): Promise<Page> {
  const context = await browser.newContext(options);
  await context.addCookies([{ name: 'filror', value: visitor.cookies.get('filror') ?? '', url: web.url }]);
  return await context.newPage();
}
