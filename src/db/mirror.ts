import type { MirroredType, RemoteVersion } from './remote.js';
import type { Db } from './types.js';

export type ReadingMode = 'full' | 'delta' | 'export';

export interface RecordedReading {
  readonly mode: ReadingMode;
  readonly repository: string;
  readonly startedAt: Date;
  readonly seenUntil: Date;
}

/** One resource as a reading saw it; `body` null when the mirror holds it already. */
export interface StagedResource extends Omit<RemoteVersion, 'body'> {
  readonly lastUpdated: Date | null;
  readonly body: string | null;
  readonly bodyHash: string;
}

/** What a staged reading may conclude. */
export interface ReadingScope {
  readonly region: string;
  readonly reading: string;
  /** Cursor of `remote_version` when the reading began: what came later is newer than what it saw. */
  readonly fromNo: number;
}

/** What a reading that saw everything of some types may conclude about what it did not see. */
export interface GoneScope extends ReadingScope {
  readonly types: readonly MirroredType[];
}

interface ReadingRow {
  readonly mode: ReadingMode;
  readonly repository: string;
  readonly started_at: Date;
  readonly seen_until: Date;
}

/** The last reading of a region, or the last that was full (`full` or `export`). */
export async function lastReading(
  db: Db,
  region: string,
  which: 'any' | 'full',
): Promise<RecordedReading | null> {
  const query = db('mirror_reading').where({ region }).orderBy('no', 'desc');
  if (which === 'full') void query.whereIn('mode', ['full', 'export']);
  const row: ReadingRow | undefined = await query.first('mode', 'repository', 'started_at', 'seen_until');
  return row === undefined
    ? null
    : {
        mode: row.mode,
        repository: row.repository,
        startedAt: row.started_at,
        seenUntil: row.seen_until,
      };
}

export async function addReading(
  db: Db,
  region: string,
  row: RecordedReading & { recordedAt: Date; read: number; moved: number; gone: number },
): Promise<void> {
  await db('mirror_reading').insert({
    region,
    mode: row.mode,
    repository: row.repository,
    started_at: row.startedAt,
    recorded_at: row.recordedAt,
    seen_until: row.seenUntil,
    read: row.read,
    moved: row.moved,
    gone: row.gone,
  });
}

/** `Type/id` → hash of the body that the mirror holds; resources that are gone left out. */
export async function remoteHashes(db: Db, region: string): Promise<ReadonlyMap<string, string>> {
  const rows = (await db
    .from(
      db('remote_version')
        .where({ region })
        .distinctOn('type', 'remote_id')
        .orderBy([{ column: 'type' }, { column: 'remote_id' }, { column: 'no', order: 'desc' }])
        .select('type', 'remote_id', 'body_hash', 'gone')
        .as('latest'),
    )
    .where('gone', false)
    .select('type', 'remote_id', 'body_hash')) as {
    type: string;
    remote_id: string;
    body_hash: string;
  }[];
  return new Map(rows.map((row) => [`${row.type}/${row.remote_id}`, row.body_hash]));
}

/** Pages may overlap, and a file may be read again: the later sight of a resource replaces the former. */
export async function stageResources(
  db: Db,
  region: string,
  reading: string,
  stagedAt: Date,
  resources: readonly StagedResource[],
): Promise<void> {
  const unique = new Map(resources.map((each) => [`${each.type}/${each.remoteId}`, each]));
  if (unique.size === 0) return;
  await db('mirror_stage')
    .insert(
      [...unique.values()].map((each) => ({
        region,
        reading,
        type: each.type,
        remote_id: each.remoteId,
        identifier: each.identifier,
        version_id: each.versionId,
        last_updated: each.lastUpdated,
        body: each.body,
        body_hash: each.bodyHash,
        staged_at: stagedAt,
      })),
    )
    .onConflict(['region', 'reading', 'type', 'remote_id'])
    .merge();
}

