import type { RegionProfile } from '../config/schema/region.js';
import { standingPauses } from '../db/pauses.js';
import { finishRun, findRun } from '../db/runs.js';
import { scheduleClock } from '../db/clock.js';
import { lockSchedules } from '../db/schedules.js';
import { endSlot, expiredSlots, openSlots, releaseSlot, startSlot } from '../db/slots.js';
import { inTransaction, type Trx } from '../db/types.js';
import { jobOf, type Pause, type Slot, type SlotFault } from '../domain/schedule.js';
import { isOpen } from '../domain/windows.js';
import { append, type JournalEntry } from '../journal/append.js';
import { ensureBuiltIn, plain, settleBacklog, writeDue } from './catch-up.js';
import type { Claim, ScheduleContext } from './context.js';

/** What a region's ledger says at one instant, its schedules being held. */
export interface Look {
  readonly now: Date;
  /** Due and not begun, oldest first, after the catch-up policy. */
  readonly due: readonly Slot[];
  readonly running: Slot | null;
  readonly pauses: readonly Pause[];
  readonly entries: readonly JournalEntry[];
}

/**
 * Brings the ledger up to the database's clock, in the caller's transaction: writes what came due, drops what the
 * catch-up policy drops. One process at a time does this for a region.
 */
export async function lookAt(trx: Trx, context: ScheduleContext, region: string): Promise<Look> {
  const { schedule: config } = context.config;
  let schedules = await lockSchedules(trx, region);
  const now = await scheduleClock(trx);
  const entries = await ensureBuiltIn(trx, region, config, schedules, now);
  if (entries.length > 0) schedules = await lockSchedules(trx, region);
  for (const schedule of schedules) entries.push(...(await writeDue(trx, schedule, now)));
  let open = await openSlots(trx, region);
  for (const schedule of schedules) {
    const settled = await settleBacklog(trx, schedule, open, { now, graceMinutes: config.graceMinutes });
    open = open.filter((slot) => !settled.missed.includes(slot));
    entries.push(...settled.entries);
  }
  return {
    now,
    due: open.filter((slot) => slot.state === 'due'),
    running: open.find((slot) => slot.state === 'running') ?? null,
    pauses: await standingPauses(trx, region),
    entries,
  };
}

/** Slots that may begin: neither paused, nor writing outside the region's windows. */
export function ready(look: Look, region: RegionProfile): readonly Slot[] {
  return look.due.filter((slot) => {
    const { kind, source } = jobOf(slot.job);
    if (holding(look.pauses, source) !== null) return false;
    return kind !== 'apply' || isOpen(region.repository.windows, look.now);
  });
}

/** The pause that keeps a job from beginning: of everything, or of the one source that it collects. */
export function holding(pauses: readonly Pause[], source: string | null): Pause | null {
  return pauses.find((pause) => pause.source === null || pause.source === source) ?? null;
}

/**
 * Takes the next slot of a region, with a lease: the one that a dead process left, else the oldest that may begin. A
 * region runs one slot at a time.
 * @returns null when there is nothing to do
 */
export async function claimNext(context: ScheduleContext, region: RegionProfile): Promise<Claim | null> {
  return await inTransaction(context.db, async (trx) => {
    const look = await lookAt(trx, context, region.code);
    const entries = [...look.entries];
    const orphan = look.running === null ? null : await takeOver(trx, context, region.code, entries);
    const free = look.running === null || orphan !== null;
    const due = orphan?.fate === 'again' ? [orphan.slot, ...look.due] : look.due;
    const [next] = free ? ready({ ...look, due }, region) : [];
    const claim = next === undefined ? null : await start(trx, context, region, next, look.pauses);
    // Last, since it holds the head of the journal: nobody waits for us while we wait for somebody.
    for (const entry of entries) await append(trx, entry);
    return claim;
  });
}

export async function start(
  trx: Trx,
  context: ScheduleContext,
  region: RegionProfile,
  slot: Slot,
  pauses: readonly Pause[],
): Promise<Claim> {
  const { worker, newRunId, config } = context;
  const { leaseSeconds } = config.schedule;
  const held = await startSlot(trx, slot, { worker, runId: newRunId(), leaseSeconds });
  const pausedSources = pauses.flatMap((pause) => pause.source ?? []);
  return { slot: held, region, pausedSources };
}

interface Orphan {
  readonly slot: Slot;
  readonly fate: 'again' | 'gaveUp';
}

/** Makes the slot due again whose worker stopped renewing its lease; null when the worker lives. Its run can record nothing any more. */
async function takeOver(
  trx: Trx,
  context: ScheduleContext,
  region: string,
  entries: JournalEntry[],
): Promise<Orphan | null> {
  const [slot] = await expiredSlots(trx, region);
  if (slot === undefined) return null;
  await closeRun(trx, slot, TAKEN_OVER);
  const fate = slot.starts < context.config.schedule.maxStarts ? 'again' : 'gaveUp';
  const { job, dueAt, worker, leaseUntil, runId, starts } = slot;
  entries.push({
    region,
    kind: fate === 'again' ? 'slot.takenOver' : 'slot.failed',
    subject: `slot:${job}`,
    actor: null,
    body: plain({ job, dueAt, worker, leaseUntil, runId, starts }),
  });
  if (fate === 'again') await releaseSlot(trx, slot, 'counted');
  else await endSlot(trx, slot, { state: 'failed', exitCode: 1, outcome: null, error: GAVE_UP });
  return { slot, fate };
}

/** Says of a run that its process left behind that it failed. */
export async function closeRun(
  trx: Trx,
  slot: Pick<Slot, 'region' | 'runId'>,
  error: SlotFault,
): Promise<void> {
  const run = slot.runId === null ? null : await findRun(trx, slot.region, slot.runId);
  if (run === null || run.state !== 'running') return;
  await finishRun(trx, slot.region, run.id, { state: 'failed', finishedAt: await scheduleClock(trx), error });
}

const TAKEN_OVER: SlotFault = {
  code: 'SLOT_TAKEN_OVER',
  message: 'Le processus qui faisait ce passage ne répond plus ; un autre l’a repris depuis le début.',
  remedy: 'rien si cela reste rare ; sinon, regardez la mémoire et les arrêts de la machine.',
};
const GAVE_UP: SlotFault = {
  code: 'SLOT_GAVE_UP',
  message: 'Chaque processus qui a commencé ce passage s’est arrêté brutalement : il n’est plus repris.',
  remedy:
    'regardez le journal système (mémoire, arrêts), puis relancez (page « Passages », ou « filror schedule run » au terminal).',
};
