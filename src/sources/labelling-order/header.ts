import { fold } from '../../normalise/text.js';
import { linesOf, type Line } from '../reading/pdf/lines.js';
import type { Word } from '../reading/pdf/page.js';
import { CENTRE_COLUMNS, type CentreColumn } from '../labelled-centres/schema.js';

/** A cell of the row of headers; `field` is null for a column that filror does not know, whose text is kept apart. */
export interface HeaderCell {
  readonly field: CentreColumn | null;
  readonly text: string;
  readonly x0: number;
  readonly x1: number;
}

/** The row of headers of one table. */
export interface Header {
  readonly cells: readonly HeaderCell[];
  /** Baselines of its first and of its last line. */
  readonly top: number;
  readonly bottom: number;
  readonly size: number;
}

/** How orders head their columns, besides what lists of centres write. */
const ORDER_HEADERS: Readonly<Partial<Record<CentreColumn, readonly string[]>>> = {
  title: [
    'intitulé du centre de référence',
    'intitulé du centre maladies rares',
    'nom du centre de référence',
  ],
  head: ['nom et prénom du responsable du site', 'nom du responsable de site', 'responsable de site'],
  hospital: [
    'établissement de santé de rattachement',
    'établissement siège',
    'nom de l’établissement de rattachement',
  ],
  label: ['label attribué', 'type de labellisation'],
};

/** A body of text is no row of headers: these three columns at least stand side by side. */
const NEEDED = ['title', 'hospital', 'label'] as const;

interface Name {
  readonly field: CentreColumn;
  readonly words: readonly string[];
}

const NAMES: readonly Name[] = (Object.keys(CENTRE_COLUMNS) as CentreColumn[])
  .flatMap((field) =>
    [CENTRE_COLUMNS[field].title, ...CENTRE_COLUMNS[field].synonyms, ...(ORDER_HEADERS[field] ?? [])].map(
      (name) => ({ field, words: fold(name).split(' ') }),
    ),
  )
  .sort((a, b) => b.words.length - a.words.length);

/** What every order must head, in words: for whoever is told that no table was found. */
export const NEEDED_TITLES = NEEDED.map((field) => CENTRE_COLUMNS[field].title);

interface Match {
  readonly field: CentreColumn;
  readonly words: readonly Word[];
}

/** The rows of headers of a page, from top to bottom. */
export function headersOf(words: readonly Word[]): Header[] {
  const lines = linesOf(words);
  const labels = matchesOf(lines, ['label']);
  const found: Header[] = [];
  for (const label of labels) {
    const header = around(label, lines, words);
    if (header !== null && !found.some(({ top, bottom }) => header.top <= bottom && top <= header.bottom))
      found.push(header);
  }
  return found.sort((a, b) => a.top - b.top);
}

/** Two lines of one cell are nearer than this, in heights of the font. */
export const NEXT_LINE = 1.75;

function around(label: Match, lines: readonly Line[], words: readonly Word[]): Header | null {
  const size = Math.max(...label.words.map((word) => word.size));
  const [top, bottom] = extent(label.words);
  // A header of three or four lines beside one of one line, set at its top, middle or bottom.
  const near = lines.filter((line) => line.y >= top - 4 * size && line.y <= bottom + 4 * size);
  const matches = longest(
    matchesOf(near, Object.keys(CENTRE_COLUMNS) as CentreColumn[]).filter(
      (one) => one.words[0] !== label.words[0] || one.field === 'label',
    ),
  );
  const level = matches.filter((one) => one === label || levelWith(one, label, matches));
  const byField = new Map<CentreColumn, Match>();
  for (const one of [label, ...level]) if (!byField.has(one.field)) byField.set(one.field, one);
  if (NEEDED.some((field) => !byField.has(field))) return null;
  const taken = [...byField.values()];
  const all = taken.flatMap((one) => one.words);
  const [from, to] = extent(all);
  const known = taken.map(({ field, words: own }): HeaderCell => ({ field, ...spread(own) }));
  if (!apart(known)) return null;
  const used = new Set(all);
  const rest = words.filter((word) => word.y >= from - 1 && word.y <= to + 1 && !used.has(word));
  const cells = [...known, ...unknownCells(rest, known)].sort((a, b) => a.x0 - b.x0);
  return { cells, top: from, bottom: to, size };
}

/** Two cells of one row share a baseline, or the longer one spans the shorter one. */
function levelWith(one: Match, label: Match, all: readonly Match[]): boolean {
  const size = label.words[0]?.size ?? 0;
  const [top, bottom] = extent(one.words);
  return [label, ...all].some((other) => {
    if (other === one || (other !== label && other.field === one.field)) return false;
    const [from, to] = extent(other.words);
    return top <= to + 0.6 * size && from <= bottom + 0.6 * size;
  });
}

