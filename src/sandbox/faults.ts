import type { Rewriting, StoredRewriting } from './rewrite.js';

/** What can go wrong; `when` is before or after the write is committed, or the answer made. */
export type ScriptedFault =
  | {
      readonly kind: 'error';
      readonly status: number;
      readonly when: 'before' | 'after';
      /** Header as sent: seconds or an HTTP date. */
      readonly retryAfter?: string;
    }
  /** The connection is cut without an answer. */
  | { readonly kind: 'drop'; readonly when: 'before' | 'after' }
  /** Real milliseconds. */
  | { readonly kind: 'delay'; readonly ms: number; readonly when: 'before' | 'after' }
  /** The injected clock moves by so much while the request is served; needs `elapse` in the options. */
  | { readonly kind: 'elapse'; readonly ms: number }
  | { readonly kind: 'unauthorized' }
  /** 429; `retryAfter` is the header as sent: seconds or an HTTP date. */
  | { readonly kind: 'tooMany'; readonly retryAfter: string }
  /** A PATCH answers 200 and changes nothing. */
  | { readonly kind: 'ignorePatch' }
  /** The connection is cut now, the write is committed that long after, by the sandbox's clock. */
  | { readonly kind: 'lateCommit'; readonly ms: number }
  /** A created resource is read by its id at once, found by searches only that long after. */
  | { readonly kind: 'unindexed'; readonly ms: number }
  /** The body comes in so many pieces, with a real wait before each. */
  | { readonly kind: 'slowBody'; readonly pieces: number; readonly ms: number }
  /** The connection is reset after that share of the body. */
  | { readonly kind: 'resetBody'; readonly share: number }
  /** Pages of a search. */
  | { readonly kind: 'total'; readonly plus: number }
  | { readonly kind: 'overlap'; readonly by: number }
  /** Entries of one page, last first. */
  | { readonly kind: 'reversePage' }
  /** The second page comes first, and leads to the first one. */
  | { readonly kind: 'swapPages' }
  | { readonly kind: 'nextLink'; readonly url: string }
  /** Resources are answered in another writing of the same, or nearly the same, values. */
  | { readonly kind: 'rewrite'; readonly how: Rewriting }
  /** What is written is kept in another writing than it was sent. */
  | { readonly kind: 'storedAs'; readonly how: StoredRewriting }
  /** Somebody else acts at that very moment. */
  | {
      readonly kind: 'meanwhile';
      readonly act: () => void | Promise<void>;
      readonly when: 'before' | 'after';
    };

export const ACTIONS = [
  'token',
  'read',
  'search',
  'create',
  'update',
  'patch',
  'export',
  'poll',
  'file',
] as const;
export type Action = (typeof ACTIONS)[number];

/** An action, any write, or any FHIR request; narrowed by a pattern on path and query. */
export type FaultTarget =
  Action | 'write' | 'any' | { readonly action: Action | 'write' | 'any'; readonly path: RegExp };

interface Line {
  readonly target: FaultTarget;
  readonly fault: ScriptedFault;
}

/** The script of faults: each is used once, in the order given, by the first request it aims at. */
export class FaultScript {
  readonly #queue: Line[] = [];
  readonly #standing: Line[] = [];

  /** The next `times` requests of the target meet the fault. */
  next(target: FaultTarget, fault: ScriptedFault, times = 1): void {
    for (let i = 0; i < times; i++) this.#queue.push({ target, fault });
  }

  /** Every request of the target meets the fault, besides one of the queue: a habit of the server. */
  always(target: FaultTarget, fault: ScriptedFault): void {
    this.#standing.push({ target, fault });
  }

  /** Faults of the queue that no request has met yet: a test ends with 0. */
  get pending(): number {
    return this.#queue.length;
  }

  /** The repository behaves from now on. */
  end(): void {
    this.#queue.length = 0;
    this.#standing.length = 0;
  }

  /** Takes the faults that this request meets: one of the queue at most, and every habit. */
  take(action: Action, path = ''): readonly ScriptedFault[] {
    const aims = (line: Line): boolean => aimed(line.target, action, path);
    const place = this.#queue.findIndex(aims);
    const queued = place < 0 ? [] : this.#queue.splice(place, 1);
    return [...queued, ...this.#standing.filter(aims)].map(({ fault }) => fault);
  }
}

function aimed(target: FaultTarget, action: Action, path: string): boolean {
  if (typeof target === 'object') return target.path.test(path) && aimed(target.action, action, path);
  if (target === action) return true;
  if (target === 'write') return action === 'create' || action === 'update' || action === 'patch';
  return target === 'any' && action !== 'token';
}
