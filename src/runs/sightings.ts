import { identify, keyOf, type KeyAssignment, type Sighting } from '../consolidate/identity.js';
import type { ObservationRef } from '../consolidate/centre.js';
import type { CentreObservation } from '../domain/centre.js';
import type { CentreId } from '../domain/ids.js';
import type { RowFault } from '../domain/rows.js';
import type { Material } from './material.js';
import { isOutOfRegion } from './abroad.js';
import type { Place, Places } from './places.js';

/** An observation of the region with the place where its hospital was found. */
export interface PlacedSighting extends Sighting {
  readonly found: Place;
}

export interface RegionSightings {
  readonly centres: ReadonlyMap<CentreId, readonly PlacedSighting[]>;
  readonly assignments: readonly KeyAssignment[];
  /** Rows of other regions, by source. */
  readonly outOfRegion: ReadonlyMap<string, number>;
  /** Rows refused once their number was confronted with the name it belongs to (gate X12). */
  readonly refused: readonly {
    readonly source: string;
    readonly fault: RowFault;
    readonly ref: ObservationRef;
    readonly found: Place;
  }[];
  readonly matches: { readonly auto: number; readonly review: number; readonly none: number };
  /** Centres whose row stands in the file but cannot be used: neither planned nor lost. */
  readonly held: ReadonlySet<CentreId>;
  /** Of these, the centres whose row is now another region's. */
  readonly abroad: ReadonlyMap<CentreId, CentreObservation>;
  /** Centre of each key after the answers about continuity. */
  readonly keys: ReadonlyMap<string, CentreId>;
}

/** Design step 5: which hospital, which region, which centre. */
export function sightRegion(material: Material, places: Places, newId: () => CentreId): RegionSightings {
  const keys = redirected(material);
  const outOfRegion = new Map<string, number>();
  const refused: RegionSightings['refused'][number][] = [];
  const held = new Set<CentreId>();
  const abroad = new Map<CentreId, CentreObservation>();
  const matches = { auto: 0, review: 0, none: 0 };
  const sightings: PlacedSighting[] = [];
  for (const ref of material.observations) {
    const found = places.of(ref.observation);
    // A wrong number is refused, until a person says which hospital this is: then the number is only told.
    if (found.result.refusal !== null && found.ej === null) {
      refused.push({ source: ref.source, fault: refusalFault(ref, found), ref, found });
      hold(held, keys, ref);
      continue;
    }
    if (isOutOfRegion(ref.observation, found, places, material.region)) {
      outOfRegion.set(ref.source, (outOfRegion.get(ref.source) ?? 0) + 1);
      const centre = keys.get(keyOf(ref));
      if (centre !== undefined) abroad.set(centre, ref.observation);
      hold(held, keys, ref);
      continue;
    }
    matches[found.ej === null ? found.result.outcome : 'auto']++;
    sightings.push({ ref, place: { ej: found.ej, eg: found.eg }, found });
  }
  const identified = identify(sightings, keys, lostSightings(material, places, keys), newId);
  return {
    centres: identified.centres as ReadonlyMap<CentreId, readonly PlacedSighting[]>,
    assignments: identified.assignments,
    outOfRegion,
    refused,
    matches,
    held,
    abroad,
    keys,
  };
}

/** Keys lead to the centre that people said is the same. */
export function redirected(material: Pick<Material, 'keys' | 'ages' | 'answers'>): Map<string, CentreId> {
  const follow = sameCentres(material);
  return new Map([...material.keys].map(([key, centre]) => [key, follow(centre)]));
}

/**
 * The centre that people said is the same as this one, however many times they said so; itself when they said nothing.
 * The question stands on both sides, and may be answered on either: the older of the two centres keeps its id.
 */
export function sameCentres(material: Pick<Material, 'ages' | 'answers'>): (centre: CentreId) => CentreId {
  const same = new Map<CentreId, CentreId>();
  const order = (centre: CentreId): number => material.ages.get(centre)?.order ?? Infinity;
  for (const answer of material.answers) {
    if (answer.kind !== 'continuity') continue;
    const subject = answer.subject as CentreId;
    const target = answer.body['same'] as CentreId | null;
    if (target === null) {
      for (const [younger, older] of same) if (younger === subject || older === subject) same.delete(younger);
    } else if (order(target) <= order(subject)) same.set(subject, target);
    else same.set(target, subject);
  }
  const follow = (centre: CentreId): CentreId => {
    const seen = new Set<CentreId>();
    let current = centre;
    while (same.has(current) && !seen.has(current)) {
      seen.add(current);
      current = same.get(current) ?? current;
    }
    return current;
  };
  return follow;
}

function lostSightings(
  material: Material,
  places: Places,
  keys: ReadonlyMap<string, CentreId>,
): { sighting: Sighting; centre: CentreId }[] {
  const lost: { sighting: Sighting; centre: CentreId }[] = [];
  for (const { ref } of material.lost) {
    const centre = keys.get(keyOf(ref));
    if (centre === undefined) continue;
    const found = places.of(ref.observation);
    lost.push({ sighting: { ref, place: { ej: found.ej, eg: found.eg } }, centre });
  }
  return lost;
}

function hold(held: Set<CentreId>, keys: ReadonlyMap<string, CentreId>, ref: ObservationRef): void {
  const centre = keys.get(keyOf(ref));
  if (centre !== undefined) held.add(centre);
}

function refusalFault(ref: ObservationRef, found: Place): RowFault {
  const refusal = found.result.refusal;
  if (refusal === null) throw new Error('a refusal was expected');
  const value = ref.observation.finessEg ?? ref.observation.finessEj;
  return {
    code: refusal.code,
    locator: ref.locator,
    field: ref.observation.finessEg === null ? 'finess_ej' : 'finess_eg',
    ...(value === null ? {} : { value }),
    message: refusal.message,
    remedy: refusal.remedy,
    key: ref.key,
  };
}
