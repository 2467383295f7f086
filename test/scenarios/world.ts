import { applyClock } from '../../src/db/clock.js';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applyApproved } from '../../src/apply/executor.js';
import type { Receipt } from '../../src/apply/context.js';
import { actorOf, systemIds } from '../../src/cli/region.js';
import { loadConfig, regionOf } from '../../src/config/load.js';
import { findChanges, openChanges, type StoredChange } from '../../src/db/changes.js';
import type { Actor } from '../../src/db/people.js';
import type { JsonObject } from '../../src/domain/json.js';
import { approve, reject, type ApprovalResult, type DecisionContext } from '../../src/review/decide.js';
import { CodeBook } from '../../src/ror/codes.js';
import { RorClient } from '../../src/ror/client.js';
import { answer, replanNow, type Acted, type GivenAnswer } from '../../src/runs/act.js';
import type { RunContext } from '../../src/runs/context.js';
import type { ChangeOutput, SyncOutput } from '../../src/runs/report.js';
import { sync } from '../../src/runs/sync.js';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.js';
import { establishments, type SiteFacts } from '../../src/sandbox/seed.js';
import type { AccessProfile } from '../../src/sandbox/access.js';
import { namedReviewer } from '../support/named-reviewer.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { readFinessFile } from '../support/finess-file.js';
import { runFilror } from '../support/built.js';
import type { Finished } from '../support/node-process.js';

/** What a region of the tests is: its profile's facts and a small register of its real hospitals. */
export interface TrialRegion {
  readonly code: string;
  readonly name: string;
  readonly departements: readonly string[];
  /** FINESS file of `fixtures/`. */
  readonly finess: string;
}

const fixture = (name: string): string => join(import.meta.dirname, 'fixtures', name);

export const NORMANDIE: TrialRegion = {
  code: '28',
  name: 'Normandie',
  departements: ['14', '27', '50', '61', '76'],
  finess: fixture('finess-normandie.csv'),
};

export const BRETAGNE: TrialRegion = {
  code: '53',
  name: 'Bretagne',
  departements: ['22', '29', '35', '56'],
  finess: fixture('finess-bretagne.csv'),
};

export interface WorldOptions {
  readonly region?: TrialRegion;
  /** Bytes of the list of labelled centres. */
  readonly list: string | Uint8Array;
  /** FINESS file that replaces the region's small register. */
  readonly finess?: string;
  /** BaMaRa deployment table. */
  readonly bamara?: string | Uint8Array;
  /** What the repository holds besides the establishments. */
  readonly offers?: (site: (eg: string) => SiteFacts) => readonly JsonObject[];
  /** What the repository shows us, and what the region's profile says of it; 1, everything, by default. */
  readonly accessProfile?: AccessProfile;
  /** Whether the establishment's agreement is asked for; as the profile's default by default. */
  readonly agreement?: 'asked';
  /** Options of the region's `repository` besides. */
  readonly repository?: Readonly<Record<string, unknown>>;
  /** Whether the region is one for trials, with personas and no agreement; true by default. */
  readonly sandbox?: boolean;
  /** Files that overlay the shipped configuration, by name: `review.yaml`… */
  readonly config?: Readonly<Record<string, string>>;
}

/** One database, one repository, one configuration folder, three people: what a region needs to work. */
export interface World {
  readonly database: TestDatabase;
  readonly sandbox: Sandbox;
  /** Configuration folder, for `--config`. */
  readonly folder: string;
  /** What the repository asks of us; in the environment of every process. */
  readonly secret: string;
  readonly context: RunContext;
  /** Completes and answers; holds the right to approve, so that only authorship can refuse it. */
  readonly camille: Actor;
  readonly dominique: Actor;
  readonly eloi: Actor;
  /** Replaces the list; the next `sync` finds another delivery. */
  list(bytes: string | Uint8Array): void;
  bamara(bytes: string | Uint8Array): void;
  sync(): Promise<SyncOutput>;
  /** The same on another day. */
  syncAt(now: Date): Promise<SyncOutput>;
  answer(who: Actor, ...answers: readonly GivenAnswer[]): Promise<Acted>;
  replan(): Promise<Acted>;
  approve(who: Actor, change: string): Promise<ApprovalResult>;
  reject(who: Actor, change: string, reason: string): Promise<void>;
  apply(): Promise<readonly Receipt[]>;
  open(): Promise<readonly StoredChange[]>;
  /** `filror …` as a process of its own on the same database, repository and configuration. */
  filror(...args: readonly string[]): Promise<Finished>;
  /** The same for commands that know no configuration: `journal`, `db`. */
  filrorAlone(...args: readonly string[]): Promise<Finished>;
  close(): Promise<void>;
}

