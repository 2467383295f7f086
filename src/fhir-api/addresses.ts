import { createHmac, randomBytes } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { Fault } from './outcome.js';

/** Counts by address need no address: a keyed hash of it, with a key that ends with the process. */
export class Addresses {
  readonly #key: Buffer;

  constructor(key: Buffer = randomBytes(32)) {
    this.#key = key;
  }

  /** One name for one reader: an IPv6 reader has a whole /64 (RFC 4291 section 2.5.4), an IPv4 one its address. */
  nameOf(ip: string): string {
    return createHmac('sha256', this.#key).update(network(ip)).digest('base64url').slice(0, 22);
  }
}

function network(ip: string): string {
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip) ?? [];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(ip)) return ip;
  const [head = '', tail] = ip.split('%')[0]?.toLowerCase().split('::') ?? [];
  const groups = head === '' ? [] : head.split(':');
  const rest = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - groups.length - rest.length }, () => '0');
  return [...groups, ...zeros, ...rest]
    .slice(0, 4)
    .map((group) => parseInt(group, 16).toString(16))
    .join(':');
}

const WINDOW_MS = 60_000;

/** Callers who were refused, by address, for a minute: a wrong token costs the check of a signature. */
export class Refusals {
  #counts = new Map<string, number>();
  #ends = 0;

  constructor(
    private readonly perMinute: number,
    private readonly now: () => Date,
  ) {}

  /** @throws Fault 429 once an address was refused too often this minute */
  check(address: string): void {
    const at = this.now().getTime();
    if (at >= this.#ends) {
      this.#counts = new Map();
      this.#ends = at + WINDOW_MS;
    }
    if ((this.#counts.get(address) ?? 0) < this.perMinute) return;
    const seconds = Math.ceil((this.#ends - at) / 1000);
    throw new Fault(
      429,
      'throttled',
      `Trop de demandes refusées (jeton absent ou faux) en une minute. Que faire : corrigez le jeton, puis réessayez dans ${seconds} s.`,
      null,
      { 'retry-after': String(seconds) },
    );
  }

  add(address: string): void {
    this.#counts.set(address, (this.#counts.get(address) ?? 0) + 1);
  }
}

/** Exports that anonymous readers have standing, by address; a process that starts again counts anew. */
export class ExportTally {
  readonly #open = new Map<string, { readonly address: string; readonly until: number }>();

  /** @returns false when that address has as many already */
  take(address: string, job: string, until: Date, now: Date, most: number): boolean {
    for (const [id, each] of this.#open) if (each.until <= now.getTime()) this.#open.delete(id);
    const open = [...this.#open.values()].filter((each) => each.address === address).length;
    if (open >= most) return false;
    this.#open.set(job, { address, until: until.getTime() });
    return true;
  }

  drop(job: string): void {
    this.#open.delete(job);
  }
}
