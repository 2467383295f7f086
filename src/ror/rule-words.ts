/** French: what a written rule says, by its name in the provenance of a value (config/ror-defaults.yaml). */
const RULES: Readonly<Record<string, string>> = {
  'ror.category.rareDiseaseCentre': 'type d’offre d’un centre maladies rares',
  'ror.activity.rareDiseases': 'activité opérationnelle d’un centre maladies rares',
  'ror.careMode.consultation': 'mode de prise en charge : consultation, sauf indication contraire',
  'ror.sensitiveUnit.no': 'unité non sensible, sauf indication contraire',
  'ror.expertiseLevel.crmr': 'niveau d’expertise d’un CRMR',
  'ror.expertiseLevel.crc': 'niveau d’expertise d’un CRC, que la nomenclature ne connaît pas',
  'ror.expertiseLevel.ccmr': 'niveau d’expertise d’un CCMR',
  'ror.ageRange.adult': 'âges d’un public adulte',
  'ror.ageRange.paediatric': 'âges d’un public pédiatrique',
  'ror.ageRange.mixed': 'âges d’un public mixte',
  'ror.activityField.hospital': 'champ d’activité d’un établissement hospitalier',
  'ror.providedBy': 'établissement du site retenu',
  'ror.name': 'nom d’une offre que filror crée',
  'ror.comment.block': 'texte que filror tient dans le commentaire',
  'ror.closure': 'fermeture de l’offre',
  'ror.code.retired': 'code retiré de la nomenclature',
  'ror.code.successor': 'code qui remplace un code retiré de la nomenclature',
  'ror.families.chosen': 'spécialisations choisies',
  'ror.families.filiere': 'spécialisations de la filière',
  'ror.families.network': 'spécialisations du réseau',
  'ror.specificAct.stated': 'acte spécifique déclaré',
  'withdraw.keep': 'ce qui reste après le retrait d’un label',
};

/** The rule in words; one of a region's own configuration, which has none here, is shown by its name. */
export function ruleText(rule: string): string {
  return RULES[rule] ?? (rule.startsWith('served.') ? 'tel que la liste le dit' : rule);
}
