import { setTimeout as systemSleep } from 'node:timers/promises';
import type { AxiosRequestConfig } from 'axios';
import { createAgents, identityAgent, type AgentOptions, type Agents, type TlsIdentity } from './agents.js';
import type { CircuitPolicy, CircuitState } from './circuit.js';
import { wholeText } from './decode.js';
import { openExchange, type Opened, type PhaseTimeouts } from './exchange.js';
import { HostGate, type GatePolicy } from './host-gate.js';
import { CIRCUIT_OPEN, HttpError, isTransientStatus } from './http-error.js';
import { redactUrl } from './redact.js';
import { DEFAULT_RETRY, retryAfterMs, waitBefore, type RetryPolicy } from './retry.js';
import type { Rate } from './token-bucket.js';

export interface HttpOptions {
  /** Milliseconds to reach the server, TLS included. */
  readonly connectTimeoutMs?: number;
  /** Milliseconds until the headers of an answer, connection included; `timeoutMs` when absent. */
  readonly firstByteTimeoutMs?: number;
  /** Milliseconds between two pieces of an answer; `timeoutMs` when absent. */
  readonly idleTimeoutMs?: number;
  /** Milliseconds for a whole exchange; a download lasts as long as pieces come. */
  readonly timeoutMs?: number;
  /** Bytes of an answer kept in memory, decompressed. */
  readonly maxBytes?: number;
  readonly retry?: Partial<RetryPolicy>;
  /** Requests in flight to one server. */
  readonly concurrency?: number;
  /** Departures to one server; null: as they come. */
  readonly rate?: Rate | null;
  /** Null: requests leave however often the server fails. */
  readonly circuit?: CircuitPolicy | null;
  /** PEM of authorities trusted besides those that come with Node. */
  readonly extraCa?: string | null;
  /** Environment variables are ignored: a proxy is used only when it is given here. */
  readonly proxy?: { readonly protocol: 'http' | 'https'; readonly host: string; readonly port: number };
  /** One call per try, secrets masked. */
  readonly onExchange?: (exchange: Exchange) => void;
  /** One call each time that the circuit of a server opens, is tried or closes. */
  readonly onCircuit?: (state: CircuitState) => void;
  readonly now?: () => Date;
  readonly random?: () => number;
  readonly sleep?: (ms: number) => Promise<unknown>;
}

/** What a log may say of one try. */
export interface Exchange {
  readonly method: string;
  readonly url: string;
  readonly attempt: number;
  readonly status: number | null;
  /** Code of the HttpError when there was no answer. */
  readonly failure: string | null;
  readonly ms: number;
}

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH';

export interface HttpRequest {
  readonly method: Method;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs?: number;
  /** `safe` (default): only GET and HEAD are tried again. `always`: this request does nothing twice (a token). */
  readonly retry?: 'safe' | 'always';
  /** Shown to the server in the TLS handshake, on a connection of its own. */
  readonly identity?: TlsIdentity;
  /** Called when the request's turn has come, just before it leaves; what it throws stops it with nothing sent. */
  readonly beforeLeaving?: () => void;
}

export interface HttpResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** One try of a download: what `open` needs besides the client's own settings. */
export interface OpenRequest extends Pick<HttpRequest, 'method' | 'url' | 'headers'> {
  readonly maxBytes: number;
  /** Name resolution of this connection. */
  readonly lookup?: AxiosRequestConfig['lookup'];
}

/** Outgoing HTTP: no redirect followed, no status thrown, bounded in time and size, retried only where that is safe. */
export class HttpClient {
  readonly #timeouts: Omit<PhaseTimeouts, 'totalMs'>;
  readonly #timeoutMs: number;
  readonly #maxBytes: number;
  readonly #retry: RetryPolicy;
  readonly #now: () => Date;
  readonly #random: () => number;
  readonly #sleep: (ms: number) => Promise<unknown>;
  readonly #agentOptions: AgentOptions;
  readonly #agents: { readonly kept: Agents; readonly fresh: Agents };
  readonly #gatePolicy: GatePolicy;
  readonly #gates = new Map<string, HostGate>();
  readonly #proxy: AxiosRequestConfig['proxy'];
  readonly #onExchange: (exchange: Exchange) => void;
  readonly #onCircuit: (state: CircuitState) => void;

