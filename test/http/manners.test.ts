import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Circuit, type Passage } from '../../src/http/circuit.js';
import { HttpClient, type HttpOptions } from '../../src/http/client.js';
import { conditionalGet } from '../../src/http/conditional-get.js';
import { decodeText } from '../../src/http/decode.js';
import { HttpError } from '../../src/http/http-error.js';
import { waitBefore } from '../../src/http/retry.js';
import { TokenBucket } from '../../src/http/token-bucket.js';
import { TestClock } from '../support/clock.js';
import { startLocalServer, type Handler, type LocalServer } from '../support/local-server.js';

const START = Date.parse('2026-03-12T08:00:00Z');
const open: { close(): unknown }[] = [];

async function serve(handler: Handler): Promise<LocalServer> {
  const server = await startLocalServer(handler);
  open.push(server);
  return server;
}

function client(options: HttpOptions): HttpClient {
  const http = new HttpClient(options);
  open.push(http);
  return http;
}

afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function failure(run: Promise<unknown>): Promise<HttpError> {
  const error: unknown = await run.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(HttpError);
  return error as HttpError;
}

describe('time-outs by phase', () => {
  it('connection: a server that never ends the TLS handshake got nothing', async () => {
    const silent: Server = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const http = client({ connectTimeoutMs: 60, timeoutMs: 5_000, retry: { attempts: 1 } });
    const url = `https://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
    const error = await failure(http.request({ method: 'POST', url, body: '{}' }));
    silent.close();
    expect(error).toMatchObject({ code: 'HTTP_UNREACHABLE', sent: false });
  });

  it('first byte: a server that takes the request and says nothing', async () => {
    const { url } = await serve(() => undefined);
    const http = client({ firstByteTimeoutMs: 60, timeoutMs: 5_000 });
    const error = await failure(http.request({ method: 'POST', url, body: '{}' }));
    expect(error).toMatchObject({ code: 'HTTP_TIMEOUT', sent: true });
    expect(error.remedy).toContain('firstByteMs');
  });

  it('silence: a server that stops in the middle of its answer', async () => {
    const { url } = await serve((_request, response) => response.writeHead(200).write('{"a":'));
    const http = client({ idleTimeoutMs: 60, timeoutMs: 5_000 });
    const error = await failure(http.request({ method: 'PUT', url, body: '{}' }));
    expect(error.code).toBe('HTTP_TIMEOUT');
    expect(error.remedy).toContain('idleMs');
  });

  it('total: a server that drips for ever', async () => {
    const { url } = await serve((_request, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write(' '), 10);
      response.on('close', () => clearInterval(timer));
    });
    const http = client({ idleTimeoutMs: 1_000, firstByteTimeoutMs: 1_000, timeoutMs: 120 });
    const error = await failure(http.request({ method: 'PUT', url, body: '{}' }));
    expect(error.code).toBe('HTTP_TIMEOUT');
    expect(error.remedy).toContain('(timeoutMs)');
  });
});

describe('an answer read as it comes', () => {
  /** Text of a download, as the mirror and the sources read it. */
  async function download(http: HttpClient, url: string, maxBytes: number): Promise<AsyncIterable<string>> {
    const answer = await conditionalGet(http, { url, maxBytes });
    if (answer.status === 'notModified') throw new Error('nothing was held');
    return decodeText(answer.body);
  }

  it('lasts longer than the total time-out as long as pieces come', async () => {
    const { url } = await serve((_request, response) => {
      response.writeHead(200);
      let left = 12;
      const timer = setInterval(() => {
        if (left-- > 0) return void response.write('é');
        clearInterval(timer);
        response.end();
      }, 15);
    });
    const http = client({ timeoutMs: 100 });
    let text = '';
    for await (const part of await download(http, url, 1_000)) text += part;
    expect(text).toBe('é'.repeat(12));
  });

  it('ends in an error when it is cut or too long, and holds no other request up meanwhile', async () => {
    const { url } = await serve((request, response) => {
      if (request.url === '/other') return void response.end('ok');
      // No length announced on /long: one that is too long is refused before the first byte.
      response.writeHead(200, request.url === '/cut' ? { 'Content-Length': '100' } : {}).write('début');
      if (request.url === '/cut') setTimeout(() => request.socket.destroy(), 40);
    });
    const http = client({ concurrency: 1, timeoutMs: 5_000 });
    const read = async (path: string, maxBytes: number) => {
      const text = await download(http, url + path, maxBytes);
      expect((await http.request({ method: 'GET', url: `${url}/other` })).text).toBe('ok');
      for await (const part of text) expect(part).toBe('début');
    };
    expect((await failure(read('/cut', 1_000))).code).toBe('HTTP_CUT');
    expect((await failure(read('/long', 3))).code).toBe('HTTP_TOO_BIG');
  });
});

describe('back-off', () => {
  const policy = { attempts: 4, baseMs: 300, maxMs: 1_000, retryAfterCeilingMs: 60_000 };

  it('is exponential with full jitter: anywhere between nothing and the bound, and bounded', () => {
    expect([1, 2, 3].map((attempt) => waitBefore(attempt, null, policy, () => 0))).toEqual([0, 0, 0]);
    expect([1, 2, 3].map((attempt) => waitBefore(attempt, null, policy, () => 0.5))).toEqual([150, 300, 500]);
    expect(waitBefore(3, null, policy, () => 1)).toBe(1_000);
    expect(waitBefore(4, null, policy, () => 1)).toBeNull();
  });

  it('gives way to what the server asks, up to a ceiling', () => {
    expect(waitBefore(1, 45_000, policy, () => 0)).toBe(45_000);
    expect(waitBefore(1, 60_001, policy, () => 0)).toBeNull();
  });
});

describe('declared rate', () => {
  it('lets a burst go, then spreads requests, and fills up again in quiet times but not above the burst', () => {
    const clock = new TestClock(START);
    const bucket = new TokenBucket({ perSecond: 4, burst: 2 }, clock.now);
    expect([1, 2, 3, 4].map(() => bucket.take())).toEqual([0, 0, 250, 500]);
    clock.advance(60_000);
    expect([1, 2, 3].map(() => bucket.take())).toEqual([0, 0, 250]);
  });

  it('neither stops nor hurries when the clock is set back', () => {
    const clock = new TestClock(START);
    const bucket = new TokenBucket({ perSecond: 1, burst: 1 }, clock.now);
    expect(bucket.take()).toBe(0);
    clock.advance(-3_600_000);
    expect(bucket.take()).toBe(1_000);
    clock.advance(2_000);
    expect(bucket.take()).toBe(0);
  });

  it('is kept for each server apart, every try counted', async () => {
    const clock = new TestClock(START);
    const [first, second] = [
      await serve((_request, response) => response.end('a')),
      await serve((_request, response) => response.end('b')),
    ];
    const rate = { perSecond: 10, burst: 1 };
    const http = client({ rate, now: clock.now, sleep: clock.sleep });
    for (let turn = 0; turn < 3; turn++) await http.request({ method: 'GET', url: first.url });
    expect(clock.slept).toEqual([100, 100]);
    await http.request({ method: 'GET', url: second.url });
    expect(clock.slept).toEqual([100, 100]);
  });

  it('asks whether a write may still leave after the wait, not before', async () => {
    const clock = new TestClock(START);
    const server = await serve((_request, response) => response.end('ok'));
    const http = client({ rate: { perSecond: 1, burst: 1 }, now: clock.now, sleep: clock.sleep });
    const beforeLeaving = () => {
      if (clock.now().getTime() > START + 500) throw new RangeError('too late');
    };
    const send = () => http.request({ method: 'POST', url: server.url, body: '{}', beforeLeaving });
    expect((await send()).status).toBe(200);
    await expect(send()).rejects.toThrow('too late');
    expect(server.seen).toEqual(['POST /']);
  });
});

describe('concurrency', () => {
  it('is bounded for each server', async () => {
    let [now, most] = [0, 0];
    const { url } = await serve((_request, response) => {
      most = Math.max(most, ++now);
      setTimeout(() => {
        now--;
        response.end();
      }, 10);
    });
    const http = client({ concurrency: 3 });
    await Promise.all(Array.from({ length: 12 }, () => http.request({ method: 'POST', url, body: '{}' })));
    expect(most).toBe(3);
  });
});

describe('circuit', () => {
  const policy = { failures: 3, cooldownMs: 10_000 };

  it('opens after failures in a row: nothing is sent, and it says until when', async () => {
    const clock = new TestClock(START);
    let status = 503;
    const server = await serve((_request, response) => response.writeHead(status).end());
    const http = client({ circuit: policy, now: clock.now, sleep: clock.sleep });
    const send = () => http.request({ method: 'POST', url: server.url, body: '{}' });
    expect(http.circuits()).toEqual([]);
    for (let turn = 0; turn < 3; turn++) expect((await send()).status).toBe(503);
    const refused = await failure(send());
    expect(refused).toMatchObject({ code: 'HTTP_CIRCUIT_OPEN', sent: false, transient: true });
    expect(refused.remedy).toContain('09:00:10');
    expect(server.seen).toHaveLength(3);
    const host = new URL(server.url).host;
    expect(http.circuits()).toEqual([
      { host, state: 'open', failuresInARow: 3, retryAt: new Date(START + 10_000) },
    ]);
    clock.advance(10_000);
    status = 200;
    expect((await send()).status).toBe(200);
    expect(http.circuits()).toEqual([{ host, state: 'closed', failuresInARow: 0, retryAt: null }]);
  });

  it('is not tried again by a read: an open circuit is there to be left alone', async () => {
    const clock = new TestClock(START);
    const server = await serve((_request, response) => response.writeHead(503).end());
    const http = client({ circuit: policy, now: clock.now, sleep: async () => undefined });
    expect((await failure(http.request({ method: 'GET', url: server.url }))).code).toBe('HTTP_CIRCUIT_OPEN');
    expect(server.seen).toHaveLength(3);
  });

  it('does not count what the server is not to blame for', async () => {
    const statuses = [429, 404, 501, 429];
    const server = await serve((_request, response) => response.writeHead(statuses.shift() ?? 200).end());
    const http = client({ circuit: { failures: 1, cooldownMs: 10_000 } });
    for (let turn = 0; turn < 4; turn++) await http.request({ method: 'POST', url: server.url, body: '{}' });
    expect(http.circuits()).toMatchObject([{ state: 'closed' }]);
  });

  /** A request that is let through. */
  const leave = (circuit: Circuit): Passage => {
    const passage = circuit.admit();
    if (passage instanceof Date) throw new Error(`not let through before ${passage.toISOString()}`);
    return passage;
  };

  it('lets one request through after the rest, and rests twice as long when that one fails', () => {
    const clock = new TestClock(START);
    const circuit = new Circuit('ror.example', policy, clock.now);
    for (let turn = 0; turn < 3; turn++) leave(circuit).failed();
    expect(circuit.state.retryAt).toEqual(new Date(START + 10_000));
    clock.advance(10_000);
    const probe = leave(circuit);
    expect(circuit.state.state).toBe('halfOpen');
    expect(circuit.admit()).toEqual(new Date(START + 10_000));
    probe.failed();
    expect(circuit.state.retryAt).toEqual(new Date(START + 30_000));
    clock.advance(20_000);
    leave(circuit).failed();
    expect(circuit.state.retryAt).toEqual(new Date(START + 70_000));
  });

  it('a success between two failures begins the count again; a trial that never left frees its place', () => {
    const clock = new TestClock(START);
    const circuit = new Circuit('ror.example', policy, clock.now);
    for (const end of ['failed', 'failed', 'succeeded', 'failed'] as const) leave(circuit)[end]();
    expect(circuit.state).toMatchObject({ state: 'closed', failuresInARow: 1 });
    for (let turn = 0; turn < 2; turn++) leave(circuit).failed();
    clock.advance(10_000);
    leave(circuit).dropped();
    expect(leave(circuit)).toBeDefined();
  });

  it.each(['dropped', 'failed'] as const)(
    'a request from before it opened that ends %s does not end the trial of another',
    (end) => {
      const clock = new TestClock(START);
      const circuit = new Circuit('ror.example', { failures: 1, cooldownMs: 10_000 }, clock.now);
      const [early, late] = [leave(circuit), leave(circuit)];
      early.failed();
      clock.advance(10_000);
      const probe = leave(circuit);
      late[end]();
      expect(circuit.state.state).toBe('halfOpen');
      // A second trial beside the first would be two requests to a server that is to be left alone.
      expect(circuit.admit()).toBeInstanceOf(Date);
      probe.succeeded();
      expect(circuit.state.state).toBe('closed');
    },
  );

  it('tells each change once: opened, tried, opened again, tried, closed', () => {
    const clock = new TestClock(START);
    const told: string[] = [];
    const circuit = new Circuit('ror.example', policy, clock.now, ({ state }) => told.push(state));
    for (let turn = 0; turn < 3; turn++) leave(circuit).failed();
    clock.advance(10_000);
    leave(circuit).failed();
    clock.advance(20_000);
    for (let turn = 0; turn < 2; turn++) leave(circuit).succeeded();
    expect(told).toEqual(['open', 'halfOpen', 'open', 'halfOpen', 'closed']);
  });
});
