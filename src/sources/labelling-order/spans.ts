import type { Block } from './blocks.js';
import { overlap } from './blocks.js';

/** A row of a page: the extent of its cells that belong to it alone. */
export interface Band {
  readonly top: number;
  readonly bottom: number;
  /** Baseline of its first line. */
  readonly first: number;
  readonly size: number;
}

/** Which block of a column each row takes its value from: an index, or -1 for the last one of the pages before. */
export interface Spans {
  readonly of: readonly number[];
  /** False when the page allows another reading. */
  readonly sure: boolean;
  /** How the cells of the column were set, where the page tells. */
  readonly told: Alignment | null;
}

export type Alignment = 'top' | 'middle';

/** How often pages have told how their merged cells are set. */
export type Votes = Readonly<Record<Alignment, number>>;

/** Half of the smallest row is more: beyond, a cell is not centred on the rows tried. */
const CENTRED = 0.6;
const LEVEL = 0.35;

/**
 * Gives the rows of a page the cells of a column that may be merged downwards: the name of a centre stands once for
 * several rows, at the top of them or in their middle. Without rules to look at, both readings are tried.
 * @param blocks those of the column beside the rows, from top to bottom
 * @param fresh true when the table starts here: its first row has a name of its own
 */
export function spansOf(
  bands: readonly Band[],
  blocks: readonly Block[],
  fresh: boolean,
  votes: Votes,
): Spans {
  if (bands.length === blocks.length && bands.every((band, i) => isBesideOnly(i, band, blocks)))
    return { of: bands.map((_, i) => i), sure: true, told: null };
  const top = atTop(bands, blocks, fresh);
  const middles = inMiddle(bands, blocks, fresh);
  const [middle] = middles;
  if (top !== null && middle !== undefined) {
    if (middles.some((one) => same(one, top))) {
      if (middles.length === 1) return { of: top, sure: true, told: null };
    }
    const settled = settledBy(votes);
    if (settled === 'middle') return { of: middle, sure: middles.length === 1, told: null };
    return { of: top, sure: settled === 'top', told: null };
  }
  if (top !== null) return { of: top, sure: true, told: merges(top) ? 'top' : null };
  if (middle !== undefined)
    return { of: middle, sure: middles.length === 1, told: merges(middle) ? 'middle' : null };
  return { of: nearestAbove(bands, blocks), sure: false, told: null };
}

function isBesideOnly(row: number, band: Band, blocks: readonly Block[]): boolean {
  return blocks.every((block, i) => overlap(block, band) === (i === row));
}

/** Two pages at least say one thing, and none the other. */
function settledBy({ top, middle }: Votes): Alignment | null {
  if (top >= 2 && middle === 0) return 'top';
  return middle >= 2 && top === 0 ? 'middle' : null;
}

/** Each block is level with the first line of the first of its rows. */
function atTop(bands: readonly Band[], blocks: readonly Block[], fresh: boolean): number[] | null {
  const starts = blocks.map((block) =>
    bands.findIndex((band) => Math.abs(band.first - block.first) <= LEVEL * band.size),
  );
  if (starts.includes(-1) || new Set(starts).size < starts.length) return null;
  if (fresh && bands.length > 0 && starts[0] !== 0) return null;
  let current = -1;
  return bands.map((_, row) => {
    const own = starts.indexOf(row);
    if (own !== -1) current = own;
    return current;
  });
}

/** Each block is centred on its rows, which follow one another down to the last row of the page. */
function inMiddle(bands: readonly Band[], blocks: readonly Block[], fresh: boolean): number[][] {
  const found: number[][] = [];
  const from = fresh ? 0 : bands.length - 1;
  for (let start = 0; start <= from && start < bands.length; start++) {
    const reading = chain(bands, blocks, start);
    if (reading !== null) found.push(reading);
  }
  if (blocks.length === 0 && !fresh) found.push(bands.map(() => -1));
  return found;
}

function chain(bands: readonly Band[], blocks: readonly Block[], start: number): number[] | null {
  if (blocks.length === 0) return null;
  const of = bands.map(() => -1);
  let row = start;
  for (const [index, block] of blocks.entries()) {
    const first = bands[row];
    if (first === undefined) return null;
    const centre = (block.top + block.bottom) / 2;
    const off = (last: Band): number => Math.abs((first.top + last.bottom) / 2 - centre);
    let end = row;
    for (let next = row + 1; next < bands.length; next++) {
      if (off(bands[next] as Band) < off(bands[end] as Band)) end = next;
    }
    if (off(bands[end] as Band) > CENTRED * first.size) return null;
    of.fill(index, row, end + 1);
    row = end + 1;
  }
  return row === bands.length ? of : null;
}

/** Neither reading holds: the block that the row stands beside, else the one above it. */
function nearestAbove(bands: readonly Band[], blocks: readonly Block[]): number[] {
  return bands.map((band) => {
    const beside = blocks.findIndex((block) => overlap(block, band));
    return beside === -1 ? blocks.findLastIndex((block) => block.top < band.bottom) : beside;
  });
}

function merges(of: readonly number[]): boolean {
  return new Set(of).size < of.length;
}

function same(one: readonly number[], other: readonly number[]): boolean {
  return one.every((value, i) => value === other[i]);
}
