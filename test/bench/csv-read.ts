/**
 * Reading of the FINESS CSV against udsv, the fastest streaming reader of npm, and csv-parse, on the same gunzipped
 * bytes, rounds interleaved: `node --import tsx test/bench/csv-read.ts`. The two only cut cells; ours also checks numbers, finds
 * doubles, locates each row and builds the establishment. Counts processor time, which other work on the machine moves
 * less than the clock. Prints ratios; nothing is asserted on time.
 */
import { createReadStream, existsSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { parse } from 'csv-parse';
import { inferSchema, initParser } from 'udsv';
import { finessEtalab } from '../../src/sources/finess-etalab/index.js';
import { median, tell } from './figures.js';

const ROUNDS = Number(process.argv[2] ?? 7);
const file = new URL('../../../shared/data/finess/finess-national-2021-01-08.csv.gz', import.meta.url);

async function gunzipped(): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  await pipeline(createReadStream(file), createGunzip({ chunkSize: 128 * 1024 }), async (bytes) => {
    for await (const chunk of bytes) chunks.push(chunk as Uint8Array);
  });
  return chunks;
}

// An async source, as a store or a socket is: every reader pays for the same turns of the loop.
async function* replay(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield chunk;
}

async function ours(chunks: readonly Uint8Array[]): Promise<number> {
  let rows = 0;
  const input = { fileName: 'finess.csv', bytes: () => replay(chunks) };
  for await (const outcome of finessEtalab().read(input)) if (outcome.kind === 'row') rows++;
  return rows;
}

/** udsv's own streaming recipe: its schema from the first chunk, then rows handed over as they come. */
async function udsv(chunks: readonly Uint8Array[]): Promise<number> {
  const decoder = new TextDecoder();
  let parser: ReturnType<typeof initParser> | null = null;
  let rows = 0;
  for await (const chunk of replay(chunks)) {
    const text = decoder.decode(chunk, { stream: true });
    parser ??= initParser(inferSchema(text, { header: () => [columns], col: ';', row: '\n', encl: '"' }));
    parser.chunk<string[]>(text, parser.stringArrs, () => {
      rows++;
    });
  }
  parser?.end();
  return rows;
}
const columns = Array.from({ length: 32 }, (_, i) => `c${String(i)}`);

/** csv-parse as a stream, bare: no option but what the file needs. */
async function csvParse(chunks: readonly Uint8Array[]): Promise<number> {
  let rows = 0;
  const parser = Readable.from(replay(chunks)).pipe(parse({ delimiter: ';', relaxColumnCount: true }));
  for await (const row of parser) if (Array.isArray(row)) rows++;
  return rows;
}

const READERS = { ours, udsv, csvParse } as const;

async function main(): Promise<void> {
  if (!existsSync(file)) {
    console.log('extrait FINESS national absent : mesure sautée');
    return;
  }
  const chunks = await gunzipped();
  const megabytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0) / 1e6;
  const times: Record<string, number[]> = { ours: [], udsv: [], csvParse: [] };
  let read = 0;
  for (let round = -1; round < ROUNDS; round++) {
    for (const [name, reader] of Object.entries(READERS)) {
      const start = process.cpuUsage();
      const rows = await reader(chunks);
      read = rows;
      const spent = process.cpuUsage(start);
      const elapsed = (spent.user + spent.system) / 1000;
      if (round < 0) console.log(`${name}: ${String(rows)} rows`);
      else times[name]?.push(elapsed);
    }
  }
  const of = (name: string): readonly number[] => times[name] ?? [];
  for (const name of Object.keys(READERS)) {
    const middle = median(of(name));
    console.log(
      `${name.padEnd(10)} ${middle.toFixed(0)} ms, ${(megabytes / (middle / 1000)).toFixed(0)} MB/s, ${(read / middle).toFixed(0)} k rows/s`,
    );
  }
  console.log(
    `RSS ${(process.memoryUsage().rss / 1e6).toFixed(0)} MB, of which ${megabytes.toFixed(0)} MB of input`,
  );
  const against = (peer: string): number[] =>
    of(peer).map((theirs, round) => (100 * theirs) / (of('ours')[round] ?? Number.NaN));
  tell([
    {
      work: 'CSV read',
      what: 'FINESS, of the speed of udsv',
      unit: '%',
      values: against('udsv'),
      target: { is: '≥', value: 60 },
      note: 'udsv cuts all 32 cells and does nothing else; ours decodes, checks keys and doubles, locates, builds the row.',
    },
    { work: 'CSV read', what: 'FINESS, of the speed of csv-parse', unit: '%', values: against('csvParse') },
  ]);
}

await main();
