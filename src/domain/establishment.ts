import type { FinessEg, FinessEj } from './ids.js';

/** A site (entité géographique) of FINESS with the legal entity that carries it. */
export interface Establishment {
  readonly eg: FinessEg;
  readonly ej: FinessEj;
  /** `rs`, at most 38 characters, upper case as FINESS writes it. */
  readonly name: string;
  /** `rslongue`, at most 60 characters; empty in the re-published extracts. */
  readonly longName: string | null;
  readonly complement: string | null;
  /** FINESS category (TRE_R66), three characters: `101` CHR, `355` CH, `131` CLCC, `292` CHS… */
  readonly category: string;
  readonly categoryLabel: string;
  /** Category aggregate, four characters; 11xx and 12xx are the hospital sector. */
  readonly aggregate: string;
  /** INSEE code: `14`, `2A`, `974` (FINESS writes `9D` for it), so that it compares with the other sources. */
  readonly departement: string;
  /** INSEE code of the commune without the département, three characters; may be empty. */
  readonly commune: string;
  readonly postalCode: string;
  /** Town of the postal line, without the CEDEX, at most 26 characters hence sometimes cut. */
  readonly town: string;
  readonly address: string | null;
  readonly siret: string | null;
  readonly phone: string | null;
  /** ISO dates. An old `updatedOn` means that nobody reviewed the record. */
  readonly openedOn: string | null;
  readonly updatedOn: string | null;
}

/** Coordinates of a site: Lambert 93 (mainland and Corsica) and WGS84 in degrees, one published, the other converted. */
export interface EstablishmentPoint {
  readonly eg: FinessEg;
  /** Metres; null overseas. */
  readonly x: number | null;
  readonly y: number | null;
  readonly longitude: number;
  readonly latitude: number;
}
