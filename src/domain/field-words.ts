import { labelText, type Label } from './centre.js';
import type { CentreField } from './offer.js';

/** French names of what is known of a centre, the same on the pages and in the terminal. */
export const FIELD_WORDS: Readonly<Record<CentreField, string>> = {
  title: 'Titre',
  network: 'Réseau',
  filiere: 'Filière',
  label: 'Label',
  establishment: 'Établissement',
  site: 'Site',
  public: 'Public',
  activityField: 'Champ d’activité',
  families: 'Familles de spécialisation',
  careMode: 'Mode de prise en charge',
  specificActs: 'Actes spécifiques',
  contacts: 'Contacts',
  sensitiveUnit: 'Unité sensible',
  category: 'Type d’offre',
  activity: 'Activité opérationnelle',
  ern: 'Réseau européen (ERN)',
};

/** How an establishment is written by one row. */
export interface WrittenPlace {
  readonly hospital: string;
  readonly town: string | null;
  readonly departement: string | null;
  readonly finessEj: string | null;
  readonly finessEg: string | null;
}

/** A value of a field in a line, whatever its shape. */
export function fieldText(field: string, value: unknown): string {
  if (field === 'label' && typeof value === 'object' && value !== null) return labelText(value as Label);
  if (field === 'establishment' && typeof value === 'object' && value !== null)
    return placeText(value as WrittenPlace);
  if (Array.isArray(value))
    return value
      .map((each: unknown) =>
        // A contact by its number or address.
        typeof each === 'object' && each !== null && 'value' in each ? String(each.value) : String(each),
      )
      .join(', ');
  return value === null || value === undefined || value === '' ? 'rien' : String(value);
}

function placeText({ hospital, town, finessEg, finessEj }: WrittenPlace): string {
  const number = finessEg ?? finessEj;
  const written = [hospital, town].filter((part) => part !== null && part !== '').join(', ') || 'non dit';
  return number === null ? written : `${written} (FINESS ${number})`;
}
