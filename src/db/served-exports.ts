import type { Place } from './served-search.js';
import type { Db } from './types.js';

export interface ExportFileSpec {
  readonly type: string;
  readonly kind: 'resources' | 'deleted';
  /** Ids: after (excluded), through (included; null to the end). */
  readonly after: string;
  readonly through: string | null;
  readonly count: number;
}

export interface ServedExport {
  readonly id: string;
  readonly view: string;
  readonly client: string | null;
  readonly askedAt: Date;
  readonly expiresAt: Date;
  readonly upTo: number;
  readonly at: Date;
  readonly asked: ExportAsked;
  readonly files: readonly ExportFileSpec[] | null;
}

export interface ExportAsked {
  readonly request: string;
  readonly format: 'ndjson' | 'json';
  readonly types: readonly string[];
  readonly since: string | null;
  /** `HealthcareService?specialty=…`, as asked. */
  readonly filters: readonly string[];
  /** How unknown parameters of the filters were taken at the kick-off; what was asked before this was kept has none. */
  readonly handling?: 'strict' | 'lenient';
}

interface Row {
  readonly id: string;
  readonly view: string;
  readonly client: string | null;
  readonly asked_at: Date;
  readonly expires_at: Date;
  readonly up_to: string;
  readonly at: Date;
  readonly asked: ExportAsked;
  readonly files: readonly ExportFileSpec[] | null;
}

export async function addServedExport(db: Db, region: string, wanted: ServedExport): Promise<void> {
  await db('served_export').where({ region }).where('expires_at', '<', wanted.askedAt).delete();
  await db('served_export').insert({
    region,
    id: wanted.id,
    view: wanted.view,
    client: wanted.client,
    asked_at: wanted.askedAt,
    expires_at: wanted.expiresAt,
    up_to: wanted.upTo,
    at: wanted.at,
    asked: JSON.stringify(wanted.asked),
  });
}

/** How many exports a reader has that are not over. */
export async function openExports(db: Db, region: string, client: string | null, now: Date): Promise<number> {
  const [row] = await db('served_export')
    .where({ region, client })
    .where('expires_at', '>', now)
    .count<{ count: string }[]>({ count: '*' });
  return Number(row?.count ?? 0);
}

/** The export of that reader; null for anybody else, or once it is over. */
export async function servedExport(
  db: Db,
  region: string,
  key: { readonly id: string; readonly view: string; readonly client: string | null },
  now: Date,
): Promise<ServedExport | null> {
  const row: Row | undefined = await db('served_export')
    .where({ region, ...key })
    .where('expires_at', '>', now)
    .first();
  if (row === undefined) return null;
  const { id, view, client, at, asked, files } = row;
  return {
    id,
    view,
    client,
    at,
    asked,
    files,
    askedAt: row.asked_at,
    expiresAt: row.expires_at,
    upTo: Number(row.up_to),
  };
}

export async function keepServedFiles(
  db: Db,
  region: string,
  id: string,
  files: readonly ExportFileSpec[],
): Promise<void> {
  await db('served_export')
    .where({ region, id })
    .update({ files: JSON.stringify(files) });
}

export async function dropServedExport(db: Db, region: string, id: string): Promise<void> {
  await db('served_export').where({ region, id }).delete();
}

/**
 * Cuts what an export covers of one type into files of so many resources, by their ids: resources as of `upTo`, or those
 * that had left by then.
 */
export async function cutIntoFiles(
  db: Db,
  place: Place,
  of: {
    readonly type: string;
    readonly upTo: number;
    readonly since: Date | null;
    readonly kind: 'resources' | 'deleted';
  },
  perFile: number,
): Promise<readonly ExportFileSpec[]> {
  const { type, kind } = of;
  const result = (await db.raw(
    `select max(id) as last, count(*)::int as count from (
       select id, (row_number() over (order by id) - 1) / :perFile as part from (
         select distinct on (id) id, at, body is null as gone from served_version
         where region = :region and view = :view and type = :type and no <= :upTo order by id, version desc) v
       where gone = :gone and (:since::timestamptz is null or at > :since)) parts
     group by part order by part`,
    { ...place, ...of, perFile, gone: kind === 'deleted' },
  )) as { rows: { last: string; count: number }[] };
  let after = '';
  return result.rows.map(({ last, count }, index) => {
    const file = { type, kind, after, through: index === result.rows.length - 1 ? null : last, count };
    after = last;
    return file;
  });
}
