import type { Filiere } from '../../domain/filiere.js';
import { UNREAD } from '../../domain/rows.js';
import type { Source } from '../contract.js';
import { oneRowPerKey } from '../reading/one-row-per-key.js';
import { openTable } from '../reading/table.js';
import { readFiliereRow } from './read.js';
import { FILIERE_COLUMNS } from './schema.js';

/** The 23 filières with their spellings and European networks: our own list, shipped as config/filieres.csv. */
export function filieresSource(): Source<Filiere> {
  return {
    id: 'filieres',
    title: 'Filières de santé maladies rares',
    owner: 'filror (faits publics du ministère et des filières)',
    licence: 'EUPL-1.2 pour le fichier ; les faits sont publics',
    cadence: 'à la main, quand une filière ou une écriture change',
    async *read(input) {
      const table = await openTable(input, FILIERE_COLUMNS);
      for await (const row of table.rows()) {
        if (row.kind === 'aside') yield row;
        else if (row.kind === 'damaged') yield { ...row.fault, key: row.cells.code || UNREAD };
        else yield readFiliereRow(row.cells, { locator: row.locator, headerOf: table.headerOf });
      }
    },
    inspect: async (input) => (await openTable(input, FILIERE_COLUMNS)).facts,
    keyOf: (row) => row.code,
    settle: (outcomes) => oneRowPerKey(outcomes, (row) => row.code),
  };
}
