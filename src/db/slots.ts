import type { Slot, SlotEnd, SlotFault } from '../domain/schedule.js';
import type { PersonId } from '../domain/ids.js';
import type { Db } from './types.js';

interface SlotRow {
  readonly region: string;
  readonly job: string;
  readonly due_at: Date;
  readonly schedule: string | null;
  readonly state: Slot['state'];
  readonly starts: number;
  readonly fence: number;
  readonly worker: string | null;
  readonly lease_until: Date | null;
  readonly run_id: string | null;
  readonly exit_code: Slot['exitCode'];
  readonly outcome: unknown;
  readonly error: SlotFault | null;
}

type SlotKey = Pick<Slot, 'region' | 'job' | 'dueAt'>;
/** A slot as its holder knows it: the fencing number says whether it still is. */
export type HeldSlot = SlotKey & Pick<Slot, 'fence'>;

/**
 * Writes that something is due. Unique by region, job and instant: a second writer writes nothing.
 * @returns whether the row is new
 */
export async function insertSlot(
  db: Db,
  slot: (SlotKey & { readonly schedule: string }) | (SlotKey & { readonly askedBy: PersonId }),
): Promise<'new' | 'known'> {
  const rows: unknown[] = await db('slot')
    .insert({
      region: slot.region,
      job: slot.job,
      due_at: slot.dueAt,
      schedule: 'schedule' in slot ? slot.schedule : null,
      asked_by: 'askedBy' in slot ? slot.askedBy : null,
    })
    .onConflict(['region', 'job', 'due_at'])
    .ignore()
    .returning('job');
  return rows.length === 1 ? 'new' : 'known';
}

/** Due or running, oldest first. */
export async function openSlots(db: Db, region: string): Promise<Slot[]> {
  const rows = await db<SlotRow>('slot')
    .where({ region })
    .whereIn('state', ['due', 'running'])
    .orderBy('due_at')
    .orderBy('job');
  return rows.map(toSlot);
}

/** The last ones, newest first, whatever became of them. */
export async function recentSlots(db: Db, region: string, limit: number): Promise<Slot[]> {
  const rows = await db<SlotRow>('slot')
    .where({ region })
    .orderBy([{ column: 'due_at', order: 'desc' }, { column: 'job' }])
    .limit(limit);
  return rows.map(toSlot);
}

/** The last slot of a job that ended, however it did. */
export async function lastSlotOf(db: Db, region: string, job: string): Promise<Slot | null> {
  const row = await db<SlotRow>('slot')
    .where({ region, job })
    .whereIn('state', ['done', 'failed', 'missed'])
    .orderBy('due_at', 'desc')
    .first();
  return row === undefined ? null : toSlot(row);
}

export async function findSlot(db: Db, slot: SlotKey): Promise<Slot | null> {
  const row = await db<SlotRow>('slot').where(keyOf(slot)).first();
  return row === undefined ? null : toSlot(row);
}

/** Gives a slot to a worker, with a new fencing number: whoever held it before can record nothing any more. */
export async function startSlot(
  db: Db,
  slot: SlotKey,
  claim: { readonly worker: string; readonly runId: string; readonly leaseSeconds: number },
): Promise<Slot> {
  const [row] = await db<SlotRow>('slot')
    .where(keyOf(slot))
    .whereIn('state', ['due', 'running'])
    .update({
      state: 'running',
      worker: claim.worker,
      run_id: claim.runId,
      fence: db.raw('fence + 1'),
      starts: db.raw('starts + 1'),
      started_at: db.raw('schedule_clock()'),
      lease_until: leaseEnd(db, claim.leaseSeconds),
    } as never)
    .returning('*');
  if (row === undefined) throw new Error(`slot ${slot.region} ${slot.job} is not open`);
  return toSlot(row);
}

/**
 * Extends the lease. A row that is locked is being sealed by our own planning transaction, or looked at by another
 * process: it is left alone, and still ours as long as the fencing number says so.
 */
