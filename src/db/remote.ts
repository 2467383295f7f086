import { sha256 } from '../domain/json.js';
import type { Db } from './types.js';

export type MirroredType = 'HealthcareService' | 'Organization' | 'Location';

export interface RemoteVersion {
  readonly type: MirroredType;
  readonly remoteId: string;
  readonly identifier: string | null;
  readonly versionId: string | null;
  readonly body: string;
}

/** The repository's present state as we last read it, or as of one version number; resources that are gone left out. */
export async function remoteState(
  db: Db,
  region: string,
  type: MirroredType,
  asOf?: number,
): Promise<RemoteVersion[]> {
  const inner = db('remote_version')
    .where({ region, type })
    .distinctOn('remote_id')
    .orderBy([{ column: 'remote_id' }, { column: 'no', order: 'desc' }])
    .select('*');
  if (asOf !== undefined) void inner.where('no', '<=', asOf);
  const rows = (await db.from(inner.as('v')).where('v.gone', false).select('v.*')) as {
    type: MirroredType;
    remote_id: string;
    identifier: string | null;
    version_id: string | null;
    body: string;
  }[];
  return rows.map((row) => ({
    type: row.type,
    remoteId: row.remote_id,
    identifier: row.identifier,
    versionId: row.version_id,
    body: row.body,
  }));
}

/**
 * Appends what moved since the last reading; an unchanged resource writes nothing.
 * @returns the versions that were added.
 */
export async function recordRemote(
  db: Db,
  region: string,
  seenAt: Date,
  versions: readonly RemoteVersion[],
): Promise<RemoteVersion[]> {
  const known = (await db('remote_version')
    .where({ region })
    .whereIn(
      'remote_id',
      versions.map((version) => version.remoteId),
    )
    .distinctOn('type', 'remote_id')
    .orderBy([{ column: 'type' }, { column: 'remote_id' }, { column: 'no', order: 'desc' }])
    .select('type', 'remote_id', 'body_hash', 'gone')) as {
    type: string;
    remote_id: string;
    body_hash: string;
    gone: boolean;
  }[];
  const hashes = new Map(known.map((row) => [`${row.type}/${row.remote_id}`, row.gone ? '' : row.body_hash]));
  const moved = versions.filter(
    (version) => hashes.get(`${version.type}/${version.remoteId}`) !== sha256(version.body),
  );
  await db.batchInsert(
    'remote_version',
    moved.map((version) => ({
      region,
      type: version.type,
      remote_id: version.remoteId,
      identifier: version.identifier,
      version_id: version.versionId,
      body: version.body,
      body_hash: sha256(version.body),
      seen_at: seenAt,
    })),
    200,
  );
  return moved;
}

/** How many resources of a type the repository has, as last read. */
export async function countRemote(db: Db, region: string, type: MirroredType): Promise<number> {
  const latest = db('remote_version')
    .where({ region, type })
    .distinctOn('remote_id')
    .orderBy([{ column: 'remote_id' }, { column: 'no', order: 'desc' }])
    .select('gone');
  const row = await db.from(latest.as('v')).where('v.gone', false).count<{ count: string }[]>({ count: '*' });
  return Number(row[0]?.count ?? 0);
}

/** Number of the last version kept of a region: what "known when the reading began" means. */
export async function remoteCursor(db: Db, region: string): Promise<number> {
  const row = await db('remote_version').where({ region }).max<{ top: string | null }[]>('no as top');
  return Number(row[0]?.top ?? 0);
}

export async function lastMirrorAt(db: Db, region: string): Promise<Date | null> {
  const row = await db('remote_version').where({ region }).max<{ at: Date | null }[]>('seen_at as at');
  return row[0]?.at ?? null;
}

/** The offer as the plan of a run saw it: what the people who approved were shown. Null when it was not there. */
export async function offerAsOfRun(
  db: Db,
  region: string,
  runId: string,
  identifier: string,
): Promise<string | null> {
  const row: { body: string; gone: boolean } | undefined = await db('remote_version as v')
    .join('plan_input as p', 'p.region', 'v.region')
    .where({
      'v.region': region,
      'v.type': 'HealthcareService',
      'v.identifier': identifier,
      'p.run_id': runId,
    })
    .whereRaw('v.no <= p.mirror_no')
    .orderBy('v.no', 'desc')
    .first('v.body', 'v.gone');
  return row === undefined || row.gone ? null : row.body;
}

/** The offer as last read; null when it is not there any more, or was never seen. */
export async function latestOffer(db: Db, region: string, identifier: string): Promise<string | null> {
  const row: { body: string; gone: boolean } | undefined = await db('remote_version')
    .where({ region, type: 'HealthcareService', identifier })
    .orderBy('no', 'desc')
    .first('body', 'gone');
  return row === undefined || row.gone ? null : row.body;
}

/** Numbers of the offers, as last read, whose text names one of these: how an offer that carries our block is found. */
export async function offersNaming(db: Db, region: string, names: readonly string[]): Promise<string[]> {
  const inner = db('remote_version')
    .where({ region, type: 'HealthcareService' })
    .distinctOn('remote_id')
    .orderBy([{ column: 'remote_id' }, { column: 'no', order: 'desc' }])
    .select('remote_id', 'identifier', 'body', 'gone');
  return (await db
    .from(inner.as('v'))
    .where('v.gone', false)
    .where((any) => {
      for (const name of names) void any.orWhereRaw('strpos(v.body, ?) > 0', [name]);
    })
    .whereNotNull('v.identifier')
    .orderBy('v.identifier')
    .pluck('v.identifier')) as string[];
}

/** Of these offers, the body as last read, or null for one that is gone; an offer never read is absent. */
export async function offersAsRead(
  db: Db,
  region: string,
  identifiers: readonly string[],
): Promise<Map<string, string | null>> {
  const rows = (await db('remote_version')
    .where({ region, type: 'HealthcareService' })
    .whereRaw('identifier = any(?)', [[...identifiers]])
    .distinctOn('identifier')
    .orderBy([{ column: 'identifier' }, { column: 'no', order: 'desc' }])
    .select('identifier', 'body', 'gone')) as { identifier: string; body: string; gone: boolean }[];
  return new Map(rows.map(({ identifier, body, gone }) => [identifier, gone ? null : body]));
}