const SECRET = 'bac-a-sable';

/** Starts everything; the caller closes it. */
export async function openWorld(options: WorldOptions): Promise<World> {
  const region = options.region ?? NORMANDIE;
  const finess = options.finess ?? region.finess;
  const sites = sitesOf(region, finess);
  const siteOf = (eg: string): SiteFacts => {
    const site = sites.find((each) => each.eg === eg);
    if (site === undefined) throw new Error(`no site ${eg} in ${finess}`);
    return site;
  };
  const database = await testDatabase();
  const sandbox = await startSandbox({
    region: region.code,
    accessProfile: options.accessProfile ?? 1,
    seed: [...establishments(sites), ...(options.offers?.(siteOf) ?? [])],
  });
  const folder = mkdtempSync(join(tmpdir(), 'filror-scenario-'));
  writeConfig(folder, region, finess, sandbox, options);
  const config = loadConfig(folder);
  const profile = regionOf(config, region.code);
  const repository = new RorClient(profile, { env: { FILROR_ROR_SECRET: SECRET } });
  const context: RunContext = {
    db: database.app,
    config,
    region: profile,
    actor: null,
    now: () => new Date(),
    newId: systemIds,
    repository,
    progress: () => undefined,
  };
  const person = (name: string): Promise<Actor> =>
    profile.sandbox
      ? actorOf(database.app, profile, name, new Date())
      : namedReviewer(database.app, name, region.code);
  const [camille, dominique, eloi] = [
    await person('camille'),
    await person('dominique'),
    await person('eloi'),
  ];
  const decider = (who: Actor): DecisionContext => ({
    db: database.app,
    region: region.code,
    review: config.review,
    person: who,
    now: new Date(),
  });
  const stored = async (id: string): Promise<StoredChange> => {
    const found = await findChanges(database.app, region.code, id);
    if (found[0] === undefined) throw new Error(`no change ${id}`);
    return found[0];
  };
  const env = {
    DATABASE_URL: database.appUrl,
    DATABASE_OWNER_URL: database.ownerUrl,
    FILROR_ROR_SECRET: SECRET,
  };
  return {
    database,
    sandbox,
    folder,
    secret: SECRET,
    context,
    camille,
    dominique,
    eloi,
    list: (bytes) => writeFileSync(join(folder, 'centres.csv'), bytes),
    bamara: (bytes) => writeFileSync(join(folder, 'bamara.csv'), bytes),
    sync: () => sync(context, { replaced: new Map() }, 'real'),
    syncAt: (now) => sync({ ...context, now: () => now }, { replaced: new Map() }, 'real'),
    answer: (who, ...answers) => answer({ ...context, actor: who }, answers),
    replan: () => replanNow(context),
    approve: async (who, change) => approve(decider(who), await stored(change)),
    reject: async (who, change, reason) => reject(decider(who), await stored(change), reason),
    apply: () =>
      applyApproved({
        ...context,
        codes: new CodeBook(config.codes),
        client: repository,
        sharedClock: applyClock,
        sleep: () => Promise.resolve(),
        onReceipt: () => undefined,
      }),
    open: () => openChanges(database.app, region.code),
    filror: (...args) => runFilror([...args, '--config', folder], env),
    filrorAlone: (...args) => runFilror(args, env),
    close: async () => {
      repository.close();
      await sandbox.close();
      await database.drop();
      rmSync(folder, { recursive: true });
    },
  };
}