function matchesOf(lines: readonly Line[], fields: readonly CentreColumn[]): Match[] {
  const wanted = NAMES.filter(({ field }) => fields.includes(field));
  const matches: Match[] = [];
  lines.forEach((line, at) => {
    line.words.forEach((_, index) => {
      for (const name of wanted) {
        const words = follow(lines, at, index, name.words);
        if (words !== null) matches.push({ field: name.field, words });
      }
    });
  });
  return matches.filter((one) => standsAlone(one, lines, matches));
}

/** The words of a name from this one on: on its line, then below it. */
function follow(lines: readonly Line[], at: number, index: number, name: readonly string[]): Word[] | null {
  const taken: Word[] = [];
  let [line, place] = [lines[at], index];
  let left = 0;
  while (line !== undefined) {
    const word = line.words[place];
    const before = taken.at(-1);
    if (
      word !== undefined &&
      (before === undefined || before.y !== word.y || word.x0 - before.x1 < 0.8 * word.size)
    ) {
      const parts = fold(word.text)
        .split(' ')
        .filter((part) => part !== '');
      if (parts.length > 0 && parts.every((part, i) => name[left + i] === part)) {
        taken.push(word);
        left += parts.length;
        if (left === name.length) return taken;
        place++;
        continue;
      }
      if (parts.length === 0 && taken.length > 0) {
        taken.push(word);
        place++;
        continue;
      }
    }
    if (before === undefined) return null;
    // The next line of the same cell: below, and under or over what was taken.
    const cell = spread(taken);
    const next = lines
      .filter(
        (other) => other.y > before.y + 0.5 * before.size && other.y <= before.y + NEXT_LINE * before.size,
      )
      .map((other) => ({ below: other, start: chunkStart(other, cell) }))
      .find(({ below, start }) => fold(below.words[start]?.text ?? '').split(' ')[0] === name[left]);
    if (next === undefined) return null;
    [line, place] = [next.below, next.start];
  }
  return null;
}

/** The first word of what a line shows under a cell: words near one another, one of which stands under it. */
function chunkStart({ words }: Line, cell: { readonly x0: number; readonly x1: number }): number {
  let start = 0;
  for (const [index, word] of words.entries()) {
    const before = words[index - 1];
    if (before !== undefined && word.x0 - before.x1 >= 0.8 * word.size) start = index;
    if (overlaps(word, cell)) return start;
  }
  return -1;
}

/** The words beside a header belong to another header, or are far enough to be in another column. */
function standsAlone(match: Match, lines: readonly Line[], all: readonly Match[]): boolean {
  const own = new Set(match.words);
  const others = new Set(all.filter((one) => one.field !== match.field).flatMap((one) => one.words));
  return lines.every((line) =>
    line.words.every((word, index) => {
      if (!own.has(word)) return true;
      const before = line.words[index - 1];
      const after = line.words[index + 1];
      const near = (one: Word | undefined, gap: number): boolean =>
        one !== undefined && !own.has(one) && !others.has(one) && gap < 0.5 * word.size;
      return (
        !near(before, word.x0 - (before?.x1 ?? 0)) && !near(after, (after?.x0 ?? Number.MAX_VALUE) - word.x1)
      );
    }),
  );
}

/** "Centre" inside "Intitulé du centre" is no header of its own. */
function longest(matches: readonly Match[]): Match[] {
  const kept: Match[] = [];
  for (const one of [...matches].sort((a, b) => b.words.length - a.words.length)) {
    if (!kept.some((other) => one.words.some((word) => other.words.includes(word)))) kept.push(one);
  }
  return kept;
}

function unknownCells(rest: readonly Word[], known: readonly HeaderCell[]): HeaderCell[] {
  const groups: Word[][] = [];
  const free = rest.filter((word) => !known.some((cell) => overlaps(word, cell)));
  for (const word of [...free].sort((a, b) => a.x0 - b.x0)) {
    const last = groups.at(-1);
    if (last !== undefined && word.x0 - Math.max(...last.map(({ x1 }) => x1)) < 0.8 * word.size)
      last.push(word);
    else groups.push([word]);
  }
  return groups.map((words) => ({ field: null, ...spread(words) }));
}

function apart(cells: readonly HeaderCell[]): boolean {
  const sorted = [...cells].sort((a, b) => a.x0 - b.x0);
  return sorted.every((cell, i) => i === 0 || cell.x0 > (sorted[i - 1]?.x1 ?? 0) - 1);
}

function spread(words: readonly Word[]): { text: string; x0: number; x1: number } {
  return {
    text: linesOf(words)
      .map((line) => line.text)
      .join(' '),
    x0: Math.min(...words.map(({ x0 }) => x0)),
    x1: Math.max(...words.map(({ x1 }) => x1)),
  };
}

function extent(words: readonly Word[]): [number, number] {
  const all = words.map(({ y }) => y);
  return [Math.min(...all), Math.max(...all)];
}

function overlaps(one: { x0: number; x1: number }, other: { x0: number; x1: number }): boolean {
  return one.x0 < other.x1 && other.x0 < one.x1;
}
