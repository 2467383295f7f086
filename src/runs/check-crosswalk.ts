import { createReadStream, existsSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { placeOf, type FilrorConfig } from '../config/load.js';
import type { Filiere } from '../domain/filiere.js';
import { readAll, type Source } from '../sources/contract.js';
import { filieresSource } from '../sources/filieres/index.js';
import { labelledCentres } from '../sources/labelled-centres/index.js';

export interface CrosswalkCheck {
  /** A filière that no list knows: its codes would never be used. */
  readonly faults: readonly string[];
  /** A network that stands in no list at hand: misspelt, or not listed yet. */
  readonly warnings: readonly string[];
}

/**
 * The names of the crosswalk against what exists: filières of the configured list, networks of the lists of centres
 * that are files here. A list that lives elsewhere is not fetched; what cannot be compared is said, never guessed.
 */
export async function checkCrosswalk(config: FilrorConfig): Promise<CrosswalkCheck> {
  const filieres = await valuesOf(config, 'filieres', () => filieresSource());
  const centres = await valuesOf(config, 'labelled-centres', () => labelledCentres(filieres));
  const known = new Set(filieres.map((filiere: Filiere) => filiere.code));
  const networks = new Set(centres.map((centre) => centre.network));
  const named = Object.keys(config.crosswalk.networks);
  return {
    faults:
      known.size === 0
        ? []
        : Object.keys(config.crosswalk.filieres)
            .filter((code) => !known.has(code))
            .map(
              (code) =>
                `crosswalk.yaml, filieres.${code} : cette filière n’est pas dans la liste des filières.`,
            ),
    warnings:
      named.length > 0 && centres.length === 0
        ? [
            'crosswalk.yaml, networks : aucune liste de centres n’est un fichier ici, les réseaux ne sont pas comparés.',
          ]
        : named
            .filter((acronym) => !networks.has(acronym))
            .map(
              (acronym) =>
                `crosswalk.yaml, networks.${acronym} : aucun centre des listes configurées n’est de ce réseau.`,
            ),
  };
}

async function valuesOf<T>(
  config: FilrorConfig,
  reader: string,
  source: () => Source<T>,
): Promise<readonly T[]> {
  const places = new Set(
    Object.values(config.sources)
      .filter((each) => each.reader === reader)
      .flatMap((each) => [...config.regions.keys()].map((region) => placeOf(config, each, region))),
  );
  const found: T[] = [];
  for (const place of places) {
    if (place === null || !existsSync(place) || !statSync(place).isFile()) continue;
    const bytes = (): AsyncIterable<Uint8Array> => createReadStream(place);
    for (const outcome of await readAll(source(), { fileName: basename(place), bytes })) {
      if (outcome.kind === 'row') found.push(outcome.value);
    }
  }
  return found;
}
