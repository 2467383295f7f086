import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { RemoteError } from '../../src/domain/errors.js';
import { HttpClient, type Exchange, type HttpOptions } from '../../src/http/client.js';
import { HttpError } from '../../src/http/http-error.js';
import { retryAfterMs } from '../../src/http/retry.js';
import { closedPort, startLocalServer, type Handler, type LocalServer } from '../support/local-server.js';

const NOW = new Date('2026-03-12T08:00:00Z');
let server: LocalServer | null = null;
let client: HttpClient;
let slept: number[];
let exchanges: Exchange[];

async function serve(handler: Handler, options: HttpOptions = {}): Promise<string> {
  slept = [];
  exchanges = [];
  server = await startLocalServer(handler);
  client = new HttpClient({
    now: () => NOW,
    random: () => 1,
    sleep: async (ms) => slept.push(ms),
    onExchange: (exchange) => exchanges.push(exchange),
    ...options,
  });
  return server.url;
}

afterEach(async () => {
  client.close();
  await server?.close();
  server = null;
});

async function failure(run: Promise<unknown>): Promise<HttpError> {
  const error = await run.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(HttpError);
  expect(error).toBeInstanceOf(RemoteError);
  return error as HttpError;
}

describe('outgoing HTTP', () => {
  it('gives back any status, headers in lower case and the text as it came', async () => {
    const url = await serve((_request, response) =>
      response.writeHead(422, { 'X-Why': 'faute' }).end('{"a":49.20}'),
    );
    const answer = await client.request({ method: 'GET', url });
    expect(answer).toMatchObject({ status: 422, text: '{"a":49.20}' });
    expect(answer.headers['x-why']).toBe('faute');
  });

  it('sends a body byte for byte', async () => {
    const url = await serve((_request, response, body) => response.end(body));
    const body = '{ "a" : 49.20, "é":"\\u00e9" }';
    const headers = { 'Content-Type': 'application/fhir+json' };
    expect((await client.request({ method: 'POST', url, headers, body })).text).toBe(body);
  });

  it('tries a read again on 503 with growing waits, then gives the last answer back', async () => {
    const url = await serve((_request, response) => response.writeHead(503).end());
    expect((await client.request({ method: 'GET', url })).status).toBe(503);
    expect(slept).toEqual([300, 600, 1200]);
    expect(exchanges.map(({ attempt, status }) => [attempt, status])).toEqual([
      [1, 503],
      [2, 503],
      [3, 503],
      [4, 503],
    ]);
  });

  it('stops trying at the first good answer', async () => {
    let calls = 0;
    const url = await serve((request, response) =>
      calls++ === 0 ? request.socket.destroy() : response.end('ok'),
    );
    expect((await client.request({ method: 'GET', url })).text).toBe('ok');
    expect(server?.seen).toHaveLength(2);
  });

  it('never tries a write again: neither on 503 nor on a cut connection', async () => {
    const url = await serve((request, response) =>
      request.url === '/cut' ? request.socket.destroy() : response.writeHead(503).end(),
    );
    for (const method of ['POST', 'PUT', 'PATCH'] as const) {
      expect((await client.request({ method, url, body: '{}' })).status).toBe(503);
      const error = await failure(client.request({ method, url: `${url}/cut`, body: '{}' }));
      expect(error).toMatchObject({ code: 'HTTP_CUT', sent: true, transient: true });
    }
    expect(server?.seen).toHaveLength(6);
    expect(slept).toEqual([]);
  });

  it('sends each write on a connection of its own and keeps that of reads', async () => {
    const ports = new Map<string, Set<number | undefined>>();
    const url = await serve((request, response) => {
      const method = request.method ?? '';
      ports.set(method, (ports.get(method) ?? new Set()).add(request.socket.remotePort));
      response.end('ok');
    });
    for (let i = 0; i < 3; i++) {
      await client.request({ method: 'GET', url });
      await client.request({ method: 'POST', url, body: '{}' });
    }
    expect(ports.get('GET')?.size).toBe(1);
    expect(ports.get('POST')?.size).toBe(3);
  });

  it('waits as Retry-After asks, in seconds and by date', async () => {
    const asked = ['2', 'Thu, 12 Mar 2026 08:00:05 GMT'];
    const url = await serve((_request, response) => {
      const header = asked.shift();
      if (header === undefined) response.end('ok');
      else response.writeHead(429, { 'Retry-After': header }).end();
    });
    expect((await client.request({ method: 'GET', url })).text).toBe('ok');
    expect(slept).toEqual([2000, 5000]);
  });

  it('does not wait longer than its ceiling: the answer goes back', async () => {
    const url = await serve((_request, response) => response.writeHead(429, { 'Retry-After': '3600' }).end());
    expect((await client.request({ method: 'GET', url })).status).toBe(429);
    expect(slept).toEqual([]);
  });

  it('reads Retry-After as RFC 9110 writes it, and nothing else', () => {
    expect(retryAfterMs('120', NOW)).toBe(120_000);
    expect(retryAfterMs('Thu, 12 Mar 2026 07:00:00 GMT', NOW)).toBe(0);
    expect(retryAfterMs(undefined, NOW)).toBeNull();
    expect(retryAfterMs('-5', NOW)).toBeNull();
    expect(retryAfterMs('bientôt', NOW)).toBeNull();
  });

  it('says that nothing was sent when nobody listens', async () => {
    await serve((_request, response) => response.end());
    const url = `http://127.0.0.1:${await closedPort()}`;
    const error = await failure(client.request({ method: 'POST', url, body: '{}' }));
    expect(error).toMatchObject({ code: 'HTTP_UNREACHABLE', sent: false, transient: true });
    expect(error.remedy).toContain('rien n’a été envoyé');
  });

  it('gives up a silent server at the time-out, and does not know what became of the request', async () => {
    const url = await serve(() => undefined, { timeoutMs: 60 });
    const error = await failure(client.request({ method: 'POST', url, body: '{}' }));
    expect(error).toMatchObject({ code: 'HTTP_TIMEOUT', sent: true, transient: true });
  });

  it('gives up a server that drips its answer', async () => {
    const url = await serve(
      (_request, response) => {
        response.writeHead(200);
        const timer = setInterval(() => response.write('x'), 10);
        response.on('close', () => clearInterval(timer));
      },
      { timeoutMs: 80 },
    );
    expect((await failure(client.request({ method: 'PUT', url, body: '{}' }))).code).toBe('HTTP_TIMEOUT');
  });

  it('refuses an answer above its size, unpacked', async () => {
    const url = await serve(
      (_request, response) =>
        response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync(Buffer.alloc(100_000))),
      { maxBytes: 10_000 },
    );
    const error = await failure(client.request({ method: 'GET', url }));
    expect(error).toMatchObject({ code: 'HTTP_TOO_BIG', transient: false });
    expect(server?.seen).toHaveLength(1);
  });

  it('follows no redirect by itself', async () => {
    const url = await serve((_request, response) => response.writeHead(307, { Location: '/ailleurs' }).end());
    expect((await client.request({ method: 'POST', url, body: '{}' })).status).toBe(307);
    expect(server?.seen).toEqual(['POST /']);
  });

  it('ignores the proxy of the environment', async () => {
    const url = await serve((_request, response) => response.end('direct'));
    const before = process.env['http_proxy'];
    process.env['http_proxy'] = `http://127.0.0.1:${await closedPort()}`;
    try {
      expect((await client.request({ method: 'GET', url })).text).toBe('direct');
    } finally {
      if (before === undefined) delete process.env['http_proxy'];
      else process.env['http_proxy'] = before;
    }
  });

  it('never shows a token, a secret nor a password, neither in an error nor in what it tells the log', async () => {
    const url = await serve((request) => request.socket.destroy());
    const secretUrl = `${url.replace('http://', 'http://user:motdepasse@')}/x?client_secret=cachette&access_token=jeton1`;
    const error = await failure(
      client.request({
        method: 'POST',
        url: secretUrl,
        headers: { Authorization: 'Bearer jeton-tres-secret' },
        body: 'client_secret=cachette',
      }),
    );
    const shown =
      inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error) + JSON.stringify(exchanges);
    for (const secret of ['jeton-tres-secret', 'motdepasse', 'cachette', 'jeton1'])
      expect(shown).not.toContain(secret);
    expect(exchanges).toHaveLength(1);
  });
});
