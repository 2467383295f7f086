import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApplyContext, Receipt } from '../../src/apply/context.js';
import { applyApproved } from '../../src/apply/executor.js';
import { actorOf, systemIds } from '../../src/cli/region.js';
import { loadConfig, regionOf, type FilrorConfig } from '../../src/config/load.js';
import type { RegionProfile } from '../../src/config/schema/region.js';
import { applyClock } from '../../src/db/clock.js';
import { changesInStates, openChanges, type StoredChange } from '../../src/db/changes.js';
import type { Actor } from '../../src/db/people.js';
import type { Db } from '../../src/db/types.js';
import { demoFolder } from '../../src/demo/run.js';
import { demoSites } from '../../src/demo/seed.js';
import type { JsonObject } from '../../src/domain/json.js';
import { HttpClient } from '../../src/http/client.js';
import { approve } from '../../src/review/decide.js';
import { RorClient } from '../../src/ror/client.js';
import { CodeBook } from '../../src/ror/codes.js';
import { answer, type GivenAnswer } from '../../src/runs/act.js';
import type { RunContext } from '../../src/runs/context.js';
import { sync } from '../../src/runs/sync.js';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/sandbox.js';
import { establishments, trialOffer, type SiteFacts } from '../../src/sandbox/seed.js';
import type { TestClock } from './clock.js';
import { testDatabase, type TestDatabase } from './database.js';

export interface RegionWanted {
  /** Centres whose offer is created. */
  readonly creates: number;
  /** Centres attached to a synthetic offer that exists: one per hospital, at most six. */
  readonly attaches: number;
  /** Who numbers the created offers; `server` by default. */
  readonly identifiers?: 'server' | 'client';
  readonly timeoutMs?: number;
  readonly declaredLagMs?: number;
  readonly ways?: readonly string[];
  readonly ifMatch?: boolean;
  /** `approved` (default), or `proposed`: everything answered, nothing approved. */
  readonly until?: 'approved' | 'proposed';
  /** Absent: the machine's clock. Given: filror, sandbox and tokens all read it. */
  readonly clock?: TestClock;
  /** How the sandbox is started; in this process by default. */
  readonly start?: (options: SandboxOptions) => Promise<Sandbox>;
  /** Other habits of the sandbox: token life, access profile. */
  readonly sandbox?: Partial<SandboxOptions>;
}

/** A region whose changes wait to be applied, and the repository that they go to. */
export interface ApprovedRegion {
  readonly database: TestDatabase;
  readonly sandbox: Sandbox;
  /** Configuration folder for FILROR_CONFIG: its region 28 has the sandbox's address. */
  readonly folder: string;
  readonly config: FilrorConfig;
  readonly region: RegionProfile;
  readonly clock: TestClock | null;
  /** Answered the questions: an author of every attachment. */
  readonly author: Actor;
  readonly approver: Actor;
  readonly second: Actor;
  /** For a subprocess: database, configuration, secret. */
  readonly env: Readonly<Record<string, string>>;
  run(actor: Actor | null): RunContext;
  context(change?: Partial<ApplyContext>): ApplyContext;
  /** `filror apply`, in process. */
  apply(change?: Partial<ApplyContext>): Promise<Receipt[]>;
  changes(): Promise<StoredChange[]>;
  close(): Promise<void>;
}

/** Found nowhere else, so that a test can look for it. */
export const TRIAL_SECRET = 'secret-d-essai-7f3ac1';

/** Hospitals of config/demo/finess.csv with one site each, so that no question is asked about the site. */
const HOSPITALS = [
  ['CH de Dieppe', 'Dieppe', '76', '760000018'],
  ['CH Lisieux', 'Lisieux', '14', '140000027'],
  ['CH Falaise', 'Falaise', '14', '140000233'],
  ['CH Argentan', 'Argentan', '61', '610000069'],
  ['CH de Coutances', 'Coutances', '50', '500000591'],
  ['CLCC Henri-Becquerel', 'Rouen', '76', '760000166'],
  ["CH de L'Aigle", "L'Aigle", '61', '610000044'],
  ['CH Mémorial', 'Saint-Lô', '50', '500000450'],
  ['CHI Caux Vallée de Seine', 'Lillebonne', '76', '760000372'],
  ['CH Aunay-Bayeux', 'Bayeux', '14', '140024886'],
] as const;
/** The first ones have a synthetic offer to attach to; centres of the others are created. */
const WITH_OFFER = 6;

