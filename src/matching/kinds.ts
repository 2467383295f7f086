import type { HospitalType } from '../normalise/names.js';

/** From what says the most to what says the least. */
const RANK: readonly HospitalType[] = [
  'chu',
  'clcc',
  'psy',
  'chi',
  'ch',
  'group',
  'ght',
  'clinic',
  'foundation',
  'institute',
  'hospital',
];

/** What a name claims to be when it says several kinds at once; undefined when it says none. */
export function claimedType(types: readonly HospitalType[]): HospitalType | undefined {
  return RANK.find((type) => types.includes(type));
}
