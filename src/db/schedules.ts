import type { Cadence, CatchUp, JobKind, Schedule } from '../domain/schedule.js';
import type { Db } from './types.js';

interface ScheduleRow {
  readonly region: string;
  readonly name: string;
  readonly kind: JobKind;
  readonly source: string | null;
  readonly cron: string;
  readonly time_zone: string;
  readonly catch_up: CatchUp;
  readonly bound: number;
  readonly built_in: boolean;
  readonly seen_until: Date;
  readonly next_at: Date;
}

/** @returns whether it was added; false when the region has one of that name. */
export async function insertSchedule(db: Db, schedule: Schedule): Promise<'added' | 'known'> {
  const rows: unknown[] = await db('schedule')
    .insert({
      region: schedule.region,
      name: schedule.name,
      kind: schedule.kind,
      source: schedule.source,
      cron: schedule.cron,
      time_zone: schedule.timeZone,
      catch_up: schedule.catchUp,
      bound: schedule.bound,
      built_in: schedule.builtIn,
      created_at: schedule.seenUntil,
      seen_until: schedule.seenUntil,
      next_at: schedule.nextAt,
    })
    .onConflict(['region', 'name'])
    .ignore()
    .returning('name');
  return rows.length === 1 ? 'added' : 'known';
}

export async function deleteSchedule(db: Db, region: string, name: string): Promise<void> {
  await db('schedule').where({ region, name }).delete();
}

export async function schedulesOf(db: Db, region: string): Promise<Schedule[]> {
  const rows = await db<ScheduleRow>('schedule').where({ region }).orderBy('name');
  return rows.map(toSchedule);
}

/** The same, held until the transaction ends: one process at a time moves the ledger of a region. */
export async function lockSchedules(trx: Db, region: string): Promise<Schedule[]> {
  const rows = await trx<ScheduleRow>('schedule').where({ region }).orderBy('name').forUpdate();
  return rows.map(toSchedule);
}

/** Every instant up to `seenUntil` is dealt with; the next one is `nextAt`. */
export async function moveCursor(
  db: Db,
  schedule: Pick<Schedule, 'region' | 'name'>,
  cursor: { readonly seenUntil: Date; readonly nextAt: Date },
): Promise<void> {
  const { region, name } = schedule;
  await db('schedule')
    .where({ region, name })
    .update({ seen_until: cursor.seenUntil, next_at: cursor.nextAt });
}

export async function changeCadence(
  db: Db,
  schedule: Pick<Schedule, 'region' | 'name'>,
  cadence: Cadence & { readonly nextAt: Date },
): Promise<void> {
  const { region, name } = schedule;
  await db('schedule')
    .where({ region, name })
    .update({ cron: cadence.cron, time_zone: cadence.timeZone, next_at: cadence.nextAt });
}

function toSchedule(row: ScheduleRow): Schedule {
  return {
    region: row.region,
    name: row.name,
    kind: row.kind,
    source: row.source,
    cron: row.cron,
    timeZone: row.time_zone,
    catchUp: row.catch_up,
    bound: row.bound,
    builtIn: row.built_in,
    seenUntil: row.seen_until,
    nextAt: row.next_at,
  };
}
