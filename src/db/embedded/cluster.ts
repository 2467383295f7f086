import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { chmod, mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RemoteError } from '../../domain/errors.js';
import { serverAccount, type ServerAccount } from './account.js';
import { installBinaries } from './binaries.js';
import type { ClusterFolder } from './folder.js';
import {
  APP_ROLE,
  OWNER_ROLE,
  SERVER_ENV,
  asAccount,
  initialise,
  readCredentials,
  type Credentials,
  type Durability,
} from './initialise.js';
import {
  answers,
  isOurs,
  readPidFile,
  removeStalePidFile,
  runningPort,
  stopPostmaster,
} from './postmaster.js';
import { withStartLock } from './start-lock.js';

/** A running embedded PostgreSQL. */
export interface Cluster {
  readonly folder: string;
  readonly port: number;
  readonly pid: number;
  /** Connection address of one of the three roles, password included: never print it. */
  url(role: 'superuser' | 'owner' | 'app', database: string): string;
}

export type ClusterState =
  | { readonly state: 'absent' | 'stopped'; readonly folder: string }
  | { readonly state: 'running'; readonly folder: string; readonly pid: number; readonly port: number };

const READY_MS = 60_000;
const LOG_LIMIT = 10_000_000;

/**
 * Attaches to the server of this folder (about 20 ms), or starts it (first time about 2 s, then 0.2 s). Several
 * processes may call at once: one starts, the others find it started. The server is detached: it outlives the
 * command that started it, and a killed parent changes nothing. `stopCluster` stops it.
 */
export async function attachOrStart(
  where: ClusterFolder,
  durability: Durability = 'durable',
): Promise<Cluster> {
  return (await attach(where, 0)) ?? start(where, durability);
}

async function start(where: ClusterFolder, durability: Durability): Promise<Cluster> {
  const account = await serverAccount();
  await prepareFolders(where, account);
  return withStartLock(where.folder, async () => {
    const running = await attach(where, READY_MS);
    if (running !== null) return running;
    const binaries = await installBinaries(where.home);
    if (readCredentials(where.folder) === null) {
      await initialise(where.folder, binaries, account, durability);
    }
    await removeStalePidFile(dataOf(where));
    return launch(where, binaries, account, durability);
  });
}

async function attach(where: ClusterFolder, patienceMs: number): Promise<Cluster | null> {
  const secrets = readCredentials(where.folder);
  if (secrets === null) return null;
  const port = await runningPort(dataOf(where), secrets.superuser, patienceMs);
  return port === null ? null : cluster(where, secrets, port);
}

/** True when a server was running and is now stopped. */
export async function stopCluster(where: ClusterFolder): Promise<boolean> {
  if (readCredentials(where.folder) === null) return false;
  return withStartLock(where.folder, () => stopPostmaster(dataOf(where)));
}

/** Looks without starting anything. */
export async function clusterState(where: ClusterFolder): Promise<ClusterState> {
  const secrets = readCredentials(where.folder);
  if (secrets === null) return { state: 'absent', folder: where.folder };
  const file = readPidFile(dataOf(where));
  if (file === null || !(await isOurs(dataOf(where), file))) {
    return { state: 'stopped', folder: where.folder };
  }
  return { state: 'running', folder: where.folder, pid: file.pid, port: file.port };
}

function dataOf({ folder }: ClusterFolder): string {
  return join(folder, 'cluster', 'data');
}

function cluster(where: ClusterFolder, secrets: Credentials, port: number): Cluster {
  const users = { superuser: 'postgres', owner: OWNER_ROLE, app: APP_ROLE };
  return {
    folder: where.folder,
    port,
    pid: readPidFile(dataOf(where))?.pid ?? 0,
    url: (role, database) =>
      `postgresql://${users[role]}:${secrets[role]}@127.0.0.1:${port}/${encodeURIComponent(database)}`,
  };
}

/**
 * As root the folders are crossed by the server's account; otherwise they are ours alone. A home that was there
 * before us keeps its mode: it may be anything.
 */
