import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of package.json, from src/db/embedded as from dist/db/embedded. */
const checkout = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

/** Where one embedded cluster keeps its things. Nothing is created by asking. */
export interface ClusterFolder {
  /** Shared by all clusters of this account: holds the copies of the PostgreSQL binaries. */
  readonly home: string;
  /** This cluster's own folder: start lock, log, and `cluster/` once it is initialised. */
  readonly folder: string;
}

/**
 * Two clones never share a cluster, nor do two accounts on one clone: the folder is named by a hash of the
 * checkout's real path and of the uid.
 *
 * Home: `FILROR_DATA_HOME` when set, else `/var/lib/filror` for root (whose own home is closed to the account
 * that runs the server, so XDG_DATA_HOME is not read for root), else `$XDG_DATA_HOME/filror` or
 * `~/.local/share/filror`. The XDG specification says to ignore a relative path.
 */
export function clusterFolder(env: NodeJS.ProcessEnv, name?: string): ClusterFolder {
  const home = dataHome(env);
  return { home, folder: join(home, name ?? checkoutHash(realpathSync(checkout), uid())) };
}

export function checkoutHash(realPath: string, owner: number): string {
  return createHash('sha256').update(`${realPath}\0${owner}`).digest('hex').slice(0, 16);
}

function dataHome(env: NodeJS.ProcessEnv): string {
  if (env['FILROR_DATA_HOME']) return env['FILROR_DATA_HOME'];
  if (uid() === 0) return '/var/lib/filror';
  const xdg = env['XDG_DATA_HOME'];
  return join(xdg && isAbsolute(xdg) ? xdg : join(homedir(), '.local', 'share'), 'filror');
}

export function uid(): number {
  return process.getuid?.() ?? -1;
}
