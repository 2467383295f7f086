import { DataError } from '../domain/errors.js';
import type { OfferIdentifier, RegionCode } from '../domain/ids.js';
import { isJsonObject, type Json, type JsonObject } from '../domain/json.js';
import type { Contribution } from '../domain/offer.js';
import type { CodeBook } from './codes.js';
import { editResource } from './edit.js';
import { sameValue } from './equality.js';
import { EXTENSION_URLS } from './urls.js';

/**
 * Local part of the identifier that stands in a draft as long as the repository has given none: the profile wants one
 * (1..1), so the draft can be validated whole. Reserved, never sent (`withoutPlaceholder`).
 */
export const PLACEHOLDER_LOCAL_ID = 'FILROR-RESERVE';

/** What an offer says that no centre decides: its region, number, carrier and place, and the run's reference instant. */
export interface OfferFrame {
  readonly region: RegionCode;
  /** Null as long as neither the repository nor the region's range has given one. */
  readonly identifier: OfferIdentifier | null;
  /** `Organization/<id>` of the EG in the repository. */
  readonly providedBy: string;
  /** `Location/<id>` when the EG has exactly one place. */
  readonly location: string | null;
  /** ISO instant with zone: creation date and last change of a draft (never the clock). */
  readonly instant: string;
}

/**
 * A whole offer from the contributions of its centres. Two centres may want the same element; they must then want the
 * same value.
 * @throws DataError `ROR_CONTRIBUTION_CLASH`, `ROR_CODE_UNKNOWN`
 */
export function buildOffer(
  contributions: readonly Contribution[],
  frame: OfferFrame,
  codes: CodeBook,
): JsonObject {
  const skeleton: JsonObject = {
    resourceType: 'HealthcareService',
    meta: { lastUpdated: frame.instant, tag: [codes.coding('TRE_R30', frame.region)] },
    extension: [{ url: EXTENSION_URLS['creation-date'], valueDateTime: frame.instant }],
    identifier: [
      {
        type: codes.concept('TRE_R355', '35'),
        value: frame.identifier ?? `${frame.region}/${PLACEHOLDER_LOCAL_ID}`,
      },
    ],
    providedBy: { reference: frame.providedBy },
    ...(frame.location === null ? {} : { location: [{ reference: frame.location }] }),
  };
  return editResource(
    skeleton,
    distinct(contributions).map(({ key, path, value }) => ({ key, path, operation: 'add', after: value })),
  );
}

function distinct(contributions: readonly Contribution[]): Contribution[] {
  const byKey = new Map<string, Contribution>();
  for (const contribution of contributions) {
    const known = byKey.get(contribution.key);
    if (known !== undefined && !sameValue(known.value, contribution.value)) {
      throw new DataError({
        code: 'ROR_CONTRIBUTION_CLASH',
        message: `Deux centres de la même offre veulent deux valeurs pour ${contribution.key} : « ${known.text} » et « ${contribution.text} ».`,
        place: `${known.centre}, ${contribution.centre}`,
        remedy: 'séparez ces centres en deux offres, ou choisissez une valeur commune.',
      });
    }
    if (known === undefined) byKey.set(contribution.key, contribution);
  }
  return [...byKey.values()];
}

/** True when the identifier is the reserved one. */
export function hasPlaceholder(resource: JsonObject): boolean {
  const list = resource['identifier'];
  return Array.isArray(list) && (list as Json[]).some(isPlaceholder);
}

/** The body to send: without the reserved identifier, which the repository replaces by its own. */
export function withoutPlaceholder(resource: JsonObject): JsonObject {
  const list = resource['identifier'];
  if (!Array.isArray(list)) return resource;
  const kept = (list as Json[]).filter((item) => !isPlaceholder(item));
  const others = Object.entries(resource).filter(([name]) => name !== 'identifier');
  return kept.length === 0 ? Object.fromEntries(others) : { ...resource, identifier: kept };
}

function isPlaceholder(item: Json): boolean {
  return (
    isJsonObject(item) &&
    typeof item['value'] === 'string' &&
    item['value'].endsWith(`/${PLACEHOLDER_LOCAL_ID}`)
  );
}
