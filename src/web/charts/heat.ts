import { html, type Html } from '../../domain/html.js';
import type { Chart } from './frame.js';
import { clipped, px, widthOf } from './text.js';

/** How many of a cell there are, and how many of them are seen. */
export interface HeatCell {
  readonly seen: number;
  readonly all: number;
}

export interface Heat {
  readonly id: string;
  readonly title: string;
  readonly desc: string;
  readonly columns: readonly string[];
  /** What the rows are: "établissements". */
  readonly rowsAre: string;
  readonly columnsAre: string;
  readonly rows: readonly { readonly name: string; readonly cells: readonly (HeatCell | null)[] }[];
}

const CELL = { width: 40, height: 28 } as const;
const NAME_MOST = 34;
const COLUMN_MOST = 16;

/** A table of "seen / all": filled when all are seen, framed when some are, dashed when none is, a dot where there is none. */
export function heatChart({ id, title, desc, columns, columnsAre, rows, rowsAre }: Heat): Chart {
  const names = rows.map(({ name }) => clipped(name, NAME_MOST));
  const heads = columns.map((name) => clipped(name, COLUMN_MOST));
  const left = Math.max(150, ...names.map(widthOf)) + 12;
  const slope = Math.max(40, ...heads.map(widthOf)) * 0.82;
  const top = 30 + slope;
  const width = Math.max(left + columns.length * CELL.width + slope + 8, 360);
  const body = html`<text class="f-muted small" x="8" y="16"
      >${columnsAre} (colonnes), ${rowsAre} (lignes)</text
    >
    ${heads.map((name, at) => {
      const x = px(left + (at + 0.5) * CELL.width + 4);
      return html`<text class="f-ink" transform="translate(${x} ${px(top - 6)}) rotate(-50)">${name}</text>`;
    })}
    ${rows.map(({ name, cells }, row) => {
      const y = top + row * CELL.height;
      return html`<text class="f-ink" text-anchor="end" x="${px(left - 8)}" y="${px(y + 19)}"
          >${wholeName(name)}</text
        >
        ${cells.map((each, column) => cell(each, left + column * CELL.width, y))}`;
    })}`;
  return { id, title, desc, width, height: top + rows.length * CELL.height + 4, body, key: HEAT_KEY };
}

function cell(said: HeatCell | null, x: number, y: number): Html {
  const middle = html`text-anchor="middle" x="${px(x + CELL.width / 2)}" y="${px(y + 19)}"`;
  if (said === null) return html`<text class="f-muted strong" ${middle}>·</text>`;
  const box = html`x="${px(x + 2)}" y="${px(y + 2)}" width="${px(CELL.width - 4)}"
  height="${px(CELL.height - 4)}" rx="3"`;
  const words = `${String(said.seen)}/${String(said.all)}`;
  if (said.seen === said.all)
    return html`<rect class="f-good" ${box} /><text class="f-ground strong" ${middle}>${words}</text>`;
  return said.seen > 0
    ? html`<rect class="f-raised s-warn" stroke-width="2" ${box} /><text class="f-ink" ${middle}
          >${words}</text
        >`
    : html`<rect class="f-ground s-bad" stroke-width="2" stroke-dasharray="4 3" ${box} /><text
          class="f-ink"
          ${middle}
          >${words}</text
        >`;
}

/** A name that had to be cut is whole where it is pointed at. */
function wholeName(name: string): Html {
  const shown = clipped(name, NAME_MOST);
  return shown === clipped(name, Infinity)
    ? html`${shown}`
    : html`${shown}<title>${clipped(name, 200)}</title>`;
}

const SIGN = html`x="1" y="1" width="17" height="12" rx="2"`;
export const HEAT_KEY = [
  {
    words: '2/2 : deux centres, tous visibles dans le ROR',
    sign: html`<rect class="f-good" ${SIGN} />`,
  },
  { words: '1/2 : une partie', sign: html`<rect class="f-raised s-warn" stroke-width="2" ${SIGN} />` },
  {
    words: '0/2 : aucun',
    sign: html`<rect class="f-ground s-bad" stroke-width="2" stroke-dasharray="4 3" ${SIGN} />`,
  },
  { words: 'pas de centre', sign: html`<text class="f-muted strong" x="7" y="12">·</text>` },
] as const;
