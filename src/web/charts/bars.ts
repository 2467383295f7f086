import { html, type Html } from '../../domain/html.js';
import type { Chart } from './frame.js';
import { legend } from './legend.js';
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

const NAME_MOST = 34;
const PLOT = 380;
const BAR = { height: 22, step: 34 } as const;
/** Between two parts, so that they touch in no colour. */
const GAP = 2;

/** Bars that lie, one under the other, each cut in parts; the sum stands at its end, a part's count in it where it fits. */
export function lyingBars({ id, title, desc, unit, series, bars }: Stacked): Chart {
  const names = bars.map(({ name }) => clipped(name, NAME_MOST));
  const left = Math.max(80, ...names.map(widthOf)) + 12;
  const width = left + PLOT + 70;
  const marks = ticks(Math.max(0, ...bars.map(({ values }) => sum(values))), 'whole');
  const scale = PLOT / (marks.at(-1) ?? 1);
  const foot = 10 + bars.length * BAR.step;
  const key = legend(
    series.map(({ words, fill }) => ({ words, sign: swatch(id, fill) })),
    { left: 8, top: foot + 46, width: width - 16 },
  );
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
    <text class="f-muted small" text-anchor="middle" x="${px(left + PLOT / 2)}" y="${px(foot + 34)}">
      ${unit}
    </text>
    ${bars.map(({ values }, row) => lying(id, names[row] ?? '', values, { series, left, scale, y: 10 + row * BAR.step }))}
    ${key.body}`;
  return { id, title, desc, width, height: foot + 46 + key.height, body };
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
      height: px(BAR.height),
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
            height="${px(BAR.height - 6)}"
          /><text class="f-ink" text-anchor="middle" x="${px(middle)}" y="${px(at.y + 16)}"
            >${french(value)}</text
          >`;
  });
  return html`<text class="f-ink" text-anchor="end" x="${px(at.left - 8)}" y="${px(at.y + 16)}">${name}</text>
    ${parts}
    <text class="f-ink strong" x="${px(x + 6)}" y="${px(at.y + 16)}">${french(sum(values))}</text>`;
}

/** Sign of a series in the key of its chart. */
export function swatch(id: string, fill: Fill): Html {
  return area(id, fill, { x: '1', y: '1', width: '17', height: '12' });
}

export const sum = (values: readonly number[]): number => values.reduce((all, each) => all + each, 0);
