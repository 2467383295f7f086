import { counted } from '../../domain/counted.js';
import { html, type Html } from '../../domain/html.js';
import { inPage, type Chart } from '../charts/frame.js';

export type FigureId = 'filieres' | 'carte' | 'labels' | 'pas-visibles' | 'changements' | 'delais';

/** One value of a row; a link leads to what it is about, in the page only. */
export type Cell = string | number | { readonly text: string; readonly href: string };

/** A question answered: the answer in a sentence, the drawing, and the very figures that both rest on. */
export interface Figure {
  readonly id: FigureId;
  readonly title: string;
  /** What the figures say, computed from them. */
  readonly finding: string;
  /** Null when there is nothing to draw: the sentence says so. */
  readonly chart: Chart | null;
  readonly head: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** What has to be known to read it: what is counted, where from. */
  readonly note: string;
}

/** Rows of a page; all of them are in the file. */
const ROWS_MOST = 150;

/** @param address address of one of its files, filters kept */
export function figurePart(figure: Figure, address: (kind: 'svg' | 'csv') => string): Html {
  const { id, title, finding, chart, rows, note } = figure;
  return html`<h2 id="${id}">${title}</h2>
    <p class="lead">${finding}</p>
    ${
      chart === null
        ? null
        : html`<div
              class="chart-frame"
              role="region"
              tabindex="0"
              aria-label="Graphique : ${title.toLocaleLowerCase('fr')}"
            >
              ${inPage(chart)}
            </div>
            <p class="muted small narrow-only">
              Le graphique défile vers la droite ; ses données sont aussi en tableau, dessous.
            </p>`
    }
    <p class="muted small">${note}</p>
    ${rows.length === 0 ? null : data(figure)}
    ${
      rows.length === 0
        ? null
        : html`<p class="files">
            ${
              chart === null
                ? null
                : html`<a href="${address('svg')}" download>Télécharger le graphique « ${title} » (SVG)</a>`
            }
            <a href="${address('csv')}" download>Télécharger les données « ${title} » (CSV)</a>
          </p>`
    }`;
}

/** Beside a drawing the figures open on demand; without one they are the answer. */
function data(figure: Figure): Html {
  return figure.chart === null
    ? table(figure)
    : html`<details>
        <summary>Voir les données : ${figure.title.toLocaleLowerCase('fr')}</summary>
        ${table(figure)}
      </details>`;
}

function table({ title, head, rows }: Figure): Html {
  const left = rows.length - ROWS_MOST;
  return html`<table class="stack">
      <caption>
        ${title}, ${counted(rows.length, 'ligne')}
      </caption>
      <thead>
        <tr>
          ${head.map((name) => html`<th scope="col">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.slice(0, ROWS_MOST).map(
          (row) =>
            html`<tr>
              ${row.map((cell, at) => cellOf(cell, head[at] ?? '', at))}
            </tr>`,
        )}
      </tbody>
    </table>
    ${
      left > 0
        ? html`<p>${counted(left, 'autre ligne est', 'autres lignes sont')} dans le fichier CSV.</p>`
        : null
    }`;
}

/** A column of a few short words is never so narrow that one of them is cut. */
const SHORT = { text: 24, word: 10 } as const;

function cellOf(cell: Cell, head: string, at: number): Html {
  const text = typeof cell === 'object' ? cell.text : String(cell);
  const shown = typeof cell === 'object' ? html`<a href="${cell.href}">${text}</a>` : text;
  if (at === 0) return html`<th scope="row">${shown}</th>`;
  const short = text.length <= SHORT.text && text.split(' ').every((word) => word.length <= SHORT.word);
  const kind = typeof cell === 'number' ? 'number' : short ? 'word' : '';
  return html`<td data-label="${head}" class="${kind}">${shown}</td>`;
}

/** Rows of the file, the head first: a link gives its text. */
export function fileRows({ head, rows }: Figure): string[][] {
  return [
    [...head],
    ...rows.map((row) => row.map((cell) => (typeof cell === 'object' ? cell.text : String(cell)))),
  ];
}
