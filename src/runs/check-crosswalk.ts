import type { FilrorConfig } from '../config/load.js';
import type { Filiere } from '../domain/filiere.js';
import { filieresSource } from '../sources/filieres/index.js';
import { labelledCentres } from '../sources/labelled-centres/index.js';
import { valuesOf } from './configured-lists.js';

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
