import type { JsonObject } from '../../src/domain/json.js';
import { establishments, trialOffer, type SiteFacts } from '../../src/sandbox/seed.js';

const normandie = { code: '28', name: 'Normandie' };

/** Two hospitals; FINESS numbers of the real sites (FINESS 2021-01-08), everything else of the offers is synthetic. */
export const CAEN: SiteFacts = {
  ej: '140000100',
  eg: '140000209',
  name: 'CHU COTE DE NACRE - CAEN',
  town: 'CAEN',
  commune: '14118',
  postalCode: '14033',
  category: '101',
  region: normandie,
};

export const ROUEN: SiteFacts = {
  ej: '760780239',
  eg: '760000158',
  name: 'HOPITAL CHARLES NICOLLE CHU ROUEN',
  town: 'ROUEN',
  commune: '76540',
  postalCode: '76031',
  category: '101',
  region: normandie,
};

export const FAMILY_SKIN = {
  system: 'TRE_R245-SpecialisationDePriseEnCharge',
  code: '49',
  display: 'Maladies rares de la peau',
};
export const LEVEL_COMPETENCE = {
  system: 'TRE_R344-NiveauExpertise',
  code: '11',
  display: 'Centre de compétences labellisé',
};
export const SYSTEM = (name: string) =>
  `https://mos.esante.gouv.fr/NOS/${name}/FHIR/${name.replace('_', '-')}`;

/** Both hospitals with one dermatology offer each; Rouen's says that it is a centre already. */
export function trialRegion(): readonly JsonObject[] {
  return [
    ...establishments([CAEN, ROUEN]),
    trialOffer({ id: 'derm-caen', identifier: '28/ESSAI-0001', label: 'Caen', site: CAEN }),
    trialOffer({
      id: 'derm-rouen',
      identifier: '28/ESSAI-0002',
      label: 'Rouen',
      site: ROUEN,
      characteristics: [FAMILY_SKIN, LEVEL_COMPETENCE],
    }),
  ];
}
