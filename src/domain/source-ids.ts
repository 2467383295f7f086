/** Every reader of a public list, one folder of src/sources each; the registry refuses to compile when one is missing. */
export const SOURCE_IDS = [
  'labelled-centres',
  'labelling-order',
  'finess-etalab',
  'finess-structures',
  'finess-activites',
  'filieres',
  'bamara-deployment',
  'orphanet',
  'ern',
  'pemr',
] as const;

/** Readers of lists of centres: each gives the same observations. */
const CENTRE_LISTS: readonly string[] = ['labelled-centres', 'labelling-order'];

export function listsCentres(reader: string | undefined): boolean {
  return reader !== undefined && CENTRE_LISTS.includes(reader);
}

/** The reader whose deliveries are lines that people validated (`filror order`): it has no place of its own. */
export const ORDER_READER = 'labelling-order';

/** Readers of registers of establishments: each gives the same records, and a region has one register at a time. */
export const REGISTERS: readonly string[] = ['finess-structures', 'finess-etalab'];

export function isRegister(reader: string | undefined): boolean {
  return reader !== undefined && REGISTERS.includes(reader);
}

/** A flow made anew every day bears the date of its making, whatever it says: both of FINESS+, and the registers. */
export function isMadeAnew(reader: string | undefined): boolean {
  return isRegister(reader) || reader === 'finess-activites';
}

/** Readers that also read the table of a page (HTML), where the configuration says how to find it. */
export const PAGE_READERS: readonly string[] = ['bamara-deployment'];
