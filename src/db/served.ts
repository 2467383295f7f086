import type { MirroredType } from './remote.js';
import type { Db, Trx } from './types.js';

export interface ServedHead {
  readonly no: number;
  readonly at: Date | null;
  readonly journalNo: number;
  readonly rules: string;
}

interface HeadRow {
  readonly no: string;
  readonly at: Date | null;
  readonly journal_no: string;
  readonly rules: string;
}

/** How far the publication of a region is; null when nothing was ever published. */
export async function servedHead(db: Db, region: string): Promise<ServedHead | null> {
  const row: HeadRow | undefined = await db('served_head').where({ region }).first();
  return row === undefined ? null : headOf(row);
}

/** The same, and nobody else publishes in this region until the transaction ends. */
export async function lockServedHead(trx: Trx, region: string): Promise<ServedHead> {
  await trx('served_head').insert({ region }).onConflict('region').ignore();
  const row: HeadRow | undefined = await trx('served_head').where({ region }).forUpdate().first();
  if (row === undefined) throw new Error(`the served head of ${region} is gone`);
  return headOf(row);
}

function headOf(row: HeadRow): ServedHead {
  return { no: Number(row.no), at: row.at, journalNo: Number(row.journal_no), rules: row.rules };
}

export async function moveServedHead(
  trx: Trx,
  region: string,
  to: { no: number; at: Date | null; journalNo: number; rules: string },
): Promise<void> {
  await trx('served_head')
    .where({ region })
    .update({ no: to.no, at: to.at, journal_no: to.journalNo, rules: to.rules });
}

/** Number of the last journal entry that is committed: everything it tells of is visible from here on. */
export async function journalNo(db: Db): Promise<number> {
  const row: { no: string } | undefined = await db('journal_head').first('no');
  return Number(row?.no ?? 0);
}

/** The database's clock, in whole milliseconds, and after the instant given: instants of publications never repeat. */
export async function publicationInstant(trx: Trx, last: Date | null): Promise<Date> {
  const result = (await trx.raw(
    `select greatest(date_trunc('milliseconds', clock_timestamp()), ?::timestamptz + interval '1 millisecond') as at`,
    [last],
  )) as { rows: { at: Date }[] };
  return result.rows[0]?.at ?? new Date();
}

/** One resource whose source differs from what was published, or that is gone. */
export interface MovedSource {
  readonly type: MirroredType;
  readonly id: string;
  /** Null: the repository does not have it any more. */
  readonly body: string | null;
  readonly hash: string | null;
  readonly facts: readonly ServedFact[];
  readonly sensitive: boolean;
}

export interface ServedFact {
  /** `served.filiere[cmr_…]` */
  readonly key: string;
  /** JSON text. */
  readonly value: string;
  readonly at: string;
  readonly provenance: readonly { readonly kind: string; readonly origin: string; readonly date?: string }[];
  /** Offer identifier of the coordinating centre of the same network. */
  readonly coordinator: string | null;
}

/**
 * Lists in a temporary table of the transaction what differs between the mirror with its approved facts and what was
 * last published. Set-based: nothing is read but hashes.
 * @param rules added to every hash: other rules publish everything again
 * @returns how many rows differ
 */
export async function findMovedSources(trx: Trx, region: string, rules: string): Promise<number> {
  await trx.raw('drop table if exists publish_fact, publish_moved');
  await trx.raw(
    `create temporary table publish_fact on commit drop as
     with latest as (
       select distinct on (identifier, key) identifier, key, read_back, at, attempt from applied_element
       where region = :region and channel = 'served' order by identifier, key, no desc),
     known as (select * from latest where read_back is not null),
     network as (
       select n.identifier, substring(n.key from '\\[(.+)\\]$') as centre, n.read_back as network, l.read_back as label
       from known n join known l on l.identifier = n.identifier
         and l.key = replace(n.key, 'served.network[', 'served.label[')
       where n.key like 'served.network[%'),
     coordinator as (
       select network, min(identifier) as identifier from network where label = '"CRMR coordonnateur"' group by network)
     select k.identifier, k.key, k.read_back as value, k.at,
       coalesce(f.provenance, '[]'::jsonb) as provenance,
       c.identifier as coordinator
     from known k
     left join network n on n.identifier = k.identifier and k.key = 'served.network[' || n.centre || ']'
     left join coordinator c on c.network = n.network
     left join apply_attempt a on a.region = :region and a.no = k.attempt
     left join field_change f on f.region = :region and f.change_id = a.change_id and f.key = k.key`,
    { region },
  );
  const result = (await trx.raw(
    `create temporary table publish_moved on commit drop as
     with latest as (
       select distinct on (type, remote_id) type, remote_id, no, identifier, body_hash, gone
       from remote_version where region = :region order by type, remote_id, no desc),
     fact as (
       select identifier, encode(sha256(convert_to(string_agg(
         concat_ws('|', key, value, coordinator, provenance::text), E'\\n' order by key), 'UTF8')), 'hex') as hash
       from publish_fact group by identifier),
     wanted as (
       select l.type, l.remote_id as id, l.no,
         concat_ws(':', l.body_hash, case when l.type = 'HealthcareService' then f.hash end, :rules::text) as hash
       from latest l left join fact f on f.identifier = l.identifier and l.type = 'HealthcareService'
       where not l.gone)
     select coalesce(w.type, s.type) as type, coalesce(w.id, s.id) as id, w.no, w.hash
     from wanted w full join (select * from served_source where region = :region) s on s.type = w.type and s.id = w.id
     where w.hash is distinct from s.source_hash`,
    { region, rules },
  )) as { rowCount: number };
  await trx.raw('create index on publish_moved (type, id)');
  await trx.raw('analyze publish_moved');
  await trx.raw('create index on publish_fact (identifier)');
  return result.rowCount;
}

