import type { ExpectedField } from '../reading/finess-plus.js';

export type ActivityField =
  'sites' | 'entityNumber' | 'exercised' | 'siteNumber' | 'nature' | 'state' | 'regulated';

const OF_ENTITIES = 'entités juridiques';
const OF_SITES = 'établissements';
const OF_ACTIVITIES = 'activités exercées';

/** An entity may have no site, and a site no activity: not nearly all of them. */
const NEARLY_ALL = 0.95;
const HALF = 0.5;

/** What every record of the official example has, without which a recognition could not be seen. */
export const EXPECTED: Readonly<Record<ActivityField, ExpectedField>> = {
  sites: { path: 'pmej[].ege', among: OF_ENTITIES, tolerated: NEARLY_ALL },
  entityNumber: { path: 'pmej[].numFiness', among: OF_ENTITIES, tolerated: HALF },
  exercised: { path: 'pmej[].ege[].activitesExercees', among: OF_SITES, tolerated: NEARLY_ALL },
  siteNumber: { path: 'pmej[].ege[].numFinessEge', among: OF_SITES, tolerated: HALF },
  nature: {
    path: 'pmej[].ege[].activitesExercees[].nature.codeNature',
    among: OF_ACTIVITIES,
    tolerated: HALF,
  },
  state: {
    path: 'pmej[].ege[].activitesExercees[].caracteristiquesGeneriques.etatObjet',
    among: OF_ACTIVITIES,
    tolerated: HALF,
  },
  regulated: {
    path: '…nature.caracteristiquesSpecifiques.typeActiviteASR.activiteSanitaireRegulee',
    among: 'activités exercées de nature ASR',
    tolerated: HALF,
  },
};
