import type { ChangeState } from '../domain/change.js';
import type { CentreId, PersonId } from '../domain/ids.js';
import type { Json } from '../domain/json.js';
import type { Attempt, AttemptState } from './attempts.js';
import type { Db } from './types.js';

/*
 * What is needed to say how things stood on an earlier day. Everything here only grows (append-only tables), so that
 * the answer for a past instant never changes; the choice among these rows is made by src/runs/as-of*.
 */

/** One reading of an offer that was not as the one before, its text aside. */
export interface OfferVersion {
  readonly no: number;
  readonly remoteId: string;
  readonly identifier: string | null;
  /** Version number that the repository gave. */
  readonly versionId: string | null;
  readonly gone: boolean;
  readonly seenAt: Date;
}

/** Every version of every resource that ever bore one of these numbers, in the order of their recording. */
export async function offerVersions(
  db: Db,
  region: string,
  identifiers: readonly string[],
): Promise<OfferVersion[]> {
  const result = (await db.raw(
    `select no, remote_id, identifier, version_id, gone, seen_at from remote_version
     where region = :region and type = 'HealthcareService' and remote_id in (
       select remote_id from remote_version
       where region = :region and type = 'HealthcareService' and identifier = any(:identifiers))
     order by no`,
    { region, identifiers: [...identifiers] },
  )) as {
    rows: {
      no: string;
      remote_id: string;
      identifier: string | null;
      version_id: string | null;
      gone: boolean;
      seen_at: Date;
    }[];
  };
  return result.rows.map((row) => ({
    no: Number(row.no),
    remoteId: row.remote_id,
    identifier: row.identifier,
    versionId: row.version_id,
    gone: row.gone,
    seenAt: row.seen_at,
  }));
}

/** Texts of these versions, by their number, byte for byte. */
export async function versionBodies(
  db: Db,
  region: string,
  nos: readonly number[],
): Promise<Map<number, string>> {
  const rows = (await db('remote_version')
    .where({ region })
    .whereRaw('no = any(?::bigint[])', [[...nos]])
    .select('no', 'body')) as { no: string; body: string }[];
  return new Map(rows.map(({ no, body }) => [Number(no), body]));
}

/** A resource that an offer refers to, as it was last read by an instant. */
export interface ReferredResource {
  /** `Organization/…`, `Location/…` */
  readonly reference: string;
  /** FINESS number of an establishment. */
  readonly identifier: string | null;
  readonly body: string;
}

export async function referredResources(
  db: Db,
  region: string,
  references: readonly string[],
  instant: Date,
): Promise<ReferredResource[]> {
  const pairs = references.map((each) => each.split('/', 2));
  const result = (await db.raw(
    `select distinct on (v.type, v.remote_id) v.type || '/' || v.remote_id as reference, v.identifier, v.body
     from unnest(:types::text[], :ids::text[]) as wanted (type, id)
     join remote_version v on v.region = :region and v.type = wanted.type and v.remote_id = wanted.id
     where v.seen_at <= :instant
     order by v.type, v.remote_id, v.no desc`,
    { region, instant, types: pairs.map(([type]) => type ?? ''), ids: pairs.map(([, id]) => id ?? '') },
  )) as { rows: ReferredResource[] };
  return result.rows;
}

/** A centre joined an offer, or left it. */
export interface LinkEvent {
  readonly centre: CentreId;
  readonly identifier: string;
  readonly linked: boolean;
  readonly createdByUs: boolean;
  /** Null: no attempt says when. */
  readonly at: Date | null;
  readonly changeId: string | null;
}

/**
 * Links in the order of their recording. The row itself has no date: it is that of the sending, or that of the reading
 * that found what somebody typed.
 */
export async function linkEvents(
  db: Db,
  region: string,
  of: { readonly centres: readonly string[]; readonly identifiers: readonly string[] },
): Promise<LinkEvent[]> {
  const result = (await db.raw(
    `select l.centre, l.identifier, l.linked, o.created_by_us, a.change_id, coalesce(
       (select min(f.at) from followup_event f
        where f.region = a.region and f.change_id = a.change_id and f.attempt = a.no and f.kind in ('seen', 'differs')),
       a.ended_at) as at
     from centre_offer l
     join offer o on o.region = l.region and o.identifier = l.identifier
     left join apply_attempt a on a.region = l.region and a.no = l.attempt
     where l.region = :region and (l.centre = any(:centres) or l.identifier = any(:identifiers))
     order by l.no`,
    { region, centres: [...of.centres], identifiers: [...of.identifiers] },
  )) as {
    rows: {
      centre: CentreId;
      identifier: string;
      linked: boolean;
      created_by_us: boolean;
      change_id: string | null;
      at: Date | null;
    }[];
  };
  return result.rows.map((row) => ({
    centre: row.centre,
    identifier: row.identifier,
    linked: row.linked,
    createdByUs: row.created_by_us,
    at: row.at,
    changeId: row.change_id,
  }));
}

/** Changes that are about an offer, or that made it. */
export async function changesOfOffer(db: Db, region: string, identifier: string): Promise<string[]> {
  const result = (await db.raw(
    `select id from change where region = :region and target = 'offer:' || :identifier
     union select change_id from apply_attempt where region = :region and identifier = :identifier
     union select a.change_id from centre_offer l join apply_attempt a on a.region = l.region and a.no = l.attempt
       where l.region = :region and l.identifier = :identifier`,
    { region, identifier },
  )) as { rows: { id: string }[] };
  return result.rows.map(({ id }) => id);
}

