import type { Columns } from '../reading/headers.js';

export type ErnColumn = 'code' | 'name' | 'domain' | 'filieres' | 'source' | 'date';

/** Columns of config/ern.csv; several filières in one cell are separated by `|`. */
export const ERN_COLUMNS: Columns<ErnColumn> = {
  code: { title: 'Code', synonyms: ['ERN', 'sigle'], required: true },
  name: { title: 'Nom', synonyms: ['nom court'], required: true },
  domain: { title: 'Domaine', synonyms: ['domaine en anglais', 'thème'], required: true },
  filieres: { title: 'Filières', synonyms: ['filière', 'filières correspondantes', 'FSMR'], required: true },
  source: { title: 'Source', synonyms: ['preuve'], required: false },
  date: { title: 'Date', synonyms: ['constaté le'], required: false },
};
