import { html, type Html } from '../../domain/html.js';
import { frenchDay } from '../../domain/time.js';
import { keyOf, sum, type Series, type Stacked } from './bars.js';
import type { Chart } from './frame.js';
import { french, px, ticks } from './text.js';
import { area, texturesOf } from './textures.js';

const LEFT = 48;
const TOP = 40;
const TALL = 200;
const STEP = 20;
/** Weeks of which each is named: the Monday of every fourth, and the last. */
const NAMED = 4;

/** Bars that stand, one a week (their names are Mondays, `2026-03-23`), each cut in parts with its sum above. */
export function weekBars({ id, title, desc, unit, series, bars }: Stacked): Chart {
  const marks = ticks(Math.max(0, ...bars.map(({ values }) => sum(values))), 'whole');
  const scale = TALL / (marks.at(-1) ?? 1);
  const width = LEFT + bars.length * STEP + 24;
  const body = html`${texturesOf(
    id,
    series.map(({ fill }) => fill),
  )}
  ${weekAxes(
    bars.map(({ name }) => name),
    { marks, scale, unit },
  )}
  ${bars.map(({ values }, at) => standing(id, values, { series, scale, x: LEFT + at * STEP }))}`;
  return { id, title, desc, width, height: TOP + TALL + 44, body, key: keyOf(id, series) };
}

/** Both axes of a chart of weeks, with their units. */
export function weekAxes(
  weeks: readonly string[],
  {
    marks,
    scale,
    unit,
  }: { readonly marks: readonly number[]; readonly scale: number; readonly unit: string },
): Html {
  const right = LEFT + weeks.length * STEP;
  const foot = TOP + TALL;
  return html`<text class="f-muted small" x="8" y="16">${unit}</text>
    ${marks.map((mark) => {
      const y = foot - mark * scale;
      return html`<path class="s-line" stroke-width="0.5" d="M${String(LEFT)} ${px(y)}H${px(right)}" />
        <text class="f-muted small" text-anchor="end" x="${String(LEFT - 6)}" y="${px(y + 4)}"
          >${french(mark)}</text
        >`;
    })}
    ${weeks.map((week, at) =>
      (weeks.length - 1 - at) % NAMED === 0
        ? html`<path class="s-line" d="M${px(xOf(at))} ${String(foot)}v4" />
            <text class="f-muted small" text-anchor="middle" x="${px(xOf(at))}" y="${String(foot + 18)}">
              ${frenchDay(week).slice(0, 5)}
            </text>`
        : null,
    )}
    <text class="f-muted small" text-anchor="middle" x="${px((LEFT + right) / 2)}" y="${String(foot + 36)}">
      semaine du (lundi, heure de Paris)
    </text>`;
}

/** Middle of a week. */
export const xOf = (at: number): number => LEFT + (at + 0.5) * STEP;
/** Height at which a value stands. */
export const yOf = (value: number, scale: number): number => TOP + TALL - value * scale;
export const WEEK_PLOT = { left: LEFT, top: TOP, tall: TALL, step: STEP } as const;

function standing(
  id: string,
  values: readonly number[],
  at: { readonly series: readonly Series[]; readonly scale: number; readonly x: number },
): Html {
  const all = sum(values);
  if (all === 0) return html``;
  let under = 0;
  const parts = values.map((value, part) => {
    const fill = at.series[part]?.fill;
    if (value === 0 || fill === undefined) return null;
    const high = value * at.scale;
    under += value;
    return area(id, fill, {
      x: px(at.x + 3),
      y: px(yOf(under, at.scale) + 1),
      width: px(STEP - 6),
      height: px(Math.max(1, high - 2)),
    });
  });
  return html`${parts}
    <text
      class="f-ink small"
      text-anchor="middle"
      x="${px(at.x + STEP / 2)}"
      y="${px(yOf(all, at.scale) - 4)}"
    >
      ${french(all)}
    </text>`;
}
