import type { Readable } from 'node:stream';
import type { AxiosRequestConfig } from 'axios';
import { isPrivateAddress, publicLookup } from './address.js';
import { plainHeaders, type HttpClient } from './client.js';
import { asHttpError, badStatus, HttpError, refusedRedirect, tooBig } from './http-error.js';
import { redactUrl } from './redact.js';

export interface DownloadRequest {
  readonly url: string;
  /** Validators of what we already hold. */
  readonly etag?: string | null;
  readonly lastModified?: string | null;
  /** Bytes, decompressed. */
  readonly maxBytes: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Hosts that a redirect may lead to, besides the one of `url`. */
  readonly allowedHosts?: readonly string[];
  /** Whether a redirect to another host may end on a private address; `refuse` by default. */
  readonly privateAddresses?: 'refuse' | 'allow';
}

export type Download =
  | { readonly status: 'notModified'; readonly finalUrl: string }
  | {
      readonly status: 'ok';
      /** To be read once, to its end or broken off: both let the connection go. */
      readonly body: AsyncIterable<Uint8Array>;
      readonly etag: string | null;
      readonly lastModified: string | null;
      readonly contentType: string | null;
      readonly finalUrl: string;
    };

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly stream: Readable;
  readonly url: URL;
}

const MAX_REDIRECTS = 5;

/**
 * Downloads what changed. Redirects are followed by hand: same host, or a host allowed by name, never from https to
 * http, and to another host never on a private address; our own headers stay with the first host.
 * @throws HttpError `HTTP_STATUS`, `HTTP_REDIRECT`, `HTTP_TOO_BIG`, `HTTP_TIMEOUT`…; while reading the body too.
 */
export async function conditionalGet(http: HttpClient, request: DownloadRequest): Promise<Download> {
  const answer = await http.retried(
    { method: 'GET' },
    (attempt) => follow(http, request, attempt),
    ({ stream }) => stream.destroy(),
  );
  const { status, headers, stream, url } = answer;
  const finalUrl = url.href;
  if (status === 304) {
    stream.destroy();
    return { status: 'notModified', finalUrl };
  }
  const tooLong = Number(headers['content-length'] ?? 0) > request.maxBytes;
  if (status !== 200 || tooLong) {
    stream.destroy();
    throw status === 200 ? tooBig(finalUrl) : badStatus(finalUrl, status);
  }
  return {
    status: 'ok',
    body: boundedBody(stream, finalUrl, request.maxBytes, http.options.timeoutMs),
    etag: headers['etag'] ?? null,
    lastModified: headers['last-modified'] ?? null,
    contentType: headers['content-type'] ?? null,
    finalUrl,
  };
}

async function follow(http: HttpClient, request: DownloadRequest, attempt: number): Promise<Answer> {
  const first = new URL(request.url);
  let url = first;
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    const answer = await once(http, request, url, url.host === first.host, attempt);
    const location = answer.headers['location'];
    if (![301, 302, 303, 307, 308].includes(answer.status) || location === undefined) return answer;
    answer.stream.destroy();
    url = nextUrl(request, first, url, location);
  }
  throw new HttpError({ ...refusedRedirect(redactUrl(request.url), 'sans fin'), sent: true });
}

function nextUrl(request: DownloadRequest, first: URL, from: URL, location: string): URL {
  const refuse = (why: string) =>
    new HttpError({ ...refusedRedirect(redactUrl(from.href), why), sent: true });
  if (!URL.canParse(location, from.href)) throw refuse('vers une adresse illisible');
  const url = new URL(location, from);
  if (url.protocol !== 'https:' && (url.protocol !== 'http:' || from.protocol === 'https:'))
    throw refuse(`vers « ${url.protocol} »`);
  if (url.host === first.host) return url;
  if (!(request.allowedHosts ?? []).includes(url.hostname)) throw refuse(`vers un autre hôte, ${url.host}`);
  if (request.privateAddresses !== 'allow' && isPrivateAddress(url.hostname))
    throw refuse('vers une adresse privée');
  return url;
}

async function once(
  http: HttpClient,
  request: DownloadRequest,
  url: URL,
  home: boolean,
  attempt: number,
): Promise<Answer> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), http.options.timeoutMs);
  const config: AxiosRequestConfig = {
    ...http.baseConfig('kept'),
    method: 'GET',
    url: url.href,
    responseType: 'stream',
    signal: late.signal,
    headers: {
      Accept: '*/*',
      ...(home ? request.headers : {}),
      ...(request.etag ? { 'If-None-Match': request.etag } : {}),
      ...(request.lastModified ? { 'If-Modified-Since': request.lastModified } : {}),
    },
    ...(home || request.privateAddresses === 'allow' ? {} : { lookup: publicLookup }),
  };
  try {
    const response = await http.exchange(
      { method: 'GET', url: url.href },
      config,
      () => late.signal.aborted,
      attempt,
    );
    return {
      status: response.status,
      headers: plainHeaders(response),
      stream: response.data as Readable,
      url,
    };
  } finally {
    clearTimeout(timer);
  }
}

/** Pieces as they come: a silence longer than `idleMs`, a cut, or one byte too many ends in an HttpError. */
async function* boundedBody(
  stream: Readable,
  url: string,
  maxBytes: number,
  idleMs: number,
): AsyncGenerator<Uint8Array> {
  let total = 0;
  let silent = false;
  const watch = () =>
    setTimeout(() => {
      silent = true;
      stream.destroy(new Error('no data'));
    }, idleMs);
  let timer = watch();
  try {
    for await (const piece of stream as AsyncIterable<Uint8Array>) {
      clearTimeout(timer);
      total += piece.byteLength;
      if (total > maxBytes) throw tooBig(url);
      // The reader's own pace is not the server's silence: the clock stands still while the piece is used.
      yield piece;
      timer = watch();
    }
  } catch (error) {
    if (error instanceof HttpError) throw error;
    throw asHttpError(error, url, silent);
  } finally {
    clearTimeout(timer);
    stream.destroy();
  }
}
