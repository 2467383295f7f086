import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { Establishment } from '../domain/establishment.js';
import type { JsonObject } from '../domain/json.js';
import { establishments, trialOffer, type SiteFacts } from '../sandbox/seed.js';
import { finessEtalab } from '../sources/finess-etalab/index.js';

/** Sites of config/demo/finess.csv that stand in the region, as the sandbox wants them. */
export async function demoSites(folder: string, departements: readonly string[]): Promise<SiteFacts[]> {
  const file = join(folder, 'finess.csv');
  const sites: SiteFacts[] = [];
  for await (const outcome of finessEtalab().read({
    fileName: 'finess.csv',
    bytes: () => createReadStream(file),
  })) {
    if (outcome.kind !== 'row' || outcome.value.kind !== 'establishment') continue;
    const { establishment } = outcome.value;
    if (departements.includes(establishment.departement)) sites.push(siteFacts(establishment));
  }
  return sites;
}

function siteFacts(establishment: Establishment): SiteFacts {
  return {
    ej: establishment.ej,
    eg: establishment.eg,
    name: establishment.name,
    town: establishment.town,
    commune: `${establishment.departement}${establishment.commune}`,
    postalCode: establishment.postalCode,
    category: establishment.category,
    region: { code: '28', name: 'Normandie' },
  };
}

/** Establishments of the region and two synthetic offers that centres may be attached to. */
export function demoResources(sites: readonly SiteFacts[]): JsonObject[] {
  const at = (eg: string): SiteFacts => {
    const site = sites.find((each) => each.eg === eg);
    if (site === undefined) throw new Error(`config/demo/finess.csv lacks site ${eg}`);
    return site;
  };
  return [
    ...establishments(sites),
    trialOffer({
      id: 'essai-1',
      identifier: '28/ESSAI-0001',
      label: 'consultation de dermatologie',
      site: at('760000158'),
    }),
    trialOffer({
      id: 'essai-2',
      identifier: '28/ESSAI-0002',
      label: 'consultation de néphrologie',
      site: at('760000018'),
      activity: { code: '095', display: 'Néphrologie' },
      category: null,
    }),
  ];
}
