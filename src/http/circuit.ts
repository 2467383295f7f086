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

/** One request that was let through: it ends in exactly one of these. */
export interface Passage {
  succeeded(): void;
  failed(): void;
  /** The request said nothing about the server: it never left, or was refused by us. */
  dropped(): void;
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
  /** The one request that is being tried while the circuit rests. */
  #probe: Passage | null = null;
  #told: CircuitState['state'] = 'closed';

  constructor(
    readonly host: string,
    policy: CircuitPolicy,
    now: () => Date,
    /** Told each time that `state` becomes another one. */
    private readonly onChange: (state: CircuitState) => void = () => undefined,
  ) {
    this.#policy = policy;
    this.#now = now;
  }

  get state(): CircuitState {
    const state = this.#retryAt === null ? 'closed' : this.#probe !== null ? 'halfOpen' : 'open';
    return {
      host: this.host,
      state,
      failuresInARow: this.#failures,
      retryAt: this.#retryAt === null ? null : new Date(this.#retryAt),
    };
  }

  /** Asks to send. @returns the passage of that request, or when to ask again. */
  admit(): Passage | Date {
    const passage: Passage = {
      succeeded: () => this.#succeeded(),
      failed: () => this.#failed(passage),
      dropped: () => this.#dropped(passage),
    };
    if (this.#retryAt === null) return passage;
    if (this.#probe !== null || this.#now().getTime() < this.#retryAt) return new Date(this.#retryAt);
    this.#probe = passage;
    this.#tell();
    return passage;
  }

  /** Whoever had an answer: the server lives. */
  #succeeded(): void {
    this.#failures = 0;
    this.#rests = 0;
    this.#retryAt = null;
    this.#probe = null;
    this.#tell();
  }

  #failed(passage: Passage): void {
    this.#failures++;
    const wasProbe = this.#probe === passage;
    if (wasProbe) this.#probe = null;
    // Requests that left before it opened may still fail: they neither lengthen the rest nor end another's trial.
    if (this.#retryAt !== null && !wasProbe) return;
    if (this.#failures < this.#policy.failures) return;
    const rest = this.#policy.cooldownMs * Math.min(LONGEST, 2 ** this.#rests);
    this.#rests++;
    this.#retryAt = this.#now().getTime() + rest;
    this.#tell();
  }

  #dropped(passage: Passage): void {
    if (this.#probe !== passage) return;
    this.#probe = null;
    this.#tell();
  }

  #tell(): void {
    const { state } = this;
    if (state.state === this.#told) return;
    this.#told = state.state;
    this.onChange(state);
  }
}
