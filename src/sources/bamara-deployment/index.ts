import type { Deployment } from '../../domain/deployment.js';
import type { PageOptions, Source, SourceInput } from '../contract.js';
import { oneRowPerKey } from '../reading/one-row-per-key.js';
import { openTable } from '../reading/table.js';
import { deploymentKey, readDeployment } from './read.js';
import { DEPLOYMENT_COLUMNS } from './schema.js';

/**
 * Table of progress of BaMaRa in the hospitals of a region. It never lists centres, and never closes one.
 * @param page how to find the table in the page of the BNDMR; null: only files (CSV, XLSX) are read
 */
export function bamaraDeployment(page: PageOptions | null = null): Source<Deployment> {
  const open = (input: SourceInput) => openTable(input, DEPLOYMENT_COLUMNS, page);
  return {
    id: 'bamara-deployment',
    title: 'Déploiement de BaMaRa par hôpital',
    owner: 'BNDMR (AP-HP)',
    licence: 'Faits publics, cités et datés ; droits réservés par défaut',
    cadence: 'à chaque comité de la plateforme d’expertise, sans date fixe',
    async *read(input) {
      const table = await open(input);
      for await (const row of table.rows()) {
        if (row.kind === 'aside') yield row;
        else if (row.kind === 'damaged') yield { ...row.fault, key: deploymentKey(row.cells) };
        else yield readDeployment(row.cells, { locator: row.locator, headerOf: table.headerOf });
      }
    },
    inspect: async (input) => (await open(input)).facts,
    keyOf: deploymentKey,
    settle: (outcomes) => oneRowPerKey(outcomes, deploymentKey),
  };
}
