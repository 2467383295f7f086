import { describe, expect, it } from 'vitest';
import { pdfPages } from '../../../src/sources/reading/pdf/document.js';
import { orderIn, said } from '../../support/order-pdf.js';
import { pdfkitOrder } from '../../support/order-pdfkit.js';
import { expectedLines, orderSpec, PLAIN } from '../../support/order-spec.js';
import { delivery } from '../bytes.js';

const MIB = 1024 ** 2;

/** The order of 2023 has some 250 pages and 2,326 centres. */
describe('an order of 250 pages', () => {
  const spec = orderSpec(5_200);
  const set = pdfkitOrder(spec, PLAIN);

  it('gives every line, to the letter', async () => {
    const reading = await orderIn(await set);
    expect(reading.pages).toBeGreaterThan(250);
    expect(said(reading)).toEqual(expectedLines(spec));
  });

  it('is read in a memory that does not grow with its pages', async () => {
    const bytes = await set;
    const held: number[] = [];
    for await (const { no } of pdfPages(delivery(bytes)))
      if (no % 10 === 0) held.push(process.memoryUsage.rss());
    const half = Math.floor(held.length / 2);
    const [early, late] = [Math.max(...held.slice(0, half)), Math.max(...held.slice(half))];
    expect(late - early).toBeLessThan(64 * MIB);
  });
});
