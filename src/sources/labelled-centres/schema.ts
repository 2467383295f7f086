import type { Columns } from '../reading/headers.js';

export type CentreColumn =
  | 'label'
  | 'title'
  | 'network'
  | 'filiere'
  | 'hospital'
  | 'town'
  | 'departement'
  | 'region'
  | 'public'
  | 'head'
  | 'campaign'
  | 'finessEj'
  | 'finessEg'
  | 'evidence'
  | 'acts';

/**
 * The column of stable ids in the workbook of our own centres, which no list has: that workbook carries answers, and read
 * as a list it would lose the campaigns of every label.
 */
export const OUR_ID_COLUMN = 'Identifiant (ne pas modifier)';

/**
 * Headers of lists of labelled centres, as written by the ministry, filières, expertise platforms and hospitals.
 * A column "FINESS" alone is left out on purpose: it does not say whether it names a site or a legal entity.
 */
export const CENTRE_COLUMNS: Columns<CentreColumn> = {
  label: column('Label', 'required', [
    'label_type',
    'type de label',
    'type label',
    'type de centre',
    'niveau',
    'niveau de label',
    'niveau de labellisation',
    'labellisation',
    'catégorie de centre',
  ]),
  title: column('Intitulé du centre', 'required', [
    'centre_nom',
    'centre',
    'nom du centre',
    'intitulé',
    'intitulé du CRMR',
    'intitulé CRMR',
    'titre',
    'centre maladies rares',
  ]),
  network: column('Acronyme du réseau', 'optional', [
    'acronyme',
    'réseau',
    'sigle',
    'sigle du réseau',
    'acronyme du centre',
    'acronyme réseau',
    'nom du réseau',
  ]),
  filiere: column('Filière', 'required', [
    'FSMR',
    'filière de santé',
    'filière de santé maladies rares',
    'filière maladies rares',
    'filière de rattachement',
  ]),
  hospital: column('Établissement', 'required', [
    'hôpital',
    'établissement de rattachement',
    'établissement de santé',
    'nom de l’établissement',
    'centre hospitalier',
    'structure',
  ]),
  town: column('Ville', 'optional', ['commune', 'ville de l’établissement', 'localité']),
  departement: column('Département', 'optional', [
    'dpt',
    'dep',
    'dept',
    'code département',
    'n° département',
  ]),
  region: column('Région', 'optional', ['ARS', 'nom de la région']),
  public: column('Public', 'optional', [
    'population',
    'patients',
    'type de patients',
    'public accueilli',
    'adulte/pédiatrique',
    'adulte enfant',
  ]),
  head: column('Responsable', 'optional', [
    'responsable du site',
    'responsable du centre',
    'nom du responsable',
    'nom du responsable du site',
    'médecin responsable',
    'coordonnateur',
    'médecin coordonnateur',
  ]),
  campaign: column('Campagne', 'optional', [
    'millesime_label',
    'millésime',
    'millésime du label',
    'année',
    'année de labellisation',
    'année du label',
    'campagne de labellisation',
  ]),
  finessEj: column('FINESS juridique', 'optional', [
    'finess_ej',
    'FINESS EJ',
    'n° FINESS juridique',
    'numéro FINESS juridique',
    'FINESS entité juridique',
    'EJ',
  ]),
  finessEg: column('FINESS géographique', 'optional', [
    'finess_eg',
    'FINESS EG',
    'finess_geographique',
    'n° FINESS géographique',
    'numéro FINESS géographique',
    'finess_geo',
    'FINESS site',
    'EG',
  ]),
  evidence: column('Source', 'optional', ['preuve', 'référence', 'source de l’information']),
  acts: column('Acte spécifique', 'optional', ['actes spécifiques', 'acte_specifique', 'ETP']),
};

/** Filières that have CRC (gate R8; DGOS, labelling 2022-2023). */
export const CRC_FILIERES: readonly string[] = ['MHEMO', 'MUCO-CFTR', 'FilSLAN'];

function column(
  title: string,
  presence: 'required' | 'optional',
  synonyms: readonly string[],
): Columns<CentreColumn>[CentreColumn] {
  return { title, synonyms, required: presence === 'required' };
}
