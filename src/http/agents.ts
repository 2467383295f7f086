import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Duplex } from 'node:stream';
import { CONNECT_TIMEOUT } from './http-error.js';

export interface Agents {
  readonly httpAgent: HttpAgent;
  readonly httpsAgent: HttpsAgent;
}

/**
 * Two pairs of agents. Reads keep their connections; writes take a fresh one each: on a kept connection that the server
 * is just closing, a write fails with a reset and nobody knows whether it was read. mTLS will come in as https options.
 */
export function createAgents(connectTimeoutMs: number): { readonly kept: Agents; readonly fresh: Agents } {
  const pair = (keepAlive: boolean): Agents => ({
    httpAgent: bounded(new HttpAgent({ keepAlive, maxSockets: 16 }), 'connect', connectTimeoutMs),
    httpsAgent: bounded(new HttpsAgent({ keepAlive, maxSockets: 16 }), 'secureConnect', connectTimeoutMs),
  });
  return { kept: pair(true), fresh: pair(false) };
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
