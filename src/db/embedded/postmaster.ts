import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { RemoteError } from '../../domain/errors.js';
import { commandLine } from './processes.js';

/** What `postmaster.pid` says (PostgreSQL, src/include/utils/pidfile.h): lines 1, 4 and 8. */
export interface PidFile {
  readonly pid: number;
  readonly port: number;
  readonly ready: boolean;
}

/** Null when there is no such file or it is still being written. */
export function readPidFile(data: string): PidFile | null {
  let lines: string[];
  try {
    lines = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  if (!Number.isInteger(pid) || pid < 1) return null;
  return { pid, port: port || 0, ready: (lines[7] ?? '').trim() === 'ready' };
}

/** True when the pid of the file is a PostgreSQL started on this very folder, not a later process with its number. */
export async function isOurs(data: string, { pid }: PidFile): Promise<boolean> {
  return (await commandLine(pid))?.includes(data) ?? false;
}

/** True when the server that listens on the port serves this folder and knows our password. */
export async function answers(data: string, port: number, password: string): Promise<boolean> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: 'postgres',
    password,
    database: 'postgres',
    connectionTimeoutMillis: 5_000,
  });
  // A server that goes down under us emits here besides rejecting the query.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ data_directory: string }>('show data_directory');
    return rows[0]?.data_directory === data;
  } catch {
    // Refused, starting up, another server's password: in all cases it is not ours to use now.
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * The running server's port, or null when none runs. Waits while ours is starting or recovering, for
 * `patienceMs` at most. A file left by a killed server is removed: PostgreSQL itself refuses to start when the
 * number it holds was given again to another process of the account.
 * @throws RemoteError `PG_NOT_READY` when a server of ours lives but does not answer in time.
 */
export async function runningPort(
  data: string,
  password: string,
  patienceMs: number,
): Promise<number | null> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const file = readPidFile(data);
    if (file === null) return null;
    if (!(await isOurs(data, file))) return null;
    if (file.ready && (await answers(data, file.port, password))) return file.port;
    if (Date.now() > deadline) {
      if (patienceMs === 0) return null;
      throw notReady(data, file);
    }
    await sleep(50);
  }
}

/** Call under the start lock only. */
export async function removeStalePidFile(data: string): Promise<void> {
  const file = readPidFile(data);
  if (file !== null && !(await isOurs(data, file))) await rm(join(data, 'postmaster.pid'), { force: true });
}

/** Fast shutdown (SIGINT: sessions are cut, data is flushed), then an immediate one (SIGQUIT) after 30 s. */
export async function stopPostmaster(data: string): Promise<boolean> {
  const file = readPidFile(data);
  if (file === null || !(await isOurs(data, file))) return false;
  for (const [signal, limitMs] of [
    ['SIGINT', 30_000],
    ['SIGQUIT', 10_000],
  ] as const) {
    process.kill(file.pid, signal);
    const deadline = Date.now() + limitMs;
    while (Date.now() < deadline) {
      if (!(await isOurs(data, file))) return true;
      await sleep(20);
    }
  }
  throw notReady(data, file);
}

function notReady(data: string, { pid }: PidFile): RemoteError {
  return new RemoteError({
    code: 'PG_NOT_READY',
    message: `La base embarquée (processus ${pid}) ne répond pas.`,
    place: data,
    remedy:
      'relancez la commande dans une minute ; si rien ne change, lisez postgresql.log à côté de ce dossier, puis arrêtez ce processus.',
    transient: true,
  });
}
