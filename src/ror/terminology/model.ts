import { DataError } from '../../domain/errors.js';

/** One concept as a terminology server or a FHIR package states it. */
export interface StatedConcept {
  readonly code: string;
  /** Null when the source gives none. */
  readonly display: string | null;
  readonly status: 'active' | 'retired';
  /** ISO day of the retirement that the source states; in the future for one that is only announced. */
  readonly retiredOn: string | null;
  /** Codes of the same system that the source itself names in its place. */
  readonly successors: readonly string[];
}

/** A CodeSystem as read: what stands in it, and what its silence means. */
export interface StatedSystem {
  readonly url: string;
  readonly version: string | null;
  /** State of the resource itself: a whole nomenclature may be retired. */
  readonly status: string;
  /** `complete`: a code that is not there does not exist. `fragment`: nothing is said of it. */
  readonly extent: 'complete' | 'fragment';
  readonly concepts: ReadonlyMap<string, StatedConcept>;
  readonly place: string;
}

/** What a ValueSet admits of one system. */
export interface StatedSubset {
  readonly valueSet: string;
  readonly system: string;
  readonly version: string | null;
  readonly status: string;
  /** Null: every code of the system. Display null: not given. */
  readonly codes: ReadonlyMap<string, string | null> | null;
  readonly place: string;
}

/** Code of the same system that a ConceptMap names in the place of another. */
export interface StatedSuccession {
  readonly system: string;
  readonly from: string;
  readonly to: string;
}

/** Everything that one place says. */
export interface Stated {
  readonly systems: readonly StatedSystem[];
  readonly subsets: readonly StatedSubset[];
  readonly successions: readonly StatedSuccession[];
}

/** A resource that does not say what it should. Nothing is written of any system then. */
export function unusable(code: string, place: string, message: string, remedy: string): DataError {
  return new DataError({ code, message, place, remedy });
}

export const ASK_AGAIN =
  'reprenez la ressource telle que le serveur de terminologies la donne (FHIR R4, JSON, UTF-8) ; rien n’a été écrit.';
