import type { Columns } from '../reading/headers.js';

export type FiliereColumn = 'code' | 'title' | 'spellings' | 'erns' | 'source';

/** Columns of config/filieres.csv; several values in one cell are separated by `|`. */
export const FILIERE_COLUMNS: Columns<FiliereColumn> = {
  code: { title: 'Sigle', synonyms: ['sigle canonique', 'filière', 'code'], required: true },
  title: { title: 'Titre', synonyms: ['intitulé', 'nom'], required: true },
  spellings: { title: 'Écritures', synonyms: ['variantes', 'autres écritures'], required: true },
  erns: { title: 'ERN', synonyms: ['réseaux européens', 'ERN codes'], required: true },
  source: { title: 'Source', synonyms: ['preuve'], required: false },
};
