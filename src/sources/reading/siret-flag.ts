import type { Locator } from '../../domain/locator.js';
import type { RowFault } from '../../domain/rows.js';
import { quoted } from './cells.js';

/**
 * Gate X3 blocks the value, not the row: a SIRET is never a key here (X6), and without its establishment every centre of
 * a hospital would lose its site for one wrong digit.
 */
export function siretFlag(locator: Locator, siret: string): RowFault {
  return {
    code: 'X3',
    locator,
    field: 'siret',
    value: quoted(siret),
    message: `« ${quoted(siret)} » n’est pas un SIRET (quatorze chiffres et leur clé) : le numéro est laissé de côté.`,
    remedy: 'rien à faire pour les centres : l’établissement est gardé sans SIRET.',
  };
}
