import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../../src/config/load.js';
import { copyRows, type CopyRow } from '../../src/db/bulk.js';
import { stopCluster } from '../../src/db/embedded/cluster.js';
import { openPool } from '../../src/db/pool.js';
import type { Db } from '../../src/db/types.js';
import type { Establishment } from '../../src/domain/establishment.js';
import type { Filiere } from '../../src/domain/filiere.js';
import { canonicalText, sha256 } from '../../src/domain/json.js';
import type { CentreId, FinessEg, RegionCode } from '../../src/domain/ids.js';
import { buildIndex } from '../../src/matching/index.js';
import { buildOffer } from '../../src/ror/build.js';
import { CodeBook } from '../../src/ror/codes.js';
import { encodeCentre } from '../../src/ror/encode.js';
import { validateOffer } from '../../src/ror/validate.js';
import { HOSPITAL_SECTOR } from '../../src/runs/gather.js';
import type { SyncOutput } from '../../src/runs/report.js';
import { readAll } from '../../src/sources/contract.js';
import { finessEtalab } from '../../src/sources/finess-etalab/index.js';
import { labelledCentres } from '../../src/sources/labelled-centres/index.js';
import { centreId } from '../support/material.js';
import { asSuperuser, runCluster, testServer } from '../support/test-server.js';
import { runContext, syncFiles, wholeCountry } from './cold-world.js';
import { tell, type Figure } from './figures.js';
import { NATIONAL_SITES, nationalRegister, trialRows } from './register.js';

/**
 * The cold run at national volume beside the sum of its floors (reading, COPY, blocked match, encoding), each measured
 * alone in the same round of the same process; then the run that brings nothing new and the run with ten rows changed.
 *   node --expose-gc --import tsx test/bench/cold-run.ts [rounds] [--steps]
 * Wall clock: half of the work is PostgreSQL's. Prints; asserts nothing on time.
 */
const ROUNDS = Number(process.argv[2] ?? 5);
const CENTRES = 2_400;
const CHANGED = 10;

const register = nationalRegister();
const home = mkdtempSync(join(tmpdir(), 'filror-bench-'));
chmodSync(home, 0o755);

const configFolder = wholeCountry(home);
const config = loadConfig(configFolder);
const codes = new CodeBook(config.codes);
const filieres: Filiere[] = ['FIMARAD', 'FILNEMUS', 'OSCAR', 'ORKiD', 'BRAIN-TEAM', 'FILFOIE'].map(
  (code) => ({
    code,
    title: code,
    spellings: [],
    erns: [],
  }),
);

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 128 * 1024) {
    yield await Promise.resolve(bytes.subarray(at, at + 128 * 1024));
  }
}

async function readRegister(keep: (establishment: Establishment) => void): Promise<number> {
  let read = 0;
  for await (const outcome of finessEtalab().read({
    fileName: 'finess.csv',
    bytes: () => once(register.gzip),
  })) {
    read++;
    if (outcome.kind === 'row' && outcome.value.kind === 'establishment') keep(outcome.value.establishment);
  }
  return read;
}