/** A sending of a change, its text aside. */
export type PastAttempt = Pick<Attempt, 'no' | 'changeId' | 'way' | 'identifier' | 'sentAt'> & {
  readonly state: AttemptState;
  readonly endedAt: Date | null;
  readonly outcome: Readonly<Record<string, Json>> | null;
};

export async function attemptsOn(
  db: Db,
  region: string,
  changeIds: readonly string[],
): Promise<PastAttempt[]> {
  const rows = (await db('apply_attempt')
    .where({ region })
    .whereRaw('change_id = any(?)', [[...changeIds]])
    .orderBy('no')
    .select('no', 'change_id', 'way', 'identifier', 'state', 'sent_at', 'ended_at', 'outcome')) as (Omit<
    PastAttempt,
    'no' | 'changeId' | 'sentAt' | 'endedAt'
  > & { no: string; change_id: string; sent_at: Date | null; ended_at: Date | null })[];
  return rows.map(({ no, change_id, sent_at, ended_at, ...row }) => ({
    ...row,
    no: Number(no),
    changeId: change_id,
    sentAt: sent_at,
    endedAt: ended_at,
  }));
}

/** A value that was read back after a writing, or that is served beside the ROR. */
export interface AppliedRow {
  readonly identifier: string;
  readonly key: string;
  /** Null: taken back. */
  readonly readBack: Json | null;
  readonly channel: 'ror' | 'served';
  readonly centres: readonly CentreId[];
  readonly at: Date;
}

/** In the order of their recording. */
export async function appliedEver(
  db: Db,
  region: string,
  identifiers: readonly string[],
): Promise<AppliedRow[]> {
  const rows = (await db('applied_element')
    .where({ region })
    .whereRaw('identifier = any(?)', [[...identifiers]])
    .orderBy('no')
    .select('identifier', 'key', 'read_back', 'channel', 'centres', 'at')) as (Omit<
    AppliedRow,
    'readBack'
  > & { read_back: string | null })[];
  return rows.map(({ read_back, ...row }) => ({
    ...row,
    readBack: read_back === null ? null : (JSON.parse(read_back) as Json),
  }));
}

/** What the journal knows of a decision or a sending and no other table does: who pressed, how many voices counted. */
export interface JournalAct {
  readonly no: number;
  readonly kind: string;
  readonly at: Date;
  readonly actor: PersonId | null;
  readonly change: string | null;
  readonly attempt: number | null;
  readonly approvals: number | null;
}

const ACTS = [
  'approve',
  'transmit',
  ...['apply', 'applyRefused', 'applyUncertain', 'applyAbandoned', 'applyConflict'],
];

/** @param subjects `change:…` and `offer:…`, as the journal names them */
export async function journalActs(
  db: Db,
  region: string,
  subjects: readonly string[],
): Promise<JournalAct[]> {
  const result = (await db.raw(
    `select no, kind, at, actor, body::jsonb ->> 'change' as change,
       (body::jsonb ->> 'attempt')::bigint as attempt, (body::jsonb ->> 'approvals')::integer as approvals
     from journal where region = :region and subject = any(:subjects) and kind = any(:kinds) order by no`,
    { region, subjects: [...subjects], kinds: ACTS },
  )) as {
    rows: (Omit<JournalAct, 'no' | 'attempt'> & { no: string; attempt: string | null })[];
  };
  return result.rows.map((row) => ({
    ...row,
    no: Number(row.no),
    attempt: row.attempt === null ? null : Number(row.attempt),
  }));
}

/** States in which plans opened changes, as the journal holds them; a change whose plan it does not hold is absent. */
export async function openingStates(
  db: Db,
  region: string,
  changes: readonly { readonly id: string; readonly runId: string }[],
): Promise<Map<string, ChangeState>> {
  if (changes.length === 0) return new Map();
  const result = (await db.raw(
    `select opened ->> 'id' as id, opened ->> 'state' as state
     from journal j, lateral jsonb_array_elements(j.body::jsonb -> 'opened') as opened
     where j.region = :region and j.kind = 'plan' and j.subject = any(:subjects) and opened ->> 'id' = any(:ids)`,
    {
      region,
      subjects: [...new Set(changes.map(({ runId }) => `run:${runId}`))],
      ids: changes.map(({ id }) => id),
    },
  )) as { rows: { id: string; state: ChangeState }[] };
  return new Map(result.rows.map(({ id, state }) => [id, state]));
}

/** The first reading of the repository that was ever recorded, and the last one up to an instant. */
export async function readingsUpTo(
  db: Db,
  region: string,
  instant: Date,
): Promise<{ readonly first: Date | null; readonly last: Date | null }> {
  const rows = (await db('mirror_reading')
    .where({ region })
    .select(
      db.raw('min(recorded_at) as first'),
      db.raw('max(recorded_at) filter (where recorded_at <= ?) as last', [instant]),
    )) as unknown as { first: Date | null; last: Date | null }[];
  return rows[0] ?? { first: null, last: null };
}
