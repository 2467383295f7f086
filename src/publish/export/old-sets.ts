import { randomBytes } from 'node:crypto';
import { lstat, readdir, readFile, rename, rmdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from '../../domain/errors.js';
import { sha256 } from '../../domain/json.js';
import type { SetName } from './folder.js';

const SUMS = 'SHA256SUMS';
/** A set leaves under this name, in one step, before its files are removed. */
const ASIDE = '.filror-ote-';

/** A folder of the right name that is not one of our sets any more: what it holds beside, or lacks. */
export interface StrangeSet {
  readonly name: string;
  readonly why: string;
}

export interface OldSets {
  /** Names below the folder, oldest first. */
  readonly names: readonly string[];
  readonly strange: readonly StrangeSet[];
}

/**
 * Sets of the same region and audience beyond the newest ones. A set is known by its name, which ends with the hash of
 * its list of checksums, and by holding exactly what that list names, byte for byte: whatever a person added or changed
 * there makes it somebody's folder, to be left alone.
 * @param keep how many stay, `current` among them
 * @param current the set just written, or the one that would be: the link of the last one leads to it, whatever its date
 */
export async function oldSets(folder: string, of: SetName, keep: number, current: string): Promise<OldSets> {
  const shape = new RegExp(`^${shapeOf(of)}$`);
  // Names sort by their instant; a region that was never served comes first.
  const order = (name: string): string => name.replace('jamais-servi', '0');
  const names = (await readdir(folder).catch(none))
    .filter((name) => shape.test(name) && name !== current)
    .sort((a, b) => (order(a) < order(b) ? -1 : 1));
  const sets: string[] = [];
  const strange: StrangeSet[] = [];
  for (const name of names) {
    const why = await strangeness(join(folder, name), name);
    if (why === null) sets.push(name);
    else strange.push({ name, why });
  }
  return { names: sets.slice(0, Math.max(0, sets.length - (keep - 1))), strange };
}

/**
 * Removes a set: it leaves in one step, then each of its files, then the empty folder. Nothing is removed that its list
 * of checksums does not name.
 * @throws DataError `EXPORT_OLD_SET`
 */
export async function removeSet(folder: string, name: string): Promise<void> {
  await saying(folder, name, async () => {
    const aside = join(folder, `${ASIDE}${randomBytes(4).toString('hex')}-${name}`);
    await rename(join(folder, name), aside);
    await empty(aside);
  });
}

/**
 * Removes what a kill left of sets on their way out, of the same region and audience. Such a folder may lack files that
 * its list of checksums names; whatever else differs makes it somebody's, and it stays.
 * @returns those that stay
 * @throws DataError `EXPORT_OLD_SET`
 */
export async function removeLeftovers(folder: string, of: SetName): Promise<readonly StrangeSet[]> {
  const shape = new RegExp(`^${ASIDE.replace('.', '\\.')}[0-9a-f]{8}-(${shapeOf(of)})$`);
  const strange: StrangeSet[] = [];
  for (const name of (await readdir(folder).catch(none)).sort()) {
    const [, set] = shape.exec(name) ?? [];
    if (set === undefined) continue;
    const path = join(folder, name);
    // Gone while it was looked at: another process removes it.
    const why = await strangeness(path, set, 'leaving').catch(absent);
    if (why !== null) strange.push({ name, why });
    else await saying(folder, name, async () => await empty(path));
  }
  return strange;
}

/** Names of the sets of a region and an audience. */
function shapeOf({ region, audience }: SetName): string {
  return `${region}-${audience}-(?:jamais-servi|\\d{8}T\\d{6}Z)-[0-9a-f]{8}`;
}

/** The list of checksums goes last, so that what a kill leaves can be known for ours. */
async function empty(path: string): Promise<void> {
  const files = await listed(path).catch(absent);
  for (const file of [...(files?.keys() ?? []), SUMS]) await unlink(join(path, file)).catch(absent);
  await rmdir(path).catch(absent);
}

async function saying(folder: string, name: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    if (!(cause instanceof Error) || !('syscall' in cause)) throw cause;
    throw new DataError({
      code: 'EXPORT_OLD_SET',
      message: `L’ancien jeu ${name} ne peut pas être ôté : ${cause.message}`,
      place: folder,
      remedy: 'vérifiez les droits de ce compte sur ce dossier ; le nouveau jeu est écrit et entier.',
      cause,
    });
  }
}

/**
 * @param state `leaving`: its files may be missing already
 * @returns null for a set that nobody touched
 */
async function strangeness(
  path: string,
  name: string,
  state: 'whole' | 'leaving' = 'whole',
): Promise<string | null> {
  if (!(await lstat(path)).isDirectory()) return 'ce n’est pas un dossier';
  const there = await readdir(path);
  if (state === 'leaving' && there.length === 0) return null;
  const text = await readFile(join(path, SUMS), 'utf8').catch(() => null);
  if (text === null) return `sans ${SUMS}`;
  if (!name.endsWith(`-${sha256(text).slice(0, 8)}`)) return `${SUMS} n’est pas celui de ce nom`;
  const sums = await listed(path);
  const more = there.find((file) => file !== SUMS && !sums.has(file));
  if (more !== undefined) return `${more} n’est pas du jeu`;
  for (const [file, sum] of sums) {
    if (!there.includes(file)) {
      if (state === 'leaving') continue;
      return `${file} manque`;
    }
    if (!(await lstat(join(path, file))).isFile()) return `${file} n’est pas un fichier`;
    if (sha256(await readFile(join(path, file), 'utf8')) !== sum) return `${file} a changé`;
  }
  return null;
}

/** File names and their checksums; a name that would lead elsewhere is none. */
async function listed(path: string): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(join(path, SUMS), 'utf8');
  const lines = [...text.matchAll(/^([0-9a-f]{64}) {2}([a-zA-Z0-9][a-zA-Z0-9.-]*)$/gm)];
  return new Map(lines.map(([, sum = '', file = '']) => [file, sum]));
}

/** The folder is not there yet: it holds no set. */
function none(cause: NodeJS.ErrnoException): string[] {
  if (cause.code === 'ENOENT') return [];
  throw cause;
}

/** Somebody else removed it already. */
function absent(cause: NodeJS.ErrnoException): null {
  if (cause.code === 'ENOENT') return null;
  throw cause;
}
