import pLimit, { type LimitFunction } from 'p-limit';
import { Circuit, type CircuitPolicy, type CircuitState, type Passage } from './circuit.js';
import { circuitOpen, HttpError } from './http-error.js';
import { TokenBucket, type Rate } from './token-bucket.js';

export interface GatePolicy {
  /** Requests in flight to one server. */
  readonly concurrency: number;
  readonly rate: Rate | null;
  readonly circuit: CircuitPolicy | null;
}

/** What every request to one server passes through: its turn, its rate, its circuit. */
export class HostGate {
  readonly #limit: LimitFunction;
  readonly #bucket: TokenBucket | null;
  readonly #circuit: Circuit | null;

  constructor(
    host: string,
    policy: GatePolicy,
    now: () => Date,
    private readonly sleep: (ms: number) => Promise<unknown>,
    onCircuit: (state: CircuitState) => void,
  ) {
    this.#limit = pLimit(policy.concurrency);
    this.#bucket = policy.rate === null ? null : new TokenBucket(policy.rate, now);
    this.#circuit = policy.circuit === null ? null : new Circuit(host, policy.circuit, now, onCircuit);
  }

  get circuit(): CircuitState | null {
    return this.#circuit?.state ?? null;
  }

  /**
   * Runs one try when its turn comes.
   * @throws HttpError `HTTP_CIRCUIT_OPEN` with nothing sent, or whatever `once` throws.
   */
  pass<T extends { readonly status: number }>(url: string, once: () => Promise<T>): Promise<T> {
    return this.#limit(async () => {
      const wait = this.#bucket?.take() ?? 0;
      if (wait > 0) await this.sleep(wait);
      const admitted = this.#circuit?.admit() ?? null;
      if (admitted instanceof Date) throw circuitOpen(url, admitted);
      return this.#watched(once, admitted);
    });
  }

  async #watched<T extends { readonly status: number }>(
    once: () => Promise<T>,
    passage: Passage | null,
  ): Promise<T> {
    try {
      const answer = await once();
      // 501: the server lives, it only does not know this request.
      if (answer.status >= 500 && answer.status !== 501) passage?.failed();
      else passage?.succeeded();
      return answer;
    } catch (error) {
      if (error instanceof HttpError && error.serverFailed) passage?.failed();
      else passage?.dropped();
      throw error;
    }
  }
}
