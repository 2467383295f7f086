import { mkdir, mkdtemp, rename, rm, symlink, writeFile, chmod, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from '../../domain/errors.js';
import { sha256 } from '../../domain/json.js';
import type { Audience } from '../views.js';

export interface WrittenSet {
  /** Folder of the set, below the one given. */
  readonly name: string;
  readonly files: readonly string[];
  /** `same`: a set of the same bytes stood there already. */
  readonly outcome: 'written' | 'same';
}

/** What the folder of a set is named by. */
export interface SetName {
  readonly region: string;
  readonly audience: Audience;
  readonly at: Date | null;
}

/** Checksums as `sha256sum --check` reads them. */
export function checksums(files: readonly (readonly [string, string])[]): string {
  return files.map(([name, content]) => `${sha256(content)}  ${name}\n`).join('');
}

/** `28-public-20261122T213000Z-1f2e3d4c`: the instant of what is served, and what the set holds. */
export function setName({ region, audience, at }: SetName, sums: string): string {
  const instant = at === null ? 'jamais-servi' : at.toISOString().replace(/[-:]|\.\d+/g, '');
  return `${region}-${audience}-${instant}-${sha256(sums).slice(0, 8)}`;
}

/** Name of the link to the last set. */
export function lastName({ region, audience }: SetName): string {
  return `${region}-${audience}-dernier`;
}

/**
 * Writes a set aside, then gives it its name in one step, then turns the link of the last set to it: a reader finds a
 * whole set or the former one, never half of either. What the public may not see is readable by this account alone.
 * @param files made while they are written, so that a failure in the middle leaves nothing behind
 * @throws DataError `EXPORT_FOLDER`
 */
export async function writeSet(
  folder: string,
  name: SetName,
  files: Iterable<readonly [string, string]>,
): Promise<WrittenSet> {
  const open = name.audience === 'public';
  let draft: string | null = null;
  try {
    await mkdir(folder, { recursive: true });
    draft = await mkdtemp(join(folder, '.filror-partiel-'));
    const written: (readonly [string, string])[] = [];
    for (const [file, content] of files) {
      await put(join(draft, file), content, open);
      written.push([file, content]);
    }
    const sums = checksums(written);
    await put(join(draft, 'SHA256SUMS'), sums, open);
    await chmod(draft, open ? 0o755 : 0o700);
    const final = setName(name, sums);
    const outcome = await settle(draft, join(folder, final));
    draft = null;
    await turn(folder, lastName(name), final);
    return { name: final, files: [...written.map(([file]) => file), 'SHA256SUMS'], outcome };
  } catch (cause) {
    if (draft !== null) await rm(draft, { recursive: true, force: true });
    if (!(cause instanceof Error) || !('syscall' in cause)) throw cause;
    throw new DataError({
      code: 'EXPORT_FOLDER',
      message: `Le jeu ne peut pas être écrit dans ${folder} : ${cause.message}`,
      place: folder,
      remedy:
        'vérifiez le chemin, les droits de ce compte et la place sur le disque ; le jeu précédent est intact.',
      cause,
    });
  }
}

async function put(path: string, content: string, open: boolean): Promise<void> {
  await writeFile(path, content, { flag: 'wx', flush: true, mode: open ? 0o644 : 0o600 });
}

/** The name tells the bytes: a folder that has it already is the same set. */
async function settle(draft: string, final: string): Promise<WrittenSet['outcome']> {
  const there = await stat(final).then(
    () => true,
    (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return false;
      throw cause;
    },
  );
  if (!there) {
    await rename(draft, final);
    return 'written';
  }
  await rm(draft, { recursive: true, force: true });
  return 'same';
}

/** A link is replaced in one step only by renaming another over it. */
async function turn(folder: string, link: string, target: string): Promise<void> {
  const draft = join(folder, `.${link}-${process.pid}`);
  await rm(draft, { force: true });
  await symlink(target, draft);
  await rename(draft, join(folder, link));
}
