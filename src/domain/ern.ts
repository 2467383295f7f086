/** One of the 24 European reference networks. */
export interface EuropeanNetwork {
  /** As the directory of the European Commission writes it: `ERN-SKIN`, `MetabERN`. */
  readonly code: string;
  readonly name: string;
  /** In English, the language of the directory. */
  readonly domain: string;
  /** Filières tied to it, by their canonical acronyms; none for a few. */
  readonly filieres: readonly string[];
}
