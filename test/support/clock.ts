/** A clock that only moves when somebody sleeps, or when the test says so. */
export class TestClock {
  #ms: number;
  /** Every wait that was asked for, milliseconds. */
  readonly slept: number[] = [];

  constructor(start = Date.now()) {
    this.#ms = start;
  }

  readonly now = (): Date => new Date(this.#ms);

  readonly sleep = async (ms: number): Promise<void> => {
    this.slept.push(ms);
    this.#ms += ms;
    await Promise.resolve();
  };

  advance(ms: number): void {
    this.#ms += ms;
  }
}