async function prepareFolders({ home, folder }: ClusterFolder, account: ServerAccount | null): Promise<void> {
  try {
    const created = await mkdir(home, { recursive: true });
    if (created !== undefined) await chmod(home, account === null ? 0o700 : 0o755);
    await mkdir(folder, { recursive: true });
    await chmod(folder, account === null ? 0o700 : 0o711);
  } catch (cause) {
    throw new RemoteError({
      code: 'PG_FOLDER',
      message: `Le dossier de la base embarquée ne peut pas être créé : ${(cause as Error).message}`,
      place: folder,
      remedy:
        'donnez un dossier où ce compte peut écrire dans FILROR_DATA_HOME, ou une base dans DATABASE_URL.',
      cause,
    });
  }
}

/** Reasons, read in the server's log, for which another try is right: another took the port, or children of a killed server still hold its memory. */
const TRY_AGAIN = /could not bind|could not create any TCP\/IP sockets|pre-existing shared memory block/;

async function launch(
  where: ClusterFolder,
  binaries: string,
  account: ServerAccount | null,
  durability: Durability,
): Promise<Cluster> {
  const secrets = readCredentials(where.folder);
  if (secrets === null) throw new Error('launch() called before initialise()');
  let said = '';
  for (let attempt = 0; attempt < 10; attempt++) {
    const port = await freePort();
    const outcome = await launchOn(port, where, binaries, account, durability, secrets.superuser);
    if (outcome === 'ready') return cluster(where, secrets, port);
    said = outcome.log;
    if (!TRY_AGAIN.test(said)) break;
    await sleep(300);
  }
  throw new RemoteError({
    code: 'PG_START',
    message: `La base embarquée ne démarre pas : ${said.trim().slice(-600)}`,
    place: where.folder,
    remedy: 'lisez postgresql.log dans ce dossier ; DATABASE_URL permet de donner une autre base.',
  });
}

async function launchOn(
  port: number,
  where: ClusterFolder,
  binaries: string,
  account: ServerAccount | null,
  durability: Durability,
  password: string,
): Promise<'ready' | { readonly log: string }> {
  const data = dataOf(where);
  const logFile = join(where.folder, 'postgresql.log');
  const log = openSync(logFile, 'a', 0o600);
  if (statSync(logFile).size > LOG_LIMIT) truncateSync(logFile);
  const before = statSync(logFile).size;
  const child = spawn(
    join(binaries, 'bin', 'postgres'),
    ['-D', data, '-p', String(port), ...settings(durability).flatMap((setting) => ['-c', setting])],
    {
      cwd: where.folder,
      env: SERVER_ENV,
      detached: true,
      stdio: ['ignore', log, log],
      ...asAccount(account),
    },
  );
  let gone: string | null = null;
  child.on('error', (error) => (gone = error.message));
  child.on('exit', (code, signal) => (gone = `arrêt immédiat (${code ?? signal})`));
  child.unref();
  closeSync(log);
  const deadline = Date.now() + READY_MS;
  while (gone === null && Date.now() < deadline) {
    if (readPidFile(data)?.ready && (await answers(data, port, password))) return 'ready';
    await sleep(20);
  }
  return {
    log: `${gone ?? 'pas prête à temps'}\n${readFileSync(logFile).subarray(before).toString('utf8')}`,
  };
}

/**
 * No Unix socket (the folder's path may exceed 107 bytes); no parallel plans, which share memory through
 * /dev/shm, 64 MB in most containers, for nothing on two cores.
 */
function settings(durability: Durability): readonly string[] {
  const common = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_parallel_workers_per_gather=0',
    'timezone=UTC',
    'log_timezone=UTC',
    'lc_messages=C',
    'max_connections=200',
  ];
  if (durability === 'durable') return common;
  return [...common, 'fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];
}

/** A port that was free an instant ago: taken meanwhile, `launch` asks for another. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
