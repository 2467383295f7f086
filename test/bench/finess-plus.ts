/**
 * Reading of FINESS+ structures against its floor (gunzip, then `JSON.parse` of records whose places are known beforehand)
 * and against @streamparser/json, each reader in a process of its own, rounds interleaved, at national volume. The file
 * is made of the extract of 2021-01-08 when it is there, else of synthetic sites of the same shape.
 *   node --import tsx test/bench/finess-plus.ts [rounds]
 */
import { fork } from 'node:child_process';
import {
  createReadStream,
  createWriteStream,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { createGunzip, createGzip } from 'node:zlib';
import { JSONParser } from '@streamparser/json-node';
import type { Establishment } from '../../src/domain/establishment.js';
import { finessStructures } from '../../src/sources/finess-structures/index.js';
import { finessPlus, syntheticSite } from '../support/finess-plus.js';
import { besideRepository, readFinessFile } from '../support/finess-file.js';
import { median, tell } from './figures.js';

const NATIONAL = 95_333;
/** Events of a site: with them a site takes 7.5 kB, as in the live flow (715 MB for 95,000 open sites). */
const PADDING = 19;

const READERS = {
  ours: async (file: string): Promise<number> => {
    let sites = 0;
    const input = { fileName: 'structures.json.gz', bytes: () => createReadStream(file) };
    for await (const outcome of finessStructures().read(input))
      if (outcome.kind === 'row' && outcome.value.kind === 'establishment') sites++;
    return sites;
  },
  /** The least: inflate, and parse texts that are cut already. */
  floor: async (file: string): Promise<number> => {
    const ends = JSON.parse(readFileSync(`${file}.ends`, 'utf8')) as number[];
    let at = 0;
    let base = 0;
    let held: Buffer = Buffer.alloc(0);
    let sites = 0;
    for await (const chunk of createReadStream(file).pipe(createGunzip({ chunkSize: 128 * 1024 }))) {
      held = held.length === 0 ? (chunk as Buffer) : Buffer.concat([held, chunk as Buffer]);
      while (at + 1 < ends.length && (ends[at + 1] ?? Infinity) <= base + held.length) {
        const text = held.subarray((ends[at] ?? 0) - base, (ends[at + 1] ?? 0) - base).toString('utf8');
        const record = JSON.parse(text) as { ege: unknown[] };
        sites += record.ege.length;
        at += 2;
      }
      const keep = Math.min(Math.max((ends[at] ?? base + held.length) - base, 0), held.length);
      base += keep;
      held = held.subarray(keep);
    }
    return sites;
  },
  streamparser: async (file: string): Promise<number> => {
    let sites = 0;
    const parser = new JSONParser({ paths: ['$.pmej.*'], keepStack: false });
    const count = new Writable({
      objectMode: true,
      write: ({ value }: { value: { ege: unknown[] } }, _encoding, done) => {
        sites += value.ege.length;
        done();
      },
    });
    await pipeline(createReadStream(file), createGunzip({ chunkSize: 128 * 1024 }), parser, count);
    return sites;
  },
} as const;
type ReaderName = keyof typeof READERS;

interface Read {
  readonly sites: number;
  /** Processor seconds. */
  readonly seconds: number;
  /** Megabytes. */
  readonly rss: number;
}

async function readHere(name: ReaderName, file: string): Promise<void> {
  const before = process.cpuUsage();
  const sites = await READERS[name](file);
  const { user, system } = process.cpuUsage(before);
  const read: Read = { sites, seconds: (user + system) / 1e6, rss: process.resourceUsage().maxRSS / 1024 };
  process.send?.(read);
}

function readApart(name: ReaderName, file: string): Promise<Read> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), ['--read', name, file]);
    let told: Read | null = null;
    child.on('message', (read) => (told = read as Read));
    child.on('exit', (code) =>
      told === null ? reject(new Error(`${name}: ${String(code)}`)) : resolve(told),
    );
  });
}

function* sitesOf(count: number): Generator<Establishment> {
  const extract = besideRepository('data/finess/finess-national-2021-01-08.csv.gz');
  const real = extract === null ? [] : readFinessFile(extract);
  for (let n = 0; n < count; n++) yield real[n] ?? syntheticSite(n);
}

/** Writes the file, gzip, and beside it where each record begins and ends once it is opened. */
async function write(file: string, count: number): Promise<number> {
  const ends: number[] = [];
  let bytes = 0;
  const texts = function* (): Generator<Buffer> {
    for (const text of finessPlus(sitesOf(count), {
      generatedAt: '2026-11-02T02:15:00.1Z',
      padding: PADDING,
    })) {
      const piece = Buffer.from(text);
      const skip = text.startsWith(', ') ? 2 : 0;
      if (text.startsWith('{', skip) && !text.includes('schemaVersion'))
        ends.push(bytes + skip, bytes + piece.length);
      bytes += piece.length;
      yield piece;
    }
  };
  await pipeline(
    Readable.from(texts(), { objectMode: false }),
    createGzip({ level: 6 }),
    createWriteStream(file),
  );
  writeFileSync(`${file}.ends`, JSON.stringify(ends));
  return bytes;
}

async function main(): Promise<void> {
  const rounds = Number(process.argv[2] ?? 5);
  const home = mkdtempSync(join(tmpdir(), 'filror-bench-'));
  try {
    const file = join(home, 'structures.json.gz');
    const megabytes = (await write(file, NATIONAL)) / 1e6;
    const reads: Record<ReaderName, Read[]> = { ours: [], floor: [], streamparser: [] };
    for (let round = 0; round < rounds; round++)
      for (const name of Object.keys(READERS) as ReaderName[]) reads[name].push(await readApart(name, file));
    const secondsOf = (name: ReaderName): number => median(reads[name].map(({ seconds }) => seconds));
    const rssOf = (name: ReaderName): number => median(reads[name].map(({ rss }) => rss));
    for (const name of Object.keys(READERS) as ReaderName[])
      console.log(
        `${name.padEnd(12)} ${secondsOf(name).toFixed(2)} s, ${(megabytes / secondsOf(name)).toFixed(0)} MB/s, RSS ${rssOf(name).toFixed(0)} MB, ${String(reads[name][0]?.sites)} sites`,
      );
    const against = (peer: ReaderName): number[] =>
      reads[peer].map(({ seconds }, round) => seconds / (reads.ours[round]?.seconds ?? Number.NaN));
    tell([
      {
        work: 'FINESS+ read',
        what: `${megabytes.toFixed(0)} MB of JSON, of the speed of gunzip and JSON.parse of ready-cut records`,
        unit: '%',
        values: against('floor').map((times) => 100 * times),
        target: { is: '≥', value: 40 },
        note: 'processor time; ours also cuts, checks, locates, finds doubles and builds establishments and points.',
      },
      {
        work: 'FINESS+ read',
        what: 'times @streamparser/json',
        unit: '×',
        values: against('streamparser'),
        target: { is: '≥', value: 3 },
      },
      {
        work: 'FINESS+ read',
        what: `peak RSS, ${String(reads.ours[0]?.sites)} sites`,
        unit: 'MB',
        values: reads.ours.map(({ rss }) => rss),
        target: { is: '≤', value: 250 },
        note: 'the process is the reader under tsx, which takes about 80 MB by itself.',
      },
      { work: 'FINESS+ read', what: 'whole', unit: 's', values: reads.ours.map(({ seconds }) => seconds) },
    ]);
  } finally {
    rmSync(home, { recursive: true });
  }
}

const [word, name, file] = process.argv.slice(2);
if (word === '--read' && name !== undefined && file !== undefined) await readHere(name as ReaderName, file);
else await main();
