import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fold } from './text.js';

interface Commune {
  readonly nom: string;
  readonly departement?: string;
}

let byName: Map<string, Set<string>> | null = null;

/**
 * Départements that have a commune of this name, from the official geographic code (npm package
 * @etalab/decoupage-administratif, MIT). Empty when the name is no commune: "Le Havre (Montivilliers)", a district.
 * The file is read once, when the first list without départements needs it (0.2 s, 8 MB).
 */
export function departementsOfTown(town: string): ReadonlySet<string> {
  byName ??= index();
  return byName.get(townKey(town)) ?? new Set();
}

/** "St Étienne-du-Rouvray CEDEX 2" and "Saint-Étienne-du-Rouvray" are one town. */
function townKey(town: string): string {
  return fold(town)
    .replace(/\bcedex\b.*$/, '')
    .replace(/\bst\b/g, 'saint')
    .replace(/\bste\b/g, 'sainte')
    .trim();
}

function index(): Map<string, Set<string>> {
  const file = createRequire(import.meta.url).resolve('@etalab/decoupage-administratif/data/communes.json');
  const communes = JSON.parse(readFileSync(file, 'utf8')) as Commune[];
  const names = new Map<string, Set<string>>();
  for (const commune of communes) {
    if (commune.departement === undefined) continue;
    const key = townKey(commune.nom);
    const set = names.get(key) ?? new Set<string>();
    set.add(commune.departement);
    names.set(key, set);
  }
  return names;
}
