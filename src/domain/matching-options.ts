/** A name that FINESS does not write and no rule can deduce: exactly one of `ej` and `name`. */
export interface MatchingAlias {
  readonly alias: string;
  /** Legal entity meant, nine characters. */
  readonly ej?: string | undefined;
  /** The same thing in words that FINESS writes; takes the place of the alias in the mention. */
  readonly name?: string | undefined;
  /** Where this was read, so that it can be checked again. */
  readonly source: string;
}

export interface MatchingOptions {
  readonly aliases: readonly MatchingAlias[];
  /** Prefixes of FINESS category aggregates, in order of preference: an earlier one wins over a later one. */
  readonly hospitalAggregates: readonly string[];
  /** Whole aggregates that are never a main site: long stay, psychiatric outposts. */
  readonly minorAggregates: readonly string[];
  /** Least score of an automatic link, between 0 and 1. */
  readonly autoScore: number;
  /** Least lead of the best legal entity over the second one for an automatic link. */
  readonly autoMargin: number;
  /** Least resemblance of names for an automatic link, whatever the place says. */
  readonly autoName: number;
  /** Least score of a candidate shown to a person. */
  readonly reviewScore: number;
  /** Resemblance under which the holder of a FINESS number is not the hospital named (gate X12). */
  readonly holderName: number;
  readonly maxCandidates: number;
}

/**
 * The margin is wider than what an incomplete site name may cost, so that homonyms stay ambiguous; `autoScore` is
 * above what a perfect name reaches when the town contradicts it (0.68).
 */
export const DEFAULT_MATCHING_OPTIONS: MatchingOptions = {
  aliases: [],
  hospitalAggregates: ['11', '12'],
  minorAggregates: ['1109', '1111', '12'],
  autoScore: 0.82,
  autoMargin: 0.07,
  autoName: 0.8,
  reviewScore: 0.42,
  holderName: 0.5,
  maxCandidates: 12,
};
