/** A list whose file changes address with every delivery: an open-data site says which one is the newest. */
export interface DatasetPlace {
  /** Description of the dataset: the JSON of the data.gouv.fr API (udata), with its `resources`. */
  readonly api: string;
  /** How the title of the wanted resources begins. */
  readonly title: string;
}

/** A file, a folder (its newest file) or an http(s) address; or a dataset. */
export type SourcePlace = string | DatasetPlace;

/** Hosts that the configuration names for one source, besides the one of its own address. */
export interface NamedHosts {
  /** Where a redirect or a dataset may lead. */
  readonly allowedHosts: readonly string[];
  /** Those that may stand on a private network. */
  readonly privateHosts: readonly string[];
}
