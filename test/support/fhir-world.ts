import { randomUUID } from 'node:crypto';
import { fhirConfig, type FhirConfig } from '../../src/config/schema/fhir.js';
import { loadConfig, regionOf } from '../../src/config/load.js';
import { recordRemote, type MirroredType } from '../../src/db/remote.js';
import { inTransaction, type Db } from '../../src/db/types.js';
import type { EuropeanNetwork } from '../../src/domain/ern.js';
import type { Filiere } from '../../src/domain/filiere.js';
import type { JsonObject } from '../../src/domain/json.js';
import { buildFhirServer } from '../../src/fhir-api/server.js';
import { append } from '../../src/journal/append.js';
import { silentLogger } from '../../src/observe/logger.js';
import { publish, type Published } from '../../src/publish/publish.js';
import { audiencesOf } from '../../src/config/schema/fhir.js';
import { finessOf } from '../../src/mirror/resources.js';
import { watchAnswers } from './seen-answers.js';
import { testDatabase, type TestDatabase } from './database.js';

/** A region's present list of filières, as the tests of the read API know it. */
export const FILIERES: readonly Filiere[] = [
  { code: 'BRAIN-TEAM', title: 'Deuxième filière d’essai', spellings: [], erns: ['ERN-RND'] },
  { code: 'FIMARAD', title: 'Filière d’essai', spellings: [], erns: ['ERN-SKIN'] },
  { code: 'SENSGENE', title: 'Troisième filière d’essai', spellings: [], erns: ['ERN-EYE'] },
];

/** One network of the filières has no name here. */
const NETWORKS: readonly EuropeanNetwork[] = [
  { code: 'ERN-RND', name: 'Réseau d’essai', domain: 'rare trial diseases', filieres: ['BRAIN-TEAM'] },
  { code: 'ERN-SKIN', name: 'Deuxième réseau d’essai', domain: 'rare trial skins', filieres: [] },
];

export const CANONICAL = 'https://filror.example/fhir';

/** The read API on a database of its own, in front of a mirror that the test fills. */
export interface FhirWorld {
  readonly database: TestDatabase;
  readonly config: FhirConfig;
  /** `http://127.0.0.1:…` */
  readonly url: string;
  readonly fhir: string;
  readonly ror: string;
  /** Lines of the access log. */
  readonly logged: readonly {
    readonly message: string;
    readonly fields: Readonly<Record<string, unknown>>;
  }[];
  /** The mirror reads these; nothing is published yet. */
  mirror(...resources: readonly JsonObject[]): Promise<void>;
  /** The whole reading did not find these any more. */
  gone(...ids: readonly string[]): Promise<void>;
  /** Approved facts of one centre that an offer carries. */
  facts(identifier: string, centre: string, facts: Readonly<Record<string, unknown>>): Promise<void>;
  publish(): Promise<Published>;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<FhirAnswer>;
  close(): Promise<void>;
}

export interface FhirAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: JsonObject;
}

export interface FhirWorldOptions {
  /** As in fhir.yaml. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly from?: { readonly copyOf: string };
  /** One that somebody else made, and closes. */
  readonly database?: TestDatabase;
  /** `unwatched`: a bench, where looking at each answer would be measured too. */
  readonly answers?: 'watched' | 'unwatched';
  /** The present list of filières; `FILIERES` by default. */
  readonly filieres?: readonly Filiere[];
  /** Another pool than the one of the test's database. */
  readonly db?: Db;
}

