import type { RegionProfile } from '../config/schema/region.js';
import type { Actor } from '../db/people.js';
import { schedulesOf } from '../db/schedules.js';
import { findSlot, insertSlot } from '../db/slots.js';
import { inTransaction, rolledBack, type Trx } from '../db/types.js';
import { RefusalError } from '../domain/errors.js';
import { jobKey, jobOf, type Job, type Slot } from '../domain/schedule.js';
import { isOpen, windowsText } from '../domain/windows.js';
import { append } from '../journal/append.js';
import { plain } from './catch-up.js';
import type { Claim, ScheduleContext, WorkerContext } from './context.js';
import { claimNext, holding, lookAt, ready, start, type Look } from './ledger.js';
import { findSchedule } from './manage.js';
import { work, type Ended } from './worker.js';

export interface DoneSlot {
  readonly slot: Slot;
  readonly ended: Ended;
}

/** Does what is due in a region, one slot after the other, in this process. */
export async function runDue(context: WorkerContext, region: RegionProfile): Promise<DoneSlot[]> {
  const done: DoneSlot[] = [];
  for (;;) {
    const claim = await claimNext(context, region);
    if (claim === null) return done;
    done.push({ slot: claim.slot, ended: await work(context, claim) });
  }
}

/** What `runDue` would begin with now, without writing anything. */
export async function dueNow(context: ScheduleContext, region: RegionProfile): Promise<readonly Slot[]> {
  return await rolledBack(context.db, async (trx) => ready(await lookAt(trx, context, region.code), region));
}

/**
 * A person asks for a scheduled job now: a slot of its own in the ledger, held by this process.
 * @throws RefusalError `SLOT_BUSY`, `PAUSED`, `WINDOW_CLOSED`; DataError `SCHEDULE_UNKNOWN`
 */
export async function claimNow(
  context: ScheduleContext,
  region: RegionProfile,
  name: string,
  actor: Actor,
): Promise<Claim> {
  return await claimJob(context, region, actor, async (trx) =>
    findSchedule(await schedulesOf(trx, region.code), name),
  );
}

/**
 * A person asks now for a synchronisation, or that what is approved leaves, whether it is scheduled or not.
 * @throws RefusalError `SLOT_BUSY`, `PAUSED`, `WINDOW_CLOSED`
 */
export async function claimKind(
  context: ScheduleContext,
  region: RegionProfile,
  kind: 'sync' | 'apply',
  actor: Actor,
): Promise<Claim> {
  const job = { kind, source: null, name: null };
  return await claimJob(context, region, actor, async () => await Promise.resolve(job));
}

async function claimJob(
  context: ScheduleContext,
  region: RegionProfile,
  actor: Actor,
  wanted: (trx: Trx) => Promise<Job & { readonly name: string | null }>,
): Promise<Claim> {
  return await inTransaction(context.db, async (trx) => {
    const look = await lookAt(trx, context, region.code);
    const schedule = await wanted(trx);
    const job = jobKey(schedule);
    refuse(look, region, job);
    const key = { region: region.code, job, dueAt: look.now };
    await insertSlot(trx, { ...key, askedBy: actor.id });
    const slot = await findSlot(trx, key);
    if (slot === null) throw new Error('the slot just asked for is not there');
    const claim = await start(trx, context, region, slot, look.pauses);
    for (const entry of look.entries) await append(trx, entry);
    await append(trx, {
      region: region.code,
      kind: 'slot.asked',
      subject: `slot:${job}`,
      actor: actor.id,
      body: plain({ schedule: schedule.name, dueAt: look.now }),
    });
    return claim;
  });
}

function refuse(look: Look, region: RegionProfile, job: string): void {
  const { kind, source } = jobOf(job);
  if (look.running !== null) {
    throw new RefusalError({
      code: 'SLOT_BUSY',
      message: `Un passage (${look.running.job}) est déjà en cours dans la région ${region.name}.`,
      remedy: 'attendez sa fin (page « Passages », ou filror schedule list au terminal), puis recommencez.',
      transient: true,
    });
  }
  const standing = holding(look.pauses, source);
  if (standing !== null) {
    throw new RefusalError({
      code: 'PAUSED',
      message: `En pause jusqu’au ${standing.expiresAt.toISOString()} : ${standing.reason}`,
      remedy:
        'voyez avec la personne qui a mis en pause ; la page « Sources et calendrier » lève la pause (au terminal : « filror schedule resume »).',
    });
  }
  if (kind === 'apply' && !isOpen(region.repository.windows, look.now)) {
    throw new RefusalError({
      code: 'WINDOW_CLOSED',
      message: `Rien n’est écrit au répertoire hors des créneaux : ${windowsText(region.repository.windows) ?? ''}.`,
      remedy: 'relancez pendant un créneau, ou changez « windows » dans le profil de la région.',
      transient: true,
    });
  }
}
