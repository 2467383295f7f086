import { canonicalText } from '../../domain/json.js';
import type { Deployment } from '../../domain/deployment.js';
import type { RowOutcome } from '../../domain/rows.js';
import type { Source } from '../contract.js';
import { openTable } from '../reading/table.js';
import { deploymentKey, readDeployment } from './read.js';
import { DEPLOYMENT_COLUMNS } from './schema.js';

/** Table of progress of BaMaRa in the hospitals of a region. It never lists centres, and never closes one. */
export function bamaraDeployment(): Source<Deployment> {
  return {
    id: 'bamara-deployment',
    title: 'Déploiement de BaMaRa par hôpital',
    owner: 'BNDMR (AP-HP)',
    licence: 'Faits publics, cités et datés ; droits réservés par défaut',
    cadence: 'à chaque comité de la plateforme d’expertise, sans date fixe',
    async *read(input) {
      const table = await openTable(input, DEPLOYMENT_COLUMNS);
      for await (const row of table.rows()) {
        yield row.kind === 'aside'
          ? row
          : readDeployment(row.cells, { locator: row.locator, headerOf: table.headerOf });
      }
    },
    inspect: async (input) => (await openTable(input, DEPLOYMENT_COLUMNS)).facts,
    keyOf: deploymentKey,
    settle: oneRowPerHospital,
  };
}

/** Equal rows: one is kept. Rows that disagree: none is, since a status would otherwise depend on their order. */
function oneRowPerHospital(outcomes: readonly RowOutcome<Deployment>[]): readonly RowOutcome<Deployment>[] {
  const seen = new Map<string, Set<string>>();
  for (const one of outcomes) {
    if (one.kind !== 'row') continue;
    const key = deploymentKey(one.value);
    seen.set(key, (seen.get(key) ?? new Set()).add(canonicalText(one.value)));
  }
  const kept = new Set<string>();
  return outcomes.map((one) => {
    if (one.kind !== 'row') return one;
    const key = deploymentKey(one.value);
    const differs = (seen.get(key)?.size ?? 0) > 1;
    if (!differs && !kept.has(key)) {
      kept.add(key);
      return { ...one, key };
    }
    return {
      kind: 'aside',
      code: differs ? 'DUPLICATE_DIFFERENT' : 'DUPLICATE',
      locator: one.locator,
      value: one.value.hospital,
      message: differs
        ? 'L’hôpital est donné plusieurs fois avec des valeurs différentes.'
        : 'La ligne répète une ligne précédente.',
      remedy: differs ? 'gardez la ligne juste.' : 'supprimez la ligne en double ; l’autre est gardée.',
      key,
    };
  });
}
