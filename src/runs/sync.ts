import type { DeliveryRow } from '../db/deliveries.js';
import { currentDeliveries, faultsOf, keptOf } from '../db/deliveries.js';
import { openChanges, type StoredChange } from '../db/changes.js';
import { countRemote, lastMirrorAt } from '../db/remote.js';
import {
  cursors,
  ensureRegion,
  finishRun,
  lastPlan,
  lockRegion,
  recordCollected,
  recordStep,
  startRun,
} from '../db/runs.js';
import { inTransaction, rolledBack, type Db, type Trx } from '../db/types.js';
import { faultOf, ofSource, RefusalError, RemoteError, SourceError } from '../domain/errors.js';
import { REGISTERS, isRegister } from '../domain/source-ids.js';
import { readStatuses, recordStatuses, type ReadStatus } from '../followup/task-status.js';
import { followUp, type Followed } from '../followup/follow.js';
import { withNames } from './attribution.js';
import {
  discardReading,
  recordReading,
  stageReading,
  type MirrorWish,
  type StagedReading,
} from './mirror.js';
import { acceptDelivery } from './accept.js';
import { collect, type Collected, type Replaced } from './collect.js';
import { codeVersion } from './code-version.js';
import type { Alert } from './alerts.js';
import type { RunContext } from './context.js';
import { judgeFreshness } from './freshness.js';
import { orderAlerts } from './orders.js';
import { dropOldPreviews } from './old-previews.js';
import { planRegion } from './plan-region.js';
import { standingOf } from './standing.js';
import { quietSentence } from './summary.js';
import {
  syncOutput,
  type MirrorReport,
  type RunReport,
  type SourceReport,
  type SyncOutput,
} from './report.js';
import { watched } from './watched.js';

export interface SyncRequest {
  /** Places given on the command line and files given on a page, by source. */
  readonly replaced: Replaced;
  /** How the repository is read; a delta by default, everything once a week. */
  readonly mirror?: MirrorWish;
  /** Whoever asked for this run and must stand or fall with it: the slot of a schedule. */
  readonly binding?: RunBinding;
}

/** Statements of the caller in the one transaction that promotes the run; what they throw undoes it. */
export interface RunBinding {
  /** Before anything else, once the region is held. */
  readonly hold: (trx: Trx) => Promise<void>;
  /** The last ones: what they write stands exactly when the run does. */
  readonly seal: (trx: Trx, output: SyncOutput) => Promise<void>;
}

/**
 * One synchronisation: collect, read, gate, mirror, plan. What is collected is stored and committed first; everything
 * else is one transaction, so that a run that fails leaves the previous state untouched. A dry run is the same inside
 * one transaction that is rolled back.
 * @throws FilrorError when the run cannot be made; the run row says why
 */
export async function sync(
  context: RunContext,
  request: SyncRequest,
  mode: 'real' | 'dry',
): Promise<SyncOutput> {
  if (mode === 'real') return await runSync(context, request, false);
  return await rolledBack(context.db, (trx) => runSync({ ...context, db: trx }, request, true));
}

async function runSync(given: RunContext, request: SyncRequest, dryRun: boolean): Promise<SyncOutput> {
  const { db, region } = given;
  const runId = given.newId.run();
  const watch = watched(given, runId);
  // What a dry run does is rolled back: nobody else can see how far it is.
  const context = dryRun ? given : { ...given, progress: watch.progress };
  const startedAt = context.now();
  await ensureRegion(db, region.code);
  await dropOldPreviews(given);
  await startRun(db, { region: region.code, id: runId, kind: 'sync', startedAt });
  let mirror: MirrorAttempt | null = null;
  try {
    context.progress({ step: 'collecte', done: 0, total: null });
    const collected = await collect(db, context.config, region, request.replaced, startedAt);
    context.progress({ step: 'miroir', done: 0, total: null });
    const attempt = await readMirror(context, request.mirror ?? 'auto');
    mirror = attempt;
    return await inTransaction(db, async (trx) => {
      await lockRegion(trx, region.code);
      await request.binding?.hold(trx);
      const inside = { ...context, db: trx };
      const planned = await insideTransaction(inside, runId, startedAt, collected, attempt, dryRun);
      // Of this reading alone: they stand in no stored report, which an unchanged run shows again.
      const orders = await orderAlerts(trx, region.code);
      const output = { ...planned, alerts: [...planned.alerts, ...attempt.alerts, ...orders] };
      await recordCollected(
        trx,
        region.code,
        runId,
        collected.map((each) => each.source),
      );
      await request.binding?.seal(trx, output);
      return output;
    });
  } catch (error) {
    await finishRun(db, region.code, runId, {
      state: 'failed',
      finishedAt: context.now(),
      error: faultOf(error),
    });
    if (mirror !== null && mirror.reading !== null) await discardReading(context, mirror.reading);
    throw error;
  } finally {
    await watch.ended();
  }
}