/** Moved resources of one type after an id, in the order of ids. */
export async function movedSources(
  trx: Trx,
  region: string,
  type: MirroredType,
  after: string,
  limit: number,
): Promise<readonly MovedSource[]> {
  const result = (await trx.raw(
    `select m.type, m.id, m.hash, v.body,
       (select coalesce(json_agg(json_build_object('key', f.key, 'value', f.value, 'at', f.at,
           'provenance', f.provenance, 'coordinator', f.coordinator) order by f.key), '[]'::json)
        from publish_fact f where f.identifier = v.identifier and m.type = 'HealthcareService') as facts,
       coalesce(m.type = 'Location' and exists (
         select 1 from served_source o where o.region = :region and o.type = 'HealthcareService'
           and o.sensitive and o.places @> array[m.id])
         and not exists (
         select 1 from served_source o where o.region = :region and o.type = 'HealthcareService'
           and not o.sensitive and o.places @> array[m.id]), false) as sensitive
     from publish_moved m left join remote_version v on v.region = :region and v.no = m.no
     where m.type = :type and m.id > :after order by m.id limit :limit`,
    { region, type, after, limit },
  )) as { rows: MovedSource[] };
  return result.rows;
}

/** Places that became places of sensitive offers alone, or are so no more, join what is to be published again. */
export async function addMovedPlaces(trx: Trx, region: string): Promise<void> {
  await trx.raw(
    `insert into publish_moved (type, id, no, hash)
     select 'Location', p.id, v.no, p.source_hash from served_source p
     join lateral (select no from remote_version r where r.region = :region and r.type = 'Location'
       and r.remote_id = p.id order by no desc limit 1) v on true
     where p.region = :region and p.type = 'Location'
       and not exists (select 1 from publish_moved m where m.type = 'Location' and m.id = p.id)
       and p.sensitive is distinct from (
         exists (select 1 from served_source o where o.region = :region and o.type = 'HealthcareService'
           and o.sensitive and o.places @> array[p.id])
         and not exists (select 1 from served_source o where o.region = :region and o.type = 'HealthcareService'
           and not o.sensitive and o.places @> array[p.id]))`,
    { region },
  );
}

export async function putSources(
  trx: Trx,
  region: string,
  rows: readonly {
    type: MirroredType;
    id: string;
    hash: string | null;
    sensitive: boolean;
    places: readonly string[];
  }[],
): Promise<void> {
  for (const type of new Set(rows.map((row) => row.type))) {
    const gone = rows.filter((row) => row.type === type && row.hash === null).map((row) => row.id);
    if (gone.length > 0) await trx('served_source').where({ region, type }).whereIn('id', gone).delete();
  }
  const kept = rows.filter((row) => row.hash !== null);
  if (kept.length === 0) return;
  await trx('served_source')
    .insert(
      kept.map((row) => ({
        region,
        type: row.type,
        id: row.id,
        source_hash: row.hash,
        sensitive: row.sensitive,
        places: [...row.places],
      })),
    )
    .onConflict(['region', 'type', 'id'])
    .merge();
}

/** What a view holds of some resources, and the last version number that each ever had there. */
export async function servedNow(
  trx: Trx,
  region: string,
  type: MirroredType,
  ids: readonly string[],
): Promise<ReadonlyMap<string, { readonly version: number; readonly contentHash: string | null }>> {
  const result = (await trx.raw(
    `select v.view, v.id, max(v.version) as version, max(r.content_hash) as content_hash
     from served_version v
     left join served_resource r on r.region = v.region and r.view = v.view and r.type = v.type and r.id = v.id
     where v.region = ? and v.type = ? and v.id = any(?)
     group by v.view, v.id`,
    [region, type, [...ids]],
  )) as { rows: { view: string; id: string; version: number; content_hash: string | null }[] };
  // The views are few: all of them in one reading.
  return new Map(
    result.rows.map((row) => [
      `${row.view} ${row.id}`,
      { version: row.version, contentHash: row.content_hash },
    ]),
  );
}

