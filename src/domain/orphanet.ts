/** ORPHAcode without its prefix: `166024`. */
export type OrphaCode = string;

/** A disorder, a group or a subtype in one language of the nomenclature. */
export interface OrphanetDisorder {
  readonly kind: 'disorder';
  readonly orphaCode: OrphaCode;
  /** Two letters, as the file says: `fr`, `en`. */
  readonly lang: string;
  readonly name: string;
  readonly synonyms: readonly string[];
  /** What the owner says of the entry, as written: "Obsolete entity". Empty for most. */
  readonly status: readonly string[];
  /** Entries that it was moved to or that it refers to. */
  readonly related: readonly OrphaCode[];
}

/** A disorder stands under the root of a classification; it may stand under several roots. */
export interface OrphanetMember {
  readonly kind: 'member';
  readonly orphaCode: OrphaCode;
  readonly root: OrphaCode;
  /** Number of the classification that the root heads: `186`. */
  readonly classification: string;
}

/** The one root that the linearisation attributes to a disorder. */
export interface OrphanetPreferred {
  readonly kind: 'preferred';
  readonly orphaCode: OrphaCode;
  readonly root: OrphaCode;
}

export type OrphanetRecord = OrphanetDisorder | OrphanetMember | OrphanetPreferred;

/** Observation key: `166024|fr`, `166024|97962`, `166024|preferred`. */
export function orphanetKey(record: OrphanetRecord): string {
  switch (record.kind) {
    case 'disorder':
      return `${record.orphaCode}|${record.lang}`;
    case 'member':
      return `${record.orphaCode}|${record.root}`;
    case 'preferred':
      return `${record.orphaCode}|preferred`;
  }
}

/** `166024` of `ORPHA:166024`, `orpha 166024`, `166024`; null for what is no ORPHAcode. */
export function readOrphaCode(text: string): OrphaCode | null {
  const [, code] = /^(?:orpha(?:code|number)?[\s:_-]*)?([1-9][0-9]{0,7})$/i.exec(text.trim()) ?? [];
  return code ?? null;
}
