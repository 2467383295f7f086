import type { Provenance, Reason } from '../domain/change.js';
import type { PersonId } from '../domain/ids.js';
import type { Json } from '../domain/json.js';
import { saysTheSame } from '../ror/equality.js';

/** What a person took back of an applied change: what it wrote there, and what stood there before it. */
export interface UndoneElement {
  readonly path: string;
  readonly channel: 'ror' | 'served';
  /** Absent: the change removed the element. */
  readonly wrote: Json | undefined;
  /** Absent: nothing stood there. */
  readonly restore: Json | undefined;
  readonly author: PersonId;
  readonly provenance: Provenance;
  /** Why, shown with the change that restores it. */
  readonly reason: Reason;
}

/**
 * What was taken back holds as long as the sources go on saying just that; once they say something else, that is newer
 * than the undoing and is proposed.
 * @param said what the sources want of the element now
 */
export function undoneNow(
  undone: UndoneElement | undefined,
  said: Json | undefined,
): UndoneElement | undefined {
  if (undone === undefined) return undefined;
  const { wrote } = undone;
  const same = wrote === undefined || said === undefined ? wrote === said : saysTheSame(wrote, said);
  return same ? undone : undefined;
}