/** Collects, answers and approves by the product's own functions, in a database of this test's own. */
export async function approvedRegion(wanted: RegionWanted): Promise<ApprovedRegion> {
  const database = await testDatabase();
  const region = await regionOn(database, wanted);
  const { author, approver } = region;
  await sync(region.run(null), { replaced: new Map() }, 'real');
  await answerAll(region.run(author));
  if (wanted.until !== 'proposed') await approveAll(region, approver);
  return region;
}

/** The same region again on a copy of its database, with a sandbox in its first state: cheaper than building it anew. */
export async function copyOfRegion(name: string, wanted: RegionWanted): Promise<ApprovedRegion> {
  return await regionOn(await testDatabase({ from: { copyOf: name } }), wanted);
}

/** Name of a database that can be copied: built, then left by everybody. `drop` it at the end. */
export async function approvedTemplate(
  wanted: RegionWanted,
): Promise<{ readonly name: string; readonly drop: () => Promise<void> }> {
  const region = await approvedRegion(wanted);
  await region.sandbox.close();
  await Promise.all([region.database.app.destroy(), region.database.owner.destroy()]);
  return { name: region.database.name, drop: region.close };
}

export async function approveAll(region: ApprovedRegion, person: Actor): Promise<void> {
  for (const change of await changesInStates(region.database.app, region.region.code, ['proposed'])) {
    await approve(
      {
        db: region.database.app,
        region: region.region.code,
        review: region.config.review,
        person,
        now: region.run(null).now(),
      },
      change,
    );
  }
}

let read: Promise<SiteFacts[]> | undefined;

/** First state of the sandbox: what nobody but the hospitals wrote. */
export async function seedOf(attaches: number): Promise<JsonObject[]> {
  read ??= demoSites(demoFolder, ['14', '27', '50', '61', '76']);
  const sites = await read;
  const offers = HOSPITALS.slice(0, attaches).map(([, town, , eg], at) =>
    trialOffer({
      id: `essai-${at + 1}`,
      identifier: `28/ESSAI-000${at + 1}`,
      label: `de ${town}`,
      site: sites.find((site) => site.eg === eg) as SiteFacts,
      comment: `Accueil du lundi au vendredi, ${town}.`,
    }),
  );
  return [...establishments(sites), ...offers];
}

async function regionOn(database: TestDatabase, wanted: RegionWanted): Promise<ApprovedRegion> {
  const clock = wanted.clock ?? null;
  const sandbox = await (wanted.start ?? startSandbox)({
    region: '28',
    identifiers: wanted.identifiers ?? 'server',
    credentials: { clientId: 'filror', clientSecret: TRIAL_SECRET },
    seed: await seedOf(wanted.attaches),
    ...(clock === null ? {} : { now: clock.now, elapse: (ms: number) => clock.advance(ms) }),
    ...wanted.sandbox,
  });
  const folder = configFolder(sandbox, wanted);
  const config = loadConfig(folder);
  const region = regionOf(config, '28');
  const now = clock?.now ?? (() => new Date());
  const sleep = clock?.sleep ?? ((ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)));
  const { timeoutMs, concurrency, rate, circuit } = region.repository;
  const http = new HttpClient({ timeoutMs, concurrency, rate, circuit, now, sleep, retry: { baseMs: 5 } });
  const client = new RorClient(region, { http, now, env: { FILROR_ROR_SECRET: TRIAL_SECRET } });
  const person = (name: string): Promise<Actor> => actorOf(database.app, region, name, now());
  const [author, approver, second] = [
    await person('camille'),
    await person('dominique'),
    await person('alix'),
  ];
  const run = (actor: Actor | null): RunContext => ({
    db: database.app,
    config,
    region,
    actor,
    now,
    newId: systemIds,
    repository: client,
    progress: () => undefined,
  });
  const context = (change: Partial<ApplyContext> = {}): ApplyContext => ({
    db: database.app,
    config,
    region,
    codes: new CodeBook(config.codes),
    client,
    actor: approver,
    now,
    sharedClock: clock === null ? applyClock : async () => await Promise.resolve(clock.now()),
    sleep,
    onReceipt: () => undefined,
    ...change,
  });
  return {
    database,
    sandbox,
    folder,
    config,
    region,
    clock,
    author,
    approver,
    second,
    env: {
      DATABASE_URL: database.appUrl,
      DATABASE_OWNER_URL: database.ownerUrl,
      FILROR_CONFIG: folder,
      FILROR_ROR_SECRET: TRIAL_SECRET,
    },
    run,
    context,
    apply: (change) => applyApproved(context(change)),
    changes: () => allChanges(database.app),
    close: async () => {
      client.close();
      await sandbox.close();
      rmSync(folder, { recursive: true, force: true });
      await database.drop();
    },
  };
}

