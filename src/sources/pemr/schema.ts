import type { Columns } from '../reading/headers.js';

export type PlatformColumn = 'name' | 'kind' | 'regions' | 'carriers' | 'year' | 'source' | 'date' | 'note';

/** Columns of config/pemr.csv; several regions in one cell are separated by `|`. */
export const PLATFORM_COLUMNS: Columns<PlatformColumn> = {
  name: { title: 'Nom', synonyms: ['plateforme', 'intitulé'], required: true },
  kind: { title: 'Type', synonyms: ['nature'], required: true },
  regions: { title: 'Régions', synonyms: ['région', 'codes des régions'], required: true },
  carriers: {
    title: 'Établissements porteurs',
    synonyms: ['établissement porteur', 'porteurs', 'porteur'],
    required: true,
  },
  year: { title: 'Année', synonyms: ['année de labellisation'], required: false },
  source: { title: 'Source', synonyms: ['preuve'], required: false },
  date: { title: 'Date', synonyms: ['constaté le'], required: false },
  note: { title: 'Remarque', synonyms: ['remarques', 'note'], required: false },
};
