import type { Db } from './types.js';

export interface ExportFileSpec {
  readonly type: string;
  readonly kind: 'resources' | 'deleted';
  /** Ids: after (excluded), through (included; null to the end). */
  readonly after: string;
  readonly through: string | null;
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
