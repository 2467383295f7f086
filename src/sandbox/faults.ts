/** What can go wrong; `when` is before or after the write is committed. */
export type ScriptedFault =
  | { readonly kind: 'error'; readonly status: number; readonly when: 'before' | 'after' }
  /** The connection is cut without an answer. */
  | { readonly kind: 'drop'; readonly when: 'before' | 'after' }
  | { readonly kind: 'delay'; readonly ms: number; readonly when: 'before' | 'after' }
  | { readonly kind: 'unauthorized' }
  /** 429; `retryAfter` is the header as sent: seconds or an HTTP date. */
  | { readonly kind: 'tooMany'; readonly retryAfter: string }
  /** A PATCH answers 200 and changes nothing. */
  | { readonly kind: 'ignorePatch' };

export const ACTIONS = ['token', 'read', 'search', 'create', 'update', 'patch'] as const;
export type Action = (typeof ACTIONS)[number];

/** An action, any write, or any FHIR request. */
export type FaultTarget = Action | 'write' | 'any';

/** The script of faults: each is used once, in the order given, by the first request it aims at. */
export class FaultScript {
  readonly #queue: { readonly target: FaultTarget; readonly fault: ScriptedFault }[] = [];

  /** The next `times` requests of the target meet the fault. */
  next(target: FaultTarget, fault: ScriptedFault, times = 1): void {
    for (let i = 0; i < times; i++) this.#queue.push({ target, fault });
  }

  /** Faults that no request has met yet: a test ends with 0. */
  get pending(): number {
    return this.#queue.length;
  }

  /** Takes the fault that this request meets, if any. */
  take(action: Action): ScriptedFault | null {
    const place = this.#queue.findIndex(({ target }) => aims(target, action));
    return place < 0 ? null : (this.#queue.splice(place, 1)[0]?.fault ?? null);
  }
}

function aims(target: FaultTarget, action: Action): boolean {
  if (target === action) return true;
  if (target === 'write') return action === 'create' || action === 'update' || action === 'patch';
  return target === 'any' && action !== 'token';
}
