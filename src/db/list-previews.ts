import { createHash } from 'node:crypto';
import type { PersonId } from '../domain/ids.js';
import type { Db } from './types.js';

/** Whose preview it is, and which bytes were shown. */
export interface PreviewKey {
  readonly region: string;
  readonly person: PersonId;
  readonly sha256: string;
}

/** Slots of sql/0045: as many lists of one person wait for a confirmation in one region, the oldest gives way. */
const SLOTS = 5;

/** Keeps the exact bytes of a list that is about to be shown, in the place of the same or of the oldest one. */
export async function keepPreview(
  db: Db,
  shown: Omit<PreviewKey, 'sha256'> & {
    readonly fileName: string;
    readonly bytes: Uint8Array;
    readonly at: Date;
  },
): Promise<{ readonly sha256: string }> {
  const { region, person, at } = shown;
  const bytes = Buffer.from(shown.bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  await db.raw(
    `insert into list_preview (region, person, slot, sha256, file_name, bytes, shown_at)
     select ?, ?, s.slot, ?, ?, ?, ?
     from generate_series(1, ?::int) as s (slot)
     left join list_preview p on p.region = ? and p.person = ? and p.slot = s.slot
     order by (p.sha256 is not distinct from ?) desc, p.shown_at nulls first, s.slot
     limit 1
     on conflict (region, person, slot) do update
       set sha256 = excluded.sha256, file_name = excluded.file_name, bytes = excluded.bytes,
         shown_at = excluded.shown_at`,
    [region, person, sha256, shown.fileName, bytes, at, SLOTS, region, person, sha256],
  );
  return { sha256 };
}

/** What this person was shown in this region since that instant, under this hash; null when nothing was. */
export async function previewSince(
  db: Db,
  { region, person, sha256 }: PreviewKey,
  since: Date,
): Promise<{ readonly fileName: string; readonly bytes: Buffer } | null> {
  const row = await db('list_preview')
    .where({ region, person, sha256 })
    .where('shown_at', '>', since)
    .orderBy('shown_at', 'desc')
    .first<{ file_name: string; bytes: Buffer } | undefined>('file_name', 'bytes');
  return row === undefined ? null : { fileName: row.file_name, bytes: row.bytes };
}

/** Once it was confirmed. */
export async function dropPreview(db: Db, { region, person, sha256 }: PreviewKey): Promise<void> {
  await db('list_preview').where({ region, person, sha256 }).delete();
}

/** Those of a region that nobody can confirm any more leave with their bytes. */
export async function dropPreviewsBefore(db: Db, region: string, until: Date): Promise<void> {
  await db('list_preview').where({ region }).where('shown_at', '<=', until).delete();
}
