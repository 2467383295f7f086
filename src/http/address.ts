import { lookup as systemLookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { PRIVATE_ADDRESS } from './http-error.js';

/** Loopback, link-local, private and carrier-grade ranges (RFC 6890): a public list never lives there. */
const PRIVATE = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const)
  PRIVATE.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of [
  // Unspecified, loopback, and IPv4 in its oldest disguise (IPv4-compatible, RFC 4291, 2.5.5.1).
  ['::', 96],
  // NAT64 (RFC 6052) of what embeds no whole IPv4 address; the others are judged by the one that they embed.
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  // 6to4 (RFC 3056): whatever IPv4 address stands in it, its relays lead there.
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  PRIVATE.addSubnet(network, prefix, 'ipv6');

/** @param address literal IPv4 or IPv6, with or without brackets; anything else is no address: false. */
export function isPrivateAddress(address: string): boolean {
  const bare = address.replace(/^\[|\]$/g, '');
  const embedded = embeddedIpv4(bare);
  if (embedded !== null) return PRIVATE.check(embedded, 'ipv4');
  const family = isIP(bare);
  return family !== 0 && PRIVATE.check(bare, family === 4 ? 'ipv4' : 'ipv6');
}

/**
 * `::ffff:7f00:1` and `::ffff:127.0.0.1` are 127.0.0.1 in disguise; on a network without IPv4 every address of the old
 * kind comes as `64:ff9b::` and itself.
 */
function embeddedIpv4(address: string): string | null {
  const dotted = /^(?:::ffff|64:ff9b:):([0-9.]+)$/i.exec(address)?.[1];
  if (dotted !== undefined) return dotted;
  const [, high, low] = /^(?:::ffff|64:ff9b:):([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(address) ?? [];
  if (high === undefined || low === undefined) return null;
  const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [a >> 8, a & 255, b >> 8, b & 255].join('.');
}

/** A literal address, or a name without a dot: nobody outside this network can say where it leads. */
export function isOfThisNetwork(host: string): boolean {
  return !host.includes('.') || isIP(host) !== 0;
}

/**
 * Name resolution that refuses private answers. It stands in the connection itself, so that a name cannot answer one
 * address to a check and another to the request.
 */
export async function publicLookup(hostname: string): Promise<{ address: string; family: 4 | 6 }[]> {
  const found = await systemLookup(hostname, { all: true });
  if (found.some(({ address }) => isPrivateAddress(address)))
    throw Object.assign(new Error(`${hostname} is a private address`), { code: PRIVATE_ADDRESS });
  return found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }));
}
