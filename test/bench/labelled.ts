import type { MatchIndex } from '../../src/matching/index.js';
import { readLabelled, verdictOnEg, verdictOnEj, type Labelled, type Verdict } from '../support/labelled.js';
import { wilson, type Figure } from './figures.js';

type LabelledSet = Labelled['set'];
type Which = 'EJ' | 'EG';

interface Judged {
  readonly row: Labelled;
  readonly EJ: Verdict;
  readonly EG: Verdict;
}

/** The labelled mentions against the national register: figures with targets, and a section with a table of kinds. */
export function labelledBench(index: MatchIndex): { readonly figures: Figure[]; readonly section: string } {
  const judged = readLabelled().map((row): Judged => {
    const result = index.match(row);
    return { row, EJ: verdictOnEj(row, result), EG: verdictOnEg(row, result) };
  });
  const sets = (['tuning', 'frozen'] as const).filter((set) => ofSet(judged, set).length > 0);
  return {
    figures: sets.flatMap((set) => figuresOf(set, ofSet(judged, set))),
    section: [
      '## Matching, labelled mentions',
      '',
      'test/matching/labelled: our mentions, looked up one by one in FINESS before any measure. Precision: automatic links that',
      'are right, an ambiguous or absent mention linked being wrong. Recall: mentions of a known hospital (or site) that are',
      'linked right without a person. Wilson intervals at 95 %.',
      ...sets.flatMap((set) => ['', `### ${set}`, '', tableOf(ofSet(judged, set))]),
      '',
    ].join('\n'),
  };
}

function figuresOf(set: LabelledSet, judged: readonly Judged[]): Figure[] {
  return (['EJ', 'EG'] as const).flatMap((number) => {
    const { right, auto, known } = counts(judged, number);
    const figure = (what: string, all: number): Figure => ({
      work: 'Matching',
      what: `${what}, ${number}, labelled, ${set}`,
      unit: '%',
      values: [(100 * right) / all],
      note: `${right} of ${all}, 95 % interval ${wilson(right, all)}; ${judged.length} mentions.`,
    });
    return [
      { ...figure('automatic links that are right', auto), target: { is: '≥', value: 99 } } as const,
      figure('known hospitals linked without a person', known),
    ];
  });
}

function counts(
  judged: readonly Judged[],
  number: Which,
): Readonly<Record<'right' | 'wrong' | 'auto' | 'asked' | 'none' | 'known', number>> {
  const of = (verdict: Verdict): number => judged.filter((one) => one[number] === verdict).length;
  const isKnown = ({ row: { expected } }: Judged): boolean =>
    expected.is === 'hospital' && (number === 'EJ' || expected.eg !== null);
  return {
    right: of('right'),
    wrong: of('wrong'),
    auto: of('right') + of('wrong'),
    asked: of('asked'),
    none: of('none'),
    known: judged.filter(isKnown).length,
  };
}

function tableOf(judged: readonly Judged[]): string {
  const kinds = [...new Set(judged.map(({ row }) => row.kind))].sort();
  const lines = (['EJ', 'EG'] as const).flatMap((number) => [
    ...kinds.map((kind) =>
      lineOf(
        number,
        kind,
        judged.filter(({ row }) => row.kind === kind),
      ),
    ),
    lineOf(number, 'all', judged),
  ]);
  return [
    '| Number | Kind | Mentions | Right | Wrong | Asked | Not found | Precision | Recall |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...lines,
  ].join('\n');
}

function lineOf(number: Which, kind: string, judged: readonly Judged[]): string {
  const { right, wrong, auto, asked, none, known } = counts(judged, number);
  const cells = [
    number,
    kind,
    judged.length,
    right,
    wrong,
    asked,
    none,
    wilson(right, auto),
    wilson(right, known),
  ];
  return `| ${cells.join(' | ')} |`;
}

function ofSet(judged: readonly Judged[], set: LabelledSet): readonly Judged[] {
  return judged.filter(({ row }) => row.set === set);
}
