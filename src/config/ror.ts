import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { DataError } from '../domain/errors.js';
import { packageRoot, readYaml } from './files.js';
import { codeSystemSchema, crosswalkSchema, type CodeSystemConfig, type Crosswalk } from './schema/codes.js';
import { rorDefaultsSchema, type RorDefaults } from './schema/ror-defaults.js';

const configFolder = join(packageRoot, 'config');

/** Every code system of config/codes, in the order of file names. @throws DataError `CFG_INVALID`, `CFG_UNREADABLE`. */
export function loadCodeSystems(folder: string = join(configFolder, 'codes')): CodeSystemConfig[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => checked(codeSystemSchema, join(folder, name)));
}

/** @throws DataError `CFG_INVALID`, `CFG_UNREADABLE` */
export function loadCrosswalk(file: string = join(configFolder, 'crosswalk.yaml')): Crosswalk {
  return checked(crosswalkSchema, file);
}

/** @throws DataError `CFG_INVALID`, `CFG_UNREADABLE` */
export function loadRorDefaults(file: string = join(configFolder, 'ror-defaults.yaml')): RorDefaults {
  return checked(rorDefaultsSchema, file);
}

function checked<S extends z.ZodType>(schema: S, file: string): z.infer<S> {
  const result = schema.safeParse(readYaml(file));
  if (result.success) return result.data;
  throw new DataError({
    code: 'CFG_INVALID',
    message: `La configuration ${file} n’est pas conforme : ${z.prettifyError(result.error)}`,
    place: file,
    remedy: 'corrigez les valeurs indiquées, puis relancez « filror config check ».',
    cause: result.error,
  });
}
