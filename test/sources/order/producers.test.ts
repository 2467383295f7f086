import fc from 'fast-check';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from '../../support/browser.js';
import { orderIn, producers, said } from '../../support/order-pdf.js';
import { expectedLines, orderSpec, PLAIN, type OrderLayout } from '../../support/order-spec.js';

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

const LAYOUTS: Readonly<Record<string, Partial<OrderLayout>>> = {
  'ruled, set at the top': {},
  'set in the middle of merged rows': { align: 'middle' },
  'without rules': { rules: false },
  'headers once for each filière': { repeatHeaders: false },
  'without running titles': { running: false },
  'in the middle, without rules, headers once': { align: 'middle', rules: false, repeatHeaders: false },
  landscape: { landscape: true, widths: [300, 150, 200, 100] },
  'tight rows': { padding: 2 },
  'small print': { fontSize: 7, padding: 2.5 },
  'narrow columns': { widths: [100, 80, 90, 75] },
};

describe.each(Object.entries(producers(() => browser)))('an order set by %s', (_, produce) => {
  it.each(Object.entries(LAYOUTS))('gives the same lines: %s', async (_name, layout) => {
    const spec = orderSpec();
    const reading = await orderIn(await produce(spec, { ...PLAIN, ...layout }));
    expect(said(reading)).toEqual(expectedLines(spec));
    expect(reading.outside).toEqual([1]);
    const pages = reading.lines.map(({ page }) => page);
    expect(pages).toEqual([...pages].sort((a, b) => a - b));
    expect([pages[0], pages.at(-1)]).toEqual([2, reading.pages]);
  });

  it('gives the same lines whatever its widths, sizes and page breaks, or says where it doubts', async () => {
    const layouts = fc.record({
      fontSize: fc.integer({ min: 7, max: 10 }),
      padding: fc.integer({ min: 3, max: 6 }),
      widths: fc.tuple(
        fc.integer({ min: 130, max: 190 }),
        fc.integer({ min: 95, max: 115 }),
        fc.integer({ min: 110, max: 140 }),
        fc.integer({ min: 75, max: 85 }),
      ),
      align: fc.constantFrom('top' as const, 'middle' as const),
      rules: fc.boolean(),
      landscape: fc.boolean(),
      repeatHeaders: fc.boolean(),
      running: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(layouts, fc.integer({ min: 5, max: 40 }), async (layout, sites) => {
        const spec = orderSpec(sites);
        const expected = expectedLines(spec);
        const reading = await orderIn(await produce(spec, layout));
        const lines = said(reading);
        expect(lines).toHaveLength(expected.length);
        // What is not told as doubtful is right, to the letter.
        lines.forEach((line, i) => {
          if (reading.lines[i]?.doubts.length === 0) expect(line).toEqual(expected[i]);
        });
        // A doubt is about where a name of a centre applies: the row itself is right.
        expect(lines.map(({ title: _title, ...row }) => row)).toEqual(
          expected.map(({ title: _title, ...row }) => row),
        );
      }),
      { numRuns: 12 },
    );
  });
});
