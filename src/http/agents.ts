import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Duplex } from 'node:stream';
import { rootCertificates } from 'node:tls';
import { CONNECT_TIMEOUT } from './http-error.js';

export interface Agents {
  readonly httpAgent: HttpAgent;
  readonly httpsAgent: HttpsAgent;
}

/** What a client shows of itself in a TLS handshake (RFC 8705): certificate chain and private key, PEM. */
export interface TlsIdentity {
  readonly cert: string;
  readonly key: string;
}

export interface AgentOptions {
  readonly connectTimeoutMs: number;
  /** PEM of authorities trusted besides those that come with Node. */
  readonly extraCa: string | null;
}

/**
 * Two pairs of agents. Reads keep their connections; writes take a fresh one each: on a kept connection that the server
 * is just closing, a write fails with a reset and nobody knows whether it was read. Sockets are not counted here: the
 * host's gate counts requests, and a body that is read slowly must not hold the next one up.
 */
export function createAgents(options: AgentOptions): { readonly kept: Agents; readonly fresh: Agents } {
  const pair = (keepAlive: boolean): Agents => ({
    httpAgent: bounded(new HttpAgent({ keepAlive }), 'connect', options.connectTimeoutMs),
    httpsAgent: httpsAgent(options, keepAlive, null),
  });
  return { kept: pair(true), fresh: pair(false) };
}

/**
 * An agent for one request that shows a certificate. Nothing of it is kept, not even the TLS session, so that a renewed
 * certificate is the one that is shown.
 */
export function identityAgent(options: AgentOptions, identity: TlsIdentity): HttpsAgent {
  return httpsAgent(options, false, identity);
}

function httpsAgent(options: AgentOptions, keepAlive: boolean, identity: TlsIdentity | null): HttpsAgent {
  const { connectTimeoutMs, extraCa } = options;
  const agent = new HttpsAgent({
    keepAlive,
    ...(identity === null ? {} : { cert: identity.cert, key: identity.key }),
    // Node takes `ca` in place of its own list.
    ...(extraCa === null ? {} : { ca: [...rootCertificates, extraCa] }),
  });
  return bounded(agent, 'secureConnect', connectTimeoutMs);
}

/** Node has no connection time-out of its own: the system's lasts two minutes. */
function bounded<A extends HttpAgent>(agent: A, ready: 'connect' | 'secureConnect', timeoutMs: number): A {
  const connect = agent.createConnection.bind(agent) as (...args: unknown[]) => Duplex | null | undefined;
  agent.createConnection = (...args: unknown[]) => {
    const socket = connect(...args);
    if (!socket) return socket;
    const late = () =>
      socket.destroy(Object.assign(new Error('connection timed out'), { code: CONNECT_TIMEOUT }));
    const timer = setTimeout(late, timeoutMs);
    const clear = () => clearTimeout(timer);
    socket.once(ready, clear).once('close', clear);
    return socket;
  };
  return agent;
}
