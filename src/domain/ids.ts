/** Branded identifiers: a FINESS number of a site can never be passed where a legal entity is expected. */
declare const brand: unique symbol;
type Branded<T, B extends string> = T & { readonly [brand]: B };

/** FINESS number of a legal entity (entité juridique), nine characters. */
export type FinessEj = Branded<string, 'FinessEj'>;
/** FINESS number of a site (entité géographique), nine characters. */
export type FinessEg = Branded<string, 'FinessEg'>;
/** `cmr_` + 16 lower-case base32 characters, random, given once and never reused. */
export type CentreId = Branded<string, 'CentreId'>;
/** Identifier of an offer in the ROR: `<TRE_R30 region>/<local id>`. */
export type OfferIdentifier = Branded<string, 'OfferIdentifier'>;
/** Code of a region in TRE_R30 (INSEE regions): `28` is Normandie, `53` Bretagne. */
export type RegionCode = Branded<string, 'RegionCode'>;

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** Sixteen base32 characters carry 80 bits: no collision to fear at a million centres. */
export function newCentreId(randomBytes: (size: number) => Uint8Array): CentreId {
  return `cmr_${base32(randomBytes(16))}` as CentreId;
}

/** One base32 character per byte given (its five low bits). */
export function base32(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => BASE32[byte & 31]).join('');
}

export function isCentreId(text: string): text is CentreId {
  return /^cmr_[a-z2-7]{16}$/.test(text);
}

/** Key of a person: the only thing about people that the journal and the decisions hold (uuid). */
export type PersonId = Branded<string, 'PersonId'>;
