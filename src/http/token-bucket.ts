export interface Rate {
  readonly perSecond: number;
  /** Requests that may leave together after a quiet time. */
  readonly burst: number;
}

/** Spreads departures at a declared rate. Places are given in the order asked, so nobody waits for ever. */
export class TokenBucket {
  readonly #rate: Rate;
  readonly #now: () => Date;
  /** Below zero: requests that wait already. */
  #tokens: number;
  #at: number;

  constructor(rate: Rate, now: () => Date) {
    this.#rate = rate;
    this.#now = now;
    this.#tokens = rate.burst;
    this.#at = now().getTime();
  }

  /** Takes the next place. @returns milliseconds until it may leave; a clock set back gives no token and takes none. */
  take(): number {
    const { perSecond, burst } = this.#rate;
    const now = this.#now().getTime();
    const earned = (Math.max(0, now - this.#at) / 1000) * perSecond;
    this.#tokens = Math.min(burst, this.#tokens + earned) - 1;
    this.#at = now;
    return this.#tokens >= 0 ? 0 : Math.ceil((-this.#tokens / perSecond) * 1000);
  }
}
