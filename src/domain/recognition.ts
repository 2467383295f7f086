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
  /** As the flow states it, which does not follow the calendar: see `endedOn`. */
  readonly active: boolean;
  /** ISO dates; null when absent, or a placeholder of the register. */
  readonly since: string | null;
  readonly until: string | null;
  /** ISO date of its last day, when it is known to have ended or to end (`dateFinEffectiveActivite`). */
  readonly endedOn?: string;
}

/** Whether it holds on a day. @param day ISO */
export function holdsOn({ active, endedOn }: Recognition, day: string): boolean {
  return active && (endedOn === undefined || endedOn >= day);
}
