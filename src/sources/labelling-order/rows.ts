import { fold } from '../../normalise/text.js';
import type { CentreColumn } from '../labelled-centres/schema.js';
import { blockOf, blocksOf, isLabel, labelTextOf, overlap, textsOf, type Block } from './blocks.js';
import { columnOf, type Column } from './columns.js';
import { spansOf, type Alignment, type Band } from './spans.js';
import type { Word } from '../reading/pdf/page.js';

/** Why a person must look twice at what was read of a row. */
export type Doubt = 'merged' | 'split' | 'hyphen' | 'joined' | 'unread';

/** A value of one or of several rows, that the next page may go on with. */
export class Cell {
  readonly blocks: Block[] = [];
  readonly doubts = new Set<Doubt>();

  constructor(blocks: readonly Block[], doubts: readonly Doubt[] = []) {
    this.blocks.push(...blocks);
    for (const doubt of doubts) this.doubts.add(doubt);
  }

  texts(): string[] {
    return textsOf(this.blocks);
  }

  /** The rest of it, from the top of the next page. */
  goOn(blocks: readonly Block[]): void {
    this.blocks.push(...blocks);
    this.doubts.add('split');
  }
}

/** What one row of a page shows, its cells shared with other rows where they are merged. */
export interface ReadRow {
  readonly page: number;
  readonly y: number;
  readonly cells: Map<Column, Cell>;
  readonly doubts: Set<Doubt>;
}

/** What a table has shown so far: its last row and the cells that its next rows may stand beside. */
export interface TableState {
  readonly above: Map<string, Cell>;
  last: ReadRow | null;
  readonly votes: Record<Alignment, number>;
}

/** Columns in which a cell may stand for several rows. */
const MERGING: readonly (CentreColumn | null)[] = ['title', 'network', 'filiere', 'hospital', 'town'];

/**
 * The rows of the part of a table that one page shows. A row is a label and what stands beside it; what stands beside
 * none is the rest of the row above, or is given as a row that was not understood.
 * @param fresh true when the table starts on this page
 */
export function rowsOf(
  page: number,
  columns: readonly Column[],
  words: readonly Word[],
  fresh: boolean,
  state: TableState,
): ReadRow[] {
  const blocks = blocksOf(byColumn(columns, words));
  const of = (field: CentreColumn | null): [Column, readonly Block[]][] =>
    [...blocks].filter(([column]) => column.field === field);
  const [label] = of('label');
  const [cut, anchors] = cutLabel(label?.[1] ?? [], fresh, state);
  if (cut !== null) state.last?.cells.forEach((cell, { field }) => field === 'label' && cell.goOn([cut]));
  const rows = anchors.map((anchor): ReadRow & { own: Block[] } => ({
    page,
    y: anchor.first,
    cells: new Map(label === undefined ? [] : [[label[0], new Cell([anchor])]]),
    doubts: new Set(),
    own: [anchor],
  }));
  const left: [Column, Block][] = [];
  for (const [column, own] of blocks) {
    if (column.field === 'label' || isMerging(column, own, anchors)) continue;
    for (const block of own) {
      const beside = rows.filter((row) => row.own.some((one) => overlap(one, block)));
      if (beside.length === 0) left.push([column, block]);
      for (const row of beside) {
        const cell = row.cells.get(column);
        if (cell === undefined) row.cells.set(column, new Cell([block], beside.length > 1 ? ['joined'] : []));
        else cell.blocks.push(block);
      }
    }
  }
  for (const row of rows)
    for (const [column, { blocks: own }] of row.cells) if (column.field !== 'label') row.own.push(...own);
  const bands = rows.map(({ own }) => bandOf(own));
  for (const [column, own] of blocks) {
    if (column.field !== 'label' && isMerging(column, own, anchors))
      left.push(...merge(column, own, { rows, bands, fresh, state }));
  }
  const orphans = continued(left, bands[0]?.top ?? Number.POSITIVE_INFINITY, fresh, state);
  remember(rows, state);
  return [...rows, ...unread(page, orphans)].sort((a, b) => a.y - b.y);
}

/** A label whose end stands at the top of the next page, apart from the labels of that page. */
function cutLabel(
  labels: readonly Block[],
  fresh: boolean,
  { last }: TableState,
): [Block | null, readonly Block[]] {
  const [first, ...others] = labels;
  const above = [...(last?.cells ?? [])].find(([{ field }]) => field === 'label')?.[1];
  if (first === undefined || above === undefined || fresh) return [null, labels];
  const own = textsOf([first]);
  const isEnd = !isLabel(labelTextOf(own)) && isLabel(labelTextOf([...above.texts(), ...own]));
  return isEnd ? [first, others] : [null, labels];
}

