import { performance } from 'node:perf_hooks';
import Fuse from 'fuse.js';
import { packageRoot, readYaml } from '../../src/config/files.js';
import { matchingSchema } from '../../src/config/schema/matching.js';
import type { MatchResult } from '../../src/domain/matching.js';
import { buildIndex } from '../../src/matching/index.js';
import { besideRepository, readFinessFile } from '../support/finess-file.js';
import { faultsOf, readMentions, type LabelledMention } from '../support/mentions.js';
import { median, tell, tellSection, wilson, type Figure } from './figures.js';
import { labelledBench } from './labelled.js';

/** One line of the report: a figure with its spread, or a rate with its 95 % interval. */
interface BenchRow {
  readonly what: string;
  readonly value: string;
  readonly spread: string;
}

const ROUNDS = Number(process.argv[2] ?? 5) || 5;
/** Brute force takes seconds a query: few of them a round, ours run whole. */
const PEER_QUERIES = 2;

/**
 * Time of one mention against the national register, beside brute-force fuse.js in the same rounds, then precision
 * and recall of both halves of the evaluation set. Empty when the register is not beside the repository.
 */
function matchingBench(): {
  readonly rows: readonly BenchRow[];
  readonly figures: readonly Figure[];
  readonly section: string;
} {
  const file = besideRepository('data/finess/finess-national-2021-01-08.csv.gz');
  if (file === null) return { rows: [], figures: [], section: '' };
  const establishments = readFinessFile(file);
  const options = matchingSchema.parse(readYaml(`${packageRoot}/config/matching.yaml`));
  const started = performance.now();
  const index = buildIndex(establishments, options);
  const built = performance.now() - started;
  const mentions = readMentions();
  const fuse = new Fuse(establishments, { keys: ['name', 'town'], includeScore: true });

  for (const mention of mentions) index.match(mention);
  const ours: number[] = [];
  const peer: number[] = [];
  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(timeOf(() => mentions.forEach((mention) => index.match(mention))) / mentions.length);
    for (let query = 0; query < PEER_QUERIES; query++) {
      const { mention, city } = mentions[(round * 41 + query * 97) % mentions.length] ?? mentions[0]!;
      peer.push(timeOf(() => fuse.search(`${mention} ${city ?? ''}`.slice(0, 32), { limit: 5 })));
    }
    ratios.push(median(peer.slice(-PEER_QUERIES)) / (ours.at(-1) ?? Number.NaN));
  }
  const rows: BenchRow[] = [
    {
      what: `index of ${establishments.length} establishments`,
      value: `${built.toFixed(0)} ms`,
      spread: 'once',
    },
    { what: 'one mention, filror', value: `${median(ours).toFixed(3)} ms`, spread: spreadOf(ours) },
    {
      what: 'one mention, fuse.js brute force',
      value: `${median(peer).toFixed(0)} ms`,
      spread: spreadOf(peer),
    },
    ...(['dev', 'frozen'] as const).flatMap((half) => qualityOf(half, (row) => index.match(row))),
  ];
  const automatic = readMentions('frozen')
    .map((row) => ({ row, result: index.match(row) }))
    .filter(({ result }) => result.outcome === 'auto');
  const right = automatic.filter(({ row, result }) => result.best?.ej === row.ejs[0]).length;
  const labelled = labelledBench(index);
  return {
    rows,
    section: labelled.section,
    figures: [
      {
        work: 'Matching',
        what: `one mention among ${establishments.length}, times brute-force fuse.js`,
        unit: '×',
        values: ratios,
        target: { is: '≥', value: 1000 },
      },
      { work: 'Matching', what: 'one mention', unit: 'ms', values: ours },
      {
        work: 'Matching',
        what: 'automatic links that are right, frozen set',
        unit: '%',
        values: [(100 * right) / automatic.length],
        target: { is: '≥', value: 99 },
        note: `${right} of ${automatic.length} links, 95 % interval ${wilson(right, automatic.length)}; ${readMentions('frozen').length} mentions in the set.`,
      },
      ...labelled.figures,
    ],
  };
}

function qualityOf(half: 'dev' | 'frozen', match: (row: LabelledMention) => MatchResult): BenchRow[] {
  const answers = readMentions(half).map((row) => ({ row, result: match(row) }));
  const auto = answers.filter(({ result }) => result.outcome === 'auto');
  const named = answers.filter(({ row }) => row.expected === 'auto');
  const ejRight = ({ row, result }: (typeof answers)[number]): boolean => result.best?.ej === row.ejs[0];
  const egGiven = auto.filter(({ result }) => result.best?.eg != null);
  const egExpected = named.filter(({ row }) => row.eg !== null);
  const egRight = ({ row, result }: (typeof answers)[number]): boolean => result.best?.eg === row.eg;
  const rate = (what: string, good: number, all: number): BenchRow => ({
    what: `${half}: ${what}`,
    value: `${good}/${all}`,
    spread: wilson(good, all),
  });
  return [
    rate('precision of automatic EJ', auto.filter(ejRight).length, auto.length),
    rate(
      'recall of automatic EJ',
      named.filter((one) => auto.includes(one) && ejRight(one)).length,
      named.length,
    ),
    rate('precision of EG given automatically', egGiven.filter(egRight).length, egGiven.length),
    rate(
      'recall of EG, automatic',
      egExpected.filter((one) => auto.includes(one) && egRight(one)).length,
      egExpected.length,
    ),
    rate('right EJ first, whatever the outcome', named.filter(ejRight).length, named.length),
    rate(
      'ambiguous or absent, left to a person',
      answers.filter(({ row, result }) => row.expected !== 'auto' && result.outcome !== 'auto').length,
      answers.length - named.length,
    ),
    ...[...new Set(answers.map(({ row }) => row.kind))].sort().map((kind) => {
      const ofKind = answers.filter(({ row }) => row.kind === kind);
      const good = ofKind.filter(({ row, result }) => faultsOf(row, result).length === 0).length;
      return rate(`kind ${kind}, entirely as expected`, good, ofKind.length);
    }),
  ];
}

function timeOf(work: () => void): number {
  const started = performance.now();
  work();
  return performance.now() - started;
}

function spreadOf(values: readonly number[]): string {
  return `${Math.min(...values).toFixed(3)} to ${Math.max(...values).toFixed(3)} ms, n = ${values.length}`;
}

/** The faults that remain, with `--faults`: a report to read, not to tune on. */
function faults(): void {
  const file = besideRepository('data/finess/finess-national-2021-01-08.csv.gz');
  if (file === null) return;
  const options = matchingSchema.parse(readYaml(`${packageRoot}/config/matching.yaml`));
  const index = buildIndex(readFinessFile(file), options);
  for (const row of readMentions()) {
    const result = index.match(row);
    const found = faultsOf(row, result);
    if (found.length === 0) continue;
    console.log(`${row.half}: ${row.mention} | ${row.city ?? ''} | ${found.join('; ')} | ${result.reason}`);
    for (const { ej, eg, name, town, score } of result.candidates.slice(0, 3)) {
      console.log(`    ${ej} ${eg ?? '-'} ${name}, ${town}: ${score}`);
    }
  }
}

if (process.argv.includes('--faults')) faults();
else {
  const { rows, figures, section } = matchingBench();
  if (rows.length === 0) console.log('matching: the national register is not beside the repository, skipped');
  else console.table(rows);
  tell(figures);
  if (section !== '') tellSection(section);
}
