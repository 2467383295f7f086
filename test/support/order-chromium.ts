import type { Browser } from 'playwright-core';
import { escapeHtml } from './order-html.js';
import { ARTICLES, HEADERS, RUNNING_HEAD, type OrderLayout, type OrderSpec } from './order-spec.js';

/** The order printed by Chromium (Skia): a web page as a ministry would print one. */
export async function chromiumOrder(browser: Browser, spec: OrderSpec, layout: OrderLayout): Promise<Buffer> {
  const page = await browser.newPage();
  try {
    await page.setContent(orderHtml(spec, layout));
    return await page.pdf({
      format: 'A4',
      landscape: layout.landscape,
      margin: { top: '93px', bottom: '93px', left: '53px', right: '13px' },
      displayHeaderFooter: layout.running,
      headerTemplate: `<div style="font-size:8pt;margin-left:40pt">${escapeHtml(RUNNING_HEAD)}</div>`,
      footerTemplate:
        '<div style="font-size:8pt;margin-left:40pt">Page <span class="pageNumber"></span>/<span class="totalPages"></span></div>',
    });
  } finally {
    await page.close();
  }
}

function orderHtml(
  spec: OrderSpec,
  { fontSize, padding, widths, align, rules, repeatHeaders }: OrderLayout,
): string {
  const tables = spec.filieres.map(({ heading, centres }) => {
    const rows = centres.flatMap(({ title, sites }) =>
      sites.map(
        ({ head, hospital, label }, i) =>
          `<tr>${i === 0 ? `<td rowspan="${String(sites.length)}">${escapeHtml(title)}</td>` : ''}${[head, hospital, label].map((text) => `<td>${escapeHtml(text)}</td>`).join('')}</tr>`,
      ),
    );
    return `<h2>${escapeHtml(heading)}</h2><table><colgroup>${widths.map((width) => `<col style="width:${String(width)}pt">`).join('')}</colgroup>
      <thead><tr>${HEADERS.map((text) => `<th>${escapeHtml(text)}</th>`).join('')}</tr></thead><tbody>${rows.join('')}</tbody></table>`;
  });
  return `<!doctype html><html lang="fr"><style>
    body { margin: 0; font: ${String(fontSize)}pt "DejaVu Sans", sans-serif; }
    h2 { font-size: ${String(fontSize + 2)}pt; break-after: avoid; }
    table { border-collapse: collapse; table-layout: fixed; width: ${String(widths.reduce((sum, width) => sum + width, 0))}pt; }
    thead { display: ${repeatHeaders ? 'table-header-group' : 'table-row-group'}; }
    td, th { padding: ${String(padding)}pt; vertical-align: ${align}; ${rules ? 'border: 0.5pt solid black;' : ''} }
    td { text-align: left; hyphens: manual; }
    .articles { break-after: page; }
  </style><div class="articles">${ARTICLES.map((text) => `<p>${escapeHtml(text)}</p>`).join('')}</div>${tables.join('')}</html>`;
}
