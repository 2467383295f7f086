import { remoteState, type RemoteVersion } from '../db/remote.js';
import type { Db } from '../db/types.js';
import { elementsOf } from '../ror/elements.js';
import { withLists } from '../ror/arrays.js';
import { parseBody } from '../ror/body.js';
import type { ElementKey, OfferElement } from '../domain/offer.js';
import { referenceOf, textOf } from './resources.js';

/** An offer as the mirror has it, cut into keyed elements once. */
export interface PresentOffer {
  readonly identifier: string;
  readonly remoteId: string;
  readonly body: string;
  readonly elements: ReadonlyMap<ElementKey, OfferElement>;
  readonly name: string;
  readonly eg: string | null;
}

export interface PresentState {
  readonly offers: readonly PresentOffer[];
  /** FINESS number -> Organization reference, and its place when it has exactly one. */
  readonly providers: ReadonlyMap<string, { readonly reference: string; readonly location: string | null }>;
  /** FINESS numbers that several Organizations bear: none of them is a provider. */
  readonly ambiguousProviders: ReadonlyMap<string, readonly string[]>;
}

/** The repository as last read (or as of one version number), tied together: offer -> site, site -> place. */
export async function presentState(db: Db, region: string, asOf?: number): Promise<PresentState> {
  const organizations = await remoteState(db, region, 'Organization', asOf);
  const locations = await remoteState(db, region, 'Location', asOf);
  const services = await remoteState(db, region, 'HealthcareService', asOf);
  const finess = new Map<string, string>();
  for (const organization of organizations) {
    if (organization.identifier !== null) {
      finess.set(`Organization/${organization.remoteId}`, organization.identifier);
    }
  }
  const places = placesByOrganization(locations);
  const bearers = new Map<string, string[]>();
  for (const [reference, number] of finess) bearers.set(number, [...(bearers.get(number) ?? []), reference]);
  const providers = new Map<string, { reference: string; location: string | null }>();
  const ambiguousProviders = new Map<string, readonly string[]>();
  for (const [number, references] of bearers) {
    const [reference, ...others] = references;
    if (reference === undefined) continue;
    const found = places.get(reference) ?? [];
    if (others.length > 0) ambiguousProviders.set(number, references.sort());
    else providers.set(number, { reference, location: found.length === 1 ? (found[0] ?? null) : null });
  }
  const offers = services.flatMap((service): PresentOffer[] => {
    if (service.identifier === null) return [];
    const resource = withLists(parseBody(service.body, `HealthcareService/${service.remoteId}`));
    const provider = referenceOf(resource['providedBy']);
    return [
      {
        identifier: service.identifier,
        remoteId: service.remoteId,
        body: service.body,
        elements: elementsOf(resource),
        name: textOf(resource['name']) ?? '',
        eg: provider === null ? null : (finess.get(provider) ?? null),
      },
    ];
  });
  const order = (offer: PresentOffer): string => `${offer.identifier}\u0000${offer.remoteId}`;
  offers.sort((a, b) => (order(a) < order(b) ? -1 : order(a) > order(b) ? 1 : 0));
  return { offers, providers, ambiguousProviders };
}

/** Names that the repository gives to the structures of these FINESS numbers; several bearers of one number: the first by id. */
export async function structureNames(
  db: Db,
  region: string,
  numbers: ReadonlySet<string>,
): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  for (const { identifier, remoteId, body } of await remoteState(db, region, 'Organization')) {
    if (identifier === null || !numbers.has(identifier) || names.has(identifier)) continue;
    const name = textOf(parseBody(body, `Organization/${remoteId}`)['name']);
    if (name !== null) names.set(identifier, name);
  }
  return names;
}

function placesByOrganization(locations: readonly RemoteVersion[]): Map<string, string[]> {
  const places = new Map<string, string[]>();
  for (const location of locations) {
    const resource = parseBody(location.body, `Location/${location.remoteId}`);
    const owner = referenceOf(resource['managingOrganization']);
    if (owner === null) continue;
    places.set(owner, [...(places.get(owner) ?? []), `Location/${location.remoteId}`]);
  }
  return places;
}
