import type { PersonId } from '../domain/ids.js';
import type { Db } from './types.js';

export type AnomalyState = 'open' | 'sent' | 'refused' | 'uncertain' | 'abandoned';

/** One report of an anomaly: the intent before the request, the outcome after. */
export interface Anomaly {
  readonly no: number;
  readonly changeId: string;
  readonly hash: string;
  readonly about: 'offer' | 'carrier';
  readonly action: 'AJO' | 'COR' | 'SUP';
  readonly mark: string;
  readonly body: string;
  readonly state: AnomalyState;
  readonly remoteId: string | null;
  readonly outcome: { readonly message?: string } | null;
  readonly sentBy: PersonId;
  readonly leaseUntil: Date;
  readonly createdAt: Date;
  /** Last business status read (TRE_R352); null when none was. */
  readonly status: string | null;
}

interface AnomalyRow {
  readonly no: string;
  readonly change_id: string;
  readonly hash: string;
  readonly about: Anomaly['about'];
  readonly action: Anomaly['action'];
  readonly mark: string;
  readonly body: string;
  readonly state: AnomalyState;
  readonly remote_id: string | null;
  readonly outcome: Anomaly['outcome'];
  readonly sent_by: PersonId;
  readonly lease_until: Date;
  readonly created_at: Date;
  readonly status: string | null;
}

/** @returns the new report's number; null when one of its kind is open, uncertain or sent for this form of the change */
export async function openAnomaly(
  db: Db,
  region: string,
  anomaly: Pick<
    Anomaly,
    'changeId' | 'hash' | 'about' | 'action' | 'mark' | 'body' | 'sentBy' | 'leaseUntil' | 'createdAt'
  >,
): Promise<number | null> {
  const rows = (await db('anomaly')
    .insert({
      region,
      change_id: anomaly.changeId,
      hash: anomaly.hash,
      about: anomaly.about,
      action: anomaly.action,
      mark: anomaly.mark,
      body: anomaly.body,
      sent_by: anomaly.sentBy,
      lease_until: anomaly.leaseUntil,
      created_at: anomaly.createdAt,
    })
    .onConflict(db.raw("(region, change_id, hash, about) where state in ('open', 'sent', 'uncertain')"))
    .ignore()
    .returning('no')) as { no: string }[];
  return rows[0] === undefined ? null : Number(rows[0].no);
}

/** Writes on a report only while it is unsettled. @returns whether it still was */
export async function updateAnomaly(
  db: Db,
  region: string,
  no: number,
  set: {
    readonly state: AnomalyState;
    readonly remoteId?: string;
    readonly outcome?: unknown;
    readonly endedAt?: Date;
  },
): Promise<boolean> {
  const count = await db('anomaly')
    .where({ region, no })
    .whereIn('state', ['open', 'uncertain'])
    .update({
      state: set.state,
      ...(set.remoteId === undefined ? {} : { remote_id: set.remoteId }),
      ...(set.outcome === undefined ? {} : { outcome: JSON.stringify(set.outcome) }),
      ...(set.endedAt === undefined ? {} : { ended_at: set.endedAt }),
    });
  return count === 1;
}

/** Reports of a region with their last status, oldest first; those in some states only, when named. */
export async function anomalies(
  db: Db,
  region: string,
  states?: readonly AnomalyState[],
): Promise<Anomaly[]> {
  const last = db('anomaly_status as s')
    .where('s.region', region)
    .whereRaw('s.anomaly = a.no')
    .orderBy('s.no', 'desc')
    .limit(1)
    .select('s.code');
  const query = db('anomaly as a').where('a.region', region).orderBy('a.no').select('a.*', last.as('status'));
  if (states !== undefined) void query.whereIn('a.state', [...states]);
  return ((await query) as AnomalyRow[]).map(toAnomaly);
}

export async function addAnomalyStatus(
  db: Db,
  region: string,
  anomaly: number,
  code: string,
  seenAt: Date,
): Promise<void> {
  await db('anomaly_status').insert({ region, anomaly, code, seen_at: seenAt });
}

function toAnomaly(row: AnomalyRow): Anomaly {
  return {
    no: Number(row.no),
    changeId: row.change_id,
    hash: row.hash,
    about: row.about,
    action: row.action,
    mark: row.mark,
    body: row.body,
    state: row.state,
    remoteId: row.remote_id,
    outcome: row.outcome,
    sentBy: row.sent_by,
    leaseUntil: row.lease_until,
    createdAt: row.created_at,
    status: row.status,
  };
}