async function insideTransaction(
  context: RunContext,
  runId: string,
  startedAt: Date,
  collected: readonly Collected[],
  mirror: MirrorAttempt,
  dryRun: boolean,
): Promise<SyncOutput> {
  const { db, region, config } = context;
  const known =
    mirror.reading === null ? null : await recordReading(db, region.code, mirror.reading, startedAt);
  const followed: readonly Followed[] =
    mirror.reading === null
      ? []
      : [
          ...(await followUp(db as Trx, context)),
          ...(await recordStatuses(db as Trx, context, mirror.statuses)),
        ];
  const previous = await lastPlan(db, region.code);
  if (previous !== null && (await nothingMoved(context, collected, previous, startedAt))) {
    const fresh = await judgeFreshness(context, collected, startedAt);
    const report = withFreshness(previous.report as RunReport, fresh);
    const open = await openChanges(db, region.code);
    const refreshed = {
      ...report,
      ...(await sameReport(context, report, collected, mirror, open, startedAt)),
    };
    await finishRun(db, region.code, runId, {
      state: 'unchanged',
      finishedAt: context.now(),
      sameAs: previous.runId,
    });
    return syncOutput(
      { id: runId, region: region.code, dryRun, unchanged: true },
      refreshed,
      await withNames(db, open),
      followed,
    );
  }
  const readAt = context.now();
  const sources: SourceReport[] = [];
  const gates: RunReport['gates'][number][] = [];
  for (const [index, each] of readingOrder(collected, config).entries()) {
    context.progress({ step: `lecture ${each.source}`, done: index, total: collected.length });
    const accepted =
      each.status === 'new' || isReadAgain(context, each, previous?.input.code_version)
        ? await ofSource(each.source, () => acceptDelivery(context, runId, each))
        : {
            source: await unchangedSource(db, region.code, each),
            // The same bytes, judged when they came: what they do not keep still holds.
            gates: gatesOf(previous, each.source),
          };
    sources.push(accepted.source);
    gates.push(...accepted.gates);
  }
  gates.push(...(await judgeFreshness(context, collected, startedAt)));
  await recordStep(db, {
    region: region.code,
    runId,
    step: 'read',
    startedAt: readAt,
    finishedAt: context.now(),
    counts: Object.fromEntries(sources.map((each) => [each.source, { read: each.read, kept: each.kept }])),
  });
  context.progress({ step: 'plan', done: 0, total: null });
  const result = await planRegion(context, runId, startedAt, {
    sources,
    gates,
    mirror: await mirrorReport(context, mirror, known?.moved ?? 0),
    checkedAt: startedAt,
  });
  return syncOutput(
    { id: runId, region: region.code, dryRun, unchanged: false },
    result.report,
    await withNames(db, result.changes),
    followed,
  );
}

/** Filières first, since the lists are read with their spellings; then the register; then the rest. */
function readingOrder(collected: readonly Collected[], config: RunContext['config']): Collected[] {
  const rank = (each: Collected): number =>
    ['filieres', ...REGISTERS].indexOf(config.sources[each.source]?.reader ?? '') + 1 || 9;
  return [...collected].sort((a, b) => rank(a) - rank(b) || (a.source < b.source ? -1 : 1));
}

/**
 * Same bytes, same configuration, same code, same answers, same repository, and no swing that time ends: the last plan
 * still holds and only the run row is written.
 */
async function nothingMoved(
  context: RunContext,
  collected: readonly Collected[],
  previous: NonNullable<Awaited<ReturnType<typeof lastPlan>>>,
  at: Date,
): Promise<boolean> {
  // A value that was held settles, or is followed again, with time alone.
  if (
    (previous.report as RunReport).flapping?.some(({ until }) => Date.parse(until) <= at.getTime()) === true
  )
    return false;
  if (collected.some((each) => each.status === 'new')) return false;
  // A file handed over by a person makes that person an author: same bytes from someone else are another delivery.
  if (collected.some((each) => isFromSomeoneElse(context, each))) return false;
  const { input } = previous;
  if (input.config_hash !== context.config.hash || input.code_version !== codeVersion) return false;
  const current = await currentDeliveries(context.db, context.region.code);
  if ([...current.values()].some((delivery) => input.deliveries[delivery.source] !== delivery.no))
    return false;
  const now = await cursors(context.db, context.region.code);
  return (Object.keys(now) as (keyof typeof now)[]).every((name) => now[name] === input[name]);
}

