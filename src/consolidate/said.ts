import type { CentreObservation } from '../domain/centre.js';
import type { WrittenPlace } from '../domain/field-words.js';
import type { RankedField } from '../domain/ranked-fields.js';
import { readHospitalName, townWords } from '../normalise/names.js';
import { fold } from '../normalise/text.js';

/** What one row says of a field; of the establishment, everything that names it. */
export function valueOf(observation: CentreObservation, field: RankedField): unknown {
  return field === 'establishment' ? placeOf(observation) : observation[field];
}

export function placeOf(observation: CentreObservation): WrittenPlace {
  const { hospital, town, departement, finessEj, finessEg } = observation;
  return { hospital, town, departement, finessEj, finessEg };
}

/** The same row saying another thing of one field. */
export function withValue(
  observation: CentreObservation,
  field: RankedField,
  value: unknown,
): CentreObservation {
  return field === 'establishment'
    ? { ...observation, ...(value as WrittenPlace) }
    : { ...observation, [field]: value };
}

/** A town is not an establishment (gate L5): it is taken only where no source names a hospital. */
export function says(observation: CentreObservation, field: RankedField): boolean {
  if (field === 'establishment') {
    const { hospital, finessEj, finessEg } = observation;
    return hospital !== '' || (finessEj ?? finessEg) !== null;
  }
  const value = observation[field];
  return value !== null && !(Array.isArray(value) && value.length === 0);
}

/**
 * What a row says of a field, in a form where two spellings of one thing are the same text: case, accents and
 * punctuation play no part, "2022-2023" is campaign 2023, acts have no order, "CH de Dieppe" is "Centre hospitalier de
 * Dieppe". Empty when it says nothing.
 */
export function tokenOf(observation: CentreObservation, field: RankedField): string {
  switch (field) {
    case 'title':
      return fold(observation.title);
    case 'network':
      return fold(observation.network ?? '');
    case 'filiere':
      return fold(observation.filiere);
    case 'label': {
      const { level, campaign, campaignText } = observation.label;
      return `${level}|${campaign === null ? fold(campaignText) : String(campaign)}`;
    }
    case 'public':
      return observation.public ?? '';
    case 'specificActs':
      return [...new Set(observation.specificActs)].sort().join(',');
    case 'establishment': {
      const { finessEg, finessEj, hospital, town } = observation;
      return [finessEg ?? '', finessEj ?? '', nameToken(hospital), townWords(town ?? '').join(' ')].join('|');
    }
  }
}

/** Whether two rows say the same of a field, neither being silent. */
export function sayTheSame(one: CentreObservation, other: CentreObservation, field: RankedField): boolean {
  return field === 'establishment'
    ? sameEstablishment(one, other)
    : tokenOf(one, field) === tokenOf(other, field);
}

/** By the number that both give, the finest first; else by the name, and the town where both give it. */
function sameEstablishment(one: CentreObservation, other: CentreObservation): boolean {
  for (const number of ['finessEg', 'finessEj'] as const) {
    const [a, b] = [one[number], other[number]];
    if (a !== null && b !== null) return a === b;
  }
  const [a, b] = [one, other].map(({ town }) => townWords(town ?? '').join(' '));
  return nameToken(one.hospital) === nameToken(other.hospital) && (a === '' || b === '' || a === b);
}

function nameToken(hospital: string): string {
  const { types, words } = readHospitalName(hospital);
  return `${[...types].sort().join('+')} ${words.join(' ')}`.trim();
}
