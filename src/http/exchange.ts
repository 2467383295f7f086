import type { Readable } from 'node:stream';
import axios, { type AxiosRequestConfig, type AxiosResponse } from 'axios';
import { asHttpError, HttpError, tooBig, type LatePhase } from './http-error.js';

/** Milliseconds. */
export interface PhaseTimeouts {
  /** Until the headers of the answer, connection included. */
  readonly firstByteMs: number;
  /** Between two pieces of the answer. */
  readonly idleMs: number;
  /** The whole exchange; null for a download, which lasts as long as pieces come. */
  readonly totalMs: number | null;
}

/** Headers have come; the body is still to be read, once, to its end or broken off. */
export interface Opened {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Uint8Array>;
  /** Lets the connection go without reading. */
  readonly discard: () => void;
}

/** One axios call with a time-out for each phase. @throws HttpError, never an axios error; while reading the body too. */
export async function openExchange(
  url: string,
  config: AxiosRequestConfig,
  timeouts: PhaseTimeouts,
  maxBytes: number,
): Promise<Opened> {
  const abort = new AbortController();
  let late: LatePhase | null = null;
  const timer = (phase: LatePhase, ms: number) =>
    setTimeout(() => {
      late ??= phase;
      abort.abort();
    }, ms);
  const total = timeouts.totalMs === null ? undefined : timer('total', timeouts.totalMs);
  const firstByte = timer('firstByte', timeouts.firstByteMs);
  let response: AxiosResponse<Readable>;
  try {
    response = await axios.request<Readable>({
      ...config,
      url,
      responseType: 'stream',
      signal: abort.signal,
    });
  } catch (thrown) {
    clearTimeout(total);
    throw asHttpError(thrown, url, late);
  } finally {
    clearTimeout(firstByte);
  }
  const stream = response.data;
  const done = () => {
    clearTimeout(total);
    stream.destroy();
  };
  // Unread and aborted: the error has nobody else to go to.
  stream.once('error', () => undefined);
  return {
    status: response.status,
    headers: plainHeaders(response),
    body: pieces(stream, { url, maxBytes, idleMs: timeouts.idleMs, late: () => late, done }),
    discard: done,
  };
}

/** Pieces as they come: a silence that is too long, a cut, or one byte too many ends in an HttpError. */
async function* pieces(
  stream: Readable,
  reading: {
    readonly url: string;
    readonly maxBytes: number;
    readonly idleMs: number;
    readonly late: () => LatePhase | null;
    readonly done: () => void;
  },
): AsyncGenerator<Uint8Array> {
  let total = 0;
  let silent = false;
  const watch = () =>
    setTimeout(() => {
      silent = true;
      stream.destroy(new Error('no data'));
    }, reading.idleMs);
  let timer = watch();
  try {
    for await (const piece of stream as AsyncIterable<Uint8Array>) {
      clearTimeout(timer);
      total += piece.byteLength;
      if (total > reading.maxBytes) throw tooBig(reading.url);
      // The reader's own pace is not the server's silence: the clock stands still while the piece is used.
      yield piece;
      timer = watch();
    }
  } catch (error) {
    if (error instanceof HttpError) throw error;
    throw asHttpError(error, reading.url, silent ? 'idle' : reading.late());
  } finally {
    clearTimeout(timer);
    reading.done();
  }
}

function plainHeaders(response: AxiosResponse<unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(response.headers as Record<string, unknown>).map(([name, value]) => [
      name.toLowerCase(),
      Array.isArray(value) ? value.join(', ') : String(value),
    ]),
  );
}
