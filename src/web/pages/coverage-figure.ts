import { counted } from '../../domain/counted.js';
import { html, type Html } from '../../domain/html.js';
import { inPage, keyInPage, type Chart } from '../charts/frame.js';
import { matrixTable, type Matrix } from './coverage-matrix.js';

export type FigureId =
  | 'filieres'
  | 'carte'
  | 'labels'
  | 'pas-visibles'
  | 'changements'
  | 'delais'
  | 'plateformes'
  | 'reseaux-europeens';

/** One value of a row; a link leads to what it is about, in the page only, as is told there that a text is in English. */
export type Cell =
  | string
  | number
  | { readonly text: string; readonly href: string }
  | { readonly text: string; readonly lang: 'en' };

/** A question answered: the answer in a sentence, the drawing, and the very figures that both rest on. */
export interface Figure {
  readonly id: FigureId;
  readonly title: string;
  /** What the figures say, computed from them. */
  readonly finding: string;
  /** Null when there is nothing to draw: the sentence says so. */
  readonly chart: Chart | null;
  /** The same drawn for a narrow page; absent: the drawing scrolls there. */
  readonly narrow?: Chart | null;
  /** The same as a table, which the page shows in its place. */
  readonly matrix?: Matrix | null;
  readonly head: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** What has to be known to read it: what is counted, where from. */
  readonly note: string;
}

/** Rows of a page; all of them are in the file. */
const ROWS_MOST = 150;
/** Rows that stand open on the page where there is no drawing. */
const ROWS_OPEN = 5;

/** Figures that take the whole width of a wide page; the others stand two by two. */
const ACROSS: readonly FigureId[] = ['filieres', 'pas-visibles', 'plateformes', 'reseaux-europeens'];

/** @param address address of one of its files, filters kept */
export function figurePart(figure: Figure, address: (kind: 'svg' | 'csv') => string): Html {
  const { id, title, finding, note, rows } = figure;
  return html`<section class="figure${ACROSS.includes(id) ? ' across' : ''}">
    <h2 id="${id}">${title}</h2>
    <p class="lead">${finding}</p>
    ${drawing(figure)}
    <p class="muted small">${note}</p>
    ${rows.length === 0 ? null : data(figure, address)}
  </section>`;
}

/** What scrolls says so before it is met; its signs stand outside of what scrolls. */
function drawing({ title, chart, narrow, matrix }: Figure): Html | null {
  if (chart === null) return null;
  const named = title.toLocaleLowerCase('fr');
  const scrolls = html`<p class="muted small narrow-only">
    À cette largeur, ce qui suit défile vers la droite ; les mêmes chiffres sont dans les données, dessous.
  </p>`;
  if (matrix !== undefined && matrix !== null)
    return html`${scrolls}
      <div class="chart-frame matrix-frame" role="region" tabindex="0" aria-label="Tableau : ${named}">
        ${matrixTable(matrix)}
      </div>
      ${keyInPage(chart)}`;
  const framed = (drawn: Chart, kind: string): Html =>
    html`<div class="chart-frame ${kind}" role="region" tabindex="0" aria-label="Graphique : ${named}">
      ${inPage(drawn)}
    </div>`;
  return narrow === undefined || narrow === null
    ? html`${scrolls} ${framed(chart, '')} ${keyInPage(chart)}`
    : html`${framed(chart, 'wide-only')} ${framed(narrow, 'narrow-only')} ${keyInPage(chart)}`;
}

/** Folded: the sentence above says what they come to. A few rows without a drawing stand open. */
function data(figure: Figure, address: (kind: 'svg' | 'csv') => string): Html {
  const { title, chart, rows } = figure;
  return html`<details ${chart === null && rows.length <= ROWS_OPEN ? html`open` : null}>
    <summary>Voir les données : ${title.toLocaleLowerCase('fr')} (${counted(rows.length, 'ligne')})</summary>
    <p class="files">
      ${
        chart === null
          ? null
          : html`<a href="${address('svg')}" download>Télécharger le graphique « ${title} » (SVG)</a>`
      }
      <a href="${address('csv')}" download>Télécharger les données « ${title} » (CSV)</a>
    </p>
    ${table(figure)}
  </details>`;
}

function table({ title, head, rows }: Figure): Html {
  const left = rows.length - ROWS_MOST;
  return html`<table class="stack long">
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
  const shown = shownOf(cell, text);
  if (at === 0) return html`<th scope="row">${shown}</th>`;
  const short = text.length <= SHORT.text && text.split(' ').every((word) => word.length <= SHORT.word);
  const kind = typeof cell === 'number' ? 'number' : short ? 'word' : '';
  return html`<td data-label="${head}" class="${kind}">${shown}</td>`;
}

function shownOf(cell: Cell, text: string): Html | string {
  if (typeof cell !== 'object') return text;
  return 'lang' in cell
    ? html`<span lang="${cell.lang}">${text}</span>`
    : html`<a href="${cell.href}">${text}</a>`;
}

/** Rows of the file, the head first: a link gives its text. */
export function fileRows({ head, rows }: Figure): string[][] {
  return [
    [...head],
    ...rows.map((row) => row.map((cell) => (typeof cell === 'object' ? cell.text : String(cell)))),
  ];
}
