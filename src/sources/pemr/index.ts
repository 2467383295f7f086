import type { ExpertisePlatform } from '../../domain/expertise-platform.js';
import type { Source } from '../contract.js';
import { oneRowPerKey } from '../reading/one-row-per-key.js';
import { openTable } from '../reading/table.js';
import { platformKey, readPlatform } from './read.js';
import { PLATFORM_COLUMNS } from './schema.js';

/** The expertise platforms (PEMR) and overseas coordination platforms (PCOM): our own list, shipped as config/pemr.csv. */
export function pemrSource(): Source<ExpertisePlatform> {
  return {
    id: 'pemr',
    title: 'Plateformes d’expertise et de coordination (PEMR, PCOM)',
    owner: 'filror (faits publics du ministère)',
    licence: 'EUPL-1.2 pour le fichier ; les faits sont publics',
    cadence: 'à la main, quand une plateforme change',
    async *read(input) {
      const table = await openTable(input, PLATFORM_COLUMNS);
      for await (const row of table.rows()) {
        if (row.kind === 'aside') yield row;
        else if (row.kind === 'damaged') yield { ...row.fault, key: platformKey(row.cells) };
        else yield readPlatform(row.cells, { locator: row.locator, headerOf: table.headerOf });
      }
    },
    inspect: async (input) => (await openTable(input, PLATFORM_COLUMNS)).facts,
    keyOf: platformKey,
    settle: (outcomes) => oneRowPerKey(outcomes, platformKey),
  };
}
