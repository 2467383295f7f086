export interface CircuitPolicy {
  /** Failures in a row that open it. */
  readonly failures: number;
  /** Milliseconds of rest before one request is let through; doubled each time that one fails. */
  readonly cooldownMs: number;
}

/** What a person may read of a circuit. */
export interface CircuitState {
  readonly host: string;
  /** `closed`: requests pass. `open`: none does. `halfOpen`: one is being tried. */
  readonly state: 'closed' | 'open' | 'halfOpen';
  readonly failuresInARow: number;
  /** When the next request may be tried; null while closed. */
  readonly retryAt: Date | null;
}

/** A rest never grows beyond this many cool-downs. */
const LONGEST = 16;

/** Stops asking a server that fails again and again, and lets one request through from time to time to see. */
export class Circuit {
  readonly #policy: CircuitPolicy;
  readonly #now: () => Date;
  #failures = 0;
  #rests = 0;
  #retryAt: number | null = null;
  #probing = false;

  constructor(
    readonly host: string,
    policy: CircuitPolicy,
    now: () => Date,
  ) {
    this.#policy = policy;
    this.#now = now;
  }

  get state(): CircuitState {
    const state = this.#retryAt === null ? 'closed' : this.#probing ? 'halfOpen' : 'open';
    return {
      host: this.host,
      state,
      failuresInARow: this.#failures,
      retryAt: this.#retryAt === null ? null : new Date(this.#retryAt),
    };
  }

  /**
   * Asks to send. Each request let through ends in one `succeeded`, `failed` or `dropped`.
   * @returns null when it may leave, else when to ask again.
   */
  admit(): Date | null {
    if (this.#retryAt === null) return null;
    if (this.#probing || this.#now().getTime() < this.#retryAt) return new Date(this.#retryAt);
    this.#probing = true;
    return null;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#rests = 0;
    this.#retryAt = null;
    this.#probing = false;
  }

  failed(): void {
    this.#failures++;
    const wasProbe = this.#probing;
    this.#probing = false;
    // Requests that left before it opened may still fail: they do not lengthen the rest.
    if (this.#retryAt !== null && !wasProbe) return;
    if (this.#failures < this.#policy.failures) return;
    const rest = this.#policy.cooldownMs * Math.min(LONGEST, 2 ** this.#rests);
    this.#rests++;
    this.#retryAt = this.#now().getTime() + rest;
  }

  /** The request said nothing about the server: it never left, or was refused by us. */
  dropped(): void {
    this.#probing = false;
  }
}
