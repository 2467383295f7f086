import { deflateSync } from 'node:zlib';
import { jsPDF } from 'jspdf';
import { describe, expect, it } from 'vitest';
import { readOrder } from '../../../src/sources/labelling-order/order.js';
import type { OrderReading } from '../../../src/sources/labelling-order/order.js';
import { PDF_LIMITS, type PdfLimits } from '../../../src/sources/reading/pdf/limits.js';
import { autotableOrder } from '../../support/order-autotable.js';
import { ORDER_INDEX, orderIn } from '../../support/order-pdf.js';
import { orderSpec, PLAIN } from '../../support/order-spec.js';
import { delivery } from '../bytes.js';
import { fails } from '../refused.js';

const good = autotableOrder(orderSpec(12), PLAIN);

function read(bytes: Uint8Array, limits: Partial<PdfLimits> = {}): Promise<OrderReading> {
  return readOrder(delivery(bytes), ORDER_INDEX, () => undefined, { ...PDF_LIMITS, ...limits });
}

/** A PDF written by hand: one page, one stream. */
function onePage(stream: Buffer, filter: string): Buffer {
  const parts = [
    Buffer.from(
      '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n',
    ),
    Buffer.from('3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>endobj\n'),
    Buffer.from(`4 0 obj<</Length ${String(stream.length)}${filter}>>stream\n`),
    stream,
    Buffer.from('\nendstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n'),
  ];
  return Buffer.concat(parts);
}

describe('a PDF that cannot be used is refused whole, in French, with a place and a remedy', () => {
  it.each<[string, Buffer, string]>([
    ['no byte', Buffer.alloc(0), 'SRC_EMPTY'],
    [
      'an error page served with 200',
      Buffer.from('<!DOCTYPE html><html><body>Erreur 503</body></html>'),
      'SRC_HTML',
    ],
    ['a list', Buffer.from('Label;Intitulé\nCCMR;Centre d’essai\n'), 'SRC_NOT_PDF'],
    ['a workbook', Buffer.from('PK\u0003\u0004'.padEnd(600, '\u0001'), 'latin1'), 'SRC_NOT_PDF'],
    ['a cut file', good.subarray(0, good.length >> 1), 'SRC_PDF_CUT'],
    ['a file cut just before its end', good.subarray(0, good.length - 12), 'SRC_PDF_CUT'],
    [
      'noise between the marks',
      Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(5000, 0x7f), Buffer.from('\n%%EOF\n')]),
      'SRC_PDF_BROKEN',
    ],
    [
      'no text (a scan)',
      Buffer.from(new jsPDF().rect(10, 10, 50, 50).output('arraybuffer')),
      'SRC_PDF_NO_TEXT',
    ],
    [
      'text and no table',
      Buffer.from(new jsPDF().text('Centre d’essai sans tableau', 10, 20).output('arraybuffer')),
      'SRC_PDF_NO_TABLE',
    ],
  ])('%s', async (_, bytes, code) => {
    await fails(read(bytes), code);
  });

  it('under a password', async () => {
    const locked = new jsPDF({
      encryption: { userPassword: 'essai', ownerPassword: 'essai2', userPermissions: [] },
    });
    locked.text('Centre d’essai', 10, 20);
    await fails(read(Buffer.from(locked.output('arraybuffer'))), 'SRC_ENCRYPTED');
  });

  it('no page', async () => {
    const none = Buffer.from(
      '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n',
    );
    await expect(read(none)).rejects.toMatchObject({
      code: expect.stringMatching(/^SRC_PDF_(?:NO_PAGE|BROKEN)$/) as string,
    });
  });

  it('too many bytes, pages or texts', async () => {
    expect((await fails(read(good, { bytes: 1000 }), 'SRC_TOO_LARGE')).remedy).toContain('annexe');
    expect((await fails(read(good, { pages: 1 }), 'SRC_TOO_LARGE')).message).toContain('2 pages');
    await fails(read(good, { itemsPerPage: 5 }), 'SRC_TOO_LARGE');
  });

  it('a stream that unpacks to gigabytes', async () => {
    const filler = Buffer.alloc(256 * 1024 ** 2, ' ');
    const bomb = onePage(deflateSync(deflateSync(filler)), '/Filter[/FlateDecode/FlateDecode]');
    expect(bomb.length).toBeLessThan(1024 ** 2);
    const error = await fails(read(bomb, { memory: 64 * 1024 ** 2 }), 'SRC_PDF_TOO_MUCH');
    expect(error.place).toBe('essai.csv, page 1');
  });

  it('pages that hold one another', async () => {
    const loop = Buffer.from(
      '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[2 0 R]/Count 3>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n',
    );
    await expect(read(loop)).rejects.toMatchObject({
      code: expect.stringMatching(/^SRC_PDF_(?:BROKEN|NO_TEXT)$/) as string,
    });
  });
});

describe('reading an order', () => {
  it('gives the same lines however its bytes are cut, and twice the same', async () => {
    const expected = await orderIn(good);
    expect(expected.lines).toHaveLength(12);
    expect(await orderIn(good)).toEqual(expected);
    for (const size of [1, 7, 4096]) {
      const pieces = Array.from({ length: Math.ceil(good.length / size) }, (_, i) =>
        good.subarray(i * size, (i + 1) * size),
      );
      expect(await orderIn(pieces)).toEqual(expected);
    }
  });

  it('runs nothing that the document holds', async () => {
    const doc = new jsPDF();
    doc.text('Centre d’essai', 10, 20);
    (doc as unknown as { addJS(code: string): void }).addJS('globalThis.ran = true; app.alert(1);');
    await fails(read(Buffer.from(doc.output('arraybuffer'))), 'SRC_PDF_NO_TABLE');
    expect('ran' in globalThis).toBe(false);
  });
});
