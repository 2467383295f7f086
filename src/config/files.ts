import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { DataError } from '../domain/errors.js';
import { yamlFault } from './yaml-faults.js';

/** Folder that holds package.json, sql/ and config/, from src/config as from dist/config. */
export const packageRoot = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Reads one YAML file. @throws DataError `CFG_UNREADABLE` with file, line and column. */
export function readYaml(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new DataError({
      code: 'CFG_UNREADABLE',
      message: `Le fichier de configuration ${file} ne peut pas être lu.`,
      place: file,
      remedy: 'vérifiez que le fichier existe et que ce compte peut le lire.',
      cause,
    });
  }
  try {
    return parse(text, { prettyErrors: true, uniqueKeys: true, logLevel: 'error' });
  } catch (cause) {
    throw new DataError({
      code: 'CFG_UNREADABLE',
      message: `Le fichier ${file} n’est pas du YAML valide, ${yamlFault(cause, text)}.`,
      place: file,
      remedy:
        'corrigez la ligne indiquée (deux espaces d’indentation, pas de tabulation), puis relancez « filror config check ».',
      cause,
    });
  }
}
