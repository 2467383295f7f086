import type { ChangeKind } from '../domain/change.js';
import type { Db } from './types.js';

/** Which changes are looked at: those of a region since an instant; of some centres when they are given. */
export interface ChangesLooked {
  readonly region: string;
  readonly since: Date;
  readonly centres: readonly string[] | null;
}

export interface OpenedInWeek {
  /** Monday in Paris, `2026-03-23`. */
  readonly week: string;
  readonly kind: ChangeKind;
  readonly count: number;
}

/** Changes opened in each week, by kind; those that a later plan replaced are left out: their successor counts. */
export async function openedByWeek(db: Db, looked: ChangesLooked): Promise<OpenedInWeek[]> {
  const { rows } = (await db.raw(
    `select to_char(date_trunc('week', opened_at at time zone 'Europe/Paris'), 'YYYY-MM-DD') as week, kind,
       count(*)::integer as count
     from change
     where region = :region and state <> 'superseded' and opened_at >= :since
       and (:centres::text[] is null or centres && :centres::text[])
     group by 1, 2 order by 1, 2`,
    bound(looked),
  )) as { rows: OpenedInWeek[] };
  return rows;
}

/** A change that people decided: its first rejection, or the approval that made enough. */
export interface DecidedChange {
  readonly openedAt: Date;
  readonly decidedAt: Date;
}

/**
 * Changes decided since an instant, oldest decision first. Each voice counts once, a deputy's in the place of the person
 * who is away, as where approvals are counted (`counting_approvals`); later rights play no part in when it was decided.
 */
export async function decidedChanges(db: Db, looked: ChangesLooked): Promise<DecidedChange[]> {
  const { rows } = (await db.raw(
    `with voice as (
       select d.change_id, d.verdict, min(d.at) as at from decision d
       where d.region = :region
       group by d.change_id, d.verdict, coalesce(d.on_behalf_of, d.person)),
     ranked as (
       select change_id, verdict, at, row_number() over (partition by change_id, verdict order by at) as rank
       from voice)
     select c.opened_at, min(r.at) as decided_at
     from change c join ranked r on r.change_id = c.id and (r.verdict = 'reject' or r.rank = c.quorum)
     where c.region = :region and (:centres::text[] is null or c.centres && :centres::text[])
     group by c.id, c.opened_at having min(r.at) >= :since
     order by 2, c.id`,
    bound(looked),
  )) as { rows: { opened_at: Date; decided_at: Date }[] };
  return rows.map((row) => ({ openedAt: row.opened_at, decidedAt: row.decided_at }));
}

function bound({ region, since, centres }: ChangesLooked): {
  region: string;
  since: Date;
  centres: string[] | null;
} {
  return { region, since, centres: centres === null ? null : [...centres] };
}
