import type { MirroredType } from './remote.js';
import type { Trx } from './types.js';

/** One resource as a view says it. */
export interface ServedBody {
  readonly id: string;
  readonly body: string;
  readonly latitude: number | null;
  readonly longitude: number | null;
}

/** Nobody publishes in this region until the transaction ends: everything read is of one publication. */
export async function holdServedHead(trx: Trx, region: string): Promise<void> {
  await trx('served_head').where({ region }).forShare().first('no');
}

/** Offers of a view whose text holds a mark, in the order of their ids: a few thousand in the whole country. */
export async function servedOffersWith(
  trx: Trx,
  region: string,
  view: string,
  mark: string,
): Promise<readonly ServedBody[]> {
  return (await trx('served_resource')
    .where({ region, view, type: 'HealthcareService' })
    .whereRaw('position(? in body) > 0', [mark])
    .orderByRaw('id collate "C"')
    .select('id', 'body', 'latitude', 'longitude')) as ServedBody[];
}

export async function servedBodies(
  trx: Trx,
  region: string,
  view: string,
  type: MirroredType,
  ids: readonly string[],
): Promise<readonly ServedBody[]> {
  return (await trx('served_resource')
    .where({ region, view, type })
    .whereRaw('id = any(?)', [[...ids]])
    .orderByRaw('id collate "C"')
    .select('id', 'body', 'latitude', 'longitude')) as ServedBody[];
}

/** One version of an offer that carried the mark at least once. */
export interface FormerVersion {
  readonly id: string;
  readonly at: Date;
  /** Null: gone, or without the mark. */
  readonly body: string | null;
}

/**
 * Every version that a view ever served of offers that carried the mark once, oldest first; of what is withheld now,
 * nothing. What was cut of an offer since stands in these bodies: only its numbers and centres may be told of them.
 */
export async function versionsOfOffersWith(
  trx: Trx,
  region: string,
  view: string,
  mark: string,
): Promise<readonly FormerVersion[]> {
  const { rows } = await trx.raw<{ rows: FormerVersion[] }>(
    `with marked as (
       select distinct id from served_version
       where region = :region and view = :view and type = 'HealthcareService' and position(:mark in body) > 0)
     select v.id, v.at, case when position(:mark in v.body) > 0 then v.body end as body
     from served_version v join marked using (id)
     where v.region = :region and v.view = :view and v.type = 'HealthcareService'
       and not exists (select 1 from served_last l where l.region = v.region and l.view = v.view
         and l.type = v.type and l.id = v.id and l.withheld)
     order by v.id collate "C", v.version`,
    { region, view, mark },
  );
  return rows;
}

/** Numbers of the offers of sensitive units, under whichever technical id the repository has them. */
export async function sensitiveNumbers(trx: Trx, region: string): Promise<ReadonlySet<string>> {
  const { rows } = await trx.raw<{ rows: { identifier: string }[] }>(
    `select distinct r.identifier from served_source s
     join lateral (select identifier from remote_version v where v.region = s.region and v.type = s.type
       and v.remote_id = s.id order by no desc limit 1) r on true
     where s.region = ? and s.type = 'HealthcareService' and s.sensitive and r.identifier is not null`,
    [region],
  );
  return new Set(rows.map(({ identifier }) => identifier));
}

/** A withdrawal or a closure that is decided and has not come into effect. */
export interface DecidedDeparture {
  readonly kind: 'withdraw' | 'close';
  /** Offer number. */
  readonly identifier: string;
  /** Centres whose label leaves; of a closure, none is named. */
  readonly centres: readonly string[];
  /** Instant at which the last approval needed, or the establishment's agreement where it is asked, was recorded. */
  readonly decidedAt: Date;
}

/**
 * What will leave, as far as it may be told (DESIGN 3, step 9): enough people who are still entitled approved exactly
 * this form, and where the region asks for it the establishment agreed to it. What is only proposed, in conflict or
 * refused by the establishment is not here. A change handed over as a sheet or a Task is decided and still to be seen.
 * How long ago a right was confirmed is left to the sending: an export does not read the clock.
 */
export async function decidedDepartures(trx: Trx, region: string): Promise<readonly DecidedDeparture[]> {
  const { rows } = await trx.raw<{
    rows: { kind: 'withdraw' | 'close'; identifier: string; centres: string[]; decided_at: Date }[];
  }>(
    `select c.kind, substring(c.target from 7) as identifier,
       array(select substring(f.key from '^served\\.label\\[(.+)\\]$') from field_change f
         where f.region = c.region and f.change_id = c.id and f.operation = 'delete'
           and c.kind = 'withdraw' and f.key like 'served.label[%]' order by 1) as centres,
       greatest(d.at, case when a.verdict = 'agree' then a.recorded_at end) as decided_at
     from change c
     join region_state r on r.region = c.region
     join lateral (
       select min(d.at) as at from decision d join person p on p.id = d.person
       where d.region = c.region and d.change_id = c.id and d.hash = c.hash and d.verdict = 'approve'
         and (r.sandbox or p.issuer not like 'persona:%')
         and (c.state <> 'approved' or exists (select 1 from person_grant g where g.person = d.person
           and g.region = d.region and g.role = 'reviewer' and g.revoked_at is null))
       group by d.person order by 1 offset c.quorum - 1 limit 1) d on true
     left join lateral (
       select verdict, recorded_at from agreement a where a.region = c.region and a.change_id = c.id
         and a.hash = c.hash order by a.no desc limit 1) a on true
     where c.region = ? and c.kind in ('withdraw', 'close') and c.state in ('approved', 'transmitted', 'uncertain')
       and c.target like 'offer:%' and a.verdict is distinct from 'refuse'
       and (a.verdict = 'agree' or not coalesce(r.agreement_asked, not r.sandbox))
     order by c.target collate "C", c.no`,
    [region],
  );
  return rows.map(({ decided_at, ...row }) => ({ ...row, decidedAt: decided_at }));
}
