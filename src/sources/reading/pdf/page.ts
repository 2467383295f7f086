import { Util } from 'pdfjs-dist/legacy/build/pdf.mjs';

/** One piece of text as PDF.js gives it; `transform` stands in the space of the page, whose y goes up. */
export interface TextItem {
  readonly str: string;
  readonly transform: readonly number[];
  readonly width: number;
  readonly height: number;
}

/** One word where it is shown, in points; y is its baseline and goes down. */
export interface Word {
  readonly text: string;
  readonly x0: number;
  readonly x1: number;
  readonly y: number;
  /** Height of its font. */
  readonly size: number;
}

export interface PdfPage {
  /** From 1. */
  readonly no: number;
  /** Of the whole document. */
  readonly pages: number;
  readonly width: number;
  readonly height: number;
  /** As they are read: from top to bottom, then from left to right. */
  readonly words: readonly Word[];
  /** Texts written across the others (a stamp, a note in the margin): left out, counted. */
  readonly askew: number;
}

type Size = Pick<PdfPage, 'no' | 'pages' | 'width' | 'height'>;
type Turned = Word & { readonly quarter: number };

/** The words of a page the way up in which most of its text stands: a table may be printed sideways. */
export function pageOf(size: Size, view: number[], items: readonly TextItem[]): PdfPage {
  const turned = items
    .filter(({ str }) => str?.trim() !== '' && str !== undefined)
    .map((item) => turnedItem(item, view));
  const upright = commonest(turned.map(({ quarter }) => quarter));
  const kept = turned.filter(({ quarter }) => quarter === upright);
  const { width, height } = upright % 2 === 0 ? size : { width: size.height, height: size.width };
  const words = kept.flatMap((item) => wordsOf(moved(item, upright, size)));
  return {
    ...size,
    width,
    height,
    words: words.sort((a, b) => a.y - b.y || a.x0 - b.x0),
    askew: turned.length - kept.length,
  };
}

/** Where an item is shown, along its own direction: quarter turns from upright, -1 for a slanted one. */
function turnedItem({ str, transform, width, height }: TextItem, view: number[]): Turned {
  const [a = 1, b = 0, , , x = 0, y = 0] = Util.transform(view, [...transform]) as number[];
  const turn = Math.atan2(b, a) / (Math.PI / 2);
  const quarter = Math.abs(turn - Math.round(turn)) > 0.05 ? -1 : (Math.round(turn) + 4) % 4;
  const size = height > 0 ? height : Math.hypot(a, b);
  return { text: str, x0: x, x1: x + width, y, size, quarter };
}

/** Turns a place back so that its text runs from left to right. `x1 - x0` is already the length along the text. */
function moved({ quarter: _, ...item }: Turned, upright: number, { width, height }: Size): Word {
  const length = item.x1 - item.x0;
  const [x, y] =
    upright === 1
      ? [item.y, width - item.x0]
      : upright === 2
        ? [width - item.x0, height - item.y]
        : upright === 3
          ? [height - item.y, item.x0]
          : [item.x0, item.y];
  return { ...item, x0: x, x1: x + length, y };
}

function commonest(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].filter(([value]) => value !== -1).sort((a, b) => b[1] - a[1])[0]?.[0] ?? 0;
}

/** An item may hold a whole line, whose words stand where the widths of a usual typeface put them. */
function wordsOf(item: Word): Word[] {
  const { text, x0, x1 } = item;
  const widths = [...text].map(widthOf);
  const total = widths.reduce((sum, one) => sum + one, 0);
  const unit = total === 0 ? 0 : (x1 - x0) / total;
  const words: Word[] = [];
  let at = x0;
  let word = '';
  let start = x0;
  [...text].forEach((character, index) => {
    const next = at + (widths[index] ?? 0) * unit;
    if (/\s/u.test(character)) {
      if (word !== '') words.push({ ...item, text: word, x0: start, x1: at });
      word = '';
    } else {
      if (word === '') start = at;
      word += character;
    }
    at = next;
  });
  if (word !== '') words.push({ ...item, text: word, x0: start, x1: at });
  return words;
}

/** Widths of classes of characters, in thousandths of the height, after the metrics of Helvetica. */
function widthOf(character: string): number {
  if (/\s/u.test(character)) return 278;
  if (/[ijl'’|.,:;!()[\]\-\u00adI]/u.test(character)) return 265;
  if (/[frt]/u.test(character)) return 300;
  if (/[mwMW]/u.test(character)) return 830;
  if (/[A-ZÀ-Þ]/u.test(character)) return 690;
  return 540;
}
