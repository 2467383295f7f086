import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/config/files.js';
import { openBrowser } from '../support/browser.js';
import { FICTION_PHONE, MAX_HEIGHT, takeScreenshots, WIDTH, type Taken } from '../support/screenshots.js';

/**
 * The pictures of README.md and of the guides: taken here of a prepared region, so that none shows a page that no longer
 * is. `npm run screenshots` takes them into `ops/guides/images/`; the ordinary run into a folder of its own.
 */
const IMAGES = join(packageRoot, 'ops', 'guides', 'images');
const GUIDES = join(packageRoot, 'ops', 'guides');
const KEPT = process.env['FILROR_SCREENSHOTS'] === 'keep';
/** Bytes that a picture of a page of text needs at most, so that the repository stays small. */
const BYTES = 180_000;
/** A picture of a page that was not drawn holds one colour; one with text, tones of each. */
const COLOURS = 40;

let folder: string;
let browser: Browser;
let taken: readonly Taken[];
beforeAll(async () => {
  folder = KEPT ? IMAGES : mkdtempSync(join(tmpdir(), 'filror-images-'));
  mkdirSync(folder, { recursive: true });
  browser = await openBrowser();
  taken = await takeScreenshots(browser, folder);
});
afterAll(async () => {
  await browser.close();
  if (!KEPT) rmSync(folder, { recursive: true });
});

/** Pictures that README.md and the guides show, by the name of their file. */
function shownPictures(): string[] {
  const texts = [
    join(packageRoot, 'README.md'),
    ...readdirSync(GUIDES)
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(GUIDES, name)),
  ].map((file) => readFileSync(file, 'utf8'));
  return texts.flatMap((text) =>
    [...text.matchAll(/!\[[^\]]+\]\(([^)]+)\)/g)].map(([, path = '']) => basename(path)),
  );
}

/** Width, height and number of distinct colours, as a browser decodes them. */
async function decoded(file: string): Promise<{ width: number; height: number; colours: number }> {
  const page = await browser.newPage();
  try {
    return await page.evaluate(async (base64) => {
      const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
      const picture = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
      const { width, height } = picture;
      const canvas = new OffscreenCanvas(width, height);
      const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
      context.drawImage(picture, 0, 0);
      const pixels = new Uint32Array(context.getImageData(0, 0, width, height).data.buffer);
      return { width, height, colours: new Set(pixels).size };
    }, readFileSync(file).toString('base64'));
  } finally {
    await page.close();
  }
}

describe('the pictures of the pages', () => {
  it('show the page that they are named for, with what a reader must find in them', () => {
    for (const { name, h1, heading, outside } of taken) {
      expect(heading, name).toMatch(h1);
      expect(outside, `outside of ${name}.png`).toEqual([]);
    }
  });

  it('are drawn, 1280 pixels wide and light enough for the repository', async () => {
    for (const { name, file } of taken) {
      const { width, height, colours } = await decoded(file);
      expect(width, name).toBe(WIDTH);
      expect(height, name).toBeGreaterThan(300);
      expect(height, name).toBeLessThanOrEqual(MAX_HEIGHT);
      expect(colours, name).toBeGreaterThan(COLOURS);
      expect(statSync(file).size, name).toBeLessThan(BYTES);
    }
  });

  it('hold nobody’s data: centres and people of trial, numbers kept for fiction, no address', () => {
    for (const { name, text, person } of taken) {
      expect(text.match(/[\w.+-]+@[\w-]+\.\w+/g) ?? [], name).toEqual([]);
      const phones = text.match(/\b0[1-9](?:[ .]?\d\d){4}\b/g) ?? [];
      expect(
        phones.filter((each) => !FICTION_PHONE.test(each)),
        name,
      ).toEqual([]);
      if (person !== null) expect(person, name).toMatch(/^\S+ d’essai \(/);
      const proposers = [...text.matchAll(/Proposé par : ([^,\n]+)/g)].map(([, who]) => who);
      expect(
        proposers.filter((who) => !/(\(essai\)|^les sources seules)$/.test(who ?? '')),
        name,
      ).toEqual([]);
    }
  });

  it('are all of those that README.md and the guides show, and each of those is in the repository', () => {
    const shown = [...new Set(shownPictures())].sort();
    expect(taken.map(({ name }) => `${name}.png`).sort()).toEqual(shown);
    expect(shown.filter((name) => !existsSync(join(IMAGES, name)))).toEqual([]);
    expect(readdirSync(IMAGES).sort()).toEqual(shown);
  });

  it('that the repository keeps have the size of those that are taken today', async () => {
    for (const { name } of taken) {
      const { width, height } = await decoded(join(IMAGES, `${name}.png`));
      expect([width, height > 300 && height <= MAX_HEIGHT], name).toEqual([WIDTH, true]);
      expect(statSync(join(IMAGES, `${name}.png`)).size, name).toBeLessThan(BYTES);
    }
  });
});
