import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RemoteError } from '../../domain/errors.js';
import { lifeOf } from './processes.js';

/** A first start takes 2 s; a lock this old is held by a process that hangs. */
const WAIT_MS = 60_000;
const POLL_MS = 40;

/**
 * Runs `work` while holding `<folder>/start.lock`: one process starts or stops the server, the others wait, then
 * find it done. The file holds the holder's pid and the start time of that process; a holder that is gone, or
 * whose pid now belongs to another process, is passed over.
 *
 * The lock saves work, it is not what keeps data safe: if two processes ever took over the same dead lock, the
 * cluster is published by one rename and PostgreSQL's own postmaster.pid admits one server.
 * @throws RemoteError `PG_START_LOCKED` after a minute.
 */
export async function withStartLock<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const lock = join(folder, 'start.lock');
  const mine = `${process.pid} ${(await lifeOf(process.pid)) ?? ''} ${randomUUID()}`;
  const deadline = Date.now() + WAIT_MS;
  while (!(await take(lock, mine))) {
    if (Date.now() > deadline) throw locked(lock);
    await sleep(POLL_MS);
  }
  try {
    return await work();
  } finally {
    if ((await read(lock)) === mine) await rm(lock, { force: true });
  }
}

/** The file appears with its content in one step (hard link), so that nobody reads it half written. */
async function take(lock: string, mine: string): Promise<boolean> {
  const draft = `${lock}.${process.pid}.${randomUUID()}`;
  await writeFile(draft, mine, { mode: 0o600 });
  try {
    await link(draft, lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    await passOverTheDead(lock);
    return false;
  } finally {
    await rm(draft, { force: true });
  }
}

async function passOverTheDead(lock: string): Promise<void> {
  const seen = await read(lock);
  if (seen === null) return;
  const [pid, life] = seen.split(' ');
  const now = Number(pid) > 0 ? await lifeOf(Number(pid)) : null;
  if (now !== null && now === life) return;
  const aside = `${lock}.dead.${randomUUID()}`;
  try {
    await rename(lock, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  // Somebody else passed over it first and took the lock between our read and our rename: give it back.
  if ((await read(aside)) !== seen) await link(aside, lock).catch(() => undefined);
  await rm(aside, { force: true });
}

async function read(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function locked(lock: string): RemoteError {
  return new RemoteError({
    code: 'PG_START_LOCKED',
    message: 'Un autre processus démarre la base embarquée depuis plus d’une minute.',
    place: lock,
    remedy: 'attendez qu’il finisse ; s’il est bloqué, arrêtez-le, puis relancez la commande.',
    transient: true,
  });
}
