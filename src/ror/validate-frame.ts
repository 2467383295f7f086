import type { CentreId } from '../domain/ids.js';
import { isJsonObject, type Json, type JsonObject } from '../domain/json.js';
import { findBlocks } from './comment.js';
import { isInstant, listOf, type OfferCheck } from './findings.js';

/** Properties of an R4 HealthcareService: true for a list, false for a single value. */
const PROPERTIES: Readonly<Record<string, boolean>> = {
  resourceType: false,
  id: false,
  meta: false,
  implicitRules: false,
  language: false,
  text: false,
  contained: true,
  extension: true,
  modifierExtension: true,
  identifier: true,
  active: false,
  providedBy: false,
  category: true,
  type: true,
  specialty: true,
  location: true,
  name: false,
  comment: false,
  extraDetails: false,
  photo: false,
  telecom: true,
  coverageArea: true,
  serviceProvisionCode: true,
  eligibility: true,
  program: true,
  characteristic: true,
  communication: true,
  referralMethod: true,
  appointmentRequired: false,
  availableTime: true,
  notAvailable: true,
  availabilityExceptions: false,
  endpoint: true,
};

/** FHIR structure of the first level: known properties, lists that are lists, nothing empty. */
export function checkStructure(check: OfferCheck, offer: JsonObject): void {
  if (offer['resourceType'] !== 'HealthcareService') {
    check.fault(
      'OFFER_RESOURCE_TYPE',
      'resourceType',
      `Une offre est un HealthcareService, pas « ${String(offer['resourceType'])} ».`,
      'donnez une offre.',
    );
  }
  for (const [name, value] of Object.entries(offer)) {
    const list = PROPERTIES[name.replace(/^_/, '')];
    if (list === undefined) {
      check.fault(
        'OFFER_PROPERTY',
        name,
        `« ${name} » n’existe pas dans un HealthcareService.`,
        'retirez-le.',
      );
    } else if (list !== Array.isArray(value) && !name.startsWith('_')) {
      const shape = list ? 'une liste' : 'une valeur seule';
      check.fault('OFFER_SHAPE', name, `« ${name} » doit être ${shape}.`, `écrivez ${shape}.`);
    }
    if (Array.isArray(value) && !(value as Json[]).every(isJsonObject)) {
      check.fault(
        'OFFER_ITEM',
        name,
        `« ${name} » contient autre chose que des objets.`,
        'corrigez la liste.',
      );
    }
    if (name === 'comment' && typeof value !== 'string') {
      check.fault('OFFER_SHAPE', name, 'Le commentaire n’est pas un texte.', 'écrivez un texte.');
    }
    if (hasEmpty(value)) {
      check.fault(
        'OFFER_EMPTY',
        name,
        `« ${name} » contient une liste, un objet ou une valeur vide, que FHIR interdit.`,
        'retirez ce qui est vide.',
      );
    }
  }
}

function hasEmpty(value: Json): boolean {
  if (value === null || value === '') return true;
  if (typeof value !== 'object') return false;
  const inner = Object.values(value) as Json[];
  return inner.length === 0 || inner.some(hasEmpty);
}

/** meta, identifier, providedBy, location, name: the frame around what the centre says. */
export function checkFrame(check: OfferCheck, offer: JsonObject): void {
  const meta = isJsonObject(offer['meta']) ? offer['meta'] : {};
  if (!isInstant(meta['lastUpdated'])) {
    check.fault(
      'OFFER_LAST_UPDATED',
      'meta.lastUpdated',
      'La date de mise à jour manque ou n’est pas un instant avec fuseau.',
      'écrivez par exemple 2026-11-21T08:00:00+01:00.',
    );
  }
  const region = checkRegionTag(check, meta);
  checkIdentifier(check, offer, region);
  checkReferences(check, offer);
  const name = offer['name'];
  if (typeof name !== 'string' || name.trim() === '') {
    check.fault(
      'OFFER_NAME_BLANK',
      'name',
      'L’offre n’a pas de nom.',
      'donnez le nom par lequel elle est connue.',
    );
  }
}

function checkRegionTag(check: OfferCheck, meta: JsonObject): string | null {
  const system = check.codes.url('TRE_R30');
  const tags = listOf(meta, 'tag').filter((tag) => tag['system'] === system);
  if (tags.length !== 1) {
    check.fault(
      'OFFER_REGION_TAG',
      'meta.tag[codeRegion]',
      tags.length === 0 ? 'La région source manque.' : 'Il y a plusieurs régions sources.',
      'donnez exactement une région (TRE_R30).',
    );
  }
  return tags.length === 0
    ? null
    : check.concept('meta.tag[codeRegion]', { coding: [tags[0] as JsonObject] }, ['TRE_R30']);
}

