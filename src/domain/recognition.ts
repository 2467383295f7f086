import type { FinessEg, FinessEj } from './ids.js';

/**
 * A site that FINESS+ says is recognised by contract as one of rare diseases: activity R8 of TRE_R274, or RC10 of
 * TRE_R428. It names neither a centre nor a filière: it confirms or questions a list, and never lists.
 */
export interface Recognition {
  readonly eg: FinessEg;
  readonly ej: FinessEj;
  readonly activity: 'R8' | 'RC10';
  /** Codes as written (TRE_R275 or R430, TRE_R276 or R429); null when absent. */
  readonly modality: string | null;
  readonly form: string | null;
  readonly active: boolean;
  /** ISO dates; null when absent, or a placeholder of the register. */
  readonly since: string | null;
  readonly until: string | null;
}
