import type { Crosswalk } from '../config/schema/codes.js';
import type { RorDefaults } from '../config/schema/ror-defaults.js';
import type { CentreFacts, Contribution, MissingValue } from '../domain/offer.js';
import type { CodeBook } from './codes.js';
import { encodeCreated } from './encode-created.js';
import { encodeServed } from './encode-served.js';
import { encodeShared } from './encode-shared.js';

/** `create`: an offer of ours. `attach`: an offer that exists; we add our elements and touch nothing else. */
export type EncodeTarget = { readonly kind: 'create' } | { readonly kind: 'attach' };

/** The written knowledge that encoding rests on, all of it configuration. */
export interface EncodeRules {
  readonly codes: CodeBook;
  readonly defaults: RorDefaults;
  readonly crosswalk: Crosswalk;
}

export interface EncodedCentre {
  /** What we want of the offer in the ROR, on behalf of this centre. */
  readonly contributions: readonly Contribution[];
  /** Facts that the ROR cannot say (`served.filiere`…): approved and journalled, served, never sent. */
  readonly served: readonly Contribution[];
  /** Mandatory values that nobody gave: the change is « à compléter ». */
  readonly missing: readonly MissingValue[];
  /** French remarks that hold nothing back: an offer without a number orients nobody. */
  readonly notes: readonly string[];
}

/** Collects what the encoding steps find, so that each step stays one short function. */
export class EncodedParts {
  readonly contributions: Contribution[] = [];
  readonly missing: MissingValue[] = [];
  readonly notes: string[] = [];

  constructor(
    readonly facts: CentreFacts,
    readonly rules: EncodeRules,
  ) {}

  want(part: Omit<Contribution, 'centre'>): void {
    this.contributions.push({ ...part, centre: this.facts.id });
  }
}

/**
 * A centre as contributions to one offer, by the table of DESIGN 7 (column "value" when we create, column "on an
 * attached offer" when we attach). Pure: same facts and rules, same result in the same order.
 * A code that a person or a source gave and that is unknown or retired becomes a question, never a written value.
 */
export function encodeCentre(
  facts: CentreFacts,
  target: EncodeTarget,
  codes: CodeBook,
  defaults: RorDefaults,
  crosswalk: Crosswalk,
): EncodedCentre {
  const parts = new EncodedParts(facts, { codes, defaults, crosswalk });
  if (target.kind === 'create') encodeCreated(parts);
  encodeShared(parts, target);
  return {
    contributions: parts.contributions,
    served: encodeServed(facts),
    missing: parts.missing,
    notes: parts.notes,
  };
}
