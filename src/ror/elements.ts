import type { JsonObject } from '../domain/json.js';
import type { ElementKey, OfferElement } from '../domain/offer.js';
import { plain } from './body.js';
import { valueHash } from './equality.js';
import { cut, UNCOMPARED, type Piece } from './pieces.js';

/**
 * Cuts a resource into elements keyed by what they are: `name`, `category`, `characteristic[expertiseLevel]#11`,
 * `extension[patient-type].ageRange`, `comment[cmr_…]`, `comment.text`. Order of arrays and of keys plays no part.
 * What the server sets (`id`, `meta.versionId`, `meta.lastUpdated`, `ror-meta-creation-date`) is left out.
 * An item without a business key is named by the hash of its content (`#h:…`); two items with one key by `~2`.
 * @param resource ordinary JSON, or a tree of `parseBody`
 */
export function elementsOf(resource: JsonObject): Map<ElementKey, OfferElement> {
  const elements = rawElementsOf(resource);
  for (const [key, element] of elements) {
    const value = plain(element.value);
    if (value !== element.value) elements.set(key, { ...element, value });
  }
  return elements;
}

/** The same with the values as they stand in the tree: they may hold numbers kept as text. For comparing only. */
export function rawElementsOf(resource: JsonObject): Map<ElementKey, OfferElement> {
  const type = typeof resource['resourceType'] === 'string' ? resource['resourceType'] : 'Resource';
  const elements = new Map<ElementKey, OfferElement>();
  for (const piece of cut(resource)) {
    if (UNCOMPARED.has(piece.key)) continue;
    elements.set(piece.key, { key: piece.key, path: pathOf(type, piece.place), value: piece.node });
  }
  return elements;
}

/** Path for people: `HealthcareService.characteristic`. */
export function pathOf(type: string, place: Piece['place']): string {
  switch (place.at) {
    case 'value':
    case 'item':
      return `${type}.${place.name}`;
    case 'metaValue':
    case 'metaItem':
      return `${type}.meta.${place.name}`;
    case 'patientPart':
      return `${type}.extension`;
    case 'block':
    case 'text':
      return `${type}.comment`;
  }
}

/** SHA-256 of what a resource says: order, Unicode form, form of numbers and what the server sets play no part. */
export function offerHash(resource: JsonObject): string {
  return valueHash(Object.fromEntries([...elementsOf(resource)].map(([key, { value }]) => [key, value])));
}
