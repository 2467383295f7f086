import {
  addReading,
  dropStage,
  promoteGone,
  promoteStage,
  remoteHashes,
  stagedCounts,
  type MovedResource,
  type ReadingMode,
  type RecordedReading,
} from '../db/mirror.js';
import { endExport, openExport } from '../db/mirror-export.js';
import { remoteCursor } from '../db/remote.js';
import { inTransaction, type Db } from '../db/types.js';
import { append } from '../journal/append.js';
import type { SearchParams } from '../ror/client.js';
import { confirmUnseen, type Shrink } from './disappeared.js';
import { letGoOfExport, stageExport } from './load-export.js';
import { chooseMode, deltaStart, type MirrorWish } from './mode.js';
import { isCut, stageType, TYPES, type MirrorContext, type StagedReading } from './reading.js';
import { Stager } from './stager.js';
import { DAY_MS } from '../domain/time.js';

/**
 * Reads the repository beside the mirror: what changed lately, or everything. A search that the server cuts becomes an
 * export. A reading that fails leaves the mirror as it was.
 * @throws RemoteError, RefusalError `MIRROR_SHRUNK`
 */
export async function stageMirror(
  context: MirrorContext,
  wish: MirrorWish,
  shrink: Shrink = 'refuse',
): Promise<StagedReading> {
  const { db, region, now } = context;
  await dropStage(db, region, { before: new Date(now().getTime() - 2 * DAY_MS) });
  const letGo = wish === 'full' ? await letGoOfExport(context) : null;
  const chosen = await chooseMode(db, region, context.repository, wish, now());
  const staged = { ...(await stageAs(context, chosen)), letGo };
  if (staged.mode === 'delta') return staged;
  return await orDiscarded(context, staged, async () => {
    const confirmed = await confirmUnseen(context, staged, shrink);
    return { ...staged, seen: staged.seen + confirmed };
  });
}

async function stageAs(
  context: MirrorContext,
  chosen: Awaited<ReturnType<typeof chooseMode>>,
): Promise<StagedReading> {
  // An export that was begun is ended first: what it holds is nearly there.
  const open = chosen.mode === 'full' ? await openExport(context.db, context.region) : null;
  if (chosen.mode === 'export' || open !== null) return await stageExport(context);
  try {
    return await stageSearch(context, chosen.mode, chosen.mode === 'delta' ? chosen.last : null);
  } catch (error) {
    if (!isCut(error)) throw error;
    return await stageExport(context);
  }
}

async function stageSearch(
  context: MirrorContext,
  mode: 'full' | 'delta',
  last: RecordedReading | null,
): Promise<StagedReading> {
  const { db, region, now } = context;
  const begun = {
    mode,
    reading: context.newReading(),
    repository: context.repository,
    startedAt: now(),
    fromNo: await remoteCursor(db, region),
    complete: mode === 'full' ? TYPES : [],
    letGo: null,
    last,
  };
  const stager = new Stager(
    db,
    region,
    begun.reading,
    mode === 'full' ? 'all' : 'moved',
    await remoteHashes(db, region),
    now,
  );
  const since: SearchParams =
    last === null ? [] : [['_lastUpdated', `ge${deltaStart(last, context.lagMs).toISOString()}`]];
  return await orDiscarded(context, begun, async () => {
    for (const type of TYPES) await stageType(context, stager, type, since);
    return { ...begun, seen: stager.seen };
  });
}

/** Forgets a reading that failed; an export is kept, to be taken up again. */
async function orDiscarded<T>(
  context: MirrorContext,
  staged: { readonly mode: ReadingMode; readonly reading: string },
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await discard(context.db, context.region, staged);
    throw error;
  }
}

export async function discard(
  db: Db,
  region: string,
  staged: { readonly mode: ReadingMode; readonly reading: string },
): Promise<void> {
  if (staged.mode !== 'export') await dropStage(db, region, { reading: staged.reading });
}

/**
 * Records a reading, in one transaction: what moved is appended, what a whole reading did not find is marked gone, the
 * cursor of the next delta is kept. A delta that found nothing writes nothing.
 */
export async function recordStaged(
  db: Db,
  region: string,
  staged: StagedReading,
  seenAt: Date,
): Promise<{ readonly moved: number; readonly gone: number }> {
  return await inTransaction(db, async (trx) => {
    // Another process that ended the same export has recorded it, and emptied what was staged.
    const mine = staged.mode !== 'export' || (await endExport(trx, region, staged.reading));
    const scope = { region, reading: staged.reading, fromNo: staged.fromNo };
    const moved = mine ? await promoteStage(trx, scope, seenAt) : [];
    const gone =
      mine && staged.complete.length > 0
        ? await promoteGone(trx, { ...scope, types: staged.complete }, seenAt)
        : [];
    if (mine && (staged.mode !== 'delta' || moved.length > 0)) {
      const { latest } = await stagedCounts(trx, region, staged.reading);
      await addReading(trx, region, {
        mode: staged.mode,
        repository: staged.repository,
        startedAt: staged.startedAt,
        recordedAt: seenAt,
        seenUntil: seenUntil(staged, latest),
        read: staged.seen,
        moved: moved.length,
        gone: gone.length,
      });
    }
    await dropStage(trx, region, { reading: staged.reading });
    if (moved.length + gone.length > 0) {
      await append(trx, {
        region,
        kind: 'mirror',
        subject: `region:${region}`,
        actor: null,
        body: { moved: moved.map(told), gone: gone.map(told) },
      });
    }
    return { moved: moved.length, gone: gone.length };
  });
}

/** The server's own instants, never later than when the reading began: one wrong date must not blind the next deltas. */
function seenUntil(staged: StagedReading, latest: Date | null): Date {
  const seen = Math.max(latest?.getTime() ?? 0, staged.last?.seenUntil.getTime() ?? 0);
  const started = staged.startedAt.getTime();
  return new Date(seen === 0 ? started : Math.min(seen, started));
}

function told(resource: MovedResource): object {
  return {
    type: resource.type,
    id: resource.remoteId,
    identifier: resource.identifier,
    version: resource.versionId,
  };
}
