import { setTimeout as systemSleep } from 'node:timers/promises';
import { RefusalError } from '../domain/errors.js';
import { ensureRegion, lockRegion } from '../db/runs.js';
import { countRemote } from '../db/remote.js';
import { inTransaction } from '../db/types.js';
import type { Shrink } from '../mirror/disappeared.js';
import { readStatuses, recordStatuses } from '../followup/task-status.js';
import { followUp, type Followed } from '../followup/follow.js';
import type { MirrorWish } from '../mirror/mode.js';
import { presentState } from '../mirror/present.js';
import type { MirrorContext, StagedReading } from '../mirror/reading.js';
import { discard, recordStaged, stageMirror } from '../mirror/refresh.js';
import { rareDiseaseSigns } from '../plan/rare-disease-signs.js';
import type { Alert } from './alerts.js';
import type { RunContext } from './context.js';
import { duplicatesOf, type Duplicate } from './duplicates.js';

export type { MirrorWish, StagedReading, Shrink };

/** What a refresh of the mirror found. */
export interface MirrorRefresh {
  readonly mode: StagedReading['mode'];
  readonly seen: number;
  /** When the export was begun that this reading let go; null when there was none. */
  readonly letGo: Date | null;
  readonly moved: number;
  readonly gone: number;
  readonly offers: number;
  /** Offers that say a rare-disease centre: in the present way, in an older one, or maybe. */
  readonly rareDisease: { readonly present: number; readonly older: number; readonly doubtful: number };
  readonly duplicates: readonly Duplicate[];
  /** Changes handed over whose wait ended with this reading. */
  readonly followed: readonly Followed[];
  readonly alerts: readonly Alert[];
}

/** @throws RemoteError, RefusalError `MIRROR_SHRUNK`, `MIRROR_UNREACHABLE` */
export async function stageReading(
  context: RunContext,
  wish: MirrorWish,
  shrink: Shrink,
): Promise<StagedReading> {
  return await stageMirror(mirrorContext(context), wish, shrink);
}

export async function recordReading(
  db: RunContext['db'],
  region: string,
  staged: StagedReading,
  seenAt: Date,
): Promise<{ readonly moved: number; readonly gone: number }> {
  return await recordStaged(db, region, staged, seenAt);
}

/** After a run that failed: its reading is forgotten, an export apart, which the next one takes up. */
export async function discardReading(context: RunContext, staged: StagedReading): Promise<void> {
  await discard(context.db, context.region.code, staged);
}

/** The mirror alone, without a plan: reads, records, and tells what it holds. */
export async function refreshMirror(
  context: RunContext,
  wish: MirrorWish,
  shrink: Shrink,
): Promise<MirrorRefresh> {
  const { db, region } = context;
  await ensureRegion(db, region.code);
  const staged = await stageReading(context, wish, shrink);
  const { statuses, unread } =
    context.repository === null
      ? { statuses: [], unread: [] }
      : await readStatuses(db, region.code, context.repository);
  const { moved, gone, followed } = await inTransaction(db, async (trx) => {
    await lockRegion(trx, region.code);
    const recorded = await recordReading(trx, region.code, staged, context.now());
    const seen = await followUp(trx, context);
    return { ...recorded, followed: [...seen, ...(await recordStatuses(trx, context, statuses))] };
  });
  const present = await presentState(db, region.code);
  const strengths = present.offers.map((offer) => rareDiseaseSigns(offer.elements)?.strength ?? null);
  const count = (wanted: string): number => strengths.filter((strength) => strength === wanted).length;
  return {
    mode: staged.mode,
    seen: staged.seen,
    letGo: staged.letGo,
    moved,
    gone,
    offers: await countRemote(db, region.code, 'HealthcareService'),
    rareDisease: { present: count('present'), older: count('older'), doubtful: count('doubtful') },
    duplicates: duplicatesOf(present),
    followed,
    alerts: unread,
  };
}

function mirrorContext(context: RunContext): MirrorContext {
  const { region, repository } = context;
  if (repository === null)
    throw new RefusalError({
      code: 'MIRROR_UNREACHABLE',
      message: `Le répertoire de la région ${region.name} n’est pas configuré pour être lu.`,
      place: `regions/${region.code}.yaml, repository`,
      remedy: `renseignez l’adresse et posez ${region.repository.clientSecretEnv}, puis relancez.`,
    });
  return {
    db: context.db,
    region: region.code,
    repository: `${region.repository.baseUrl} profil ${region.repository.accessProfile}`,
    client: repository,
    now: context.now,
    sleep: context.sleep ?? ((ms) => systemSleep(ms)),
    lagMs: region.repository.declaredLagMs,
    newReading: context.newId.run,
    progress: (done) => context.progress({ step: 'miroir', done, total: null }),
  };
}
