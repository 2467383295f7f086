import { copyRows } from './bulk.js';
import type { MirroredType } from './remote.js';
import type { Trx } from './types.js';

/** What a view knows of one resource. */
export interface KnownResource {
  /** The last version that it ever had there. */
  readonly version: number;
  /** Null: it is not served. */
  readonly contentHash: string | null;
}

/** What the views know of some resources of a type, by `<view> <id>`. The views are few: all of them in one reading. */
export async function servedNow(
  trx: Trx,
  region: string,
  type: MirroredType,
  ids: readonly string[],
): Promise<ReadonlyMap<string, KnownResource>> {
  const result = (await trx.raw(
    `select l.view, l.id, l.version, r.content_hash from served_last l
     left join served_resource r on r.region = l.region and r.view = l.view and r.type = l.type and r.id = l.id
     where l.region = ? and l.type = ? and l.id = any(?)`,
    [region, type, [...ids]],
  )) as { rows: { view: string; id: string; version: number; content_hash: string | null }[] };
  return new Map(
    result.rows.map(({ view, id, version, content_hash }) => [
      `${view} ${id}`,
      { version, contentHash: content_hash },
    ]),
  );
}

/** What searches need to know of a resource of a view. */
export interface FoundBy {
  readonly view: string;
  readonly type: MirroredType;
  readonly id: string;
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

/** One resource that a view says otherwise from now on. */
export interface NewVersion extends FoundBy {
  readonly no: number;
  readonly version: number;
  /** Null: it leaves the view. */
  readonly body: string | null;
  readonly contentHash: string | null;
  /** It leaves because the audience may not see it. */
  readonly withheld: boolean;
}

/** Numbered versions, and what is served from now on; by COPY, since a first publication writes millions of rows. */
export async function addVersions(
  trx: Trx,
  region: string,
  at: Date,
  versions: readonly NewVersion[],
): Promise<void> {
  if (versions.length === 0) return;
  const instant = at.toISOString();
  await copyRows(
    trx,
    'served_version',
    ['region', 'no', 'view', 'type', 'id', 'version', 'at', 'body'],
    versions.map(({ no, view, type, id, version, body }) => [
      region,
      String(no),
      view,
      type,
      id,
      String(version),
      instant,
      body,
    ]),
  );
  const numbers = versions.map(({ no }) => no);
  await trx.raw(
    `insert into served_last (region, view, type, id, no, version, at, gone, withheld, first_no)
     select region, view, type, id, no, version, at, body is null, no = any(:withheld), no from served_version
     where region = :region and no = any(:numbers)
     on conflict (region, view, type, id) do update set no = excluded.no, version = excluded.version,
       at = excluded.at, gone = excluded.gone, withheld = excluded.withheld`,
    { region, numbers, withheld: versions.filter(({ withheld }) => withheld).map(({ no }) => no) },
  );
  await removeServed(
    trx,
    region,
    ['served_resource', 'served_value', 'served_link'],
    versions.filter(({ version }) => version > 1),
  );
  const there = versions.filter((each) => each.body !== null);
  await copyRows(
    trx,
    'served_resource',
    [
      ...['region', 'view', 'type', 'id', 'no', 'version', 'at', 'content_hash', 'body', 'tokens', 'name'],
      ...['latitude', 'longitude'],
    ],
    there.map((each) => [
      ...[region, each.view, each.type, each.id, String(each.no), String(each.version), instant],
      ...[each.contentHash, each.body, arrayText(each.tokens), each.name],
      ...[numberText(each.position?.latitude), numberText(each.position?.longitude)],
    ]),
  );
  await addEntries(trx, region, there);
}

/** The same resources, found otherwise: no version comes of it. */
export async function renewEntries(trx: Trx, region: string, rows: readonly FoundBy[]): Promise<void> {
  if (rows.length === 0) return;
  await trx.raw(
    `update served_resource s set tokens = r.tokens, name = r.name, latitude = r.latitude, longitude = r.longitude
     from jsonb_to_recordset(?::jsonb) as r(view text, type text, id text, tokens text[], name text,
       latitude double precision, longitude double precision)
     where s.region = ? and s.view = r.view and s.type = r.type and s.id = r.id`,
    [
      JSON.stringify(
        rows.map(({ view, type, id, tokens, name, position }) => ({
          ...{ view, type, id, tokens, name },
          ...(position ?? { latitude: null, longitude: null }),
        })),
      ),
      region,
    ],
  );
  await removeServed(trx, region, ['served_value', 'served_link'], rows);
  await addEntries(trx, region, rows);
}

async function removeServed(
  trx: Trx,
  region: string,
  tables: readonly string[],
  rows: readonly Pick<FoundBy, 'view' | 'type' | 'id'>[],
): Promise<void> {
  const groups = new Map<string, { view: string; type: MirroredType; ids: string[] }>();
  for (const { view, type, id } of rows) {
    const group = groups.get(`${view} ${type}`) ?? { view, type, ids: [] };
    group.ids.push(id);
    groups.set(`${view} ${type}`, group);
  }
  for (const { view, type, ids } of groups.values())
    for (const table of tables)
      await trx(table).where({ region, view, type }).whereRaw('id = any(?)', [ids]).delete();
}

async function addEntries(trx: Trx, region: string, rows: readonly FoundBy[]): Promise<void> {
  await copyRows(
    trx,
    'served_value',
    ['region', 'view', 'type', 'id', 'param', 'text', 'low', 'high'],
    rows.flatMap(({ view, type, id, values }) =>
      values.map(({ param, text, low, high }) => [
        ...[region, view, type, id, param, text],
        ...[numberText(low), numberText(high)],
      ]),
    ),
  );
  await copyRows(
    trx,
    'served_link',
    ['region', 'view', 'type', 'id', 'param', 'target_type', 'target_id'],
    rows.flatMap(({ view, type, id, links }) =>
      links.map(({ param, targetType, targetId }) => [region, view, type, id, param, targetType, targetId]),
    ),
  );
}

/** These are gone already, and may not be known of any more. */
export async function markWithheld(
  trx: Trx,
  region: string,
  keys: readonly Pick<FoundBy, 'view' | 'type' | 'id'>[],
): Promise<void> {
  if (keys.length === 0) return;
  await trx.raw(
    `update served_last l set withheld = true
     from jsonb_to_recordset(?::jsonb) as k(view text, type text, id text)
     where l.region = ? and l.view = k.view and l.type = k.type and l.id = k.id and l.gone`,
    [JSON.stringify(keys), region],
  );
}

/** Views that hold something, whether they are still configured or not. */
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

function numberText(value: number | null | undefined): string | null {
  return value === null || value === undefined ? null : String(value);
}

/** An array as PostgreSQL reads its text form (https://www.postgresql.org/docs/15/arrays.html#ARRAYS-IO). */
function arrayText(values: readonly string[]): string {
  return `{${values.map((value) => `"${value.replace(/["\\]/g, '\\$&')}"`).join(',')}}`;
}
