import type { HospitalName } from '../normalise/names.js';
import type { Site } from './entities.js';

/**
 * Acronyms that a whole name gives, its town said or not: "CH Alès Cévennes" is CHAC or CHC, "CRLCC François Baclesse"
 * is CFB (a cancer centre is a "centre" too), "CLCC Institut Gustave Roussy" is IGR.
 */
export function initialsOf({ name, town }: Pick<Site, 'name' | 'town'>): readonly string[] {
  const starts = new Set([name.codes.join(''), name.codes.at(-1) ?? '']);
  if (name.types.includes('clcc')) starts.add('c');
  const own =
    name.siteWords === null
      ? name.words
      : name.words.filter((word) => name.siteWords?.includes(word) !== true);
  const kept = [own, own.filter((word) => !town.includes(word))].filter((words) => words.length > 0);
  const found = kept.flatMap((words) =>
    [...starts].map((start) => start + words.map((word) => word[0] ?? '').join('')),
  );
  return [...new Set(found)].filter((text) => text.length >= 3 && text.length <= 6);
}

/** The acronym that a mention consists of, its town aside ("CHAC Alès"); null when it says something else. */
export function bareAcronym({ types, words }: HospitalName, city: readonly string[] | null): string | null {
  const proper = words.filter((word) => city?.includes(word) !== true);
  const only = proper.length === 1 && types.length === 0 ? proper[0] : undefined;
  return only !== undefined && /^[a-z]{3,6}$/.test(only) ? only : null;
}
