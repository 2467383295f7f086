import PDFDocument from 'pdfkit';
import { ARTICLES, HEADERS, RUNNING_HEAD, type OrderLayout, type OrderSpec } from './order-spec.js';

/**
 * The order set by pdfkit, cell by cell: rows are never cut, names of centres stand at the top or in the middle of their
 * rows on each page.
 */
export async function pdfkitOrder(spec: OrderSpec, layout: OrderLayout): Promise<Buffer> {
  const doc = new PDFDocument({
    size: 'A4',
    layout: layout.landscape ? 'landscape' : 'portrait',
    margin: 0,
    bufferPages: true,
  });
  const pieces: Buffer[] = [];
  doc.on('data', (piece: Buffer) => pieces.push(piece));
  const done = new Promise<void>((resolve) => doc.on('end', resolve));
  const { fontSize, padding, widths } = layout;
  doc.font('Helvetica').fontSize(fontSize);
  const left = 40;
  const top = 70;
  const bottom = (): number => doc.page.height - 70;
  const xs = widths.map((_, i) => left + widths.slice(0, i).reduce((sum, width) => sum + width, 0));
  const room = (i: number): number => (widths[i] ?? 0) - 2 * padding;
  const height = (text: string, i: number): number =>
    doc.heightOfString(text, { width: room(i) }) + 2 * padding;
  let y = top;
  const cell = (text: string, i: number, from: number, tall: number): void => {
    const own = height(text, i);
    const shift = layout.align === 'top' ? 0 : (tall - own) / 2;
    doc.text(text, (xs[i] ?? 0) + padding, from + padding + shift, { width: room(i) });
    if (layout.rules) doc.rect(xs[i] ?? 0, from, widths[i] ?? 0, tall).stroke();
  };
  const headers = (): void => {
    const tall = Math.max(...HEADERS.map((text, i) => height(text, i)));
    HEADERS.forEach((text, i) => {
      cell(text, i, y, tall);
    });
    y += tall;
  };
  ARTICLES.forEach((text) => {
    doc.text(text, left, y, { width: 500 });
    y = doc.y + 10;
  });
  doc.addPage();
  y = top;
  for (const { heading, centres } of spec.filieres) {
    if (y > bottom() - 120) {
      doc.addPage();
      y = top;
    }
    doc.text(heading, left, y + 14, { width: 500 });
    y = doc.y + 14;
    headers();
    for (const { title, sites } of centres) {
      let from = 0;
      while (from < sites.length) {
        // As many rows of the centre as the page has room for; at least as tall as its name.
        const talls: number[] = [];
        let used = 0;
        for (const site of sites.slice(from)) {
          const tall = Math.max(height(site.head, 1), height(site.hospital, 2), height(site.label, 3));
          if (y + used + tall > bottom()) break;
          talls.push(tall);
          used += tall;
        }
        const name = from === 0 ? height(title, 0) : 0;
        if (talls.length === 0 || (y + name > bottom() && from === 0)) {
          doc.addPage();
          y = top;
          if (layout.repeatHeaders) headers();
          continue;
        }
        if (name > used) talls[talls.length - 1] = (talls.at(-1) ?? 0) + name - used;
        const whole = Math.max(used, name);
        if (from === 0) cell(title, 0, y, whole);
        else if (layout.rules) doc.rect(xs[0] ?? 0, y, widths[0], whole).stroke();
        for (const tall of talls) {
          const site = sites[from++];
          if (site === undefined) break;
          [site.head, site.hospital, site.label].forEach((text, i) => {
            cell(text, i + 1, y, tall);
          });
          y += tall;
        }
      }
    }
  }
  const { count } = doc.bufferedPageRange();
  for (let i = 0; layout.running && i < count; i++) {
    doc.switchToPage(i);
    doc.text(RUNNING_HEAD, left, 25, { width: 500, lineBreak: false });
    doc.text(`Page ${String(i + 1)}/${String(count)}`, left, doc.page.height - 35, { lineBreak: false });
  }
  doc.end();
  await done;
  return Buffer.concat(pieces);
}
