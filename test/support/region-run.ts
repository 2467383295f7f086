import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { actorOf, systemIds } from '../../src/cli/region.js';
import { applyApproved } from '../../src/apply/executor.js';
import type { Receipt } from '../../src/apply/context.js';
import { loadConfig, type FilrorConfig } from '../../src/config/load.js';
import { applyClock } from '../../src/db/clock.js';
import { openChanges, type StoredChange } from '../../src/db/changes.js';
import type { Actor } from '../../src/db/people.js';
import type { Db } from '../../src/db/types.js';
import { demoFolder, demoRegion } from '../../src/demo/run.js';
import { demoResources, demoSites } from '../../src/demo/seed.js';
import { approve } from '../../src/review/decide.js';
import { CodeBook } from '../../src/ror/codes.js';
import { RorClient } from '../../src/ror/client.js';
import type { RunContext } from '../../src/runs/context.js';
import type { SyncOutput } from '../../src/runs/report.js';
import { sync } from '../../src/runs/sync.js';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.js';
import { testDatabase, type TestDatabase } from './database.js';

/** One row of a list of test centres, standing in a hospital of config/demo/finess.csv. */
export interface TrialRow {
  readonly number: number;
  readonly label?: string;
  readonly filiere?: string;
  readonly hospital?: string;
  readonly town?: string;
  readonly public?: string;
  readonly campaign?: string;
  readonly title?: string;
}

const HEADER = 'label;centre;réseau;filière;établissement;ville;public;campagne;preuve';

/** A CSV of "Centre d'essai" rows; FIMARAD has one family, so that only the public may be missing. */
export function trialList(rows: readonly TrialRow[], lineEnd = '\n'): string {
  const lines = rows.map((row) =>
    [
      row.label ?? 'CCMR',
      row.title ?? `Centre d’essai ${row.number}`,
      '',
      row.filiere ?? 'FIMARAD',
      row.hospital ?? 'CH de Dieppe',
      row.town ?? 'Dieppe',
      row.public ?? 'mixte',
      row.campaign ?? '2023',
      'synthétique : ne décrit aucun centre réel',
    ].join(';'),
  );
  return [HEADER, ...lines, ''].join(lineEnd);
}

/** A sandbox region on a database of its own: configuration of the demonstration, lists written by the test. */
export interface RegionRun {
  readonly database: TestDatabase;
  readonly sandbox: Sandbox;
  readonly config: FilrorConfig;
  readonly context: RunContext;
  /** Answers questions, hence an author. */
  readonly camille: Actor;
  /** Approves. */
  readonly dominique: Actor;
  /** Folder of the lists that the test writes. */
  readonly folder: string;
  write(name: string, content: string | Uint8Array): string;
  /** One run; by name of source, the file to read in the place of the configured one. */
  sync(
    places: Readonly<Record<string, string>>,
    mode?: 'real' | 'dry',
    actor?: Actor | null,
  ): Promise<SyncOutput>;
  open(): Promise<readonly StoredChange[]>;
  approveAll(people?: readonly Actor[]): Promise<number>;
  apply(): Promise<readonly Receipt[]>;
  close(): Promise<void>;
}

export async function regionRun(): Promise<RegionRun> {
  const database = await testDatabase();
  const config = loadConfig(demoFolder);
  const sites = await demoSites(demoFolder, ['14', '27', '50', '61', '76']);
  const sandbox = await startSandbox({ seed: demoResources(sites) });
  const region = demoRegion(config, sandbox.fhirBase, sandbox.tokenUrl);
  const env = { [region.repository.clientSecretEnv]: sandbox.credentials.clientSecret };
  const repository = new RorClient(region, { env });
  const folder = mkdtempSync(join(tmpdir(), 'filror-run-'));
  const db: Db = database.app;
  const [camille, dominique] = [
    await actorOf(db, region, 'camille', new Date()),
    await actorOf(db, region, 'dominique', new Date()),
  ];
  const context: RunContext = {
    db,
    config,
    region,
    actor: null,
    now: () => new Date(),
    newId: systemIds,
    repository,
    progress: () => undefined,
  };
  const open = (): Promise<StoredChange[]> => openChanges(db, region.code);
  return {
    database,
    sandbox,
    config,
    context,
    camille,
    dominique,
    folder,
    write(name, content) {
      const file = join(folder, name);
      writeFileSync(file, content);
      return file;
    },
    sync: (places, mode = 'real', actor = null) =>
      sync({ ...context, actor }, { replaced: new Map(Object.entries(places)) }, mode),
    open,
    async approveAll(people = [dominique]) {
      const proposed = (await open()).filter((change) => change.state === 'proposed');
      for (const change of proposed) {
        for (const person of people) {
          const now = new Date();
          await approve({ db, region: region.code, review: config.review, person, now }, change);
        }
      }
      return proposed.length;
    },
    apply: () =>
      applyApproved({
        db,
        config,
        region,
        codes: new CodeBook(config.codes),
        client: repository,
        actor: dominique,
        now: () => new Date(),
        sharedClock: applyClock,
        sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
        onReceipt: () => undefined,
      }),
    async close() {
      repository.close();
      await sandbox.close();
      await database.drop();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Rows of every table of the schema, by name; asked as the owner, who reads all of them. */
export async function tableCounts(db: Db): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const table of await tables(db)) {
    const result = (await db.raw('select count(*) as rows from ??', [table])) as { rows: { rows: string }[] };
    counts[table] = Number(result.rows[0]?.rows);
  }
  return counts;
}

/** A checksum of the content of every table, whatever the order of its rows. */
export async function tableChecksums(db: Db): Promise<Record<string, string>> {
  const sums: Record<string, string> = {};
  for (const table of await tables(db)) {
    const result = (await db.raw(
      `select coalesce(md5(string_agg(md5(t::text), '' order by md5(t::text))), '') as sum from ?? t`,
      [table],
    )) as { rows: { sum: string }[] };
    sums[table] = result.rows[0]?.sum ?? '';
  }
  return sums;
}

async function tables(db: Db): Promise<string[]> {
  const result = (await db.raw(
    `select tablename from pg_tables where schemaname = 'public' order by tablename`,
  )) as { rows: { tablename: string }[] };
  return result.rows.map((row) => row.tablename);
}
