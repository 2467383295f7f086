import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdir, open, readdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError, RefusalError } from '../domain/errors.js';
import { sha256 } from '../domain/json.js';
import { shippedFolder } from './load.js';

/** Where the files stand as they were before they were last replaced. Its name begins with a dot: nobody reads it as configuration. */
const PREVIOUS = '.precedent';

interface Kept {
  readonly at: string;
  /** Where the new content was read, for people. */
  readonly from: string;
  readonly files: readonly {
    readonly file: string;
    readonly before: string | null;
    readonly after: string;
  }[];
}

/**
 * Refuses a folder of codes that is not the operator's own, before anything is asked of anybody.
 * @throws RefusalError `CODES_SHIPPED`
 */
export async function refuseShipped(folder: string): Promise<void> {
  if ((await realpath(folder)) !== (await realpath(shippedFolder))) return;
  throw new RefusalError({
    code: 'CODES_SHIPPED',
    message: `${folder} est la configuration livrée avec filror : une mise à jour du logiciel l’effacerait.`,
    place: folder,
    remedy:
      'créez un dossier à vous (par exemple /etc/filror), donnez-le par --config ou FILROR_CONFIG, et recommencez : les fichiers de codes/ y seront écrits et primeront.',
  });
}

/**
 * Replaces files of `codes/`, all or none: every new text is on the disk before the first takes its name, and what was
 * replaced is kept for `undoReplacement`. A machine that dies between two names leaves whole files, old or new.
 * @param texts new content by file name
 * @throws RefusalError `CODES_SHIPPED`, `CODES_READ_ONLY`
 */
export async function replaceCodeFiles(
  folder: string,
  texts: ReadonlyMap<string, string>,
  told: { readonly at: Date; readonly from: string },
): Promise<void> {
  await refuseShipped(folder);
  const codes = join(folder, 'codes');
  const done: string[] = [];
  try {
    await mkdir(codes, { recursive: true });
    for (const [file, text] of texts) await writeThrough(join(codes, draft(file)), text, join(codes, file));
    await keepPrevious(codes, texts, told);
    for (const file of texts.keys()) {
      await rename(join(codes, draft(file)), join(codes, file));
      done.push(file);
    }
  } catch (cause) {
    for (const file of texts.keys())
      await rm(join(codes, draft(file)), { force: true }).catch(() => undefined);
    for (const file of done) await restore(codes, file);
    throw cause instanceof Error && 'syscall' in cause ? readOnly(codes, cause) : cause;
  }
}

const draft = (file: string): string => `.${file}.nouveau`;

/** Null when nothing can be undone. */
export function lastReplacement(folder: string): Kept | null {
  const file = join(folder, 'codes', PREVIOUS, 'manifest.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Kept) : null;
}

/**
 * Puts back what `replaceCodeFiles` replaced last, unless somebody has edited it since.
 * @param mode `dry`: only says what would be put back
 * @returns names of the files
 * @throws DataError `CODES_NO_UNDO`, RefusalError `CODES_EDITED`, `CODES_READ_ONLY`
 */
export async function undoReplacement(folder: string, mode: 'real' | 'dry'): Promise<Kept> {
  const codes = join(folder, 'codes');
  const kept = lastReplacement(folder);
  if (kept === null)
    throw new DataError({
      code: 'CODES_NO_UNDO',
      message: `Rien à défaire dans ${codes} : aucune reprise de nomenclatures n’y est gardée.`,
      place: codes,
      remedy:
        'seule la dernière reprise se défait ; pour une plus ancienne, reprenez les fichiers d’une sauvegarde.',
    });
  for (const { file, before, after } of kept.files) {
    const now = hashOf(join(codes, file));
    if (now !== before && now !== after)
      throw new RefusalError({
        code: 'CODES_EDITED',
        message: `codes/${file} a été modifié à la main depuis la reprise : il n’est pas écrasé, rien n’est défait.`,
        place: join(codes, file),
        remedy: `comparez-le à codes/${PREVIOUS}/${file}, qui dit ce qu’il y avait avant, et corrigez à la main.`,
      });
  }
  if (mode === 'dry') return kept;
  try {
    for (const { file } of kept.files) await restore(codes, file);
    await rm(join(codes, PREVIOUS), { recursive: true });
  } catch (cause) {
    throw cause instanceof Error && 'syscall' in cause ? readOnly(codes, cause) : cause;
  }
  return kept;
}

async function keepPrevious(
  codes: string,
  texts: ReadonlyMap<string, string>,
  { at, from }: { readonly at: Date; readonly from: string },
): Promise<void> {
  const next = join(codes, `${PREVIOUS}.nouveau`);
  await rm(next, { recursive: true, force: true });
  await mkdir(next);
  const files: Kept['files'][number][] = [];
  for (const [file, text] of texts) {
    const before = hashOf(join(codes, file));
    if (before !== null) await writeFile(join(next, file), readFileSync(join(codes, file)));
    files.push({ file, before, after: sha256(text) });
  }
  const kept: Kept = { at: at.toISOString(), from, files };
  await writeFile(join(next, 'manifest.json'), `${JSON.stringify(kept, null, 2)}\n`);
  await rm(join(codes, PREVIOUS), { recursive: true, force: true });
  await rename(next, join(codes, PREVIOUS));
}

/** One file as it was before; a file that was not there is taken away. */
async function restore(codes: string, file: string): Promise<void> {
  const kept = join(codes, PREVIOUS, file);
  const names = await readdir(join(codes, PREVIOUS));
  if (!names.includes(file)) return await rm(join(codes, file), { force: true });
  await writeThrough(join(codes, draft(file)), readFileSync(kept, 'utf8'), join(codes, file));
  await rename(join(codes, draft(file)), join(codes, file));
}

/** On the disk, not in its cache, and with the rights of the file whose place it takes. */
async function writeThrough(path: string, text: string, like: string): Promise<void> {
  const handle = await open(path, 'w');
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  if (existsSync(like)) await chmod(path, (await stat(like)).mode & 0o777);
}

const hashOf = (path: string): string | null => (existsSync(path) ? sha256(readFileSync(path)) : null);

function readOnly(codes: string, cause: Error): RefusalError {
  return new RefusalError({
    code: 'CODES_READ_ONLY',
    message: `Le dossier ${codes} ne peut pas être écrit (${(cause as NodeJS.ErrnoException).code ?? 'erreur'}) : rien n’est changé.`,
    place: codes,
    remedy:
      'donnez à ce compte le droit d’écrire dans ce dossier, ou lancez la commande sous le compte qui tient la configuration.',
    cause,
  });
}
