import type { MirroredType } from './remote.js';
import type { Trx } from './types.js';

/** One resource whose source differs from what was published, or that is gone. */
export interface MovedSource {
  readonly type: MirroredType;
  readonly id: string;
  /** As the repository has it, or last had it. */
  readonly body: string | null;
  /** Null: the repository does not have it any more. */
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
  /** Offer of the coordinating centre of the same network, when the mirror holds it. */
  readonly coordinator: { readonly identifier: string; readonly sensitive: boolean } | null;
}

/** An offer of a coordinating centre, as the mirror holds it. */
export interface CoordinatorOffer {
  readonly identifier: string;
  readonly body: string;
}

/**
 * Lists the approved facts in a temporary table of the transaction, each with the coordinating centre of its network.
 * @returns the offers of those centres: whether they are sensitive is told by `markSensitive`
 */
export async function gatherFacts(trx: Trx, region: string): Promise<readonly CoordinatorOffer[]> {
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
       select n.network, min(n.identifier) as identifier from network n
       join lateral (select gone from remote_version r where r.region = :region and r.type = 'HealthcareService'
         and r.identifier = n.identifier order by no desc limit 1) there on not there.gone
       where n.label = '"CRMR coordonnateur"' group by n.network)
     select k.identifier, k.key, k.read_back as value, k.at,
       coalesce(f.provenance, '[]'::jsonb) as provenance,
       c.identifier as coordinator, false as coordinator_sensitive
     from known k
     left join network n on n.identifier = k.identifier and k.key = 'served.network[' || n.centre || ']'
     left join coordinator c on c.network = n.network
     left join apply_attempt a on a.region = :region and a.no = k.attempt
     left join field_change f on f.region = :region and f.change_id = a.change_id and f.key = k.key`,
    { region },
  );
  await trx.raw('create index on publish_fact (identifier)');
  const { rows } = await trx.raw<{ rows: CoordinatorOffer[] }>(
    `select c.coordinator as identifier, v.body from (
       select distinct coordinator from publish_fact where coordinator is not null) c
     join lateral (select body from remote_version r where r.region = :region and r.type = 'HealthcareService'
       and r.identifier = c.coordinator order by no desc limit 1) v on true`,
    { region },
  );
  return rows;
}

/** Of the facts gathered: these coordinating offers are of sensitive units. */
export async function markSensitive(trx: Trx, identifiers: readonly string[]): Promise<void> {
  await trx.raw('update publish_fact set coordinator_sensitive = true where coordinator = any(?)', [
    [...identifiers],
  ]);
}

/**
 * Lists what differs between the mirror with the facts gathered and what was last published. Set-based: nothing is read
 * but hashes.
 * @param rules added to every hash: other rules publish everything again
 */
export async function findMovedSources(trx: Trx, region: string, rules: string): Promise<void> {
  await trx.raw(
    `create temporary table publish_moved on commit drop as
     with latest as (
       select distinct on (type, remote_id) type, remote_id, no, identifier, body_hash, gone
       from remote_version where region = :region order by type, remote_id, no desc),
     fact as (
       select identifier, encode(sha256(convert_to(string_agg(
         concat_ws('|', key, value, coordinator, coordinator_sensitive, provenance::text), E'\\n' order by key),
         'UTF8')), 'hex') as hash
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
  );
  await trx.raw('create index on publish_moved (type, id)');
  await trx.raw('analyze publish_moved');
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
           'provenance', f.provenance, 'coordinator', case when f.coordinator is not null then
             json_build_object('identifier', f.coordinator, 'sensitive', f.coordinator_sensitive) end)
           order by f.key), '[]'::json)
        from publish_fact f where f.identifier = v.identifier and m.type = 'HealthcareService') as facts,
       coalesce(m.type = 'Location' and (exists (
         select 1 from served_source o where o.region = :region and o.type = 'HealthcareService'
           and o.sensitive and o.places @> array[m.id])
         or exists (select 1 from served_source p where p.region = :region and p.type = 'Location' and p.id = m.id
           and p.sensitive)
         or exists (select 1 from served_last l where l.region = :region and l.type = 'Location' and l.id = m.id
           and l.withheld))
         and not exists (
         select 1 from served_source o where o.region = :region and o.type = 'HealthcareService'
           and not o.sensitive and o.places @> array[m.id]), false) as sensitive
     from publish_moved m left join lateral (select body, identifier from remote_version r
       where r.region = :region and r.type = m.type and r.remote_id = m.id order by r.no desc limit 1) v on true
     where m.type = :type and m.id > :after order by m.id limit :limit`,
    { region, type, after, limit },
  )) as { rows: MovedSource[] };
  return result.rows;
}
/**
 * Places that became places of sensitive offers alone, or are so no more, join what is to be published again. One that
 * no offer names any more stays what it was.
 */
export async function addMovedPlaces(trx: Trx, region: string): Promise<void> {
  await trx.raw(
    `insert into publish_moved (type, id, no, hash)
     select 'Location', p.id, v.no, p.source_hash from served_source p
     join lateral (select no from remote_version r where r.region = :region and r.type = 'Location'
       and r.remote_id = p.id order by no desc limit 1) v on true
     where p.region = :region and p.type = 'Location'
       and not exists (select 1 from publish_moved m where m.type = 'Location' and m.id = p.id)
       and p.sensitive is distinct from (
         (p.sensitive or exists (select 1 from served_source o where o.region = :region and o.type = 'HealthcareService'
           and o.sensitive and o.places @> array[p.id]))
         and not exists (select 1 from served_source o where o.region = :region and o.type = 'HealthcareService'
           and not o.sensitive and o.places @> array[p.id]))`,
    { region },
  );
}

/** What was published of one resource: its hash (null: it is gone), and the places that a sensitive offer may hide. */
export interface SourceRow {
  readonly type: MirroredType;
  readonly id: string;
  readonly hash: string | null;
  readonly sensitive: boolean;
  readonly places: readonly string[];
}

export async function putSources(trx: Trx, region: string, rows: readonly SourceRow[]): Promise<void> {
  for (const type of new Set(rows.map((row) => row.type))) {
    const gone = rows.filter((row) => row.type === type && row.hash === null).map((row) => row.id);
    if (gone.length > 0) await trx('served_source').where({ region, type }).whereIn('id', gone).delete();
  }
  const kept = rows
    .filter((row) => row.hash !== null)
    .map(({ type, id, hash, sensitive, places }) => ({ type, id, hash, sensitive, places }));
  if (kept.length === 0) return;
  await trx.raw(
    `insert into served_source (region, type, id, source_hash, sensitive, places)
     select ?, r.type, r.id, r.hash, r.sensitive, r.places from jsonb_to_recordset(?::jsonb)
       as r(type text, id text, hash text, sensitive boolean, places text[])
     on conflict (region, type, id) do update
       set source_hash = excluded.source_hash, sensitive = excluded.sensitive, places = excluded.places`,
    [region, JSON.stringify(kept)],
  );
}