function byColumn(columns: readonly Column[], words: readonly Word[]): Map<Column, Word[]> {
  const own = new Map<Column, Word[]>(columns.map((column) => [column, []]));
  for (const word of words) {
    const column = columnOf(columns, word);
    if (column !== undefined) own.get(column)?.push(word);
  }
  return own;
}

/** A column that has a block beside each row, and no other, merges nothing on this page. */
function isMerging({ field }: Column, blocks: readonly Block[], anchors: readonly Block[]): boolean {
  if (!MERGING.includes(field)) return false;
  if (field === 'title' || field === 'network' || field === 'filiere') return true;
  return anchors.some((anchor) => !blocks.some((block) => overlap(block, anchor)));
}

interface Beside {
  readonly rows: readonly (ReadRow & { own: Block[] })[];
  readonly bands: readonly Band[];
  readonly fresh: boolean;
  readonly state: TableState;
}

/** @returns blocks that stand beside no row */
function merge(
  column: Column,
  own: readonly Block[],
  { rows, bands, fresh, state }: Beside,
): [Column, Block][] {
  const [first, last] = [bands[0], bands.at(-1)];
  if (first === undefined || last === undefined) return own.map((block) => [column, block]);
  const beside = own.filter((block) => block.bottom > first.top && block.top < last.bottom);
  const others = own.filter((block) => !beside.includes(block));
  const { of, sure, told } = spansOf(bands, beside, fresh, state.votes);
  if (told !== null && column.field === 'title') state.votes[told]++;
  const before = state.above.get(keyOf(column));
  const cells = beside.map((block) => new Cell([block], sure ? [] : ['merged']));
  const [top] = cells;
  // "osseuses constitutionnelles" at the top of a page is the end of the name on the page before.
  if (
    top !== undefined &&
    before !== undefined &&
    !fresh &&
    of[0] === 0 &&
    /^\p{Ll}/u.test(top.texts()[0] ?? '')
  ) {
    before.goOn(top.blocks);
    cells[0] = before;
  }
  rows.forEach((row, i) => {
    const index = of[i] ?? -1;
    const cell = index === -1 ? before : cells[index];
    if (cell === undefined) return;
    row.cells.set(column, cell);
    if (index === -1) row.doubts.add('split');
    else if (!sure) row.doubts.add('merged');
    if (column.field === 'hospital' && of.filter((one) => one === index).length > 1) row.doubts.add('merged');
  });
  return others.map((block) => [column, block]);
}

/** What stands above the first row of a page goes on with the last row of the page before. @returns the others */
function continued(
  left: readonly [Column, Block][],
  firstRow: number,
  fresh: boolean,
  state: TableState,
): [Column, Block][] {
  return left.filter(([column, block]) => {
    const cell = fresh || block.top > firstRow ? undefined : cellAbove(column, state);
    cell?.goOn([block]);
    return cell === undefined;
  });
}

function cellAbove(column: Column, { above, last }: TableState): Cell | undefined {
  if (last === null) return undefined;
  const own = [...last.cells].find(([one]) => keyOf(one) === keyOf(column))?.[1] ?? above.get(keyOf(column));
  if (own !== undefined) return own;
  const cell = new Cell([]);
  last.cells.set(column, cell);
  return cell;
}

function remember(rows: readonly ReadRow[], state: TableState): void {
  const last = rows.at(-1);
  if (last === undefined) return;
  state.last = last;
  for (const [column, cell] of last.cells)
    if (MERGING.includes(column.field)) state.above.set(keyOf(column), cell);
}

/** Texts beside no label, put together line by line: each becomes a row that a person reads. */
function unread(page: number, orphans: readonly [Column, Block][]): ReadRow[] {
  const rows: (ReadRow & { own: Block[] })[] = [];
  for (const [column, block] of [...orphans].sort((a, b) => a[1].top - b[1].top)) {
    let row = rows.find(({ own }) => own.some((one) => overlap(one, block)));
    if (row === undefined) {
      row = { page, y: block.first, cells: new Map(), doubts: new Set<Doubt>(['unread']), own: [] };
      rows.push(row);
    }
    row.own.push(block);
    const cell = row.cells.get(column);
    if (cell === undefined) row.cells.set(column, new Cell([block]));
    else cell.blocks.push(block);
  }
  return rows;
}

function bandOf(own: readonly Block[]): Band {
  const lines = own.flatMap((block) => block.lines);
  return {
    ...blockOf([...lines].sort((a, b) => a.y - b.y)),
    size: Math.max(...lines.map(({ size }) => size)),
  };
}

function keyOf({ field, text }: Column): string {
  return field ?? `?${fold(text)}`;
}