/** YAML holds JSON: what is written here is what a person would write, quotes apart. */
function writeConfig(
  folder: string,
  region: TrialRegion,
  finess: string,
  sandbox: Sandbox,
  options: WorldOptions,
): void {
  mkdirSync(join(folder, 'regions'));
  const profile = {
    code: region.code,
    name: `${region.name} (essai)`,
    departements: region.departements,
    sandbox: options.sandbox ?? true,
    ...(options.agreement === undefined ? {} : { agreement: options.agreement }),
    repository: {
      baseUrl: sandbox.fhirBase,
      tokenUrl: sandbox.tokenUrl,
      accessProfile: options.accessProfile ?? 1,
      declaredLagMs: 0,
      timeoutMs: 5_000,
      ways: ['patch', 'post', 'sheet', 'task'],
      ...options.repository,
    },
    personas:
      options.sandbox === false
        ? []
        : [
            { name: 'camille', displayName: 'Camille (essai)', roles: ['operator', 'reviewer'] },
            { name: 'dominique', displayName: 'Dominique (essai)', roles: ['reviewer'] },
            { name: 'eloi', displayName: 'Éloi (essai)', roles: ['reviewer'] },
          ],
  };
  writeFileSync(join(folder, 'regions', `${region.code}.yaml`), JSON.stringify(profile));
  const source = (reader: string, place: string | null, precedence: number) => ({
    [reader]: { reader, place, precedence, cadence: 'manual', required: place !== null },
  });
  writeFileSync(
    join(folder, 'sources.yaml'),
    JSON.stringify({
      ...source('labelled-centres', 'centres.csv', 60),
      ...source('finess-etalab', finess, 80),
      ...source('filieres', 'filieres.csv', 90),
      ...source('labelling-order', null, 70),
      ...source('bamara-deployment', options.bamara === undefined ? null : 'bamara.csv', 20),
    }),
  );
  writeFileSync(join(folder, 'centres.csv'), options.list);
  if (options.bamara !== undefined) writeFileSync(join(folder, 'bamara.csv'), options.bamara);
  for (const [name, text] of Object.entries(options.config ?? {})) writeFileSync(join(folder, name), text);
}

/** Hospitals of the region itself, as the sandbox wants them. */
function sitesOf(region: TrialRegion, finess: string): SiteFacts[] {
  return readFinessFile(finess)
    .filter((each) => region.departements.includes(each.departement) && /^1[12]/.test(each.aggregate))
    .map((each) => ({
      ej: each.ej,
      eg: each.eg,
      name: each.name,
      town: each.town,
      commune: `${each.departement}${each.commune}`,
      postalCode: each.postalCode,
      category: each.category,
      region: { code: region.code, name: region.name },
    }));
}

/** One row of a list; what is absent is an empty cell. */
export interface CentreRow {
  readonly title: string;
  readonly hospital: string;
  readonly label?: string;
  readonly network?: string;
  readonly filiere?: string;
  readonly town?: string;
  readonly departement?: string;
  readonly region?: string;
  readonly public?: string;
  readonly campaign?: string;
  readonly ej?: string;
  readonly eg?: string;
}

/** A list as a platform sends it. By default a CCMR of FIMARAD labelled in 2023: the family of the filière is certain. */
export function centresList(rows: readonly CentreRow[]): string {
  const header =
    'label;centre;réseau;filière;établissement;ville;département;région;public;campagne;FINESS EJ;FINESS EG';
  const lines = rows.map((row) =>
    [
      row.label ?? 'CCMR',
      row.title,
      row.network,
      row.filiere ?? 'FIMARAD',
      row.hospital,
      row.town,
      row.departement,
      row.region,
      row.public,
      row.campaign ?? '2023',
      row.ej,
      row.eg,
    ]
      .map((cell) =>
        cell === undefined ? '' : /[;"\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell,
      )
      .join(';'),
  );
  return `${[header, ...lines].join('\n')}\n`;
}

/** The change of the only centre with this title. */
export function changeOf(output: Pick<SyncOutput, 'changes'>, title: string): ChangeOutput {
  const found = output.changes.filter((change) =>
    change.centres.some((centre) => 'title' in centre && centre.title === title),
  );
  if (found.length !== 1 || found[0] === undefined) throw new Error(`${found.length} changes for ${title}`);
  return found[0];
}

export function centreIdOf(change: ChangeOutput): string {
  if (change.centre === null) throw new Error(`change ${change.id} without centre`);
  return change.centre.id;
}

/** Codes of the blocking reasons, with the field when there is one: what holds the change back. */
export function blocking(change: Pick<ChangeOutput, 'reasons'>): string[] {
  return change.reasons
    .filter((reason) => reason.blocking)
    .map((reason) => (reason.field === undefined ? reason.code : `${reason.code}:${reason.field}`))
    .sort();
}

export const complete = (subject: string, field: string, value: unknown, proof?: string): GivenAnswer => ({
  kind: 'complete',
  subject,
  body: { field, value, ...(proof === undefined ? {} : { proof }) },
});
