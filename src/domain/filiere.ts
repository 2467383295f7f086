/** One of the 23 national rare-disease networks. */
export interface Filiere {
  /** Canonical acronym, spelled as the ministry's list: `FAI²R`, `AnDDI-Rares`. */
  readonly code: string;
  readonly title: string;
  /** Other spellings seen, matched without case, accents nor punctuation. */
  readonly spellings: readonly string[];
  /** Codes of the European reference networks tied to it. */
  readonly erns: readonly string[];
}
