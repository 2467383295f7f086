import type { Locator } from './locator.js';

/** Stands in a key for a part that could not be read. */
export const UNREAD = '*';

/** A row fault: the row is set aside with its reason, counted, and the run goes on (gates R4, R6, X1, X2, X3, X11, X12…). */
export interface RowFault {
  /** Stable code, the gate's number when there is one: `X1`, `X12`, `R6`, `LABEL_UNKNOWN`. */
  readonly code: string;
  readonly locator: Locator;
  /** Column or cell concerned, as the file names it. */
  readonly field?: string;
  /** The faulty value as written, cut to 200 characters. */
  readonly value?: string;
  /** French. */
  readonly message: string;
  /** French. */
  readonly remedy: string;
  /**
   * Observation key, as far as the row could be read: a row set aside is not a row that disappeared. A part that could
   * not be read is `*`.
   */
  readonly key?: string;
}

/**
 * What reading one row gave: a value, or a row set aside.
 * `flags` are faults that do not refuse the row (R4 in scenario S2, a SIRET left out by X3): shown, counted, kept with it.
 * `key` is the observation key once the whole delivery is known; a source without cross-row rules leaves it to `keyOf`.
 */
export type RowOutcome<T> =
  | {
      readonly kind: 'row';
      readonly locator: Locator;
      readonly value: T;
      readonly key?: string;
      readonly flags?: readonly RowFault[];
    }
  /** `repeated`: what a second row says under a key already given, where the reader cannot look back at the first. */
  | (AsideRow & { readonly repeated?: T });

/** @see RowOutcome. `words`: cells, folded, of a row that could not be cut into its columns, instead of a key. */
export type AsideRow = { readonly kind: 'aside'; readonly words?: readonly string[] } & RowFault;

/** All the faults of one row as one: the first gives code and cell, the sentences say everything there is to mend. */
export function asOneFault<T extends RowFault>(faults: readonly T[]): T | undefined {
  const [first] = faults;
  if (first === undefined || faults.length === 1) return first;
  return {
    ...first,
    message: once(faults.map((fault) => fault.message)).join(' Et aussi : '),
    remedy: once(faults.map((fault) => fault.remedy)).join(' Puis : '),
  };
}

function once(sentences: readonly string[]): readonly string[] {
  return [...new Set(sentences)];
}
