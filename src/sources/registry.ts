import type { Filiere } from '../domain/filiere.js';
import { SOURCE_IDS } from '../domain/source-ids.js';
import { bamaraDeployment } from './bamara-deployment/index.js';
import { ernSource } from './ern/index.js';
import { filieresSource } from './filieres/index.js';
import { finessActivites } from './finess-activites/index.js';
import { finessEtalab } from './finess-etalab/index.js';
import { finessStructures } from './finess-structures/index.js';
import { labelledCentres } from './labelled-centres/index.js';
import { labellingOrder } from './labelling-order/index.js';
import { orphanet } from './orphanet/index.js';
import { pemrSource } from './pemr/index.js';

/** Every source by its id. @param filieres known filières, read before from the source `filieres` (`filieresSource`) */
export function sourceRegistry(filieres: readonly Filiere[]) {
  return {
    'labelled-centres': labelledCentres(filieres),
    'labelling-order': labellingOrder(filieres),
    'finess-etalab': finessEtalab(),
    'finess-structures': finessStructures(),
    'finess-activites': finessActivites(),
    filieres: filieresSource(),
    'bamara-deployment': bamaraDeployment(),
    orphanet: orphanet(),
    ern: ernSource(filieres),
    pemr: pemrSource(),
  } as const;
}

export type SourceRegistry = ReturnType<typeof sourceRegistry>;
export type SourceId = keyof SourceRegistry;

export { SOURCE_IDS };

export function isSourceId(text: string): text is SourceId {
  return (SOURCE_IDS as readonly string[]).includes(text);
}
