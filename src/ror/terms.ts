import type { ElementKey } from '../domain/offer.js';

/** French terms of the ROR's offer model (modèle d'exposition 3.0.1), by slot: what a person looks for on the screen. */
const TERMS: Readonly<Record<string, string>> = {
  name: 'Nom de l’offre',
  providedBy: 'Structure porteuse de l’offre',
  location: 'Lieu de réalisation de l’offre',
  category: 'Type d’offre',
  type: 'Champ d’activité',
  'specialty[operationalActivity]': 'Activité opérationnelle',
  'characteristic[careMode]': 'Mode de prise en charge',
  'characteristic[takingCareSpeciality]': 'Spécialisation de prise en charge',
  'characteristic[expertiseLevel]': 'Niveau d’expertise',
  'characteristic[specificAct]': 'Acte spécifique',
  'characteristic[temporalityStopService]': 'Type de fermeture',
  'extension[patient-type].ageRange': 'Patientèle : âges',
  'extension[patient-type].supportedPatientInfo': 'Public pris en charge',
  'extension[sensitive-unit]': 'Unité sensible',
  'extension[contact]': 'Contact',
  telecom: 'Boîte aux lettres MSS',
  'notAvailable[closingReopeningDate]': 'Période de fermeture',
  comment: 'Commentaire',
  'comment.text': 'Commentaire de l’établissement',
  'served.label': 'Label',
  'served.campaign': 'Campagne du label',
  'served.filiere': 'Filière',
  'served.network': 'Réseau',
  'served.ern': 'Réseau européen (ERN)',
  identifier: 'Numéro de l’offre',
  'meta.tag[codeRegion]': 'Région du ROR',
  'meta.profile': 'Profil FHIR',
};

/** Order in which a person fills an offer in: what it is, who carries it, what it does, for whom, how to reach it. */
const ORDER = Object.keys(TERMS);

/** "Niveau d’expertise" for `characteristic[expertiseLevel]#11`; the key itself when the model has no term for it. */
export function termOf(key: ElementKey): string {
  return TERMS[slotOf(key)] ?? key;
}

/** Rank of an element on a sheet; what has no term comes last. */
export function termRank(key: ElementKey): number {
  const rank = ORDER.indexOf(slotOf(key));
  return rank < 0 ? ORDER.length : rank;
}

function slotOf(key: ElementKey): string {
  const slot = key.split(/[#~]/, 1)[0] ?? key;
  // Our block and the served facts are one per centre: the centre's id is no part of the term.
  return /^(comment|served\.[a-z]+)\[/i.exec(slot)?.[1] ?? slot;
}
