import type { Db } from './types.js';

export interface ExportFile {
  readonly type: string;
  readonly url: string;
}

/** An export under way: its files are read one by one, each counted when it is staged whole. */
export interface OpenExport {
  readonly reading: string;
  readonly repository: string;
  readonly startedAt: Date;
  readonly fromNo: number;
  readonly pollUrl: string;
  readonly files: readonly ExportFile[] | null;
  readonly filesDone: number;
}

export async function openExport(db: Db, region: string): Promise<OpenExport | null> {
  const row:
    | {
        reading: string;
        repository: string;
        started_at: Date;
        from_no: string;
        poll_url: string;
        files: ExportFile[] | null;
        files_done: number;
      }
    | undefined = await db('mirror_export').where({ region }).first();
  return row === undefined
    ? null
    : {
        reading: row.reading,
        repository: row.repository,
        startedAt: row.started_at,
        fromNo: Number(row.from_no),
        pollUrl: row.poll_url,
        files: row.files,
        filesDone: row.files_done,
      };
}

/** Replaces whatever export the region had: the server forgot it, or it is of another repository. */
export async function beginExport(db: Db, region: string, begun: OpenExport): Promise<void> {
  await db('mirror_export')
    .insert({
      region,
      reading: begun.reading,
      repository: begun.repository,
      started_at: begun.startedAt,
      from_no: begun.fromNo,
      poll_url: begun.pollUrl,
      files: null,
      files_done: 0,
      failed_file: null,
      failures: 0,
    })
    .onConflict('region')
    .merge();
}

export async function keepExportFiles(
  db: Db,
  region: string,
  reading: string,
  files: readonly ExportFile[],
): Promise<void> {
  await db('mirror_export')
    .where({ region, reading })
    .update({ files: JSON.stringify(files) });
}

export async function countExportFile(db: Db, region: string, reading: string, done: number): Promise<void> {
  await db('mirror_export').where({ region, reading }).update({ files_done: done });
}

/** Counts a failure on a file of the export. @returns how many there were on that file, one after the other. */
export async function countExportFailure(
  db: Db,
  region: string,
  reading: string,
  file: number,
): Promise<number> {
  const rows = (await db('mirror_export')
    .where({ region, reading })
    .update({
      failures: db.raw('case when failed_file = ? then failures + 1 else 1 end', [file]),
      failed_file: file,
    })
    .returning('failures')) as { failures: number }[];
  return rows[0]?.failures ?? 0;
}

/** @returns false when another process has ended it. */
export async function endExport(db: Db, region: string, reading: string): Promise<boolean> {
  return (await db('mirror_export').where({ region, reading }).delete()) > 0;
}
