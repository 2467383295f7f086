import type { Filiere } from '../../domain/filiere.js';
import type { RowOutcome } from '../../domain/rows.js';
import type { Source } from '../contract.js';
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
        yield row.kind === 'aside'
          ? row
          : readFiliereRow(row.cells, { locator: row.locator, headerOf: table.headerOf });
      }
    },
    inspect: async (input) => (await openTable(input, FILIERE_COLUMNS)).facts,
    keyOf: (row) => row.code,
    settle: oneLinePerCode,
  };
}

/** A filière given twice: neither line is believed, since the spellings of one would be lost. */
function oneLinePerCode(outcomes: readonly RowOutcome<Filiere>[]): readonly RowOutcome<Filiere>[] {
  const times = new Map<string, number>();
  for (const one of outcomes) {
    if (one.kind === 'row') times.set(one.value.code, (times.get(one.value.code) ?? 0) + 1);
  }
  return outcomes.map((one) => {
    if (one.kind !== 'row') return one;
    const { code } = one.value;
    if (times.get(code) === 1) return { ...one, key: code };
    return {
      kind: 'aside',
      code: 'DUPLICATE',
      locator: one.locator,
      value: code,
      message: `La filière ${code} est donnée plusieurs fois.`,
      remedy: 'réunissez ses écritures sur une seule ligne de config/filieres.csv.',
      key: code,
    };
  });
}
