/** One measured figure: the values of its rounds, and what DESIGN section 8 asks of their median. */
export interface Figure {
  readonly work: string;
  readonly what: string;
  readonly unit: '×' | '%' | 's' | 'ms' | 'MB' | '';
  readonly values: readonly number[];
  readonly target?: { readonly is: '≤' | '≥'; readonly value: number };
  /** Conditions without which the figure would mislead. */
  readonly note?: string;
}

/** The middle value; of an even number, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  const [below, above] = [sorted[half - 1], sorted[half]];
  if (above === undefined) return Number.NaN;
  return sorted.length % 2 === 1 || below === undefined ? above : (below + above) / 2;
}

export function spread(values: readonly number[]): string {
  if (values.length < 2) return 'one value';
  return `${rounded(Math.min(...values))} to ${rounded(Math.max(...values))}, n = ${values.length}`;
}

/** "met" and "missed" are said of the median. */
export function verdict({ target, values }: Figure): 'met' | 'missed' | '' {
  if (target === undefined) return '';
  const value = median(values);
  return (target.is === '≤' ? value <= target.value : value >= target.value) ? 'met' : 'missed';
}

/** Three significant digits are more than a shared machine gives. */
export function rounded(value: number): string {
  if (!Number.isFinite(value)) return 'none';
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toFixed(digits);
}

/** A Markdown table, aligned so that it reads as well on a terminal. */
export function table(figures: readonly Figure[]): string {
  const rows = [
    ['Work', 'Figure', 'Median', 'Spread', 'Target', ''],
    ...figures.map((figure) => [
      figure.work,
      figure.what,
      withUnit(rounded(median(figure.values)), figure.unit),
      spread(figure.values),
      figure.target === undefined
        ? ''
        : `${figure.target.is} ${withUnit(figure.target.value.toLocaleString('en'), figure.unit)}`,
      verdict(figure),
    ]),
  ];
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(3, ...rows.map((row) => width(row[column] ?? ''))),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - width(cell))).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [line(head), line(widths.map((each) => '-'.repeat(each))), ...body.map(line)].join('\n');
}

/** The figures that miss their target, one sentence each; none: a sentence that says so. */
export function missed(figures: readonly Figure[]): string[] {
  const sentences = figures
    .filter((figure) => verdict(figure) === 'missed')
    .map((figure) => {
      const { target, unit } = figure;
      const asked =
        target === undefined ? '' : `${target.is} ${withUnit(target.value.toLocaleString('en'), unit)}`;
      return `${figure.work}, ${figure.what}: ${withUnit(rounded(median(figure.values)), unit)} for a target of ${asked}.`;
    });
  return sentences.length === 0 ? ['Every target that was measured is met.'] : sentences;
}

function withUnit(value: string, unit: Figure['unit']): string {
  return unit === '' ? value : `${value} ${unit}`;
}

function width(text: string): number {
  return [...text].length;
}

/** Hands the figures to `npm run bench`, or prints them when a bench is run alone. */
export function tell(figures: readonly Figure[]): void {
  if (process.send === undefined) console.log(`\n${table(figures)}`);
  else process.send(figures);
}

/** Hands a section of the page, in Markdown, to `npm run bench`, and prints it. */
export function tellSection(text: string): void {
  console.log(`\n${text}`);
  process.send?.({ section: text });
}

/** Wilson score interval at 95 %, honest for small counts and for rates near one. */
export function wilson(good: number, all: number): string {
  if (all === 0) return 'no case';
  const z = 1.96;
  const p = good / all;
  const centre = p + (z * z) / (2 * all);
  const half = z * Math.sqrt((p * (1 - p)) / all + (z * z) / (4 * all * all));
  const scale = 1 + (z * z) / all;
  const percent = (value: number): string => (100 * Math.min(1, Math.max(0, value))).toFixed(1);
  return `${percent(p)} % [${percent((centre - half) / scale)}; ${percent((centre + half) / scale)}]`;
}
