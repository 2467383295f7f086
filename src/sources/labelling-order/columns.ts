import type { Word } from '../reading/pdf/page.js';
import type { HeaderCell } from './header.js';

/** A column of a table: what stands between two places of the page. */
export interface Column extends Pick<HeaderCell, 'field' | 'text'> {
  readonly from: number;
  readonly to: number;
  /** From where its texts begin to where the longest one ends: the room that lines have. */
  readonly room: number;
}

/** An overlap smaller than this, in points, is a rounding. */
const SLACK = 0.5;

/**
 * Where the columns under a row of headers part: in the gap that no word crosses, at the place where most lines begin.
 * @param body words of the table
 */
export function columnsOf(cells: readonly HeaderCell[], body: readonly Word[]): Column[] {
  const heads = cells.map(({ text, x0, x1 }): Word => ({ text, x0, x1, y: 0, size: 1 }));
  const cuts = cells.slice(1).map((cell, i) => cutBetween(cells[i] as HeaderCell, cell, [...heads, ...body]));
  return cells.map(({ field, text }, i) => {
    const [from, to] = [cuts[i - 1] ?? Number.NEGATIVE_INFINITY, cuts[i] ?? Number.POSITIVE_INFINITY];
    return { field, text, from, to, room: roomOf(body, from, to) };
  });
}

function roomOf(body: readonly Word[], from: number, to: number): number {
  let [left, right] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { x0, x1 } of body) {
    const middle = (x0 + x1) / 2;
    if (middle < from || middle >= to) continue;
    [left, right] = [Math.min(left, x0), Math.max(right, x1)];
  }
  return Math.max(0, right - left);
}

/** The column in which a word stands: that of its middle. */
export function columnOf<C extends Column>(columns: readonly C[], word: Word): C | undefined {
  const middle = (word.x0 + word.x1) / 2;
  return columns.find(({ from, to }) => middle >= from && middle < to);
}

interface Gap {
  readonly from: number;
  readonly to: number;
  /** Words that cross it: none where the columns are told apart. */
  readonly crossed: number;
}

function cutBetween(left: HeaderCell, right: HeaderCell, body: readonly Word[]): number {
  const [from, to] = [(left.x0 + left.x1) / 2, (right.x0 + right.x1) / 2];
  const near = body.filter((word) => word.x1 > from && word.x0 < to);
  const gaps = gapsOf(near, from, to);
  const least = Math.min(...gaps.map(({ crossed }) => crossed));
  const starts = lineStarts(near);
  const size = Math.max(1, ...near.map((word) => word.size));
  const weigh = (gap: Gap): number => Math.min(gap.to - gap.from, 2 * size) / size + starts(gap) / 2;
  const [best] = gaps.filter(({ crossed }) => crossed === least).sort((a, b) => weigh(b) - weigh(a));
  return best === undefined ? (left.x1 + right.x0) / 2 : (best.from + best.to) / 2;
}

/** Every stretch between the ends of words, with how many words cross it. */
function gapsOf(words: readonly Word[], from: number, to: number): Gap[] {
  const places = [
    ...new Set([from, to, ...words.flatMap(({ x0, x1 }) => [x0, x1]).filter((x) => x > from && x < to)]),
  ].sort((a, b) => a - b);
  const gaps: Gap[] = [];
  for (let i = 1; i < places.length; i++) {
    const [a, b] = [places[i - 1] ?? from, places[i] ?? to];
    if (b - a < SLACK) continue;
    const crossed = words.filter(({ x0, x1 }) => x0 < b - SLACK / 2 && x1 > a + SLACK / 2).length;
    const last = gaps.at(-1);
    if (last !== undefined && last.crossed === crossed && a - last.to < SLACK)
      gaps[gaps.length - 1] = { ...last, to: b };
    else gaps.push({ from: a, to: b, crossed });
  }
  return gaps;
}

/** How many lines begin where a gap ends: cells begin one under the other, words inside a cell do not. */
function lineStarts(words: readonly Word[]): (gap: Gap) => number {
  return ({ to }) =>
    new Set(words.filter(({ x0 }) => Math.abs(x0 - to) < 1).map(({ y }) => Math.round(y))).size;
}
