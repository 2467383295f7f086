import type { LabelLevel } from '../domain/centre.js';
import { fold } from './text.js';

/** Words that say nothing of the level: "centre de référence maladies rares – site coordonnateur". */
const FILLERS = words(
  'centre centres de des du d la le les maladie maladies rare rares mr site sites label labellise',
);
const REFERENCE = words('crmr crmrs reference references');
const COORDINATOR = words('coordonnateur coordonnateurs coordonateur coordinateur coordonnatrice');
const CONSTITUENT = words('constitutif constitutifs');
const COMPETENCE = words('ccmr ccmrs competence competences');
const RESOURCE = words('crc crcs crcm crcms ressource ressources');
/** What follows CRC in the three filières that have them: CRC-MHC, CRCM mucoviscidose, CRC SLA. */
const RESOURCE_SUBJECT = words('mhc sla muco mucoviscidose hemorragiques constitutionnelles et');

/**
 * Reads a label level from its usual spellings (doc DGOS 2022-2023, pages of filières and hospitals, orders of 2014
 * and 2017). Every word must be known: "CRMR (non précisé)", "ancien CCMR" or "CRMR" alone say no level and give null.
 * A CRCM is a CRC: the order of 2014 labels under that name what the filière MUCO-CFTR has as CRC.
 */
export function readLabelLevel(text: string): LabelLevel | null {
  if (text.includes('?')) return null;
  const tokens = fold(text)
    .split(' ')
    .filter((token) => !FILLERS.has(token));
  const has = (family: ReadonlySet<string>): boolean => tokens.some((token) => family.has(token));
  const only = (...families: readonly ReadonlySet<string>[]): boolean =>
    tokens.length > 0 && tokens.every((token) => families.some((family) => family.has(token)));

  if (has(COORDINATOR)) return only(COORDINATOR, REFERENCE) ? 'CRMR coordonnateur' : null;
  if (has(CONSTITUENT)) return only(CONSTITUENT, REFERENCE) ? 'CRMR constitutif' : null;
  if (has(RESOURCE))
    return only(RESOURCE, RESOURCE_SUBJECT, COMPETENCE) && !tokens.includes('ccmr') ? 'CRC' : null;
  if (has(COMPETENCE)) return only(COMPETENCE) ? 'CCMR' : null;
  return null;
}

function words(list: string): ReadonlySet<string> {
  return new Set(list.split(' '));
}