/** `<TRE_R30 region>/<local id>`, type TRE_R355#35, no system: data model, section Identifiers. */
function checkIdentifier(check: OfferCheck, offer: JsonObject, region: string | null): void {
  const identifiers = listOf(offer, 'identifier');
  const [identifier] = identifiers;
  if (identifier === undefined || identifiers.length > 1) {
    check.fault(
      'OFFER_IDENTIFIER_COUNT',
      'identifier',
      `L’offre a ${identifiers.length} identifiants ; il en faut exactement un.`,
      'gardez l’identifiant fonctionnel de l’offre.',
    );
    if (identifier === undefined) return;
  }
  const type = check.concept('identifier.type', identifier['type'], ['TRE_R355']);
  if (type !== null && type !== '35') {
    check.fault(
      'OFFER_IDENTIFIER_TYPE',
      'identifier.type',
      `Le type ${type} n’est pas celui de l’identifiant fonctionnel (35).`,
      'utilisez TRE_R355#35.',
    );
  }
  if (identifier['system'] !== undefined) {
    check.fault(
      'OFFER_IDENTIFIER_SYSTEM',
      'identifier.system',
      'L’identifiant d’une offre n’a pas de système.',
      'retirez « system ».',
    );
  }
  const shape = /^(\d{2,3})\/\S+$/.exec(typeof identifier['value'] === 'string' ? identifier['value'] : '');
  if (shape === null) {
    check.fault(
      'OFFER_IDENTIFIER_SHAPE',
      'identifier.value',
      `« ${String(identifier['value'])} » n’a pas la forme <région>/<numéro>.`,
      'écrivez par exemple 28/0012345.',
    );
  } else if (region !== null && shape[1] !== region) {
    check.fault(
      'OFFER_REGION_MISMATCH',
      'identifier.value',
      `L’identifiant est de la région ${shape[1] ?? ''}, la région source est ${region}.`,
      'corrigez celui des deux qui est faux.',
    );
  }
}

function checkReferences(check: OfferCheck, offer: JsonObject): void {
  const provider = offer['providedBy'];
  if (!isJsonObject(provider) || typeof provider['reference'] !== 'string') {
    check.fault(
      'OFFER_PROVIDER_MISSING',
      'providedBy',
      'Aucun établissement ne porte l’offre.',
      'donnez l’établissement géographique tel que le répertoire le connaît.',
    );
  } else if (!refersTo(provider['reference'], 'Organization')) {
    check.fault(
      'OFFER_PROVIDER_TARGET',
      'providedBy',
      `« ${provider['reference']} » n’est pas une organisation.`,
      'écrivez Organization/<numéro technique>.',
    );
  }
  for (const location of listOf(offer, 'location')) {
    const { reference } = location;
    if (typeof reference !== 'string' || !refersTo(reference, 'Location')) {
      check.fault(
        'OFFER_LOCATION_TARGET',
        'location',
        `« ${String(reference)} » n’est pas un lieu.`,
        'écrivez Location/<numéro technique>.',
      );
    }
  }
}

const refersTo = (reference: string, type: string): boolean =>
  new RegExp(`^(https?://.+/)?${type}/[A-Za-z0-9.-]{1,64}$`).test(reference);

/** Our blocks: well formed, one per centre, of the centres of this offer only. */
export function checkComment(
  check: OfferCheck,
  offer: JsonObject,
  centres: readonly CentreId[] | undefined,
): void {
  const { comment } = offer;
  if (typeof comment !== 'string') return;
  const seen = new Set<string>();
  const blocks = findBlocks(comment);
  const opened = (comment.match(/\[\s*Maladies\s+rares\b/giu) ?? []).length;
  if (opened !== blocks.length || blocks.some((block) => block.id === null)) {
    check.fault(
      'OFFER_COMMENT_BLOCK',
      'comment',
      'Un bloc [Maladies rares | …] du commentaire est mal formé ou n’a pas d’identifiant de centre.',
      'laissez filror écrire ce bloc ; corrigez ou retirez celui qui a été modifié à la main.',
    );
  }
  for (const { id } of blocks) {
    if (id === null) continue;
    if (seen.has(id)) {
      check.fault(
        'OFFER_COMMENT_TWICE',
        'comment',
        `Le centre ${id} a deux blocs.`,
        'gardez le plus récent.',
      );
    }
    seen.add(id);
    if (centres !== undefined && !centres.includes(id)) {
      check.fault(
        'OFFER_COMMENT_CENTRE',
        'comment',
        `Le bloc du commentaire est celui d’un autre centre (${id}).`,
        'rattachez l’offre au bon centre, ou retirez ce bloc.',
      );
    }
  }
}
