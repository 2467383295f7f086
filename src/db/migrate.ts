import { DataError } from '../domain/errors.js';
import type { Db, Transaction } from './handle.js';
import { readMigrations, sqlFolder, type MigrationFile } from './migrations-folder.js';
import { rawConnection } from './raw-connection.js';

/** Any constant will do, as long as nothing else in this database takes it: "filror" in ASCII. */
const LOCK = 0x66696c726f72;

export interface MigrateOptions {
  /** Run everything in one transaction, then roll it back; default false. */
  readonly dryRun?: boolean;
  /** Default `sql/` of the package. */
  readonly folder?: string;
}

export interface MigrateResult {
  /** Names of the files that this call ran, or would run. */
  readonly applied: readonly string[];
  /** How many had already run. */
  readonly already: number;
}

interface Recorded {
  readonly number: number;
  readonly name: string;
  readonly sha256: string;
}

/**
 * Brings the database to the last numbered file, forward only, one transaction each. Any number of processes may
 * call at once: each transaction takes the advisory lock, looks again at what has run, and runs the next file.
 *
 * @throws DataError `MIG_CHANGED` (a file that ran was edited), `MIG_MISSING` (the database knows a file that we do
 *   not: it was migrated by a newer version), `MIG_LATE` (a new file numbered before one that ran).
 */
export async function migrate(owner: Db, options: MigrateOptions = {}): Promise<MigrateResult> {
  const files = readMigrations(options.folder ?? sqlFolder);
  const before = await recorded(owner);
  const applied: string[] = [];
  if (pendingOf(files, before).length === 0) return { applied, already: before.length };
  if (options.dryRun === true) return dryRun(owner, files);
  for (;;) {
    const name = await owner.transaction((trx) => runNext(trx, files));
    if (name === null) break;
    applied.push(name);
  }
  return { applied, already: files.length - applied.length };
}

/** Files not yet run, without running them. Same errors as `migrate`. */
export async function pendingMigrations(db: Db, folder = sqlFolder): Promise<readonly string[]> {
  return pendingOf(readMigrations(folder), await recorded(db)).map(({ name }) => name);
}

async function dryRun(owner: Db, files: readonly MigrationFile[]): Promise<MigrateResult> {
  const trx = await owner.transaction();
  try {
    const applied: string[] = [];
    for (let name = await runNext(trx, files); name !== null; name = await runNext(trx, files)) {
      applied.push(name);
    }
    return { applied, already: files.length - applied.length };
  } finally {
    await trx.rollback();
  }
}

/** The name of the file run, null when there is none left. */
async function runNext(trx: Transaction, files: readonly MigrationFile[]): Promise<string | null> {
  await trx.raw('select pg_advisory_xact_lock(?)', [LOCK]);
  await trx.raw(`create table if not exists migration (
    number integer primary key,
    name text not null,
    sha256 text not null,
    applied_at timestamptz not null default now()
  )`);
  const [next] = pendingOf(files, await recorded(trx));
  if (next === undefined) return null;
  // Not through knex: it takes every `?` of the text (jsonb operators, comments) for a binding.
  await (await rawConnection(trx)).query(next.text);
  await trx('migration').insert({ number: next.number, name: next.name, sha256: next.sha256 });
  return next.name;
}

async function recorded(db: Db): Promise<readonly Recorded[]> {
  const { rows } = await db.raw<{ rows: { known: boolean }[] }>(
    `select to_regclass('public.migration') is not null as known`,
  );
  if (rows[0]?.known !== true) return [];
  return db<Recorded>('migration').select('number', 'name', 'sha256').orderBy('number');
}

function pendingOf(files: readonly MigrationFile[], applied: readonly Recorded[]): readonly MigrationFile[] {
  const byNumber = new Map(files.map((file) => [file.number, file]));
  for (const { number, name, sha256 } of applied) {
    const file = byNumber.get(number);
    if (file === undefined || file.name !== name) throw missing(name);
    if (file.sha256 !== sha256) throw changed(name);
    byNumber.delete(number);
  }
  const last = applied.at(-1);
  const pending = [...byNumber.values()];
  const late = pending.find(({ number }) => last !== undefined && number < last.number);
  if (late !== undefined && last !== undefined) throw numberedTooLow(late.name, last.name);
  return pending;
}

function missing(name: string): DataError {
  return new DataError({
    code: 'MIG_MISSING',
    message: `La base a reçu la migration ${name}, que cette version de filror ne connaît pas.`,
    place: `sql/${name}`,
    remedy: 'installez la version de filror qui a migré cette base, ou une plus récente.',
  });
}

function changed(name: string): DataError {
  return new DataError({
    code: 'MIG_CHANGED',
    message: `La migration ${name} a été modifiée depuis qu’elle a été appliquée à cette base.`,
    place: `sql/${name}`,
    remedy: 'remettez le fichier d’origine ; une correction s’écrit dans une nouvelle migration numérotée.',
  });
}

function numberedTooLow(name: string, last: string): DataError {
  return new DataError({
    code: 'MIG_LATE',
    message: `La migration ${name} porte un numéro plus petit que ${last}, déjà appliquée.`,
    place: `sql/${name}`,
    remedy: 'donnez au nouveau fichier un numéro plus grand que tous les autres.',
  });
}