/** Attaches where an offer exists; everything else needs no answer, by construction. */
async function answerAll(run: RunContext): Promise<void> {
  const answers: GivenAnswer[] = [];
  for (const change of await openChanges(run.db, run.region.code)) {
    const asked = change.reasons.find((reason) => reason.code === 'attachOrCreate');
    const offer = asked?.candidates?.[0]?.value;
    const subject = change.centres[0];
    if (offer !== undefined && subject !== undefined)
      answers.push({ kind: 'attach', subject, body: { offer } });
  }
  if (answers.length > 0) await answer(run, answers);
}

async function allChanges(db: Db): Promise<StoredChange[]> {
  const states = ['toComplete', 'toReconfirm', 'question', 'proposed', 'approved', 'conflict', 'uncertain'];
  return await changesInStates(db, '28', [...states, 'applied', 'rejected'] as StoredChange['state'][]);
}

function configFolder(sandbox: Sandbox, wanted: RegionWanted): string {
  const folder = mkdtempSync(join(tmpdir(), 'filror-essai-'));
  mkdirSync(join(folder, 'regions'));
  // JSON is YAML: nothing here needs quoting rules.
  const yaml = (name: string, value: object): void =>
    writeFileSync(join(folder, name), JSON.stringify(value));
  yaml('regions/28.yaml', {
    code: '28',
    name: 'Normandie (essai)',
    departements: ['14', '27', '50', '61', '76'],
    sandbox: true,
    repository: {
      baseUrl: sandbox.fhirBase,
      tokenUrl: sandbox.tokenUrl,
      accessProfile: 1,
      ways: wanted.ways ?? ['patch', 'post', 'put'],
      ifMatch: wanted.ifMatch ?? false,
      timeoutMs: wanted.timeoutMs ?? 2_000,
      declaredLagMs: wanted.declaredLagMs ?? 200,
      identifiers: wanted.identifiers === 'client' ? { from: '9000001', to: '9009999' } : 'server',
    },
    personas: [
      { name: 'camille', displayName: 'Camille (essai)', roles: ['operator', 'reviewer'] },
      { name: 'dominique', displayName: 'Dominique (essai)', roles: ['reviewer'] },
      { name: 'alix', displayName: 'Alix (essai)', roles: ['reviewer'] },
    ],
  });
  const source = (reader: string, place: string): object => ({
    reader,
    place,
    cadence: 'manual',
    precedence: 60,
    required: true,
  });
  yaml('sources.yaml', {
    'labelled-centres': source('labelled-centres', 'centres.csv'),
    'finess-etalab': source('finess-etalab', 'finess.csv'),
    filieres: { ...source('filieres', 'filieres.csv'), required: false },
  });
  copyFileSync(join(demoFolder, 'finess.csv'), join(folder, 'finess.csv'));
  writeFileSync(join(folder, 'centres.csv'), centresCsv(wanted));
  return folder;
}

/** FIMARAD has exactly one family of diseases, so that nothing is left to complete. */
function centresCsv({ creates, attaches }: RegionWanted): string {
  const row = (at: number, [hospital, town, departement]: (typeof HOSPITALS)[number]): string =>
    `CCMR;Centre d'essai ${at};;FIMARAD;${hospital};${town};${departement};Normandie;mixte;;2023;;synthétique`;
  const attached = HOSPITALS.slice(0, Math.min(attaches, WITH_OFFER)).map((hospital, at) =>
    row(at + 1, hospital),
  );
  const others = HOSPITALS.slice(WITH_OFFER);
  const created = Array.from({ length: creates }, (_, at) =>
    row(101 + at, others[at % others.length] as (typeof HOSPITALS)[number]),
  );
  const head =
    'label;centre;réseau;filière;établissement;ville;département;région;public;responsable;campagne;FINESS EJ;preuve';
  return `${[head, ...attached, ...created].join('\n')}\n`;
}
