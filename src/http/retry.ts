/** How long to wait, and until when waiting makes sense. Milliseconds. */
export interface RetryPolicy {
  /** Tries in all, the first included. */
  readonly attempts: number;
  readonly baseMs: number;
  readonly maxMs: number;
  /** A server that asks for more than this is not waited for: the answer goes back to the caller. */
  readonly retryAfterCeilingMs: number;
}

export const DEFAULT_RETRY: RetryPolicy = {
  attempts: 4,
  baseMs: 300,
  maxMs: 10_000,
  retryAfterCeilingMs: 60_000,
};

/** Retry-After (RFC 9110, 10.2.3): seconds or an HTTP date; null when absent or unreadable, never negative. */
export function retryAfterMs(header: string | undefined, now: Date): number | null {
  if (header === undefined) return null;
  const text = header.trim();
  if (/^[0-9]{1,9}$/.test(text)) return Number(text) * 1000;
  const at = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? null : Math.max(0, at - now.getTime());
}

/**
 * Wait before try `attempt + 1`: what the server asks, else exponential back-off with full jitter, so that clients that
 * failed together do not come back together. Null: do not try again.
 */
export function waitBefore(
  attempt: number,
  asked: number | null,
  policy: RetryPolicy,
  random: () => number,
): number | null {
  if (attempt >= policy.attempts) return null;
  if (asked !== null) return asked > policy.retryAfterCeilingMs ? null : asked;
  return Math.round(random() * Math.min(policy.maxMs, policy.baseMs * 2 ** (attempt - 1)));
}
