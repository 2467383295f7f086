import type { PersonId } from '../domain/ids.js';
import type { Pause } from '../domain/schedule.js';
import type { Db } from './types.js';

interface PauseRow {
  readonly no: number;
  readonly region: string | null;
  readonly source: string | null;
  readonly author: PersonId;
  readonly reason: string;
  readonly begins_at: Date;
  readonly expires_at: Date;
}

/** What is paused: everywhere (region null), one region, or one source of it. */
export type PauseScope = Pick<Pause, 'region' | 'source'>;

export async function insertPause(db: Db, pause: Omit<Pause, 'no'>): Promise<number> {
  const [row] = await db('pause')
    .insert({
      region: pause.region,
      source: pause.source,
      author: pause.author,
      reason: pause.reason,
      begins_at: pause.beginsAt,
      expires_at: pause.expiresAt,
    })
    .returning<{ no: number }[]>('no');
  if (row === undefined) throw new Error('insert into pause returned nothing');
  return row.no;
}

/** Pauses that hold now for a region: its own and those of every region. Null: those of every region alone. */
export async function standingPauses(db: Db, region: string | null): Promise<Pause[]> {
  const rows = await db<PauseRow>('pause')
    .whereNull('lifted_at')
    .whereRaw('expires_at > schedule_clock()')
    .where((scope) => {
      void scope.whereNull('region');
      if (region !== null) void scope.orWhere({ region });
    })
    .orderBy('no');
  return rows.map(toPause);
}

/** @returns numbers of the pauses of exactly this scope that held until now */
export async function liftPauses(db: Db, scope: PauseScope, by: PersonId, at: Date): Promise<number[]> {
  const rows = (await db('pause')
    .whereNull('lifted_at')
    .whereRaw('expires_at > schedule_clock()')
    .whereRaw('region is not distinct from ?', [scope.region])
    .whereRaw('source is not distinct from ?', [scope.source])
    .update({ lifted_by: by, lifted_at: at })
    .returning('no')) as { no: number }[];
  return rows.map((row) => row.no);
}

function toPause(row: PauseRow): Pause {
  return {
    no: row.no,
    region: row.region,
    source: row.source,
    author: row.author,
    reason: row.reason,
    beginsAt: row.begins_at,
    expiresAt: row.expires_at,
  };
}
