import { fold } from './text.js';

const SERVICE = /^(service|departement|centre de (reference|competence)s?|crmr|ccmr)\b/;
const ADDRESS =
  /^([0-9]+ (bis |ter |quater )?)?(rue|avenue|av|boulevard|bd|place|chemin|route|allee|quai|cours|impasse)\b/;
const POSTAL = /^[0-9]{5}\b/;
const TERRITORY = /\((?:GHT|groupement hospitalier de territoire)\b[^()]*\)/giu;

/**
 * What a mention says of the hospital: the service before it, the address after it and the group it belongs to name
 * no hospital. "Service de dermatologie, hôpital Charles-Nicolle, CHU de Rouen, 1 rue de Germont" gives
 * "hôpital Charles-Nicolle, CHU de Rouen"; a mention that is nothing else is given back whole.
 */
export function hospitalPart(mention: string): string {
  const parts = mention.replace(TERRITORY, ' ').split(',');
  const kept = parts.filter((part) => {
    const text = fold(part);
    return text !== '' && !SERVICE.test(text) && !ADDRESS.test(text) && !POSTAL.test(text);
  });
  return kept.length === 0 ? mention : kept.join(',');
}