async function seconds(work: () => Promise<unknown> | unknown): Promise<number> {
  global.gc?.();
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

async function main(): Promise<void> {
  const all: Establishment[] = [];
  const lines = await readRegister((establishment) => all.push(establishment));
  const sector = all.filter((each) => HOSPITAL_SECTOR.some((prefix) => each.aggregate.startsWith(prefix)));
  // Categories whose field of activity is written without a question, so that most rows are whole.
  const hospitals = sector.filter((each) => config.defaults.activityField.categories.includes(each.category));
  const list = trialRows(hospitals, CENTRES);
  const files = {
    finess: join(home, 'finess.csv.gz'),
    list: join(home, 'centres.csv'),
    changed: join(home, 'plus.csv'),
  };
  writeFileSync(files.finess, register.gzip);
  writeFileSync(files.list, list);
  writeFileSync(files.changed, raisedRows(list));
  const server = await testServer(home);
  const url = (role: 'superuser' | 'owner' | 'app', name: string): string => server.url(role, name);

  const fresh = async (name: string): Promise<Db> => {
    await asSuperuser(url('superuser', 'postgres'), (client) =>
      client.query(`create database "${name}" owner ${server.ownerLogin} template "${server.template}"`),
    );
    return openPool(url('app', name), 'filror bench', 4);
  };
  const drop = async (name: string, db: Db): Promise<void> => {
    await db.destroy();
    await asSuperuser(url('superuser', 'postgres'), (client) =>
      client.query(`drop database "${name}" with (force)`),
    );
  };

  const times: Record<string, number[]> = {};
  const add = (what: string, value: number): void => void (times[what] ??= []).push(value);
  let first: SyncOutput | null = null;
  for (let round = 0; round < ROUNDS; round++) {
    const name = `bench_${process.pid}_${round}_test`;
    const db = await fresh(name);
    add('floor: read', await seconds(() => readFloor(list)));
    add('floor: match', await seconds(() => matchFloor(sector, list)));
    add('floor: encode', await seconds(() => encodeFloor(hospitals)));
    const steps: [string, number][] = [];
    const told = process.argv.includes('--steps') ? tellQueries(db) : null;
    const context = runContext(db, config, (step) => steps.push([step, performance.now()]));
    const run = (list: string): Promise<SyncOutput> => syncFiles(context, { finess: files.finess, list });
    add('cold run', await seconds(async () => (first = await run(files.list))));
    if (told !== null) printSteps(steps, told());
    add('floor: COPY', await copyFloor(url('owner', name)));
    told?.();
    add('no change', await seconds(() => run(files.list)));
    if (told !== null) console.table(told());
    add(`${CHANGED} rows changed`, await seconds(() => run(files.changed)));
    if (told !== null) console.table(told());
    await drop(name, db);
  }
  const weight: number[] = [];
  // Memory hardly moves from one run to the next.
  for (let round = 0; round < Math.min(2, ROUNDS); round++) {
    const name = `bench_${process.pid}_memory${round}_test`;
    const db = await fresh(name);
    weight.push(await weigh(url('app', name), files));
    await drop(name, db);
  }
  print(lines, first, sector.length);
  tell(figuresOf(times, weight));
}

/** Ten labels raised, spread over the list. */
function raisedRows(list: string): string {
  const rows = list.split('\n');
  for (let i = 0; i < CHANGED; i++) {
    const at = 2 + i * Math.floor(CENTRES / CHANGED);
    rows[at] = (rows[at] ?? '').replace(/^[^;]*/, 'CRMR coordonnateur');
  }
  return rows.join('\n');
}

/** Both files read, with locators and checks; nothing kept. */
async function readFloor(list: string): Promise<void> {
  await readRegister(() => undefined);
  await readAll(labelledCentres(filieres), {
    fileName: 'centres.csv',
    bytes: () => once(Buffer.from(list)),
  });
}

/** Index of the hospital sector, and one match for each row: its number, and its name against the blocked candidates. */
function matchFloor(hospitals: readonly Establishment[], list: string): void {
  const index = buildIndex(hospitals, config.matching);
  for (const row of list.split('\n').slice(1, -1)) {
    const cells = row.split(';');
    index.match({
      mention: cells[4] ?? '',
      city: cells[5] ?? null,
      departement: cells[6] ?? null,
      finessEg: cells[9] ?? null,
    });
  }
}

/** Each centre encoded, built whole and validated. */
function encodeFloor(hospitals: readonly Establishment[]): void {
  for (let i = 0; i < CENTRES; i++) {
    const id = centreId(`mesure ${i}`) as CentreId;
    const filiere = filieres[i % filieres.length] as Filiere;
    const site = hospitals[Math.floor((i * hospitals.length) / CENTRES)];
    const encoded = encodeCentre(
      {
        id,
        region: '28' as RegionCode,
        title: `Centre d’essai ${i}`,
        network: null,
        filiere,
        label: { level: 'CCMR', campaign: 2023, campaignText: '2023' },
        eg: (site?.eg ?? null) as FinessEg | null,
        egCategory: '355',
        public: 'mixte',
        activityField: null,
        families: null,
        specificActs: [],
        contacts: [],
      },
      { kind: 'create' },
      codes,
      config.defaults,
      config.crosswalk,
    );
    const draft = buildOffer(
      encoded.contributions,
      {
        region: '28' as RegionCode,
        identifier: null,
        providedBy: 'Organization/inconnu',
        location: null,
        instant: '2026-11-21T08:00:00Z',
      },
      codes,
    );
    validateOffer(draft, codes);
    sha256(canonicalText(draft));
  }
}

/** Tables whose rows a cold run leaves, copied anew into tables with the same indexes. */
const WRITTEN = ['establishment', 'observation', 'centre', 'centre_key', 'change', 'field_change'] as const;

/** COPY of the very rows that the run just wrote, each into an empty table with the indexes of the real one. */
async function copyFloor(ownerUrl: string): Promise<number> {
  const owner = openPool(ownerUrl, 'filror bench', 1);
  let spent = 0;
  try {
    for (const table of WRITTEN) {
      const columns = (
        (await owner.raw(
          `select column_name from information_schema.columns where table_schema = 'public' and table_name = ?
           order by ordinal_position`,
          [table],
        )) as { rows: { column_name: string }[] }
      ).rows.map((row) => row.column_name);
      const list = columns.map((column) => `"${column}"::text`).join(', ');
      const { rows } = (await owner.raw(`select ${list} from ??`, [table])) as {
        rows: Record<string, string | null>[];
      };
      const copied: CopyRow[] = rows.map((row) => columns.map((column) => row[column] ?? null));
      await owner.raw(`create table floor_copy (like ?? including indexes including defaults)`, [table]);
      spent += await seconds(() =>
        owner.transaction(async (trx) => {
          await copyRows(trx, 'floor_copy', columns, copied);
        }),
      );
      await owner.raw('drop table floor_copy');
    }
  } finally {
    await owner.destroy();
  }
  return spent;
}

/** Time by statement, as the client sees it; gives what was told so far and starts again. */
function tellQueries(db: Db): () => object[] {
  const started = new Map<string, number>();
  let spent = new Map<string, { ms: number; times: number }>();
  db.on('query', (query: { __knexQueryUid: string }) => started.set(query.__knexQueryUid, performance.now()));
  db.on('query-response', (_: unknown, query: { __knexQueryUid: string; sql: string }) => {
    const sql = query.sql
      .replace(/\s+/g, ' ')
      .replace(/trx\d+/g, 'trx')
      .slice(0, 70);
    const known = spent.get(sql) ?? { ms: 0, times: 0 };
    const ms = known.ms + performance.now() - (started.get(query.__knexQueryUid) ?? 0);
    spent.set(sql, { ms, times: known.times + 1 });
  });
  return () => {
    const rows = [...spent].sort(([, a], [, b]) => b.ms - a.ms).slice(0, 15);
    spent = new Map();
    return rows.map(([sql, { ms, times }]) => ({ sql, ms: Math.round(ms), times }));
  };
}

function printSteps(steps: readonly (readonly [string, number])[], queries: readonly object[]): void {
  const end = performance.now();
  console.table(queries);
  console.table(steps.map(([step, at], i) => ({ step, ms: Math.round((steps[i + 1]?.[1] ?? end) - at) })));
}

/** Peak RSS of one cold run in a process of its own, in MB. */
function weigh(url: string, files: { readonly finess: string; readonly list: string }): Promise<number> {
  return new Promise((resolve, reject) => {
    const script = fileURLToPath(new URL('./cold-run-memory.ts', import.meta.url));
    const child = fork(script, [url, configFolder, files.finess, files.list]);
    child.on('message', (megabytes) => resolve(Number(megabytes)));
    child.on('error', reject);
    child.on('exit', (code) =>
      reject(new Error(`the weighed run ended with ${String(code)} and said nothing`)),
    );
  });
}

function print(lines: number, output: SyncOutput | null, hospitals: number): void {
  console.log(
    `${register.what}: ${lines} lines, ${hospitals} hospital sites; ${CENTRES} rows "Centre d’essai"; ` +
      `${output?.changes.length ?? 0} changes (${JSON.stringify(output?.plan.states)}), ` +
      `matches ${JSON.stringify({ ...output?.matches, open: output?.matches.open.length })}`,
  );
}

function figuresOf(
  times: Readonly<Record<string, readonly number[]>>,
  weight: readonly number[],
): readonly Figure[] {
  const of = (what: string): readonly number[] => times[what] ?? [];
  const floors = Object.keys(times).filter((what) => what.startsWith('floor'));
  const cold = of('cold run');
  const sums = cold.map((_, round) => floors.reduce((sum, what) => sum + (of(what)[round] ?? Number.NaN), 0));
  const beside = (values: readonly number[], by: readonly number[], scale: number): number[] =>
    values.map((value, round) => (scale * value) / (by[round] ?? Number.NaN));
  const quiet = of('no change');
  const few = of(`${CHANGED} rows changed`);
  const work = 'Cold run';
  const volume = `${CENTRES.toLocaleString('en')} centres, ${NATIONAL_SITES.toLocaleString('en')} establishments`;
  return [
    {
      work,
      what: `${volume}: times the sum of its floors`,
      unit: '×',
      values: beside(cold, sums, 1),
      target: { is: '≤', value: 1.5 },
      note: `${register.what}, with ${CENTRES.toLocaleString('en')} synthetic centres ("Centre d’essai"); no repository is read.`,
    },
    { work, what: 'whole', unit: 's', values: cold },
    ...floors.map((what): Figure => ({ work, what, unit: 's', values: of(what) })),
    {
      work: 'Run with no change',
      what: 'of the cold run',
      unit: '%',
      values: beside(quiet, cold, 100),
      target: { is: '≤', value: 2 },
      note: 'files hashed, one run row written, and all the changes of the cold run, still open, read and given out.',
    },
    { work: 'Run with no change', what: 'whole', unit: 's', values: quiet },
    {
      work: `${CHANGED} rows changed`,
      what: 'beyond a run with no change, of the cold run',
      unit: '%',
      values: beside(
        few.map((value, round) => value - (quiet[round] ?? Number.NaN)),
        cold,
        100,
      ),
      target: { is: '≤', value: 3 },
      note: `${CHANGED} of ${CENTRES.toLocaleString('en')}; a run that has anything new matches and plans every centre anew.`,
    },
    {
      work: 'Memory',
      what: 'peak RSS of a cold run, process of its own',
      unit: 'MB',
      values: weight,
      target: { is: '≤', value: 250 },
    },
  ];
}

try {
  await main();
} finally {
  await stopCluster(runCluster(home));
  rmSync(home, { recursive: true, force: true });
}
