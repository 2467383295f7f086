import type { ExpectedField } from '../reading/finess-plus.js';

export type StructureField =
  | 'sites'
  | 'entityNumber'
  | 'siteNumber'
  | 'state'
  | 'category'
  | 'name'
  | 'address'
  | 'usage'
  | 'commune'
  | 'postalCode'
  | 'town';

const OF_ENTITIES = 'entités juridiques';
const OF_SITES = 'établissements';
const OF_OPEN_SITES = 'établissements en service';

/** A field that honest records may lack one by one is missing from the flow when more than half of them lack it. */
const HALF = 0.5;

/**
 * What the schema requires of every record, and what every record of the official example has (category, address with its
 * use, postal line). Entities without any site are honest (one in four of the example), but not nearly all of them.
 */
export const EXPECTED: Readonly<Record<StructureField, ExpectedField>> = {
  sites: { path: 'pmej[].ege', among: OF_ENTITIES, tolerated: 0.95 },
  entityNumber: {
    path: 'pmej[].informationsGeneralesPMEJ.numFinessPm',
    among: OF_ENTITIES,
    tolerated: HALF,
  },
  siteNumber: {
    path: 'pmej[].ege[].informationsGeneralesEGE.numFinessEge',
    among: OF_SITES,
    tolerated: HALF,
  },
  state: { path: 'pmej[].ege[].etatObjet', among: OF_SITES, tolerated: HALF },
  category: {
    path: 'pmej[].ege[].categorieentiteGeographiqueExercice',
    among: OF_OPEN_SITES,
    tolerated: HALF,
  },
  name: {
    path: 'pmej[].ege[].informationsGeneralesEGE.nomEgeCourt',
    among: OF_OPEN_SITES,
    tolerated: HALF,
  },
  address: { path: 'pmej[].ege[].adresse', among: OF_OPEN_SITES, tolerated: HALF },
  usage: {
    path: 'pmej[].ege[].adresse[].usageAdresse (03)',
    among: 'établissements en service avec adresse',
    tolerated: HALF,
  },
  commune: {
    path: 'pmej[].ege[].adresse[].cogCommune',
    among: 'établissements en service avec adresse',
    tolerated: HALF,
  },
  postalCode: {
    path: 'pmej[].ege[].adresse[].codePostal',
    among: 'établissements en service avec adresse',
    tolerated: HALF,
  },
  town: {
    path: 'pmej[].ege[].adresse[].ligneAcheminement',
    among: 'établissements en service avec adresse',
    tolerated: HALF,
  },
};