export async function stagedCounts(
  db: Db,
  region: string,
  reading: string,
): Promise<{ readonly byType: Readonly<Record<string, number>>; readonly latest: Date | null }> {
  const rows = (await db('mirror_stage')
    .where({ region, reading })
    .groupBy('type')
    .select('type')
    .count({ count: '*' })
    .max({ latest: 'last_updated' })) as unknown as { type: string; count: string; latest: Date | null }[];
  const instants = rows.flatMap((row) => (row.latest === null ? [] : [row.latest.getTime()]));
  return {
    byType: Object.fromEntries(rows.map((row) => [row.type, Number(row.count)])),
    latest: instants.length === 0 ? null : new Date(Math.max(...instants)),
  };
}

/** Forgets a reading; with `null`, every reading of the region staged before `before` but the open export. */
export async function dropStage(
  db: Db,
  region: string,
  which: { readonly reading: string } | { readonly before: Date },
): Promise<void> {
  const query = db('mirror_stage').where({ region });
  if ('reading' in which) void query.where({ reading: which.reading });
  else
    void query
      .where('staged_at', '<', which.before)
      .whereNotIn('reading', db('mirror_export').where({ region }).select('reading'));
  await query.delete();
}

const LATEST = `latest as (
  select distinct on (type, remote_id) type, remote_id, no, identifier, version_id, body, body_hash, gone, seen_at
  from remote_version where region = :region order by type, remote_id, no desc)`;

export interface MovedResource {
  readonly type: MirroredType;
  readonly remoteId: string;
  readonly identifier: string | null;
  readonly versionId: string | null;
}

/** Appends to the mirror what a staged reading saw otherwise than it was known, unless something newer is known. */
export async function promoteStage(db: Db, scope: ReadingScope, seenAt: Date): Promise<MovedResource[]> {
  const result = (await db.raw(
    `with ${LATEST}
     insert into remote_version (region, type, remote_id, identifier, version_id, body, body_hash, seen_at)
     select s.region, s.type, s.remote_id, s.identifier, s.version_id, s.body, s.body_hash, :seenAt
     from mirror_stage s left join latest l on l.type = s.type and l.remote_id = s.remote_id
     where s.region = :region and s.reading = :reading and s.body is not null
       and (l.no is null or (l.no <= :fromNo and (l.gone or l.body_hash <> s.body_hash)))
     order by array_position(array['Organization', 'Location', 'HealthcareService'], s.type), s.remote_id
     returning type, remote_id, identifier, version_id`,
    { ...scope, seenAt },
  )) as { rows: Parameters<typeof toMoved>[0][] };
  return result.rows.map(toMoved);
}

const UNSEEN = `from latest l
  where l.type = any(:types) and not l.gone and l.no <= :fromNo
    and not exists (select from mirror_stage s where s.region = :region and s.reading = :reading
      and s.type = l.type and s.remote_id = l.remote_id)`;

/** Resources of the mirror that a whole reading did not see, with when they were seen last. */
export async function unseenResources(
  db: Db,
  scope: GoneScope,
): Promise<readonly { readonly type: MirroredType; readonly remoteId: string; readonly seenAt: Date }[]> {
  const result = (await db.raw(
    `with ${LATEST} select l.type, l.remote_id, l.seen_at ${UNSEEN} order by l.type, l.remote_id`,
    { ...scope, types: [...scope.types] },
  )) as { rows: { type: MirroredType; remote_id: string; seen_at: Date }[] };
  return result.rows.map((row) => ({ type: row.type, remoteId: row.remote_id, seenAt: row.seen_at }));
}

/** Marks as gone what a whole reading did not see. */
export async function promoteGone(db: Db, scope: GoneScope, seenAt: Date): Promise<MovedResource[]> {
  const result = (await db.raw(
    `with ${LATEST}
     insert into remote_version (region, type, remote_id, identifier, version_id, body, body_hash, gone, seen_at)
     select :region, l.type, l.remote_id, l.identifier, l.version_id, l.body, l.body_hash, true, :seenAt
     ${UNSEEN} order by l.type, l.remote_id
     returning type, remote_id, identifier, version_id`,
    { ...scope, types: [...scope.types], seenAt },
  )) as { rows: Parameters<typeof toMoved>[0][] };
  return result.rows.map(toMoved);
}

function toMoved(row: {
  type: MirroredType;
  remote_id: string;
  identifier: string | null;
  version_id: string | null;
}): MovedResource {
  return {
    type: row.type,
    remoteId: row.remote_id,
    identifier: row.identifier,
    versionId: row.version_id,
  };
}
