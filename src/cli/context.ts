import { ensureApplicationRole } from '../db/application-role.js';
import { explainDatabaseError } from '../db/connection-errors.js';
import type { Database } from '../db/handle.js';
import { migrate } from '../db/migrate.js';
import { openDatabase, type OpenOptions } from '../db/open.js';

/** What a command may touch of the process: tests give their own. */
export interface CommandContext {
  readonly env: NodeJS.ProcessEnv;
  /** Result of the command: standard output. The promise resolves when the reader has room for more. */
  readonly out: (text: string) => Promise<void>;
  /** Warnings and progress: standard error, so that a result can be piped. */
  readonly err: (text: string) => void;
}

export const processContext: CommandContext = {
  env: process.env,
  out: (text) =>
    new Promise((resolve) => {
      leaveWithReader();
      process.stdout.write(text, (error) => {
        if (error) leave(error);
        resolve();
      });
    }),
  err: (text) => void process.stderr.write(text),
};

let watched = false;

/**
 * The reader of a pipe has gone (`| head`): there is nobody left to tell anything to. Registered once and for good: the
 * stream tells its error after the callback of the write, and a later write may tell it again.
 */
export function leaveWithReader(): void {
  if (watched) return;
  watched = true;
  process.stdout.on('error', leave);
}

function leave(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
  throw error;
}

/**
 * Opens the database, migrates it, runs `work`, closes: the one way in which a command reaches the database.
 * Migrations run by themselves, embedded or not: an advisory lock lets many processes start together. A
 * connection lost on the way becomes an error in French; any other error keeps its stack.
 */
export async function withDatabase<T>(
  context: CommandContext,
  work: (database: Database) => Promise<T>,
  options: Omit<OpenOptions, 'env' | 'onWarning'> = {},
): Promise<T> {
  const database = await openWithWarnings(context, options);
  try {
    await migrate(database.owner);
    await ensureApplicationRole(database);
    return await work(database);
  } catch (error) {
    throw explainDatabaseError(error, database.place);
  } finally {
    await database.close();
  }
}

/** Opens without migrating. */
export function openWithWarnings(
  context: CommandContext,
  options: Omit<OpenOptions, 'env' | 'onWarning'> = {},
): Promise<Database> {
  return openDatabase({
    ...options,
    env: context.env,
    onWarning: (message) => context.err(`Attention : ${message}\n`),
  });
}
