import { readLabelLevel } from '../../normalise/labels.js';
import { joinLines, linesOf, type Line } from '../reading/pdf/lines.js';
import type { Word } from '../reading/pdf/page.js';
import type { Column } from './columns.js';

/** Lines of one cell, one under the other. */
export interface Block {
  readonly lines: readonly Line[];
  /** From the top of its first letters to the bottom of its last ones. */
  readonly top: number;
  readonly bottom: number;
  /** Baseline of its first line. */
  readonly first: number;
}

export function blockOf(lines: readonly Line[]): Block {
  const [first, last] = [lines[0], lines.at(-1)];
  if (first === undefined || last === undefined) throw new Error('a block has lines');
  return { lines, top: first.y - 0.8 * first.size, bottom: last.y + 0.25 * last.size, first: first.y };
}

export function textsOf(blocks: readonly Block[]): string[] {
  return blocks.flatMap(({ lines }) => lines.map(({ text }) => text));
}

/** The text of a label, whose words are known: one broken anywhere to fit its column is still that word. */
export function labelTextOf(texts: readonly string[]): string {
  const { text } = joinLines(texts);
  const unbroken = texts.join('');
  return !isLabel(text) && isLabel(unbroken) ? unbroken : text;
}

export function overlap(one: Pick<Block, 'top' | 'bottom'>, other: Pick<Block, 'top' | 'bottom'>): boolean {
  return one.top < other.bottom && other.top < one.bottom;
}

export function isLabel(text: string): boolean {
  return readLabelLevel(text) !== null;
}

/** What ends or begins with a small word or a dash goes on: "ressources et de" is part of a label, though it reads as one. */
const GOES_ON = /(?:(?:^|\s)(?:et|de|des|du|la|le|les)|[–—‐‑-])$|^(?:et|de|des|du)\s/iu;

function isWholeLabel(text: string): boolean {
  return isLabel(text) && !GOES_ON.test(text);
}

/** No cell is set wider than this, in heights of its font, from one line to the next. */
const LOOSEST = 1.6;

/** Lines of one cell are seldom set wider than this; tight rows without a label beside them are. */
const LOOSE = 1.35;

/** True when the lines of a block stand so far apart that they may be cells of several rows. */
export function isLoose({ lines }: Block): boolean {
  return lines.some((line, i) => {
    const above = lines[i - 1];
    return above !== undefined && line.y - above.y > LOOSE * Math.max(line.size, above.size);
  });
}

/** The blocks of each column of a table. @param words those of each column, headers left out */
export function blocksOf<C extends Column>(
  words: ReadonlyMap<C, readonly Word[]>,
): ReadonlyMap<C, readonly Block[]> {
  const lines = new Map([...words].map(([column, own]) => [column, linesOf(own)]));
  const step = stepWithin(lines);
  return new Map(
    [...lines].map(([column, own]) => {
      const blocks = blocksBy(own, step);
      return [column, column.field === 'label' ? blocks.flatMap(eachLabel) : blocks];
    }),
  );
}

function blocksBy(lines: readonly Line[], step: number): Block[] {
  const blocks: Line[][] = [];
  for (const line of lines) {
    const last = blocks.at(-1);
    const above = last?.at(-1);
    if (
      last !== undefined &&
      above !== undefined &&
      line.y - above.y <= step * Math.max(line.size, above.size)
    )
      last.push(line);
    else blocks.push([line]);
  }
  return blocks.map(blockOf);
}

/**
 * The step, in heights of the font, above which the next line is another cell's. Two whole labels one under the other are
 * two rows: their step, the smallest of the page, is that of rows; a smaller one, in any column, is that of lines.
 */
function stepWithin(columns: ReadonlyMap<Column, readonly Line[]>): number {
  const steps: number[] = [];
  let rows = Number.POSITIVE_INFINITY;
  for (const [column, lines] of columns) {
    lines.forEach((line, i) => {
      const above = lines[i - 1];
      if (above === undefined) return;
      const step = (line.y - above.y) / Math.max(line.size, above.size);
      if (column.field === 'label' && isWholeLabel(line.text) && isWholeLabel(above.text))
        rows = Math.min(rows, step);
      else steps.push(step);
    });
  }
  const within = steps.filter((step) => step <= LOOSEST && step < rows - 0.04);
  const widest = within.length === 0 ? 0 : typical(within);
  return Math.min(
    LOOSEST,
    rows === Number.POSITIVE_INFINITY ? LOOSEST : (widest + rows) / 2,
    widest === 0 ? rows - 0.01 : widest * 1.2,
  );
}

/** The widest step among those that are the smallest, give or take a rounding. */
function typical(steps: readonly number[]): number {
  const least = Math.min(...steps);
  return Math.max(...steps.filter((step) => step <= least * 1.12));
}

/** Rows set so tight that their labels look like one cell: each that says a label alone is one. */
function eachLabel(block: Block): Block[] {
  if (block.lines.length > 1 && block.lines.every(({ text }) => isWholeLabel(text)))
    return block.lines.map((line) => blockOf([line]));
  return [block];
}
