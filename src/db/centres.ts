import type { CentreId } from '../domain/ids.js';
import type { Db } from './types.js';

export interface CentreKeyRow {
  readonly source: string;
  readonly key: string;
  readonly centre: CentreId;
  readonly rule: string;
}

export interface CentreLink {
  readonly centre: CentreId;
  readonly identifier: string;
  readonly createdByUs: boolean;
  /** Rank among the links: of the centres of one offer, the one linked first has the smallest. */
  readonly no: number;
}

/** Which centre each observation key means; the last row of a key holds. */
export async function centreKeys(db: Db, region: string, asOf?: number): Promise<CentreKeyRow[]> {
  const query = db('centre_key')
    .where({ region })
    .distinctOn('source', 'key')
    .orderBy([{ column: 'source' }, { column: 'key' }, { column: 'no', order: 'desc' }])
    .select('source', 'key', 'centre', 'rule');
  if (asOf !== undefined) void query.where('no', '<=', asOf);
  return (await query) as CentreKeyRow[];
}

/** Whether a region ever gave a centre this id. */
export async function centreExists(db: Db, region: string, id: string): Promise<boolean> {
  return (await db('centre').where({ region, id }).first('id')) !== undefined;
}

/** Those of these ids that are centres of other regions: a person mixed two workbooks. */
export async function centresOfOtherRegions(
  db: Db,
  region: string,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = (await db('centre').whereNot({ region }).whereIn('id', ids).select('id')) as { id: string }[];
  return new Set(rows.map(({ id }) => id));
}

/** When a centre was first met: order of its first key, and start of the run that gave it its id. */
export interface CentreAge {
  readonly order: number;
  readonly since: Date;
}

export async function centreAges(db: Db, region: string): Promise<Map<CentreId, CentreAge>> {
  const { rows } = (await db.raw(
    `select k.centre, min(k.no)::text as first, min(r.started_at) as since from centre_key k
     join run r on r.region = k.region and r.id = k.run_id
     where k.region = :region group by k.centre`,
    { region },
  )) as { rows: { centre: CentreId; first: string; since: Date }[] };
  return new Map(rows.map((row) => [row.centre, { order: Number(row.first), since: row.since }]));
}

export async function addCentres(
  db: Db,
  region: string,
  runId: string,
  rows: readonly CentreKeyRow[],
): Promise<void> {
  const fresh = [...new Set(rows.filter((row) => row.rule === 'new').map((row) => row.centre))];
  await db.batchInsert(
    'centre',
    fresh.map((id) => ({ region, id, run_id: runId })),
    1000,
  );
  await db.batchInsert(
    'centre_key',
    rows.map((row) => ({ region, ...row, run_id: runId })),
    1000,
  );
}

/** Offers that centres are linked to now, or were as of a number of `centre_offer`. */
export async function centreLinks(db: Db, region: string, asOf?: number): Promise<CentreLink[]> {
  const result = (await db.raw(
    `select c.centre, c.identifier, o.created_by_us, c.first_no as no from (
       select distinct on (centre, identifier) *, min(no) over (partition by centre, identifier) as first_no
       from centre_offer where region = :region and no <= :asOf
       order by centre, identifier, no desc) c
     join offer o on o.region = :region and o.identifier = c.identifier
     where c.linked order by c.centre collate "C", c.identifier collate "C"`,
    { region, asOf: asOf ?? Number.MAX_SAFE_INTEGER },
  )) as { rows: { centre: CentreId; identifier: string; created_by_us: boolean; no: string }[] };
  return result.rows.map((row) => ({
    centre: row.centre,
    identifier: row.identifier,
    createdByUs: row.created_by_us,
    no: Number(row.no),
  }));
}

/** An offer that a centre left, by a withdrawal or a closure. */
export interface FormerLink {
  readonly centre: CentreId;
  readonly identifier: string;
  readonly createdByUs: boolean;
  /** When the departure was written. */
  readonly leftAt: Date;
}

/** Offers that centres left and are not linked to now, the last departure of each centre last. */
export async function formerLinks(db: Db, region: string, asOf?: number): Promise<FormerLink[]> {
  const result = (await db.raw(
    `select c.centre, c.identifier, o.created_by_us, coalesce(a.ended_at, a.sent_at, to_timestamp(0)) as left_at
     from (select distinct on (centre, identifier) * from centre_offer
       where region = :region and no <= :asOf order by centre, identifier, no desc) c
     join offer o on o.region = :region and o.identifier = c.identifier
     left join apply_attempt a on a.region = :region and a.no = c.attempt
     where not c.linked order by c.centre collate "C", c.no`,
    { region, asOf: asOf ?? Number.MAX_SAFE_INTEGER },
  )) as { rows: { centre: CentreId; identifier: string; created_by_us: boolean; left_at: Date }[] };
  return result.rows.map((row) => ({
    centre: row.centre,
    identifier: row.identifier,
    createdByUs: row.created_by_us,
    leftAt: row.left_at,
  }));
}

export async function linkCentre(
  db: Db,
  link: {
    region: string;
    centre: CentreId;
    identifier: string;
    createdByUs: boolean;
    eg: string | null;
    linked: 'linked' | 'unlinked';
    attempt: number | null;
  },
): Promise<void> {
  await db('offer')
    .insert({
      region: link.region,
      identifier: link.identifier,
      created_by_us: link.createdByUs,
      eg: link.eg,
    })
    .onConflict(['region', 'identifier'])
    .ignore();
  await db('centre_offer').insert({
    region: link.region,
    centre: link.centre,
    identifier: link.identifier,
    linked: link.linked === 'linked',
    attempt: link.attempt,
  });
}