/** One resource that a view says otherwise from now on. */
export interface NewVersion {
  readonly no: number;
  readonly view: string;
  readonly type: MirroredType;
  readonly id: string;
  readonly version: number;
  /** Null: it leaves the view. */
  readonly body: string | null;
  readonly contentHash: string | null;
  readonly tokens: readonly string[];
  readonly name: string | null;
  readonly position: { readonly latitude: number; readonly longitude: number } | null;
  readonly values: readonly {
    readonly param: string;
    readonly text: string | null;
    readonly low: number | null;
    readonly high: number | null;
  }[];
  readonly links: readonly {
    readonly param: string;
    readonly targetType: string;
    readonly targetId: string;
  }[];
}

/** What searches need to know of a resource that is served already. */
export type RenewedEntries = Pick<
  NewVersion,
  'view' | 'type' | 'id' | 'tokens' | 'name' | 'position' | 'values' | 'links'
>;

/** Rows of one insert: far below the 65,535 bindings of PostgreSQL's protocol. */
const CHUNK = 500;

export async function addVersions(
  trx: Trx,
  region: string,
  at: Date,
  versions: readonly NewVersion[],
): Promise<void> {
  if (versions.length === 0) return;
  await trx.batchInsert(
    'served_version',
    versions.map(({ no, view, type, id, version, body }) => ({
      region,
      no,
      view,
      type,
      id,
      version,
      at,
      body,
    })),
    CHUNK,
  );
  const former = new Map<string, { view: string; type: MirroredType; ids: string[] }>();
  for (const { view, type, id, version } of versions) {
    if (version === 1) continue;
    const group = former.get(`${view} ${type}`) ?? { view, type, ids: [] };
    group.ids.push(id);
    former.set(`${view} ${type}`, group);
  }
  for (const { view, type, ids } of former.values())
    for (const table of ['served_resource', 'served_value', 'served_link'])
      await trx(table).where({ region, view, type }).whereIn('id', ids).delete();
  const there = versions.filter((each) => each.body !== null);
  await trx.batchInsert(
    'served_resource',
    there.map((each) => ({
      region,
      view: each.view,
      type: each.type,
      id: each.id,
      no: each.no,
      version: each.version,
      at,
      content_hash: each.contentHash,
      body: each.body,
      tokens: [...each.tokens],
      name: each.name,
      latitude: each.position?.latitude ?? null,
      longitude: each.position?.longitude ?? null,
    })),
    CHUNK,
  );
  await addEntries(trx, region, there);
}

async function addEntries(trx: Trx, region: string, rows: readonly RenewedEntries[]): Promise<void> {
  const owner = ({ view, type, id }: RenewedEntries): object => ({ region, view, type, id });
  await trx.batchInsert(
    'served_value',
    rows.flatMap((each) => each.values.map((value) => ({ ...owner(each), ...value }))),
    CHUNK,
  );
  await trx.batchInsert(
    'served_link',
    rows.flatMap((each) =>
      each.links.map(({ param, targetType, targetId }) => ({
        ...owner(each),
        param,
        target_type: targetType,
        target_id: targetId,
      })),
    ),
    CHUNK,
  );
}

/** The same resources, found otherwise: no version comes of it. */
export async function renewEntries(trx: Trx, region: string, rows: readonly RenewedEntries[]): Promise<void> {
  for (const { view, type, id, tokens, name, position } of rows) {
    const key = { region, view, type, id };
    await trx('served_resource')
      .where(key)
      .update({
        tokens: [...tokens],
        name,
        latitude: position?.latitude ?? null,
        longitude: position?.longitude ?? null,
      });
    for (const table of ['served_value', 'served_link']) await trx(table).where(key).delete();
  }
  await addEntries(trx, region, rows);
}

/** Everything of the views that are not served any more leaves, version after version. */
export async function servedViews(trx: Trx, region: string): Promise<readonly string[]> {
  return (await trx('served_resource')
    .where({ region })
    .distinct('view')
    .orderBy('view')
    .pluck('view')) as string[];
}

/** Resources that a view holds, in the order of their ids. */
export async function heldBy(
  trx: Trx,
  region: string,
  view: string,
  after: { readonly type: string; readonly id: string },
  limit: number,
): Promise<readonly { readonly type: MirroredType; readonly id: string; readonly version: number }[]> {
  const result = (await trx.raw(
    `select type, id, version from served_resource where region = ? and view = ? and (type, id) > (?, ?)
     order by type, id limit ?`,
    [region, view, after.type, after.id, limit],
  )) as { rows: { type: MirroredType; id: string; version: number }[] };
  return result.rows;
}
