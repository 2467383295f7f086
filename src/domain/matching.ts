import type { FinessEg, FinessEj } from './ids.js';

/** What a source says of a hospital, as written. */
export interface Mention {
  readonly mention: string;
  readonly city: string | null;
  readonly departement: string | null;
  readonly finessEj?: string | null;
  readonly finessEg?: string | null;
}

export interface MatchCandidate {
  readonly ej: FinessEj;
  /** Given only when the site is named or unique. */
  readonly eg: FinessEg | null;
  /** Name to show, as FINESS writes it. */
  readonly name: string;
  readonly town: string;
  /** Between 0 and 1. */
  readonly score: number;
  /** What the score is made of, each between 0 and 1, for the reviewer. */
  readonly features: Readonly<Record<string, number>>;
}

/** `auto`: certain, no person needed. `review`: a person decides among candidates. `none`: nothing near. */
export interface MatchResult {
  readonly outcome: 'auto' | 'review' | 'none';
  readonly best: MatchCandidate | null;
  readonly candidates: readonly MatchCandidate[];
  /** French sentence: why it is not automatic, or on what the automatic link rests. */
  readonly reason: string;
  /** Sites of the matched legal entity among which a person chooses when `best.eg` is null. */
  readonly sites: readonly { readonly eg: FinessEg; readonly name: string; readonly town: string }[];
  /** A number with a right key that belongs to another hospital (gate X12): the row is refused. */
  readonly refusal: {
    readonly code: 'X1' | 'X2' | 'X12';
    readonly message: string;
    readonly remedy: string;
  } | null;
}
