import type { MirroredType, RemoteVersion } from '../db/remote.js';
import { isJsonObject, type Json, type JsonObject } from '../domain/json.js';

const FINESS_SYSTEM = 'https://finess.esante.gouv.fr';
const ID_NAT_STRUCT = 'urn:oid:1.2.250.1.71.4.2.2';

/** What the mirror keeps of one resource as received. */
export function toVersion(type: MirroredType, resource: JsonObject, body: string): RemoteVersion {
  const meta = resource['meta'];
  const version = isJsonObject(meta) ? meta['versionId'] : undefined;
  return {
    type,
    remoteId: textOf(resource['id']) ?? '',
    identifier: type === 'Organization' ? finessOf(resource) : offerIdentifierOf(resource),
    versionId: textOf(version) ?? null,
    body,
  };
}

/** FINESS number of an EG or EJ: its FINESS identifier, or the national one (`1` + FINESS). */
export function finessOf(organization: JsonObject): string | null {
  for (const identifier of objects(organization['identifier'])) {
    const value = textOf(identifier['value']);
    if (value === null) continue;
    if (identifier['system'] === FINESS_SYSTEM) return value;
    if (identifier['system'] === ID_NAT_STRUCT && /^1[0-9][0-9A-Z][0-9]{7}$/.test(value))
      return value.slice(1);
  }
  return null;
}

/** The one identifier of an offer (`28/…`), whatever its type: a reader tolerates. */
export function offerIdentifierOf(offer: JsonObject): string | null {
  for (const identifier of objects(offer['identifier'])) {
    const value = textOf(identifier['value']);
    if (value !== null) return value;
  }
  return null;
}

/** `Organization/12` of `providedBy` or `managingOrganization`, whatever the server puts before. */
export function referenceOf(value: Json | undefined): string | null {
  const reference = isJsonObject(value) ? textOf(value['reference']) : null;
  return reference === null ? null : (/[A-Z][A-Za-z]+\/[^/]+$/.exec(reference)?.[0] ?? null);
}

export function textOf(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

function objects(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? (value as Json[]).filter(isJsonObject) : [];
}
