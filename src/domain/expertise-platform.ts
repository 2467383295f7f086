/** A rare-disease expertise platform (PEMR) or an overseas coordination platform (PCOM). */
export interface ExpertisePlatform {
  readonly name: string;
  readonly kind: 'PEMR' | 'PCOM';
  /** TRE_R30 codes of the regions that it covers; several platforms may cover one. */
  readonly regions: readonly string[];
  /** Establishments that carry it, as written; null when it is not known. */
  readonly carriers: string | null;
  /** Year of its label; null when it is not known. */
  readonly year: number | null;
}
