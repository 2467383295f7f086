import { RemoteError } from '../domain/errors.js';
import type { MirroredType, RemoteVersion } from '../db/remote.js';
import { isJsonObject, type Json, type JsonObject } from '../domain/json.js';

export const REGION_SYSTEM = 'https://mos.esante.gouv.fr/NOS/TRE_R30-RegionOM/FHIR/TRE-R30-RegionOM';
const FINESS_SYSTEM = 'https://finess.esante.gouv.fr';
const ID_NAT_STRUCT = 'urn:oid:1.2.250.1.71.4.2.2';

/** What the mirror keeps of one resource as received. @throws RemoteError `ROR_UNREADABLE` without an id. */
export function toVersion(type: MirroredType, resource: JsonObject, body: string): RemoteVersion {
  const remoteId = textOf(resource['id']);
  if (remoteId === null)
    throw new RemoteError({
      code: 'ROR_UNREADABLE',
      message: `Le répertoire a donné une ressource ${type} sans identifiant technique.`,
      remedy: 'prévenez l’exploitant du répertoire ; rien de cette lecture n’est retenu.',
    });
  const meta = resource['meta'];
  const version = isJsonObject(meta) ? meta['versionId'] : undefined;
  return {
    type,
    remoteId,
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

/** The server's own instant of the last change; null when it gives none that can be read. */
export function lastUpdatedOf(resource: JsonObject): Date | null {
  const meta = resource['meta'];
  const text = isJsonObject(meta) ? textOf(meta['lastUpdated']) : null;
  const at = text === null ? Number.NaN : Date.parse(text);
  return Number.isNaN(at) ? null : new Date(at);
}

/** Whether a resource bears the tag of a region (TRE_R30). */
export function isOfRegion(resource: JsonObject, region: string): boolean {
  const meta = resource['meta'];
  return objects(isJsonObject(meta) ? meta['tag'] : undefined).some(
    (tag) => tag['system'] === REGION_SYSTEM && tag['code'] === region,
  );
}

export function textOf(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

function objects(value: Json | undefined): JsonObject[] {
  // A server may write one item where FHIR wants a list of one.
  if (isJsonObject(value)) return [value];
  return Array.isArray(value) ? (value as Json[]).filter(isJsonObject) : [];
}
