import type { EuropeanNetwork } from '../../domain/ern.js';
import type { Filiere } from '../../domain/filiere.js';
import { UNREAD } from '../../domain/rows.js';
import { indexFilieres } from '../../normalise/filieres.js';
import type { Source } from '../contract.js';
import { oneRowPerKey } from '../reading/one-row-per-key.js';
import { openTable } from '../reading/table.js';
import { readErn } from './read.js';
import { ERN_COLUMNS } from './schema.js';

/**
 * The European reference networks and the filières tied to each: our own list, shipped as config/ern.csv.
 * @param filieres the known filières and their spellings
 */
export function ernSource(filieres: readonly Filiere[]): Source<EuropeanNetwork> {
  const index = indexFilieres(filieres);
  return {
    id: 'ern',
    title: 'Réseaux européens de référence (ERN)',
    owner: 'filror (faits publics de la Commission européenne et des filières)',
    licence: 'EUPL-1.2 pour le fichier ; les faits sont publics',
    cadence: 'à la main, quand un réseau ou son lien avec une filière change',
    async *read(input) {
      const table = await openTable(input, ERN_COLUMNS);
      for await (const row of table.rows()) {
        if (row.kind === 'aside') yield row;
        else if (row.kind === 'damaged') yield { ...row.fault, key: row.cells.code || UNREAD };
        else yield readErn(row.cells, { locator: row.locator, headerOf: table.headerOf }, index);
      }
    },
    inspect: async (input) => (await openTable(input, ERN_COLUMNS)).facts,
    keyOf: (row) => row.code,
    settle: (outcomes) => oneRowPerKey(outcomes, (row) => row.code),
  };
}
