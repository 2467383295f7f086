import { existsSync, readFileSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { RemoteError } from '../../domain/errors.js';
import type { ServerAccount } from './account.js';
import { run, type CommandResult } from './processes.js';

/**
 * What a commit costs: `durable` survives a power cut; `disposable` (tests) does not wait for the disk and may
 * lose everything if the machine stops.
 */
export type Durability = 'durable' | 'disposable';

const credentials = z.object({ superuser: z.string(), owner: z.string(), app: z.string() });
/** Passwords of the three login roles: `postgres`, `filror_owner` (migrates), `filror` (application). */
export type Credentials = z.infer<typeof credentials>;

export const OWNER_ROLE = 'filror_owner';
export const APP_ROLE = 'filror';

/** Null while the cluster has never been initialised. */
export function readCredentials(folder: string): Credentials | null {
  const file = join(folder, 'cluster', 'credentials.json');
  if (!existsSync(file)) return null;
  return credentials.parse(JSON.parse(readFileSync(file, 'utf8')));
}

/** The environment of the server: nothing of ours (PG*, LD_*), and UTC. */
export const SERVER_ENV = {
  PATH: '/usr/local/bin:/usr/bin:/bin',
  LANG: 'C.UTF-8',
  LC_ALL: 'C.UTF-8',
  TZ: 'UTC',
};

export function asAccount(account: ServerAccount | null): { uid?: number; gid?: number } {
  return account === null ? {} : { uid: account.uid, gid: account.gid };
}

/**
 * Creates `<folder>/cluster` (data and passwords): made aside, roles included, then published by one rename, so
 * that a process killed at any point leaves either nothing or a whole cluster. Call under the start lock.
 * @throws RemoteError `PG_INIT` with what initdb said.
 */
export async function initialise(
  folder: string,
  binaries: string,
  account: ServerAccount | null,
  durability: Durability,
): Promise<void> {
  for (const left of await readdir(folder)) {
    if (left.startsWith('new-')) await rm(join(folder, left), { recursive: true, force: true });
  }
  const staging = await mkdtemp(join(folder, 'new-'));
  const data = join(staging, 'data');
  await chmod(staging, account === null ? 0o700 : 0o711);
  await mkdir(data, { mode: 0o700 });
  if (account !== null) await chown(data, account.uid, account.gid);

  const secrets: Credentials = { superuser: secret(), owner: secret(), app: secret() };
  await initdb(binaries, data, account, durability, secrets.superuser);
  await createRoles(binaries, data, account, secrets);
  await writeFile(join(staging, 'credentials.json'), JSON.stringify(secrets), { mode: 0o600 });
  await rename(staging, join(folder, 'cluster'));
}

/** The C library knows C.UTF-8 on Debian and glibc ≥ 2.35; elsewhere PostgreSQL's own gives the same order. */
const LOCALES = [
  ['--locale=C.UTF-8'],
  ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
];

async function initdb(
  binaries: string,
  data: string,
  account: ServerAccount | null,
  durability: Durability,
  password: string,
): Promise<void> {
  const args = [
    `--pgdata=${data}`,
    '--username=postgres',
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--no-instructions',
    ...(durability === 'disposable' ? ['--no-sync'] : []),
  ];
  // The password goes through a file, not the command line, where every account of the machine could read it.
  const pwfile = `${data}.pw`;
  await writeFile(pwfile, password, { mode: 0o600 });
  if (account !== null) await chown(pwfile, account.uid, account.gid);
  let result: CommandResult = { status: 0, output: '' };
  for (const locale of LOCALES) {
    result = await run(join(binaries, 'bin', 'initdb'), [...args, ...locale, `--pwfile=${pwfile}`], {
      cwd: join(data, '..'),
      env: SERVER_ENV,
      ...asAccount(account),
    });
    if (result.status === 0 || !result.output.includes('locale')) break;
  }
  await rm(pwfile, { force: true });
  if (result.status !== 0) throw initFailed(data, account, result);
}

/**
 * The roles of the application, in single-user mode: no port is open yet. The group `filror_app` is the one that
 * migration 1 grants rights to; signalling lets the owner recreate a database that the application is using.
 */
async function createRoles(
  binaries: string,
  data: string,
  account: ServerAccount | null,
  secrets: Credentials,
): Promise<void> {
  const statements = [
    `create role ${OWNER_ROLE} login createdb createrole password '${secrets.owner}'`,
    `create role ${APP_ROLE} login password '${secrets.app}'`,
    'create role filror_app nologin',
    `grant filror_app to ${APP_ROLE}`,
    `grant pg_signal_backend to ${OWNER_ROLE}`,
  ];
  const result = await run(
    join(binaries, 'bin', 'postgres'),
    ['--single', '-D', data, '-c', 'unix_socket_directories=', 'postgres'],
    { cwd: join(data, '..'), env: SERVER_ENV, ...asAccount(account) },
    `${statements.join('\n')}\n`,
  );
  // Single-user mode ends with 0 even when a statement failed.
  if (result.status !== 0 || /ERROR|FATAL|PANIC/.test(result.output)) throw initFailed(data, account, result);
}

function secret(): string {
  return randomBytes(24).toString('base64url');
}

function initFailed(data: string, account: ServerAccount | null, result: CommandResult): RemoteError {
  const who = account === null ? 'ce compte' : `le compte système « ${account.name} »`;
  return new RemoteError({
    code: 'PG_INIT',
    message: `La base embarquée n’a pas pu être créée (${result.status}) : ${result.output.trim().slice(-600)}`,
    place: data,
    remedy: `vérifiez que ${who} peut traverser ce dossier et qu’il reste 200 Mo de disque ; FILROR_DATA_HOME choisit un autre dossier, DATABASE_URL une autre base.`,
  });
}
