import { html, Html } from '../../domain/html.js';
import { clipped, px } from './text.js';
import { legend, type LegendItem } from './legend.js';
import { CHART_STYLE } from './style.js';

/** A drawing with its name and what it shows in words: what who does not see it is given. */
export interface Chart {
  readonly id: string;
  readonly title: string;
  readonly desc: string;
  readonly width: number;
  readonly height: number;
  readonly body: Html;
  /** What its signs mean: under the drawing in its own file, beside it in a page, where it is never cut. */
  readonly key: readonly LegendItem[];
}

const DESC_MOST = 600;

/** The drawing as it stands in a page: its colours come from the page's style sheet. */
export function inPage(chart: Chart): Html {
  return svg(chart, html``);
}

/** The signs of a drawing with their words, as a list of the page. */
export function keyInPage({ key }: Pick<Chart, 'key'>): Html | null {
  if (key.length === 0) return null;
  return html`<ul class="key" aria-label="Légende">
    ${key.map(
      ({ words, sign }) =>
        html`<li>
          <svg class="chart" width="20" height="16" viewBox="0 0 20 16" aria-hidden="true">${sign}</svg>
          ${words}
        </li>`,
    )}
  </ul>`;
}

/** The same as a file of its own, with its colours; nothing in it runs, nothing is fetched. */
export function asFile(chart: Chart): string {
  const { width, height, key, body } = chart;
  const signs = legend(key, { left: 8, top: height + 10, width: width - 16 });
  const whole = {
    ...chart,
    height: key.length === 0 ? height : height + 10 + signs.height,
    body: html`${body}${signs.body}`,
  };
  // A constant of ours, without `<` nor `&`: XML and HTML read it alike.
  return `<?xml version="1.0" encoding="UTF-8"?>\n${svg(whole, new Html(`<style>${CHART_STYLE}</style>`)).text}\n`;
}

function svg({ id, title, desc, width, height, body }: Chart, style: Html): Html {
  return html`<svg
    xmlns="http://www.w3.org/2000/svg"
    class="chart"
    role="img"
    aria-labelledby="${id}-titre ${id}-desc"
    width="${px(width)}"
    height="${px(height)}"
    viewBox="0 0 ${px(width)} ${px(height)}"
  >
    <title id="${id}-titre">${clipped(title, 200)}</title>
    <desc id="${id}-desc">${clipped(desc, DESC_MOST)}</desc>
    ${style}
    <rect class="f-ground" width="${px(width)}" height="${px(height)}" />
    ${body}
  </svg>`;
}
