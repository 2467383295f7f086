import type { ApplyContext, Receipt } from './context.js';

/** A repository that asks for more than this is not waited for (ANCHORS 2.2: a remote must not park us for a day). */
const CEILING_MS = 60_000;
/** When a 429 gives no delay. */
const DEFAULT_WAIT_MS = 1_000;
/** Tries of one change in one run of `apply`, the first included. */
const TRIES = 3;

/**
 * The wait that the repository asks for (429, `Retry-After`) holds back every write, not only the one that met it.
 * A write refused in this way was not made: the change is tried again from its beginning, approvals and three-way
 * comparison included.
 */
export class Pace {
  #until = 0;
  #stopped: string | null = null;

  constructor(private readonly context: Pick<ApplyContext, 'now' | 'sleep'>) {}

  hold(askedMs: number | null): void {
    const ms = askedMs ?? DEFAULT_WAIT_MS;
    if (ms > CEILING_MS) {
      this.#stopped = `le répertoire demande d’attendre ${Math.ceil(ms / 1000)} s. Que faire : attendez le prochain envoi (au terminal : « filror apply »).`;
    } else this.#until = Math.max(this.#until, this.context.now().getTime() + ms);
  }

  /** Runs `once` when the repository may be asked again, at most `TRIES` times. */
  async run(once: () => Promise<Receipt>, waiting: (why: string) => Receipt): Promise<Receipt> {
    for (let tries = 1; ; tries++) {
      for (let wait = this.#wait(); wait > 0; wait = this.#wait()) await this.context.sleep(wait);
      if (this.#stopped !== null) return waiting(this.#stopped);
      const receipt = await once();
      if (!isAskedToWait(receipt) || tries === TRIES || this.#stopped !== null) return receipt;
    }
  }

  #wait(): number {
    return this.#stopped === null ? this.#until - this.context.now().getTime() : 0;
  }
}

function isAskedToWait(receipt: Receipt): boolean {
  return receipt.result === 'refused' && receipt.status === 429;
}
