import { setTimeout as systemSleep } from 'node:timers/promises';
import axios, { type AxiosRequestConfig, type AxiosResponse } from 'axios';
import { createAgents, type Agents } from './agents.js';
import { asHttpError, HttpError, isTransientStatus } from './http-error.js';
import { redactUrl } from './redact.js';
import { DEFAULT_RETRY, retryAfterMs, waitBefore, type RetryPolicy } from './retry.js';

export interface HttpOptions {
  /** Milliseconds to reach the server, TLS included. */
  readonly connectTimeoutMs?: number;
  /** Milliseconds for a whole exchange; for a download, until its headers and then between two pieces. */
  readonly timeoutMs?: number;
  /** Bytes of an answer kept in memory, decompressed. */
  readonly maxBytes?: number;
  readonly retry?: Partial<RetryPolicy>;
  /** Environment variables are ignored: a proxy is used only when it is given here. */
  readonly proxy?: { readonly protocol: 'http' | 'https'; readonly host: string; readonly port: number };
  /** One call per try, secrets masked. */
  readonly onExchange?: (exchange: Exchange) => void;
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
}

export interface HttpResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** Outgoing HTTP: no redirect followed, no status thrown, bounded in time and size, retried only where that is safe. */
export class HttpClient {
  readonly options: Required<Omit<HttpOptions, 'proxy' | 'retry' | 'onExchange'>> & {
    readonly retry: RetryPolicy;
  };
  readonly #agents: { readonly kept: Agents; readonly fresh: Agents };
  readonly #proxy: AxiosRequestConfig['proxy'];
  readonly #onExchange: (exchange: Exchange) => void;

  constructor(options: HttpOptions = {}) {
    this.options = {
      connectTimeoutMs: options.connectTimeoutMs ?? 5_000,
      timeoutMs: options.timeoutMs ?? 30_000,
      maxBytes: options.maxBytes ?? 32 * 1024 * 1024,
      retry: { ...DEFAULT_RETRY, ...options.retry },
      now: options.now ?? (() => new Date()),
      random: options.random ?? Math.random,
      sleep: options.sleep ?? ((ms) => systemSleep(ms)),
    };
    this.#agents = createAgents(this.options.connectTimeoutMs);
    this.#proxy = options.proxy === undefined ? false : { ...options.proxy };
    this.#onExchange = options.onExchange ?? (() => undefined);
  }

  /**
   * @returns the answer whatever its status; for a safe request, the last one once tries are used up.
   * @throws HttpError when no whole answer came; its `sent` tells whether the request may have been read.
   */
  async request(request: HttpRequest): Promise<HttpResponse> {
    const timeoutMs = request.timeoutMs ?? this.options.timeoutMs;
    return this.retried(request, async (attempt) => {
      const signal = AbortSignal.timeout(timeoutMs);
      const config = { ...this.#config(request), responseType: 'text' as const, signal };
      const response = await this.exchange(request, config, () => signal.aborted, attempt);
      return { status: response.status, headers: plainHeaders(response), text: String(response.data ?? '') };
    });
  }

  /** Tries a request as its method allows. The callback makes one try. */
  async retried<T extends { readonly status: number; readonly headers: Readonly<Record<string, string>> }>(
    request: Pick<HttpRequest, 'method' | 'retry'>,
    once: (attempt: number) => Promise<T>,
    discard: (answer: T) => void = () => undefined,
  ): Promise<T> {
    const { retry, now, random, sleep } = this.options;
    const again = request.retry === 'always' || request.method === 'GET' || request.method === 'HEAD';
    for (let attempt = 1; ; attempt++) {
      let wait: number | null;
      try {
        const answer = await once(attempt);
        if (!again || !isTransientStatus(answer.status)) return answer;
        wait = waitBefore(attempt, retryAfterMs(answer.headers['retry-after'], now()), retry, random);
        if (wait === null) return answer;
        discard(answer);
      } catch (error) {
        wait =
          again && error instanceof HttpError && error.transient
            ? waitBefore(attempt, null, retry, random)
            : null;
        if (wait === null) throw error;
      }
      await sleep(wait);
    }
  }

  /** One axios call, told to the log. @throws HttpError, never an axios error. */
  async exchange(
    request: Pick<HttpRequest, 'method' | 'url'>,
    config: AxiosRequestConfig,
    timedOut: () => boolean,
    attempt: number,
  ): Promise<AxiosResponse<unknown>> {
    const start = performance.now();
    const tell = (status: number | null, failure: string | null) =>
      this.#onExchange({
        method: request.method,
        url: redactUrl(request.url),
        attempt,
        status,
        failure,
        ms: Math.round(performance.now() - start),
      });
    try {
      const response = await axios.request<unknown>(config);
      tell(response.status, null);
      return response;
    } catch (thrown) {
      const error = asHttpError(thrown, request.url, timedOut());
      tell(null, error.code);
      throw error;
    }
  }

  #config(request: HttpRequest): AxiosRequestConfig {
    return {
      ...this.baseConfig(request.method === 'GET' || request.method === 'HEAD' ? 'kept' : 'fresh'),
      method: request.method,
      url: request.url,
      headers: { Accept: '*/*', ...request.headers },
      ...(request.body === undefined ? {} : { data: request.body }),
      maxContentLength: this.options.maxBytes,
    };
  }

  /** axios with its surprises off: no redirect, no environment proxy, no status thrown, no body rewritten. */
  baseConfig(connections: 'kept' | 'fresh'): AxiosRequestConfig {
    return {
      ...this.#agents[connections],
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

export function plainHeaders(response: AxiosResponse<unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(response.headers as Record<string, unknown>).map(([name, value]) => [
      name.toLowerCase(),
      Array.isArray(value) ? value.join(', ') : String(value),
    ]),
  );
}
