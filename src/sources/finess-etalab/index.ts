import type { Source } from '../contract.js';
import { finessRecords, openFiness } from './lines.js';
import { finessKey, type FinessRecord } from '../reading/finess-record.js';

/** The former CSV of FINESS establishments: dead since May 2026, still everywhere, and the only one with a past. */
export function finessEtalab(): Source<FinessRecord> {
  return {
    id: 'finess-etalab',
    title: 'FINESS, extraction des établissements (CSV etalab)',
    owner: 'DREES, puis Agence du Numérique en Santé',
    licence: 'Licence Ouverte 2.0',
    cadence: 'tous les deux mois jusqu’au 04/05/2026 ; plus mis à jour depuis',
    read: finessRecords,
    inspect: async (input) => (await openFiness(input)).facts,
    keyOf: finessKey,
  };
}
