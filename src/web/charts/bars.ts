import { html, type Html } from '../../domain/html.js';
import type { Chart } from './frame.js';
import type { LegendItem } from './legend.js';
import { clipped, french, px, ticks, widthOf } from './text.js';
import { area, texturesOf, type Fill } from './textures.js';

/** One part of every bar, with the words and the fill that tell it from the others. */
export interface Series {
  readonly words: string;
  readonly fill: Fill;
}

export interface Stacked {
  readonly id: string;
  readonly title: string;
  readonly desc: string;
  /** What is counted: "centres". */
  readonly unit: string;
  readonly series: readonly Series[];
  /** One value for each series. */
  readonly bars: readonly { readonly name: string; readonly values: readonly number[] }[];
}

/** Bars beside their names, for half of a wide page; under their names, for a narrow one. */
const ROOM = {
  wide: { plot: 250, step: 34, above: 0, most: 34 },
  narrow: { plot: 208, step: 52, above: 18, most: 31 },
} as const;
const HEIGHT = 22;
/** Between two parts, so that they touch in no colour. */
const GAP = 2;

/** Bars that lie, one under the other, each cut in parts; the sum stands at its end, a part's count in it where it fits. */
export function lyingBars(
  { id, title, desc, unit, series, bars }: Stacked,
  size: keyof typeof ROOM = 'wide',
): Chart {
  const { plot, step, above, most } = ROOM[size];
  const names = bars.map(({ name }) => clipped(name, most));
  const left = size === 'narrow' ? 8 : Math.max(80, ...names.map(widthOf)) + 12;
  const width = left + plot + 56;
  const marks = ticks(Math.max(0, ...bars.map(({ values }) => sum(values))), 'whole');
  const scale = plot / (marks.at(-1) ?? 1);
  const foot = 10 + bars.length * step;
  const body = html`${texturesOf(
      id,
      series.map(({ fill }) => fill),
    )}
    ${marks.map(
      (mark) =>
        html`<path class="s-line" stroke-width="0.5" d="M${px(left + mark * scale)} 6V${px(foot)}" />
          <text
            class="f-muted small"
            text-anchor="middle"
            x="${px(left + mark * scale)}"
            y="${px(foot + 16)}"
          >
            ${french(mark)}
          </text>`,
    )}
    <text class="f-muted small" text-anchor="middle" x="${px(left + plot / 2)}" y="${px(foot + 34)}">
      ${unit}
    </text>
    ${bars.map(({ values }, row) => lying(id, names[row] ?? '', values, { series, left, scale, y: 10 + above + row * step, above }))}`;
  return { id, title, desc, width, height: foot + 42, body, key: keyOf(id, series) };
}

function lying(
  id: string,
  name: string,
  values: readonly number[],
  at: {
    readonly series: readonly Series[];
    readonly left: number;
    readonly scale: number;
    readonly y: number;
    /** Pixels from the foot of the name to the bar under it; 0: the name stands beside the bar. */
    readonly above: number;
  },
): Html {
  let x = at.left;
  const parts = values.map((value, part) => {
    const fill = at.series[part]?.fill;
    if (value === 0 || fill === undefined) return null;
    const wide = value * at.scale;
    const box = {
      x: px(x + 1),
      y: px(at.y),
      width: px(Math.max(1, wide - GAP)),
      height: px(HEIGHT),
    };
    const middle = x + wide / 2;
    x += wide;
    const room = widthOf(french(value)) + 6;
    return wide < room + 8
      ? area(id, fill, box)
      : html`${area(id, fill, box)}<rect
            class="f-ground"
            x="${px(middle - room / 2)}"
            y="${px(at.y + 3)}"
            width="${px(room)}"
            height="${px(HEIGHT - 6)}"
          /><text class="f-ink" text-anchor="middle" x="${px(middle)}" y="${px(at.y + 16)}"
            >${french(value)}</text
          >`;
  });
  const title =
    at.above === 0
      ? html`<text class="f-ink" text-anchor="end" x="${px(at.left - 8)}" y="${px(at.y + 16)}">${name}</text>`
      : html`<text class="f-ink" x="${px(at.left)}" y="${px(at.y - 5)}">${name}</text>`;
  return html`${title} ${parts}
    <text class="f-ink strong" x="${px(x + 6)}" y="${px(at.y + 16)}">${french(sum(values))}</text>`;
}

/** Signs of the series, each with a texture of its own: it may stand on a page whose drawing is not shown. */
export function keyOf(id: string, series: readonly Series[]): LegendItem[] {
  return series.map(({ words, fill }) => ({
    words,
    sign: html`${texturesOf(`${id}-cle`, [fill])}${area(`${id}-cle`, fill, { x: '1', y: '1', width: '17', height: '12' })}`,
  }));
}

export const sum = (values: readonly number[]): number => values.reduce((all, each) => all + each, 0);
