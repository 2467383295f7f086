import type { Columns } from '../reading/headers.js';

export type DeploymentColumn =
  'hospital' | 'town' | 'bamaraSentOn' | 'bamara' | 'bndmrSentOn' | 'bndmr' | 'deployed' | 'deployedOn';

/** Columns of the table of progress that the BNDMR gives to expertise platforms (extract of 22/05/2025). */
export const DEPLOYMENT_COLUMNS: Columns<DeploymentColumn> = {
  hospital: { title: 'Hôpital', synonyms: ['établissement', 'nom de l’hôpital'], required: true },
  town: { title: 'Ville', synonyms: ['commune'], required: false },
  bamaraSentOn: {
    title: 'convention BaMaRa envoyée le',
    synonyms: ['date d’envoi de la convention BaMaRa'],
    required: false,
  },
  bamara: { title: 'Convention BaMaRa', synonyms: ['statut convention BaMaRa'], required: true },
  bndmrSentOn: {
    title: 'Convention BNDMR envoyée le',
    synonyms: ['date d’envoi de la convention BNDMR'],
    required: false,
  },
  bndmr: { title: 'Convention BNDMR', synonyms: ['statut convention BNDMR'], required: true },
  deployed: { title: 'déployé', synonyms: ['déployée', 'déploiement', 'BaMaRa déployé'], required: true },
  deployedOn: {
    title: 'Date de déploiement autonome',
    synonyms: ['date de déploiement', 'déployé le'],
    required: false,
  },
};
