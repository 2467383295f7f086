import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

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
