import { join } from 'node:path';
import { DataError } from '../domain/errors.js';
import { packageRoot, readYaml } from './files.js';
import { parseRegionProfile, type RegionProfile } from './schema/region.js';

/**
 * Reads `config/regions/<code>.yaml` of the package, or the same file under another folder.
 * @throws DataError `CFG_UNREADABLE` or `CFG_INVALID`; the code inside must be that of the file's name.
 */
export function loadRegionProfile(
  code: string,
  folder: string = join(packageRoot, 'config', 'regions'),
): RegionProfile {
  const file = join(folder, `${code}.yaml`);
  const profile = parseRegionProfile(readYaml(file), file);
  if (profile.code === code) return profile;
  throw new DataError({
    code: 'CFG_INVALID',
    message: `Le fichier ${file} décrit la région ${profile.code}, pas la région ${code}.`,
    place: file,
    remedy: 'nommez le fichier d’après le code TRE_R30 de la région, ou corrigez « code ».',
  });
}
