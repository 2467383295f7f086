import type { ReadingMode } from '../../src/db/mirror.js';
import { ensureRegion } from '../../src/db/runs.js';
import { remoteState, type MirroredType } from '../../src/db/remote.js';
import { HttpClient } from '../../src/http/client.js';
import type { Shrink } from '../../src/mirror/disappeared.js';
import type { MirrorWish } from '../../src/mirror/mode.js';
import type { MirrorContext } from '../../src/mirror/reading.js';
import { recordStaged, stageMirror } from '../../src/mirror/refresh.js';
import { RorClient } from '../../src/ror/client.js';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/sandbox.js';
import { establishments, trialOffer } from '../../src/sandbox/seed.js';
import { bodyText } from '../../src/sandbox/body.js';
import { TestClock } from './clock.js';
import { testDatabase, type TestDatabase } from './database.js';
import { TRIAL_ENV, trialProfile } from './region-profile.js';
import { CAEN, ROUEN } from './trial-region.js';

const TYPES: readonly MirroredType[] = ['HealthcareService', 'Location', 'Organization'];

/** A region of a few offers in a sandbox, and a mirror of it on a database of this test's own. One clock for all. */
export interface MirrorTrial {
  readonly database: TestDatabase;
  readonly sandbox: Sandbox;
  readonly clock: TestClock;
  readonly context: MirrorContext;
  refresh(wish?: MirrorWish, shrink?: Shrink): Promise<{ mode: ReadingMode; moved: number; gone: number }>;
  /** `Type/id` → body, as the mirror has it and as the repository has it. */
  mirror(): Promise<ReadonlyMap<string, string>>;
  repository(): ReadonlyMap<string, string>;
  close(): Promise<void>;
}

export interface MirrorWanted {
  readonly offers?: number;
  readonly profile?: Readonly<Record<string, unknown>>;
  readonly sandbox?: Partial<SandboxOptions>;
}

export async function mirrorTrial(wanted: MirrorWanted = {}): Promise<MirrorTrial> {
  const clock = new TestClock(Date.parse('2026-03-12T08:00:00Z'));
  const sandbox = await startSandbox({
    seed: [
      ...establishments([CAEN, ROUEN]),
      ...Array.from({ length: wanted.offers ?? 5 }, (_, n) =>
        trialOffer({
          id: `essai-${n + 1}`,
          identifier: `28/ESSAI-${n + 1}`,
          label: String(n + 1),
          site: n % 2 === 0 ? CAEN : ROUEN,
        }),
      ),
    ],
    now: clock.now,
    elapse: (ms) => clock.advance(ms),
    ...wanted.sandbox,
  });
  const profile = trialProfile(sandbox, {
    pageSize: 2,
    timeoutMs: 2_000,
    declaredLagMs: 10_000,
    ...wanted.profile,
  });
  const { now, sleep } = clock;
  const http = new HttpClient({ timeoutMs: profile.repository.timeoutMs, now, sleep });
  const client = new RorClient(profile, { http, now, env: TRIAL_ENV });
  const database = await testDatabase();
  await ensureRegion(database.app, '28');
  let readings = 0;
  const context: MirrorContext = {
    db: database.app,
    region: '28',
    repository: `${profile.repository.baseUrl} profil ${profile.repository.accessProfile}`,
    client,
    now,
    sleep,
    lagMs: profile.repository.declaredLagMs,
    newReading: () => `lecture-${++readings}`,
    progress: () => undefined,
  };
  return {
    database,
    sandbox,
    clock,
    context,
    async refresh(wish = 'auto', shrink = 'refuse') {
      const staged = await stageMirror(context, wish, shrink);
      const { moved, gone } = await recordStaged(database.app, '28', staged, now());
      return { mode: staged.mode, moved, gone };
    },
    async mirror() {
      const found = new Map<string, string>();
      for (const type of TYPES)
        for (const each of await remoteState(database.app, '28', type))
          found.set(`${type}/${each.remoteId}`, each.body);
      return found;
    },
    repository: () =>
      new Map(
        TYPES.flatMap((type) =>
          sandbox
            .list(type)
            .map((body): [string, string] => [`${type}/${String(body['id'])}`, bodyText(body)]),
        ).sort(([a], [b]) => (a < b ? -1 : 1)),
      ),
    async close() {
      client.close();
      await sandbox.close();
      await database.drop();
    },
  };
}
