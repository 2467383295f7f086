import { isJsonObject, type Json, type JsonObject } from '../domain/json.js';
import { listOf, type OfferCheck } from './findings.js';
import { extensionsOf, valueOf } from './keys.js';
import { EXTENSION_URLS, shortSystem } from './urls.js';

/** Systems of `characteristic` that the profile slices; `ror-act-type` belongs to acts alone. */
const CHARACTERISTICS: Readonly<Record<string, string>> = {
  TRE_R240: 'receptionType',
  TRE_R213: 'careMode',
  TRE_R338: 'receptionModality',
  TRE_R236: 'managementType',
  TRE_R210: 'specificAct',
  TRE_R245: 'takingCareSpeciality',
  TRE_R238: 'annualOpening',
  TRE_R243: 'specificCompetence',
  TRE_R344: 'expertiseLevel',
  TRE_R253: 'expertiseLevel',
  TRE_R286: 'temporalityStopService',
};
/** Slices 0..1, besides careMode (1..1). */
const SINGLE = ['receptionType', 'annualOpening', 'temporalityStopService'];

/** category, type, specialty, characteristic: cardinalities and bindings of ror-healthcareservice 0.7.0. */
export function checkCodes(check: OfferCheck, offer: JsonObject): void {
  const categories = listOf(offer, 'category');
  for (const each of categories) check.concept('category', each, ['TRE_R244']);
  if (categories.length > 1) {
    check.fault('OFFER_CATEGORY_MANY', 'category', 'Il y a plusieurs types d’offre.', 'gardez-en un.');
  }
  const types = listOf(offer, 'type');
  for (const each of types) check.concept('type', each, ['TRE_R227']);
  if (types.length !== 1) {
    check.fault(
      'OFFER_TYPE_COUNT',
      'type',
      `Il faut exactement un champ d’activité, il y en a ${types.length}.`,
      'choisissez le champ d’activité (TRE_R227).',
    );
  }
  const specialties = listOf(offer, 'specialty');
  for (const each of specialties) check.concept('specialty[operationalActivity]', each, ['TRE_R211']);
  if (specialties.length !== 1) {
    check.fault(
      'OFFER_ACTIVITY_COUNT',
      'specialty[operationalActivity]',
      `Il faut exactement une activité opérationnelle, il y en a ${specialties.length}.`,
      'gardez l’activité principale (TRE_R211).',
    );
  }
  checkCharacteristics(check, offer);
}

function checkCharacteristics(check: OfferCheck, offer: JsonObject): void {
  const bySlice = new Map<string, string[]>();
  for (const each of listOf(offer, 'characteristic')) {
    const short = shortOf(each);
    const slice = short === null ? undefined : CHARACTERISTICS[short];
    if (short === null || slice === undefined) {
      check.fault(
        'OFFER_CHARACTERISTIC_SYSTEM',
        'characteristic',
        `Le système ${systemOf(each) ?? '(absent)'} n’est pas de ceux que filror écrit.`,
        'retirez cette caractéristique, ou faites-la ajouter à config/codes.',
      );
      continue;
    }
    const code = check.concept(`characteristic[${slice}]`, each, [short]);
    checkActType(check, each, slice);
    bySlice.set(slice, [...(bySlice.get(slice) ?? []), code ?? '']);
  }
  const modes = bySlice.get('careMode') ?? [];
  if (modes.length !== 1) {
    check.fault(
      'OFFER_CARE_MODE_COUNT',
      'characteristic[careMode]',
      `Il faut exactement un mode de prise en charge, il y en a ${modes.length}.`,
      'gardez-en un ; un autre mode est une autre offre du même centre.',
    );
  }
  for (const slice of SINGLE) {
    if ((bySlice.get(slice) ?? []).length > 1) {
      const element = `characteristic[${slice}]`;
      check.fault('OFFER_SLICE_MANY', element, 'Cet élément ne peut figurer qu’une fois.', 'gardez-en un.');
    }
  }
  for (const [slice, codes] of bySlice) {
    if (slice !== 'careMode' && new Set(codes).size < codes.length) {
      check.fault(
        'OFFER_CODE_TWICE',
        `characteristic[${slice}]`,
        'Le même code figure deux fois.',
        'gardez-en un.',
      );
    }
  }
  const levels = bySlice.get('expertiseLevel') ?? [];
  if (levels.includes('10') && levels.includes('11')) {
    check.fault(
      'OFFER_LEVELS_BOTH',
      'characteristic[expertiseLevel]',
      'L’offre se dit à la fois centre de référence (10) et centre de compétences (11).',
      'gardez le niveau du label en vigueur ; deux labels distincts font deux offres.',
    );
  }
}

/** R210 carries ror-act-type = specificAct or outsideOfficeAct; every other slice forbids it. */
function checkActType(check: OfferCheck, characteristic: JsonObject, slice: string): void {
  const url = EXTENSION_URLS['act-type'];
  const kind = valueOf(characteristic, url);
  if (slice !== 'specificAct') {
    if (extensionsOf(characteristic, url).length > 0) {
      check.fault(
        'OFFER_ACT_TYPE_MISPLACED',
        `characteristic[${slice}]`,
        'Un type d’acte accompagne une caractéristique qui n’est pas un acte.',
        'retirez l’extension ror-act-type.',
      );
    }
  } else if (extensionsOf(characteristic, url).length > 1) {
    check.fault(
      'OFFER_ACT_TYPE_MANY',
      'characteristic[specificAct]',
      'L’acte porte deux types d’acte.',
      'gardez-en un.',
    );
  } else if (kind !== 'specificAct' && kind !== 'outsideOfficeAct') {
    check.fault(
      'OFFER_ACT_TYPE',
      'characteristic[specificAct]',
      'L’acte ne dit pas s’il est spécifique ou hors cabinet : un lecteur ne peut pas le classer.',
      'ajoutez l’extension ror-act-type avec « specificAct ».',
    );
  }
}

function systemOf(concept: JsonObject): string | null {
  const [coding] = listOf(concept, 'coding');
  const system: Json | undefined = isJsonObject(coding) ? coding['system'] : undefined;
  return typeof system === 'string' ? system : null;
}

function shortOf(concept: JsonObject): string | null {
  const system = systemOf(concept);
  return system === null ? null : shortSystem(system);
}
