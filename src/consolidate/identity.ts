import type { CentreId } from '../domain/ids.js';
import { fold } from '../normalise/text.js';
import type { ObservationRef } from './centre.js';
import { sayTheSame } from './said.js';

/** Where an observation's hospital was found: what makes two spellings the same centre. */
export interface ResolvedPlace {
  readonly ej: string | null;
  readonly eg: string | null;
}

/** An observation seen as a possible centre. */
export interface Sighting {
  readonly ref: ObservationRef;
  readonly place: ResolvedPlace;
}

export interface KeyAssignment {
  readonly source: string;
  readonly key: string;
  readonly centre: CentreId;
  /** `new`, or `sameSignature`: same network, filière, hospital and public under another spelling. */
  readonly rule: 'new' | 'sameSignature';
}

export interface Identification {
  /** Every open observation by centre. */
  readonly centres: ReadonlyMap<CentreId, readonly Sighting[]>;
  /** Keys met for the first time, to be recorded. */
  readonly assignments: readonly KeyAssignment[];
}

/**
 * Gives each observation its centre. A key that is known keeps its centre, whatever else the row says now. A new key
 * takes the centre of another source or of a key that was lost only when network or title, filière, legal entity,
 * site and public are all the same (a hospital spelled otherwise); anything less is a new centre, and the plan asks
 * about continuity.
 * @param known centre of each `source|key`, after the answers of people
 * @param lost observations whose key is no longer said, with their centre
 */
export function identify(
  sightings: readonly Sighting[],
  known: ReadonlyMap<string, CentreId>,
  lost: readonly { readonly sighting: Sighting; readonly centre: CentreId }[],
  newId: () => CentreId,
): Identification {
  const centres = new Map<CentreId, Sighting[]>();
  const assignments: KeyAssignment[] = [];
  const bySignature = new Map<string, CentreId>();
  const taken = new Set<CentreId>();
  const place = (centre: CentreId, sighting: Sighting): void => {
    centres.set(centre, [...(centres.get(centre) ?? []), sighting]);
    const signature = signatureOf(sighting);
    if (signature !== null && !bySignature.has(signature)) bySignature.set(signature, centre);
  };
  const fresh: Sighting[] = [];
  for (const sighting of sightings) {
    const centre = known.get(keyOf(sighting.ref));
    if (centre === undefined) fresh.push(sighting);
    else {
      taken.add(centre);
      place(centre, sighting);
    }
  }
  for (const { sighting, centre } of lost) {
    const signature = signatureOf(sighting);
    if (signature !== null && !taken.has(centre) && !bySignature.has(signature))
      bySignature.set(signature, centre);
  }
  for (const sighting of fresh) {
    const signature = signatureOf(sighting);
    const later = laterCampaign(sighting, centres);
    const same = later ?? (signature === null ? undefined : bySignature.get(signature));
    // Two rows of one source with one signature are two questions for a person, not one centre.
    const clash =
      later === undefined &&
      same !== undefined &&
      (centres.get(same) ?? []).some((other) => other.ref.source === sighting.ref.source);
    const centre = same === undefined || clash ? newId() : same;
    assignments.push({
      source: sighting.ref.source,
      key: sighting.ref.key,
      centre,
      rule: same === undefined || clash ? 'new' : 'sameSignature',
    });
    place(centre, sighting);
  }
  return { centres, assignments };
}

/** A list that keeps the history of a label gives the row of an older campaign the key of the present one and a year, or the words that stand for one. */
function laterCampaign(
  { ref }: Sighting,
  centres: ReadonlyMap<CentreId, readonly Sighting[]>,
): CentreId | undefined {
  const key = /^(.+)@[^@]*$/.exec(ref.key)?.[1];
  if (key === undefined) return undefined;
  for (const [centre, sightings] of centres) {
    if (sightings.some((other) => other.ref.source === ref.source && other.ref.key === key)) return centre;
  }
  return undefined;
}

export function keyOf(ref: { readonly source: string; readonly key: string }): string {
  return `${ref.source}|${ref.key}`;
}

/** Null when the hospital is not certain: a doubtful place proves no identity. */
export function signatureOf(sighting: Sighting): string | null {
  if (sighting.place.ej === null) return null;
  const { observation } = sighting.ref;
  return [
    fold(observation.network ?? observation.title),
    fold(observation.filiere),
    sighting.place.ej,
    sighting.place.eg ?? '',
    observation.public ?? '',
  ].join('|');
}

/** Two rows name one establishment where their hospitals were found to be one; by what they write where one was not. */
export function samePlaceBy(
  placeOf: (ref: ObservationRef) => ResolvedPlace | undefined,
): (one: ObservationRef, other: ObservationRef) => boolean {
  return (one, other) => {
    const [a, b] = [placeOf(one), placeOf(other)];
    if (a?.eg != null && b?.eg != null) return a.eg === b.eg;
    if (a?.ej != null && b?.ej != null) return a.ej === b.ej;
    return sayTheSame(one.observation, other.observation, 'establishment');
  };
}
