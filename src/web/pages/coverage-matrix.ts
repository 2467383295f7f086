import { html, type Html } from '../../domain/html.js';
import type { HeatCell } from '../charts/heat.js';

/** A row of the table of filières; a site stands under the legal entity that has several. */
export interface MatrixRow {
  readonly name: string;
  /** FINESS number, or code of a département that its name says already: empty then. */
  readonly code: string;
  readonly kind: 'alone' | 'entity' | 'site';
  /** One for each column; null: no centre. */
  readonly cells: readonly (HeatCell | null)[];
  readonly all: HeatCell | null;
}

export interface Matrix {
  readonly caption: string;
  /** What the rows are: "Établissement". */
  readonly rowsAre: string;
  readonly columns: readonly string[];
  readonly rows: readonly MatrixRow[];
}

/**
 * The drawing of filières as a table of the page: its names are whole, its head and first column stay in sight, and it is
 * read cell by cell.
 */
export function matrixTable({ caption, rowsAre, columns, rows }: Matrix): Html {
  return html`<table class="matrix">
    <caption class="hidden">
      ${caption}
    </caption>
    <thead>
      <tr>
        <th scope="col">${rowsAre}</th>
        ${columns.map((name) => html`<th scope="col" class="turned"><span>${name}</span></th>`)}
        <th scope="col" class="turned"><span>Ensemble</span></th>
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        ({ name, code, kind, cells, all }) =>
          html`<tr class="${kind}">
            <th scope="row">
              ${kind === 'site' ? html`<span class="hidden">dont </span>` : null}${name}
              ${code === '' ? null : html`<span class="muted small">${code}</span>`}
            </th>
            ${[...cells, all].map(cellOf)}
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function cellOf(cell: HeatCell | null): Html {
  if (cell === null) return html`<td><span class="muted" aria-hidden="true">·</span></td>`;
  const { seen, all } = cell;
  const kind = seen === all ? 'every' : seen > 0 ? 'some' : 'none';
  return html`<td class="${kind}">
    <span aria-hidden="true">${seen}/${all}</span><span class="hidden">${seen} sur ${all}</span>
  </td>`;
}
