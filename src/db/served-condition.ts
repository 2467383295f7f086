/** A search value with its prefix; both bounds included, dates in seconds since 1970. */
export interface Comparison {
  readonly prefix: 'eq' | 'ne' | 'gt' | 'lt' | 'ge' | 'le' | 'sa' | 'eb';
  readonly low: number;
  readonly high: number;
}

/** One condition of a search; values of one condition are alternatives, conditions add up. */
export type Condition =
  | { readonly kind: 'tokens'; readonly any: readonly string[]; readonly not: boolean }
  | { readonly kind: 'ids'; readonly any: readonly string[]; readonly not: boolean }
  | {
      readonly kind: 'text';
      readonly param: string;
      readonly mode: 'start' | 'inside';
      readonly any: readonly string[];
    }
  | { readonly kind: 'range'; readonly param: string; readonly any: readonly Comparison[] }
  | { readonly kind: 'updated'; readonly any: readonly Comparison[] }
  | { readonly kind: 'near'; readonly any: readonly Near[] }
  /** A resource that this one names by `param` (or, for organizations, one above it) meets the conditions. */
  | {
      readonly kind: 'names';
      readonly param: string;
      readonly target: string;
      readonly above: boolean;
      readonly conditions: readonly Condition[];
    }
  /** A resource of type `from` that names this one by `param` meets the conditions. */
  | {
      readonly kind: 'namedBy';
      readonly from: string;
      readonly param: string;
      readonly conditions: readonly Condition[];
    }
  /** This one names one of these resources by `param`. */
  | {
      readonly kind: 'reference';
      readonly param: string;
      readonly any: readonly { readonly type: string | null; readonly id: string }[];
    }
  /** Something is said under a parameter: `how` begins its tokens, null when it is a text. */
  | { readonly kind: 'said'; readonly param: string; readonly how: string | null; readonly not: boolean }
  | { readonly kind: 'nothing' };

export interface Near {
  readonly latitude: number;
  readonly longitude: number;
  readonly km: number;
}

/** Where a search looks: one view of one region. */
export interface Place {
  readonly region: string;
  readonly view: string;
}
