import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { missed, table, type Figure } from './figures.js';

/**
 * `npm run bench [-- --long] [-- --write] [-- NAME…]`: every bench in a process of its own, one after another, then one
 * table. `--write` puts it in ops/benchmarks.md. Nothing is asserted on time: a target that is missed is said.
 */
const BENCHES = {
  'csv-read': { rounds: 7, long: 15 },
  'finess-plus': { rounds: 5, long: 9 },
  matching: { rounds: 5, long: 15 },
  diff: { rounds: 9, long: 15 },
  'cold-run': { rounds: 5, long: 9 },
  push: { rounds: 5, long: 15 },
  pages: { rounds: 9, long: 13 },
  fhir: { rounds: 7, long: 13 },
  demo: { rounds: 1, long: 5 },
} as const satisfies Record<string, { readonly rounds: number; readonly long: number }>;

type BenchName = keyof typeof BENCHES;

const names = Object.keys(BENCHES) as BenchName[];
const asked = process.argv.slice(2);
const long = asked.includes('--long');
const wanted = asked.filter((word) => !word.startsWith('--'));
const chosen = wanted.length === 0 ? names : names.filter((name) => wanted.includes(name));

/** What a bench adds to the page beside its figures. */
const sections: string[] = [];

function run(name: BenchName): Promise<Figure[]> {
  const { rounds, long: more } = BENCHES[name];
  return new Promise((resolve, reject) => {
    const figures: Figure[] = [];
    const child = fork(fileURLToPath(new URL(`./${name}.ts`, import.meta.url)), [
      String(long ? more : rounds),
    ]);
    child.on('message', (told) => {
      if (Array.isArray(told)) figures.push(...(told as Figure[]));
      else sections.push((told as { readonly section: string }).section);
    });
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      if (code === 0) resolve(figures);
      else reject(new Error(`bench ${name} ended with ${String(code ?? signal)}`));
    });
  });
}

function page(figures: readonly Figure[], minutes: number): string {
  const notes = figures.filter((figure) => figure.note !== undefined);
  return [
    '# Benchmarks',
    '',
    `Measured on ${new Date().toISOString().slice(0, 10)} by \`npm run bench -- ${[...(long ? ['--long'] : []), '--write'].join(' ')}\` ` +
      `(${minutes.toFixed(0)} min) on ${availableParallelism()} cores, Node ${process.versions.node.split('.').slice(0, 2).join('.')}, ` +
      'shared with other work: the ratios are what counts, since both sides of each are measured in the same rounds; ' +
      'seconds are those of that moment.',
    '',
    'Targets are those of the design (two cores, one process). "Floor" is the least that a step can cost, measured alone in',
    'the same round: reading, COPY of the rows that the run leaves, blocked match, encoding and validation.',
    '',
    table(figures),
    '',
    '## Targets missed',
    '',
    ...missed(figures).map((sentence) => `- ${sentence}`),
    '',
    ...(notes.length === 0
      ? []
      : [
          '## Conditions',
          '',
          ...notes.map(({ work, what, note }) => `- ${work}, ${what}: ${String(note)}`),
          '',
        ]),
    ...sections,
    '## Not measured yet',
    '',
    '- Memory of a whole run at 1,000,000 centres.',
    '',
  ].join('\n');
}

const started = Date.now();
const figures: Figure[] = [];
for (const name of chosen) {
  console.log(`\n# ${name}`);
  figures.push(...(await run(name)));
}
console.log(`\n${table(figures)}\n`);
for (const sentence of missed(figures)) console.log(`- ${sentence}`);
if (asked.includes('--write')) {
  if (chosen.length < names.length)
    throw new Error('--write wants every bench: a page with holes would mislead');
  writeFileSync(
    new URL('../../ops/benchmarks.md', import.meta.url),
    page(figures, (Date.now() - started) / 60_000),
  );
  console.log('\nwritten: ops/benchmarks.md');
}
