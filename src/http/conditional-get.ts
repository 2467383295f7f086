import { isOfThisNetwork, isPrivateAddress, publicLookup } from './address.js';
import type { HttpClient } from './client.js';
import type { Opened } from './exchange.js';
import { badStatus, HttpError, otherHost, privateAddress, refusedRedirect, tooBig } from './http-error.js';
import { redactUrl } from './redact.js';

export interface DownloadRequest {
  readonly url: string;
  /** Validators of what we already hold. */
  readonly etag?: string | null;
  readonly lastModified?: string | null;
  /** Bytes, decompressed. */
  readonly maxBytes: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Address that somebody configured, when `url` is what its server gave: judged then as a redirect is. */
  readonly from?: string;
  /** Hosts that a redirect may lead to, besides the one of `url` (or `from`). */
  readonly allowedHosts?: readonly string[];
  /** Hosts that may stand on a private address. */
  readonly privateHosts?: readonly string[];
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

interface Answer extends Opened {
  readonly url: URL;
}

const MAX_REDIRECTS = 5;

/**
 * Downloads what changed. Redirects are followed by hand: same host, or a host allowed by name, never from https to
 * http; our own headers stay with the first host. A name that ends on a private address is refused unless it is one of
 * `privateHosts`; the first host may also be written as an address, or as a name without a dot: whoever did meant it.
 * @throws HttpError `HTTP_STATUS`, `HTTP_REDIRECT`, `HTTP_PRIVATE_ADDRESS`, `HTTP_TOO_BIG`, `HTTP_TIMEOUT`…; while
 * reading the body too.
 */
export async function conditionalGet(http: HttpClient, request: DownloadRequest): Promise<Download> {
  const answer = await http.retried(
    { method: 'GET' },
    (attempt) => follow(http, request, attempt),
    ({ discard }) => discard(),
  );
  const { status, headers, body, discard, url } = answer;
  const finalUrl = url.href;
  if (status === 304) {
    discard();
    return { status: 'notModified', finalUrl };
  }
  const tooLong = Number(headers['content-length'] ?? 0) > request.maxBytes;
  if (status !== 200 || tooLong) {
    discard();
    throw status === 200 ? tooBig(finalUrl) : badStatus(finalUrl, status);
  }
  return {
    status: 'ok',
    body,
    etag: headers['etag'] ?? null,
    lastModified: headers['last-modified'] ?? null,
    contentType: headers['content-type'] ?? null,
    finalUrl,
  };
}

async function follow(http: HttpClient, request: DownloadRequest, attempt: number): Promise<Answer> {
  const first = new URL(request.from ?? request.url);
  let url = request.from === undefined ? first : nextUrl(request, first, first, request.url);
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    const answer = await once(http, request, url, first, attempt);
    const location = answer.headers['location'];
    if (![301, 302, 303, 307, 308].includes(answer.status) || location === undefined) return answer;
    answer.discard();
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
  if (!(request.allowedHosts ?? []).includes(url.hostname))
    throw new HttpError({ ...otherHost(redactUrl(from.href), url.hostname), sent: true });
  // The resolution of names is judged where it happens; a literal address has none.
  if (isPrivateAddress(url.hostname) && !mayBePrivate(request, first, url)) throw privateAddress(url.href);
  return url;
}

function mayBePrivate(request: DownloadRequest, first: URL, url: URL): boolean {
  if ((request.privateHosts ?? []).includes(url.hostname)) return true;
  return url.host === first.host && isOfThisNetwork(first.hostname);
}

async function once(
  http: HttpClient,
  request: DownloadRequest,
  url: URL,
  first: URL,
  attempt: number,
): Promise<Answer> {
  const opened = await http.open(
    {
      method: 'GET',
      url: url.href,
      maxBytes: request.maxBytes,
      headers: {
        ...(url.host === first.host ? request.headers : {}),
        ...(request.etag ? { 'If-None-Match': request.etag } : {}),
        ...(request.lastModified ? { 'If-Modified-Since': request.lastModified } : {}),
      },
      ...(mayBePrivate(request, first, url) ? {} : { lookup: publicLookup }),
    },
    attempt,
  );
  return { ...opened, url };
}
