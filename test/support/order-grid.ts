import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { jsPDF } from 'jspdf';
import { autoTable } from 'jspdf-autotable';
import PDFDocument from 'pdfkit';
import type { Browser } from 'playwright-core';
import { escapeHtml } from './order-html.js';

/** A cell; null when the cell above goes on over this row (merged downwards). "\n" is a line end of the cell. */
export type GridCell = string | null;

/** One table, cell by cell. */
export interface GridTable {
  /** What stands above it. */
  readonly heading?: string;
  /** Points of white above the table. */
  readonly space?: number;
  /** Left out where the table goes on from the page before without them. */
  readonly headers?: readonly string[];
  /** Points. */
  readonly widths: readonly number[];
  readonly rows: readonly (readonly GridCell[])[];
  readonly align?: 'top' | 'middle';
  readonly padding?: number;
}

export interface GridPage {
  readonly tables: readonly GridTable[];
  readonly head?: string;
  readonly foot?: string;
  /** What stands at the end of the page, below the tables. */
  readonly after?: string;
}

/** A document whose pages say all that they show: what a reader must find in it is known without reading it. */
export interface Grid {
  readonly pages: readonly GridPage[];
  readonly landscape?: boolean;
}

export type GridProducer = (grid: Grid) => Promise<Buffer>;

/** Has ligatures, typographic signs and combining accents, which the built-in fonts of PDF lack. */
const FONT = createRequire(import.meta.url).resolve('pdfjs-dist/standard_fonts/LiberationSans-Regular.ttf');
const SIZE = 9;
const LEFT = 40;
const TOP = 60;

/** The three programs; what does not fit on a page flows over to the next in all but pdfkit. */
export function gridProducers(browser: () => Browser): Readonly<Record<string, GridProducer>> {
  return {
    pdfkit: (grid) => pdfkitGrid(grid),
    'jsPDF autotable': (grid) => Promise.resolve(autotableGrid(grid)),
    'Chromium (Skia)': (grid) => chromiumGrid(browser(), grid),
  };
}

/** How many rows a cell stands for. */
function span(rows: GridTable['rows'], row: number, column: number): number {
  let size = 1;
  while (rows[row + size] !== undefined && rows[row + size]?.[column] === null) size++;
  return size;
}

/**
 * How the pages are turned: the page by its /Rotate entry, the text by how it was drawn. Equal, they undo one another: a
 * table drawn sideways and shown upright.
 */
export interface Turn {
  readonly page?: 0 | 90 | 180 | 270;
  readonly text?: 0 | 90 | 180 | 270;
}

export async function pdfkitGrid({ pages, landscape = false }: Grid, turn: Turn = {}): Promise<Buffer> {
  const doc = new PDFDocument({ margin: 0, autoFirstPage: false, compress: false });
  const pieces: Buffer[] = [];
  doc.on('data', (piece: Buffer) => pieces.push(piece));
  const done = new Promise<void>((resolve) => doc.on('end', resolve));
  doc.font(FONT).fontSize(SIZE);
  for (const page of pages) {
    doc.addPage({ size: 'A4', layout: landscape ? 'landscape' : 'portrait', margin: 0 });
    const { width, height } = doc.page;
    if (turn.page !== undefined)
      (doc.page.dictionary.data as unknown as Record<string, unknown>)['Rotate'] = turn.page;
    if (turn.text === 90) doc.rotate(-90).translate(-height, 0);
    if (turn.text === 180) doc.rotate(180).translate(-width, -height);
    if (turn.text === 270) doc.rotate(90).translate(0, -width);
    const tall = (turn.text ?? 0) % 180 === 0 ? height : width;
    drawPage(doc, page, tall);
  }
  doc.end();
  await done;
  return Buffer.concat(pieces);
}

/**
 * What the font of a document by pdfkit says that its signs are, changed: by hexadecimal digits of UTF-16. "002d" as
 * "00ad" makes each hyphen a soft one, as programs of publishing write them.
 */
export function remapped(pdf: Buffer, signs: Readonly<Record<string, string>>): Buffer {
  const text = pdf.toString('latin1').replace(/beginbfrange[\s\S]*?endbfrange/g, (map) =>
    map.replace(/<([0-9a-f]{4})>(?=[^[]*\])/g, (whole, sign: string) => {
      const other = signs[sign];
      return other === undefined ? whole : `<${other}>`;
    }),
  );
  return Buffer.from(text, 'latin1');
}

function drawPage(doc: PDFKit.PDFDocument, page: GridPage, tall: number): void {
  const note = (text: string | undefined, y: number): void => {
    if (text !== undefined) doc.text(text, LEFT, y, { lineBreak: false });
  };
  note(page.head, 25);
  note(page.foot, tall - 35);
  let y = TOP;
  for (const table of page.tables) {
    const { heading, space = 0, headers, widths, rows, align = 'top', padding = 4 } = table;
    if (heading !== undefined) {
      note(heading, y);
      y += 24;
    }
    y += space;
    const xs = widths.map((_, i) => LEFT + widths.slice(0, i).reduce((sum, width) => sum + width, 0));
    const room = (i: number): number => (widths[i] ?? 0) - 2 * padding;
    const need = (text: string, i: number): number =>
      doc.heightOfString(text === '' ? ' ' : text, { width: room(i) }) + 2 * padding;
    const put = (text: string, i: number, at: number, height: number): void => {
      const shift = align === 'top' ? 0 : (height - need(text, i)) / 2;
      doc.text(text, (xs[i] ?? 0) + padding, at + padding + shift, { width: room(i) });
    };
    if (headers !== undefined) {
      const height = Math.max(...headers.map(need));
      headers.forEach((text, i) => {
        put(text, i, y, height);
      });
      y += height;
    }
    const heights = rows.map((row, at) =>
      Math.max(
        SIZE + 2 * padding,
        ...row.map((text, i) => (text === null || span(rows, at, i) > 1 ? 0 : need(text, i))),
      ),
    );
    const over = (at: number, size: number): number =>
      heights.slice(at, at + size).reduce((sum, height) => sum + height, 0);
    // The last row of a merged cell is as tall as its text asks for.
    rows.forEach((row, at) => {
      row.forEach((text, i) => {
        const size = span(rows, at, i);
        if (text !== null && size > 1)
          heights[at + size - 1] =
            (heights[at + size - 1] ?? 0) + Math.max(0, need(text, i) - over(at, size));
      });
    });
    rows.forEach((row, at) => {
      row.forEach((text, i) => {
        if (text !== null) put(text, i, y, over(at, span(rows, at, i)));
      });
      y += heights[at] ?? 0;
    });
    y += 24;
  }
  note(page.after, y);
}

