import type { Crosswalk } from '../config/schema/codes.js';
import type { RorDefaults } from '../config/schema/ror-defaults.js';
import type { CentreFacts, CentreField, Contribution, MissingValue, RetiredCode } from '../domain/offer.js';
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
  /** Codes out of use that were met: each with what stands in its place, or a question. */
  readonly retired: readonly RetiredCode[];
}

/** A code to be written, and how far its succession is known. */
export interface WrittenCode {
  readonly code: string;
  /** True when only the names of the two codes are near: the reviewer sees the mark. */
  readonly assumed: boolean;
  /** Name of the rule when the code stands for a retired one. */
  readonly rule: string | null;
}

/** Collects what the encoding steps find, so that each step stays one short function. */
export class EncodedParts {
  readonly contributions: Contribution[] = [];
  readonly missing: MissingValue[] = [];
  readonly notes: string[] = [];
  readonly retired: RetiredCode[] = [];

  constructor(
    readonly facts: CentreFacts,
    readonly rules: EncodeRules,
  ) {}

  want(part: Omit<Contribution, 'centre'>): void {
    this.contributions.push({ ...part, centre: this.facts.id });
  }

  /**
   * The code to write where this one is asked for: itself, or what stands in its place since it was retired, which the
   * reviewer is told.
   * @param otherwise what becomes of a retired code without successor: `ask`: a question; `leave`: the caller asks
   * @returns null for a retired code without successor, or one that the code book does not hold
   */
  inForce(system: string, code: string, field: CentreField, otherwise: 'ask' | 'leave'): WrittenCode | null {
    const { codes } = this.rules;
    if (codes.find(system, code) === null) return null;
    const heir = codes.inForce(system, code);
    if (heir?.replaces === null) return { code, assumed: false, rule: null };
    if (heir === null && otherwise === 'leave') return null;
    this.retired.push({
      system,
      version: codes.version(system),
      text: codes.text(system, code),
      successor: heir === null ? null : { text: codes.text(system, heir.code), stated: heir.stated },
      field,
      candidates:
        heir === null
          ? codes.near(system, code).map((near) => ({ value: near.code, label: near.display }))
          : [],
    });
    return heir === null ? null : { code: heir.code, assumed: !heir.stated, rule: 'ror.code.successor' };
  }

  /** The same for a code of ror-defaults.yaml, whose existence the configuration vouches for. */
  byDefault(
    system: string,
    given: { readonly code: string; readonly assumed: boolean; readonly rule: string },
    field: CentreField,
  ): { readonly code: string; readonly assumed: boolean; readonly rule: string } | null {
    const written = this.inForce(system, given.code, field, 'ask');
    if (written === null) return null;
    const { code, assumed, rule } = written;
    return { code, assumed: given.assumed || assumed, rule: rule ?? given.rule };
  }
}

/**
 * A centre as contributions to one offer, by the table of DESIGN 7 (column "value" when we create, column "on an
 * attached offer" when we attach). Pure: same facts and rules, same result in the same order.
 * A retired code is never written: its successor is, and the reviewer is told; without one it becomes a question, as an
 * unknown code that a person or a source gave does.
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
    retired: parts.retired,
  };
}
