/** Every reader of a public list, one folder of src/sources each; the registry refuses to compile when one is missing. */
export const SOURCE_IDS = [
  'labelled-centres',
  'finess-etalab',
  'finess-structures',
  'finess-activites',
  'filieres',
  'bamara-deployment',
  'orphanet',
  'ern',
  'pemr',
] as const;

/** Readers of registers of establishments: each gives the same records, and a region has one register at a time. */
export const REGISTERS: readonly string[] = ['finess-structures', 'finess-etalab'];

export function isRegister(reader: string | undefined): boolean {
  return reader !== undefined && REGISTERS.includes(reader);
}

/** Readers that also read the table of a page (HTML), where the configuration says how to find it. */
export const PAGE_READERS: readonly string[] = ['bamara-deployment'];