function autotableGrid({ pages, landscape = false }: Grid): Buffer {
  const doc = new jsPDF({ unit: 'pt', format: 'a4', orientation: landscape ? 'landscape' : 'portrait' });
  doc.addFileToVFS('essai.ttf', readFileSync(FONT).toString('base64'));
  doc.addFont('essai.ttf', 'essai', 'normal');
  doc.setFont('essai').setFontSize(SIZE);
  const tall = doc.internal.pageSize.getHeight();
  pages.forEach((page, no) => {
    if (no > 0) doc.addPage();
    const from = doc.getNumberOfPages();
    let y = TOP;
    for (const { heading, space = 0, headers, widths, rows, align = 'top', padding = 4 } of page.tables) {
      if (heading !== undefined) {
        doc.text(heading, LEFT, y + 10);
        y += 24;
      }
      autoTable(doc, {
        startY: y + space,
        margin: { left: LEFT, top: TOP, bottom: TOP, right: 5 },
        theme: 'grid',
        ...(headers === undefined ? {} : { head: [[...headers]] }),
        body: rows.map((row, at) =>
          row.flatMap((text, i) => (text === null ? [] : [{ content: text, rowSpan: span(rows, at, i) }])),
        ),
        styles: { fontSize: SIZE, cellPadding: padding, valign: align, font: 'essai', fontStyle: 'normal' },
        headStyles: { fontStyle: 'normal' },
        columnStyles: Object.fromEntries(widths.map((cellWidth, i) => [i, { cellWidth }])),
      });
      y = (doc as unknown as { lastAutoTable: { finalY: number } }).lastAutoTable.finalY + 24;
    }
    if (page.after !== undefined) doc.text(page.after, LEFT, y);
    for (let i = from; i <= doc.getNumberOfPages(); i++) {
      doc.setPage(i);
      if (page.head !== undefined) doc.text(page.head, LEFT, 25);
      if (page.foot !== undefined) doc.text(page.foot, LEFT, tall - 30);
    }
  });
  return Buffer.from(doc.output('arraybuffer'));
}

async function chromiumGrid(browser: Browser, { pages, landscape = false }: Grid): Promise<Buffer> {
  const page = await browser.newPage();
  try {
    await page.setContent(gridHtml(pages));
    return await page.pdf({
      format: 'A4',
      landscape,
      margin: {
        top: `${String(TOP / 72)}in`,
        bottom: `${String(TOP / 72)}in`,
        left: `${String(LEFT / 72)}in`,
        right: '5px',
      },
    });
  } finally {
    await page.close();
  }
}

function gridHtml(pages: readonly GridPage[]): string {
  const sections = pages.map(({ tables, head, foot, after }) => {
    const set = tables.map(({ heading, space = 0, headers, widths, rows, align = 'top', padding = 4 }) => {
      const cells = (row: readonly GridCell[], at: number): string =>
        row
          .map((text, i) =>
            text === null ? '' : `<td rowspan="${String(span(rows, at, i))}">${escapeHtml(text)}</td>`,
          )
          .join('');
      return `${heading === undefined ? '' : `<p>${escapeHtml(heading)}</p>`}
        <table style="margin-top:${String(space)}pt;--padding:${String(padding)}pt;--align:${align};width:${String(widths.reduce((sum, width) => sum + width, 0))}pt">
        <colgroup>${widths.map((width) => `<col style="width:${String(width)}pt">`).join('')}</colgroup>
        ${headers === undefined ? '' : `<thead><tr>${headers.map((text) => `<th>${escapeHtml(text)}</th>`).join('')}</tr></thead>`}
        <tbody>${rows.map((row, at) => `<tr>${cells(row, at)}</tr>`).join('')}</tbody></table>`;
    });
    const note = (place: string, text?: string): string =>
      text === undefined ? '' : `<div class="${place}">${escapeHtml(text)}</div>`;
    return `<section>${note('head', head)}${set.join('')}${after === undefined ? '' : `<p>${escapeHtml(after)}</p>`}${note('foot', foot)}</section>`;
  });
  return `<!doctype html><html lang="fr"><style>
    body { margin: 0; font: ${String(SIZE)}pt "DejaVu Sans", sans-serif; }
    section { position: relative; min-height: 718pt; break-after: page; }
    section:last-child { break-after: auto; }
    .head { position: absolute; top: 0; } .head + * { padding-top: 24pt; }
    .foot { position: absolute; bottom: 0; }
    table { border-collapse: collapse; table-layout: fixed; margin-bottom: 24pt; }
    td, th { padding: var(--padding); vertical-align: var(--align); border: 0.5pt solid black; }
    td, th { text-align: left; font-weight: normal; white-space: pre-line; overflow-wrap: anywhere; }
    td:empty::after { content: "\\00a0"; }
  </style>${sections.join('')}</html>`;
}
