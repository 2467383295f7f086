import { existsSync, readdirSync, type Dirent } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { didYouMean, nearest } from '../domain/nearest.js';

/** Folders of a configuration folder whose every .yaml file is read. */
const FOLDERS = ['codes', 'regions'] as const;

/**
 * Files that nothing would ever read, because their name is not one that filror knows: what they say would silently not
 * hold. A list (.csv) may bear any name, it may be given by `--source`; one that nearly bears the name of a configured
 * place is told.
 * @param known names read in the folder itself, `mail.yaml`…
 * @param lists places of the sources, as configured
 */
export function strayFiles(folder: string, known: readonly string[], lists: readonly string[]): string[] {
  const faults: string[] = [];
  const placed = lists.map((place) => basename(place));
  for (const entry of entriesOf(folder)) {
    const { name } = entry;
    if (entry.isDirectory()) {
      const meant = nearest(name, FOLDERS);
      if (meant !== null && meant !== name)
        faults.push(`${join(folder, name)}\n  ✖ ce dossier n’est pas lu : vouliez-vous dire « ${meant} » ?`);
    } else if (isYaml(name) && !known.includes(name)) {
      faults.push(
        `${join(folder, name)}\n  ✖ aucun fichier de ce nom n’est lu${didYouMean(withYaml(name), known)}\n    → noms lus : ${known.join(', ')}, regions/<code>.yaml, codes/*.yaml`,
      );
    } else if (extname(name).toLowerCase() === '.csv' && !placed.includes(name)) {
      const meant = nearest(name, placed);
      // A list that stands beside the one it resembles is another edition of it.
      if (meant !== null && !existsSync(join(folder, meant)))
        faults.push(
          `${join(folder, name)}\n  ✖ aucune source n’est configurée à ce nom (sources.yaml) : vouliez-vous dire « ${meant} » ?`,
        );
    }
  }
  for (const inside of FOLDERS) {
    for (const { name } of entriesOf(join(folder, inside)))
      if (isYaml(name) && !name.endsWith('.yaml'))
        faults.push(`${join(folder, inside, name)}\n  ✖ seul « .yaml » est lu : nommez-le ${withYaml(name)}`);
  }
  return faults;
}

/** Names that begin with a dot are nobody's configuration: editors and file managers leave them. */
function entriesOf(folder: string): Dirent[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !name.startsWith('.'))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function isYaml(name: string): boolean {
  return ['.yaml', '.yml'].includes(extname(name).toLowerCase());
}

function withYaml(name: string): string {
  return `${basename(name, extname(name))}.yaml`;
}