  constructor(options: HttpOptions = {}) {
    this.#timeoutMs = options.timeoutMs ?? 30_000;
    this.#timeouts = {
      firstByteMs: options.firstByteTimeoutMs ?? this.#timeoutMs,
      idleMs: options.idleTimeoutMs ?? this.#timeoutMs,
    };
    this.#maxBytes = options.maxBytes ?? 32 * 1024 * 1024;
    this.#retry = { ...DEFAULT_RETRY, ...options.retry };
    this.#now = options.now ?? (() => new Date());
    this.#random = options.random ?? Math.random;
    this.#sleep = options.sleep ?? ((ms) => systemSleep(ms));
    const concurrency = options.concurrency ?? 16;
    this.#gatePolicy = { concurrency, rate: options.rate ?? null, circuit: options.circuit ?? null };
    this.#agentOptions = {
      connectTimeoutMs: options.connectTimeoutMs ?? 5_000,
      extraCa: options.extraCa ?? null,
    };
    this.#agents = createAgents(this.#agentOptions);
    this.#proxy = options.proxy === undefined ? false : { ...options.proxy };
    this.#onExchange = options.onExchange ?? (() => undefined);
    this.#onCircuit = options.onCircuit ?? (() => undefined);
  }

  /**
   * @returns the answer whatever its status; for a safe request, the last one once tries are used up.
   * @throws HttpError when no whole answer came; its `sent` tells whether the request may have been read.
   */
  async request(request: HttpRequest): Promise<HttpResponse> {
    const timeouts = { ...this.#timeouts, totalMs: request.timeoutMs ?? this.#timeoutMs };
    return this.retried(request, (attempt) =>
      this.#once(request, attempt, async () => {
        request.beforeLeaving?.();
        const opened = await openExchange(request.url, this.#config(request), timeouts, this.#maxBytes);
        const text = await wholeText(opened.body);
        return { status: opened.status, headers: opened.headers, text };
      }),
    );
  }

  /**
   * One try, given back with its headers. Its turn among the server's requests ends there: the body holds no other up.
   * With a resolution of its own it takes a fresh connection: a kept one may lead where that resolution would not.
   */
  open(request: OpenRequest, attempt: number): Promise<Opened> {
    const { lookup, maxBytes } = request;
    const own = lookup === undefined ? {} : { ...this.#agents.fresh, lookup };
    const config = { ...this.#config(request), ...own };
    return this.#once(request, attempt, () =>
      openExchange(request.url, config, { ...this.#timeouts, totalMs: null }, maxBytes),
    );
  }

  /** State of the circuit of each server asked so far. */
  circuits(): readonly CircuitState[] {
    return [...this.#gates.values()].flatMap((gate) => (gate.circuit === null ? [] : [gate.circuit]));
  }

  /** Tries a request as its method allows. The callback makes one try. */
  async retried<T extends { readonly status: number; readonly headers: Readonly<Record<string, string>> }>(
    request: Pick<HttpRequest, 'method' | 'retry'>,
    once: (attempt: number) => Promise<T>,
    discard: (answer: T) => void = () => undefined,
  ): Promise<T> {
    const again = request.retry === 'always' || request.method === 'GET' || request.method === 'HEAD';
    for (let attempt = 1; ; attempt++) {
      let wait: number | null;
      try {
        const answer = await once(attempt);
        if (!again || !isTransientStatus(answer.status)) return answer;
        const asked = retryAfterMs(answer.headers['retry-after'], this.#now());
        wait = waitBefore(attempt, asked, this.#retry, this.#random);
        if (wait === null) return answer;
        discard(answer);
      } catch (error) {
        // An open circuit is there to be left alone.
        const mayHelp = error instanceof HttpError && error.transient && error.code !== CIRCUIT_OPEN;
        wait = again && mayHelp ? waitBefore(attempt, null, this.#retry, this.#random) : null;
        if (wait === null) throw error;
      }
      await this.#sleep(wait);
    }
  }

  /** One try through the server's gate, told to the log. */
  #once<T extends { readonly status: number }>(
    request: Pick<HttpRequest, 'method' | 'url'>,
    attempt: number,
    exchange: () => Promise<T>,
  ): Promise<T> {
    const { method } = request;
    const url = redactUrl(request.url);
    return this.#gate(request.url).pass(request.url, async () => {
      const start = performance.now();
      const tell = (status: number | null, failure: string | null) =>
        this.#onExchange({
          method,
          url,
          attempt,
          status,
          failure,
          ms: Math.round(performance.now() - start),
        });
      try {
        const answer = await exchange();
        tell(answer.status, null);
        return answer;
      } catch (error) {
        if (error instanceof HttpError) tell(null, error.code);
        throw error;
      }
    });
  }

  #gate(url: string): HostGate {
    const host = URL.canParse(url) ? new URL(url).host : '';
    let gate = this.#gates.get(host);
    if (gate === undefined) {
      gate = new HostGate(host, this.#gatePolicy, this.#now, this.#sleep, this.#onCircuit);
      this.#gates.set(host, gate);
    }
    return gate;
  }

  /** axios with its surprises off: no redirect, no environment proxy, no status thrown, no body rewritten. */
  #config(request: Pick<HttpRequest, 'method' | 'headers' | 'body' | 'identity'>): AxiosRequestConfig {
    const { method, headers, body, identity } = request;
    return {
      ...this.#agents[method === 'GET' || method === 'HEAD' ? 'kept' : 'fresh'],
      ...(identity === undefined ? {} : { httpsAgent: identityAgent(this.#agentOptions, identity) }),
      method,
      headers: { Accept: '*/*', ...headers },
      ...(body === undefined ? {} : { data: body }),
      proxy: this.#proxy ?? false,
      maxRedirects: 0,
      validateStatus: () => true,
      transformRequest: [(data: unknown) => data],
      transformResponse: [(data: unknown) => data],
      maxBodyLength: Number.POSITIVE_INFINITY,
      timeout: 0,
    };
  }

  /** Lets go of the kept connections. */
  close(): void {
    for (const pair of Object.values(this.#agents)) {
      pair.httpAgent.destroy();
      pair.httpsAgent.destroy();
    }
  }
}
