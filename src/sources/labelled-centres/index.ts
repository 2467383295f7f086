import type { CentreObservation } from '../../domain/centre.js';
import type { Filiere } from '../../domain/filiere.js';
import { indexFilieres } from '../../normalise/filieres.js';
import type { Source } from '../contract.js';
import { openTable } from '../reading/table.js';
import { crossCheck } from './cross-check.js';
import { baseKey } from './keys.js';
import { damagedCentre, readCentre } from './read.js';
import { CENTRE_COLUMNS } from './schema.js';

/** Lists of labelled centres typed by people (CSV or XLSX). @param filieres the known filières and their spellings */
export function labelledCentres(filieres: readonly Filiere[]): Source<CentreObservation> {
  const index = indexFilieres(filieres);
  return {
    id: 'labelled-centres',
    title: 'Liste de centres labellisés maladies rares',
    owner: 'Ministère chargé de la santé, filières, plateformes d’expertise',
    licence: 'Faits publics, cités et datés ; droits des éditeurs réservés par défaut',
    cadence: 'à chaque campagne de labellisation (cinq ans) et à chaque correction',
    async *read(input) {
      const table = await openTable(input, CENTRE_COLUMNS);
      for await (const row of table.rows()) {
        if (row.kind === 'aside') yield row;
        else if (row.kind === 'damaged') yield damagedCentre(row.fault, row.cells, index);
        else yield readCentre(row.cells, { locator: row.locator, headerOf: table.headerOf }, index);
      }
    },
    inspect: async (input) => (await openTable(input, CENTRE_COLUMNS)).facts,
    keyOf: baseKey,
    settle: crossCheck,
  };
}