/** The age of a content grows although nothing moves: what the last plan said of it is replaced. */
function withFreshness(report: RunReport, fresh: RunReport['gates']): RunReport {
  return { ...report, gates: [...report.gates.filter((gate) => gate.code !== 'X14'), ...fresh] };
}

function isFromSomeoneElse(context: RunContext, each: Collected): boolean {
  return each.imported && each.previous?.imported_by !== (context.actor?.id ?? null);
}

/**
 * A list handed over again is read again: its rows depend on more than its bytes (the filières known meanwhile). The
 * register's depend on its bytes and our code alone, and it has 100,000 of them.
 */
function isReadAgain(context: RunContext, each: Collected, readBy: string | undefined): boolean {
  if (!each.imported) return false;
  return !isRegister(each.reader) || readBy !== codeVersion || isFromSomeoneElse(context, each);
}

async function sameReport(
  context: RunContext,
  report: RunReport,
  collected: readonly Collected[],
  mirror: MirrorAttempt,
  open: readonly StoredChange[],
  startedAt: Date,
): Promise<Partial<RunReport>> {
  const statuses = new Map(collected.map((each) => [each.source, each.status]));
  const read = await mirrorReport(context, mirror, 0);
  return {
    sources: report.sources.map((each) => ({ ...each, status: statuses.get(each.source) ?? each.status })),
    mirror: read,
    summary: quietSentence(open, await standingOf(context, { ...report, mirror: read }, startedAt)),
  };
}

function gatesOf(previous: { readonly report: unknown } | null, source: string): RunReport['gates'] {
  return previous === null
    ? []
    : (previous.report as RunReport).gates.filter((gate) => gate.source === source);
}

async function unchangedSource(db: Db, region: string, each: Collected): Promise<SourceReport> {
  const delivery = each.previous as DeliveryRow;
  const counts = delivery.counts as { flags?: SourceReport['flags'] };
  return {
    source: each.source,
    status: each.status,
    file: delivery.file_name,
    origin: each.origin,
    sha256: each.sha256,
    bytes: each.bytes,
    contentDate: delivery.content_date,
    read: delivery.rows_read,
    kept: keptOf(delivery),
    setAside: await faultsOf(db, region, delivery.no),
    flags: counts.flags ?? [],
    outOfRegion: 0,
    changed: { opened: 0, closed: 0 },
  };
}

interface MirrorAttempt {
  readonly reading: StagedReading | null;
  /** How far the reported anomalies are. */
  readonly statuses: readonly ReadStatus[];
  /** What this reading has to tell besides the plan. */
  readonly alerts: readonly Alert[];
  readonly failure: string | null;
}

/** The repository may be away: planning goes on against the last mirror, and says so. */
async function readMirror(context: RunContext, wish: MirrorWish): Promise<MirrorAttempt> {
  if (context.repository === null) {
    return { reading: null, statuses: [], alerts: [], failure: 'le dépôt régional n’est pas configuré' };
  }
  try {
    const reading = await stageReading(context, wish, 'refuse');
    const { statuses, unread } = await readStatuses(context.db, context.region.code, context.repository);
    return { reading, statuses, alerts: unread, failure: null };
  } catch (error) {
    if (!(error instanceof RemoteError || error instanceof SourceError || error instanceof RefusalError))
      throw error;
    return { reading: null, statuses: [], alerts: [], failure: error.message };
  }
}

async function mirrorReport(
  context: RunContext,
  mirror: MirrorAttempt,
  moved: number,
): Promise<MirrorReport> {
  const at = await lastMirrorAt(context.db, context.region.code);
  if (mirror.reading !== null) {
    const offers = await countRemote(context.db, context.region.code, 'HealthcareService');
    return {
      state: 'fresh',
      at: context.now().toISOString(),
      message: `Dépôt relu : ${offers} offre(s), ${moved} ressource(s) modifiée(s) depuis la dernière lecture.`,
      offers,
    };
  }
  const why = mirror.failure ?? 'dépôt non lu';
  return at === null
    ? {
        state: 'none',
        at: null,
        message: `Dépôt jamais lu (${why}) : le plan suppose qu’aucune offre n’existe encore.`,
        offers: 0,
      }
    : {
        state: 'last',
        at: at.toISOString(),
        message: `Dépôt injoignable (${why}) : plan établi sur sa dernière lecture, du ${at.toISOString().slice(0, 16).replace('T', ' ')}.`,
        offers: 0,
      };
}
