import { html, type Html } from '../../domain/html.js';
import type { Chart } from './frame.js';
import { french, px, ticks } from './text.js';
import { WEEK_PLOT, weekAxes, xOf, yOf } from './weeks.js';

export interface DelayWeeks {
  readonly id: string;
  readonly title: string;
  readonly desc: string;
  /** In the unit of the axis; null in a week without any. */
  readonly weeks: readonly {
    readonly week: string;
    readonly delay: { readonly median: number; readonly p90: number } | null;
  }[];
  /** "délai, en jours" */
  readonly unit: string;
}

/** By week, a disc for the median in or under a hollow square for the 90th hundredth, tied by a line. */
export function delayChart({ id, title, desc, weeks, unit }: DelayWeeks): Chart {
  const { left, top, tall, step } = WEEK_PLOT;
  const most = Math.max(1, ...weeks.map(({ delay }) => delay?.p90 ?? 0));
  const marks = ticks(most, 'any');
  const scale = tall / (marks.at(-1) ?? 1);
  const width = left + weeks.length * step + 24;
  const body = html`${weekAxes(
    weeks.map(({ week }) => week),
    { marks, scale, unit },
  )}
  ${weeks.map(({ delay }, at) => {
    if (delay === null) return null;
    const [low, high] = [yOf(delay.median, scale), yOf(delay.p90, scale)];
    return html`<path class="s-ink" stroke-width="2" d="M${px(xOf(at))} ${px(low)}V${px(high)}" />
      ${square(xOf(at), high)} ${disc(xOf(at), low)} ${value(xOf(at), high - 11, delay.p90)}
      ${low - high > APART ? medianValue(xOf(at), low, delay.median) : null}`;
  })}`;
  const key = [
    { words: 'médiane : la moitié en autant ou moins', sign: disc(9, 8) },
    { words: '90 % en autant ou moins', sign: square(9, 8) },
  ];
  return { id, title, desc, width, height: top + tall + 44, body, key };
}

/** Pixels from which on the two values of a week have room for a number each. */
const APART = 30;

function value(x: number, y: number, said: number): Html {
  return html`<text class="f-ink small" text-anchor="middle" x="${px(x)}" y="${px(y)}"
    >${french(said < 10 ? Math.round(said * 10) / 10 : Math.round(said))}</text
  >`;
}

/** Under its disc; beside it where the axis is too near. */
function medianValue(x: number, y: number, said: number): Html {
  return y + 18 < WEEK_PLOT.top + WEEK_PLOT.tall ? value(x, y + 16, said) : value(x + 16, y - 1, said);
}

const disc = (x: number, y: number): Html =>
  html`<circle class="f-good" cx="${px(x)}" cy="${px(y)}" r="4" />`;

const square = (x: number, y: number): Html =>
  html`<rect
    class="f-ground s-warn"
    stroke-width="2"
    x="${px(x - 7)}"
    y="${px(y - 7)}"
    width="14"
    height="14"
  />`;