export async function renewLease(db: Db, held: HeldSlot, leaseSeconds: number): Promise<'ours' | 'lost'> {
  const { rows } = await db.raw<{ rows: unknown[] }>(
    `update slot set lease_until = schedule_clock() + make_interval(secs => :leaseSeconds)
     where (region, job, due_at) in (
       select region, job, due_at from slot
       where region = :region and job = :job and due_at = :dueAt and fence = :fence and state = 'running'
       for update skip locked)
     returning fence`,
    { ...bindings(held), leaseSeconds },
  );
  if (rows.length === 1) return 'ours';
  const now = await findSlot(db, held);
  return now !== null && now.fence === held.fence && now.state === 'running' ? 'ours' : 'lost';
}

/**
 * Holds the slot until the transaction ends, if it is still this worker's: nobody can take it over meanwhile.
 * @returns `lost` when somebody took it over, gave it back or ended it
 */
export async function holdSlot(trx: Db, held: HeldSlot): Promise<'ours' | 'lost'> {
  const row = await trx<SlotRow>('slot')
    .where({ ...keyOf(held), fence: held.fence, state: 'running' })
    .forUpdate()
    .first('fence');
  return row === undefined ? 'lost' : 'ours';
}

/** Records the end, if the slot is still this worker's. */
export async function endSlot(db: Db, held: HeldSlot, end: SlotEnd): Promise<'ours' | 'lost'> {
  const count = await db('slot')
    .where({ ...keyOf(held), fence: held.fence, state: 'running' })
    .update({
      state: end.state,
      exit_code: end.exitCode,
      outcome: end.outcome === null ? null : JSON.stringify(end.outcome),
      error: end.error === null ? null : JSON.stringify(end.error),
      ended_at: db.raw('schedule_clock()'),
      worker: null,
      lease_until: null,
    });
  return count === 1 ? 'ours' : 'lost';
}

/** Makes the slot due again; the start that was made of it counts (its process died) or not (it was given back). */
export async function releaseSlot(
  db: Db,
  held: HeldSlot,
  start: 'counted' | 'uncounted',
): Promise<'ours' | 'lost'> {
  const count = await db('slot')
    .where({ ...keyOf(held), fence: held.fence, state: 'running' })
    .update({
      state: 'due',
      fence: db.raw('fence + 1'),
      starts: db.raw('starts - ?', [start === 'counted' ? 0 : 1]),
      worker: null,
      lease_until: null,
    });
  return count === 1 ? 'ours' : 'lost';
}

/** Nobody will run it: policy of the schedule, or a schedule that was removed. */
export async function missSlot(db: Db, slot: SlotKey, why: SlotFault): Promise<void> {
  await db('slot')
    .where({ ...keyOf(slot), state: 'due' })
    .update({ state: 'missed', error: JSON.stringify(why), ended_at: db.raw('schedule_clock()') });
}

/** Slots whose worker stopped renewing its lease. One that is being sealed at this instant is not among them. */
export async function expiredSlots(trx: Db, region: string): Promise<Slot[]> {
  const rows = await trx<SlotRow>('slot')
    .where({ region, state: 'running' })
    .whereRaw('lease_until <= schedule_clock()')
    .forUpdate()
    .skipLocked();
  return rows.map(toSlot);
}

function leaseEnd(db: Db, seconds: number): ReturnType<Db['raw']> {
  return db.raw('schedule_clock() + make_interval(secs => ?)', [seconds]);
}

function keyOf(slot: SlotKey): { region: string; job: string; due_at: Date } {
  return { region: slot.region, job: slot.job, due_at: slot.dueAt };
}

function bindings(held: HeldSlot): { region: string; job: string; dueAt: Date; fence: number } {
  return { region: held.region, job: held.job, dueAt: held.dueAt, fence: held.fence };
}

function toSlot(row: SlotRow): Slot {
  return {
    region: row.region,
    job: row.job,
    dueAt: row.due_at,
    schedule: row.schedule,
    state: row.state,
    starts: row.starts,
    fence: row.fence,
    worker: row.worker,
    leaseUntil: row.lease_until,
    runId: row.run_id,
    exitCode: row.exit_code,
    outcome: row.outcome,
    error: row.error,
  };
}