export async function openFhirWorld(options: FhirWorldOptions = {}): Promise<FhirWorld> {
  const config = fhirConfig.parse({ public: true, publicPerMinute: 100_000, ...options.config });
  const database =
    options.database ?? (await testDatabase(options.from === undefined ? {} : { from: options.from }));
  const region = regionOf(loadConfig(), '28');
  await database.app('region_state').insert({ region: '28' }).onConflict('region').ignore();
  const logged: { message: string; fields: Readonly<Record<string, unknown>> }[] = [];
  const log = {
    ...silentLogger,
    info: (message: string, fields: Record<string, unknown> = {}) => void logged.push({ message, fields }),
    error: (message: string, fields: Record<string, unknown> = {}) => void logged.push({ message, fields }),
  };
  const context = {
    db: options.db ?? database.app,
    config,
    regions: [region],
    publicUrl: '',
    log,
    now: () => new Date(),
    newId: () => randomUUID(),
    software: 'essai',
    filieres: async () => await Promise.resolve(options.filieres ?? FILIERES),
    networks: async () => await Promise.resolve(NETWORKS),
  };
  const app = await buildFhirServer(context as never);
  const watched = options.answers === 'unwatched' ? null : watchAnswers(app);
  let asked = 0;
  await app.listen({ host: '127.0.0.1', port: 0 });
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const url = `http://127.0.0.1:${address.port}`;
  (context as { publicUrl: string }).publicUrl = url;
  const audiences = audiencesOf(config);
  return {
    ...{ database, config, url, fhir: `${url}/fhir/28`, ror: `${url}/ror/28`, logged },
    mirror: async (...resources) => await mirrored(database, resources),
    gone: async (...ids) => await vanished(database, ids),
    facts: async (identifier, centre, facts) => await approvedFacts(database, identifier, centre, facts),
    publish: async () =>
      await publish({ db: database.app, region: '28', audiences, canonical: config.canonical }),
    get: async (path, headers = {}) => {
      asked += 1;
      const answer = await fetch(path.startsWith('http') ? path : `${url}${path}`, { headers });
      const text = await answer.text();
      return { status: answer.status, headers: answer.headers, text, body: bodyOf(text) };
    },
    close: async () => {
      await app.close();
      if (options.database === undefined) await database.drop();
      if (watched !== null && watched.leaks.length > 0)
        throw new Error(`a reader received what it may not: ${watched.leaks.join('; ')}`);
      if (watched !== null && asked > 0 && watched.count() === 0)
        throw new Error(`${String(asked)} requests, and no answer was looked at`);
    },
  };
}

function bodyOf(text: string): JsonObject {
  try {
    return JSON.parse(text) as JsonObject;
  } catch {
    return {};
  }
}

async function mirrored(database: TestDatabase, resources: readonly JsonObject[]): Promise<void> {
  await inTransaction(database.app, async (trx) => {
    await recordRemote(
      trx,
      '28',
      new Date(),
      resources.map((resource) => {
        const type = resource['resourceType'] as MirroredType;
        const [first] = (resource['identifier'] ?? []) as readonly { value: string }[];
        return {
          type,
          remoteId: resource['id'] as string,
          identifier: type === 'Organization' ? finessOf(resource) : (first?.value ?? null),
          versionId: null,
          body: JSON.stringify(resource),
        };
      }),
    );
    await moved(trx);
  });
}

async function vanished(database: TestDatabase, ids: readonly string[]): Promise<void> {
  await inTransaction(database.app, async (trx) => {
    await trx.raw(
      `insert into remote_version (region, type, remote_id, identifier, body, body_hash, gone, seen_at)
       select distinct on (remote_id) region, type, remote_id, identifier, body, body_hash, true, now()
       from remote_version where region = '28' and remote_id = any(?) order by remote_id, no desc`,
      [[...ids]],
    );
    await moved(trx);
  });
}

async function approvedFacts(
  database: TestDatabase,
  identifier: string,
  centre: string,
  facts: Readonly<Record<string, unknown>>,
): Promise<void> {
  await inTransaction(database.app, async (trx) => {
    await trx('offer').insert({ region: '28', identifier, created_by_us: false }).onConflict().ignore();
    await trx('applied_element').insert(
      Object.entries(facts).map(([name, value]) => ({
        region: '28',
        identifier,
        key: `served.${name}[${centre}]`,
        sent: JSON.stringify(value),
        read_back: value === null ? null : JSON.stringify(value),
        centres: [centre],
        channel: 'served',
        at: new Date(),
      })),
    );
    await moved(trx);
  });
}

/** What moved is told by the journal: a publication looks no further. */
async function moved(trx: Parameters<typeof append>[0]): Promise<void> {
  await append(trx, { region: '28', kind: 'mirror', subject: 'region:28', actor: null, body: {} });
}

/** Ids of the matches of a searchset, in its order. */
export function matchesOf(bundle: JsonObject): readonly string[] {
  return entriesOf(bundle, 'match');
}

export function includedOf(bundle: JsonObject): readonly string[] {
  return entriesOf(bundle, 'include');
}

function entriesOf(bundle: JsonObject, mode: string): readonly string[] {
  const entries = (bundle['entry'] ?? []) as readonly { resource: JsonObject; search?: { mode: string } }[];
  return entries.filter(({ search }) => search?.mode === mode).map(({ resource }) => String(resource['id']));
}
