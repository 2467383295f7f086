import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { unusable, type Stated } from './model.js';
import { refuseOtherKind, resourcesIn, statedBy, type PlacedResource } from './resources.js';
import { jsonObject, jsonText, MAX_RESOURCE_BYTES } from './text.js';

/** The terminology package of the ANS holds about 1,500 resources. */
const MAX_FILES = 10_000;
const ARCHIVE = /\.(?:zip|tgz|tar|gz|7z)$/i;

/**
 * What a file, a folder of files or a FHIR package unpacked says of codes.
 * @param today ISO day: which retirements are past
 * @throws DataError `CODES_UNREADABLE`, `CODES_ARCHIVE`, `CODES_TOO_BIG`, `CODES_NOTHING`, and those of the resources
 */
export async function readPlace(place: string, today: string): Promise<Stated> {
  if (ARCHIVE.test(place))
    throw unusable(
      'CODES_ARCHIVE',
      place,
      `« ${place} » est une archive : elle n’est pas ouverte ici.`,
      'décompressez-la, puis donnez le dossier.',
    );
  const names = await namesIn(place);
  if (names === null) {
    const resources = resourcesIn(jsonObject(await textOf(place), place), place);
    resources.forEach(refuseOtherKind);
    return statedBy(resources, today);
  }
  const resources: PlacedResource[] = [];
  for (const file of names) {
    const value = jsonObject(await textOf(file), file);
    // package.json, .index.json and profiles stand beside the nomenclatures of a package.
    if (value['resourceType'] !== undefined) resources.push(...resourcesIn(value, file));
  }
  const stated = statedBy(resources, today);
  if (stated.systems.length + stated.subsets.length === 0)
    throw unusable(
      'CODES_NOTHING',
      place,
      `Le dossier « ${place} » ne contient ni CodeSystem ni ValueSet (.json).`,
      'donnez le dossier des ressources ; dans un paquet FHIR, c’est « package ».',
    );
  return stated;
}

/** Null for a file. The `package` folder of a FHIR package is meant by the folder that holds it. */
async function namesIn(place: string): Promise<string[] | null> {
  try {
    if (!(await stat(place)).isDirectory()) return null;
    const inner = join(place, 'package');
    const folder = (await isFolder(inner)) ? inner : place;
    const names = (await readdir(folder)).filter((name) => name.endsWith('.json') && !name.startsWith('.'));
    if (names.length > MAX_FILES)
      throw unusable(
        'CODES_TOO_BIG',
        place,
        `Le dossier « ${folder} » contient ${String(names.length)} fichiers .json (au plus ${String(MAX_FILES)}).`,
        'donnez un dossier qui ne contient que la nomenclature.',
      );
    return names.sort().map((name) => join(folder, name));
  } catch (cause) {
    throw cause instanceof Error && 'syscall' in cause ? unreadable(place, cause) : cause;
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

async function textOf(file: string): Promise<string> {
  try {
    const handle = await open(file);
    try {
      const { size } = await handle.stat();
      if (size > MAX_RESOURCE_BYTES) throw tooBig(file);
      return jsonText(await handle.readFile(), file);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw cause instanceof Error && 'syscall' in cause ? unreadable(file, cause) : cause;
  }
}

function tooBig(place: string) {
  return unusable(
    'CODES_TOO_BIG',
    place,
    `« ${place} » dépasse ${String(MAX_RESOURCE_BYTES / 1024 ** 2)} Mio.`,
    'vérifiez que c’est bien une nomenclature : aucune n’est si grande ; rien n’a été écrit.',
  );
}

function unreadable(place: string, cause: Error) {
  const { code } = cause as NodeJS.ErrnoException;
  return unusable(
    'CODES_UNREADABLE',
    place,
    `« ${place} » ne peut pas être lu (${code ?? 'erreur'}).`,
    'vérifiez le chemin et les droits de lecture de ce compte.',
  );
}
