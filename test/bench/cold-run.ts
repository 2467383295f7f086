import { mkdirSync, mkdtempSync, rmSync, writeFileSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { systemIds } from '../../src/cli/region.js';
import { loadConfig, regionOf } from '../../src/config/load.js';
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
import type { RunContext } from '../../src/runs/context.js';
import type { SyncOutput } from '../../src/runs/report.js';
import { sync } from '../../src/runs/sync.js';
import { readAll } from '../../src/sources/contract.js';
import { finessEtalab } from '../../src/sources/finess-etalab/index.js';
import { labelledCentres } from '../../src/sources/labelled-centres/index.js';
import { centreId } from '../support/material.js';
import { asSuperuser, runCluster, testServer } from '../support/test-server.js';
import { nationalRegister, trialRows } from './register.js';

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

const departements = [
  ...Array.from({ length: 95 }, (_, i) => String(i + 1).padStart(2, '0')).filter((code) => code !== '20'),
  '2A',
  '2B',
  ...['971', '972', '973', '974', '976'],
];

/** The shipped configuration with one region that is the whole country, and no repository. */
function wholeCountry(): string {
  const folder = join(home, 'config');
  mkdirSync(join(folder, 'regions'), { recursive: true });
  writeFileSync(
    join(folder, 'regions', '28.yaml'),
    [
      "code: '28'",
      'name: France (mesure)',
      `departements: [${departements.map((code) => `'${code}'`).join(', ')}]`,
      'sandbox: true',
      'repository: { baseUrl: http://127.0.0.1:9/fhir, tokenUrl: http://127.0.0.1:9/token }',
      '',
    ].join('\n'),
  );
  return folder;
}

const config = loadConfig(wholeCountry());
const region = regionOf(config, '28');
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
    const context = runContext(db, (step) => steps.push([step, performance.now()]));
    const run = (file: string): Promise<SyncOutput> =>
      sync(
        context,
        {
          replaced: new Map([
            ['finess-etalab', files.finess],
            ['labelled-centres', file],
          ]),
        },
        'real',
      );
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
  print(times, lines, first, sector.length);
}

function runContext(db: Db, onStep: (step: string) => void): RunContext {
  let last = '';
  return {
    db,
    config,
    region,
    actor: null,
    now: () => new Date(),
    newId: systemIds,
    repository: null,
    progress: ({ step }) => {
      if (step !== last) onStep(step);
      last = step;
    },
  };
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

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function print(
  times: Readonly<Record<string, readonly number[]>>,
  lines: number,
  output: SyncOutput | null,
  hospitals: number,
): void {
  const at = (what: string): number => median(times[what] ?? []);
  const floors = Object.keys(times).filter((what) => what.startsWith('floor'));
  const sums = (times['cold run'] ?? []).map((_, round) =>
    floors.reduce((sum, what) => sum + (times[what]?.[round] ?? 0), 0),
  );
  const ratios = (times['cold run'] ?? []).map((cold, round) => cold / (sums[round] ?? 1));
  console.log(
    `${register.what}: ${lines} lines, ${hospitals} hospital sites; ${CENTRES} rows "Centre d’essai"; ` +
      `${output?.changes.length ?? 0} changes (${JSON.stringify(output?.plan.states)}), matches ${JSON.stringify({ ...output?.matches, open: output?.matches.open.length })}`,
  );
  const row = (what: string, values: readonly number[], unit = 's'): object => ({
    what,
    median: `${median(values).toFixed(unit === 's' ? 2 : 2)} ${unit}`,
    spread: `${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)}, n = ${values.length}`,
  });
  const quiet = (times['no change'] ?? []).map(
    (value, round) => (100 * value) / (times['cold run']?.[round] ?? 1),
  );
  const few = (times[`${CHANGED} rows changed`] ?? []).map(
    (value, round) => (100 * value) / (times['cold run']?.[round] ?? 1),
  );
  console.table([
    ...floors.map((what) => row(what, times[what] ?? [])),
    row('sum of the floors', sums),
    row('cold run', times['cold run'] ?? []),
    row('cold run / floors (target ≤ 1.5)', ratios, '×'),
    row('run with no change', times['no change'] ?? []),
    row('no change / cold (target < 2 %)', quiet, '%'),
    row(`run with ${CHANGED} rows changed`, times[`${CHANGED} rows changed`] ?? []),
    row(`${CHANGED} changed / cold, reading included`, few, '%'),
  ]);
  console.log(
    `cold run: ${(lines / at('cold run')).toFixed(0)} register lines/s; RSS peak of the process ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB`,
  );
}

try {
  await main();
} finally {
  await stopCluster(runCluster(home));
  rmSync(home, { recursive: true, force: true });
}
