import type { CentreObservation } from '../../domain/centre.js';
import type { Filiere } from '../../domain/filiere.js';
import { indexFilieres } from '../../normalise/filieres.js';
import { SourceError } from '../../domain/errors.js';
import { fold } from '../../normalise/text.js';
import type { Source, SourceInput } from '../contract.js';
import { openTable } from '../reading/table.js';
import { crossCheck } from './cross-check.js';
import { baseKey } from './keys.js';
import { damagedCentre, readCentre } from './read.js';
import { CENTRE_COLUMNS, OUR_ID_COLUMN, type CentreColumn } from './schema.js';

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
      const table = await openList(input);
      for await (const row of table.rows()) {
        if (row.kind === 'aside') yield row;
        else if (row.kind === 'damaged') yield damagedCentre(row.fault, row.cells, index);
        else yield readCentre(row.cells, { locator: row.locator, headerOf: table.headerOf }, index);
      }
    },
    inspect: async (input) => (await openList(input)).facts,
    keyOf: baseKey,
    settle: crossCheck,
  };
}

/** @throws SourceError `LIST_IS_OUR_WORKBOOK`, and those of `openTable` */
async function openList(input: SourceInput): ReturnType<typeof openTable<CentreColumn>> {
  const table = await openTable(input, CENTRE_COLUMNS);
  if (!table.facts.unknownColumns.some((header) => fold(header) === fold(OUR_ID_COLUMN))) return table;
  throw new SourceError({
    code: 'LIST_IS_OUR_WORKBOOK',
    message:
      'Ce fichier est le classeur de nos centres, et non une liste de centres : il porte des réponses.',
    place: input.fileName,
    remedy:
      'déposez-le comme classeur complété (page « Tableur », ou filror tableur importer) ; une liste part du modèle du premier jour.',
  });
}
