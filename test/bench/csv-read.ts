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

const ROUNDS = 7;
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
  const median = (name: string): number => [...(times[name] ?? [])].sort((a, b) => a - b)[ROUNDS >> 1] ?? 0;
  for (const name of Object.keys(READERS)) {
    const all = times[name] ?? [];
    console.log(
      `${name.padEnd(10)} median ${median(name).toFixed(0)} ms (${Math.min(...all).toFixed(0)}–${Math.max(...all).toFixed(0)}), ` +
        `${(megabytes / (median(name) / 1000)).toFixed(0)} MB/s, ${(read / median(name)).toFixed(0)} k rows/s, ours at ${((median(name) / median('ours')) * 100).toFixed(0)} % of it`,
    );
  }
  console.log(
    `RSS ${(process.memoryUsage().rss / 1e6).toFixed(0)} MB, of which ${megabytes.toFixed(0)} MB of input`,
  );
}

await main();
