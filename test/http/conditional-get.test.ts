import { afterEach, describe, expect, it } from 'vitest';
import { isPrivateAddress } from '../../src/http/address.js';
import { HttpClient } from '../../src/http/client.js';
import { conditionalGet, type Download, type DownloadRequest } from '../../src/http/conditional-get.js';
import { HttpError } from '../../src/http/http-error.js';
import { startLocalServer, type Handler, type LocalServer } from '../support/local-server.js';

const servers: LocalServer[] = [];
const client = new HttpClient({ timeoutMs: 150, sleep: async () => undefined });

async function serve(handler: Handler): Promise<LocalServer> {
  const server = await startLocalServer(handler);
  servers.push(server);
  return server;
}
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

const get = (url: string, change: Partial<DownloadRequest> = {}) =>
  conditionalGet(client, { url, maxBytes: 1_000_000, ...change });

async function bytes(download: Download): Promise<Buffer> {
  expect(download.status).toBe('ok');
  const pieces: Uint8Array[] = [];
  if (download.status === 'ok') for await (const piece of download.body) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function refusal(run: Promise<unknown>): Promise<HttpError> {
  const error = await run.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(HttpError);
  return error as HttpError;
}

describe('conditional download', () => {
  it('gives the bytes, the validators and the type', async () => {
    const content = Buffer.from('nom;ville\r\nCHU;Caen é\r\n', 'latin1');
    const { url } = await serve((_request, response) =>
      response
        .writeHead(200, {
          ETag: '"v1"',
          'Last-Modified': 'Wed, 11 Mar 2026 06:00:00 GMT',
          'Content-Type': 'text/csv',
        })
        .end(content),
    );
    const download = await get(`${url}/centres.csv`);
    expect(download).toMatchObject({
      status: 'ok',
      etag: '"v1"',
      lastModified: 'Wed, 11 Mar 2026 06:00:00 GMT',
      contentType: 'text/csv',
      finalUrl: `${url}/centres.csv`,
    });
    expect((await bytes(download)).equals(content)).toBe(true);
  });

  it('sends the validators and reads 304 as nothing new', async () => {
    const { url } = await serve((request, response) =>
      response
        .writeHead(
          request.headers['if-none-match'] === '"v1"' && request.headers['if-modified-since'] === 'hier'
            ? 304
            : 200,
        )
        .end(),
    );
    expect((await get(url, { etag: '"v1"', lastModified: 'hier' })).status).toBe('notModified');
    expect((await get(url, { etag: null, lastModified: null })).status).toBe('ok');
  });

  it('tries again on 503, and says 404 with its own remedy at once', async () => {
    const answers = [503, 502, 200];
    const { url, seen } = await serve((request, response) =>
      response.writeHead(request.url === '/absent' ? 404 : (answers.shift() ?? 500)).end('ok'),
    );
    expect((await bytes(await get(url))).toString()).toBe('ok');
    expect(seen).toHaveLength(3);
    const error = await refusal(get(`${url}/absent`));
    expect(error).toMatchObject({ code: 'HTTP_STATUS', status: 404, transient: false });
    expect(error.remedy).toContain('nouvelle');
    expect(seen).toHaveLength(4);
  });

  it('refuses what is announced too big, and stops what turns out too big', async () => {
    const { url } = await serve((request, response) => {
      if (request.url === '/announced') response.writeHead(200, { 'Content-Length': '5000' });
      response.write(Buffer.alloc(2500));
      response.end(Buffer.alloc(2500));
    });
    expect((await refusal(get(`${url}/announced`, { maxBytes: 4000 }))).code).toBe('HTTP_TOO_BIG');
    const download = await get(url, { maxBytes: 4000 });
    expect((await refusal(bytes(download))).code).toBe('HTTP_TOO_BIG');
    expect((await bytes(await get(url, { maxBytes: 5000 }))).byteLength).toBe(5000);
  });

  it('never takes a cut or a silent body for a whole one', async () => {
    const { url } = await serve((request, response) => {
      response.writeHead(200, { 'Content-Length': '100' });
      response.write('debut');
      if (request.url === '/cut') setTimeout(() => request.socket.destroy(), 20);
    });
    expect(await refusal(bytes(await get(`${url}/cut`)))).toMatchObject({
      code: 'HTTP_CUT',
      transient: true,
    });
    expect(await refusal(bytes(await get(`${url}/silent`)))).toMatchObject({ code: 'HTTP_TIMEOUT' });
  });

  it('lets a slow reader take its time', async () => {
    const { url } = await serve((_request, response) => {
      response.write('a');
      setTimeout(() => response.end('b'), 30);
    });
    const download = await get(url);
    let text = '';
    if (download.status === 'ok')
      for await (const piece of download.body) {
        text += Buffer.from(piece).toString();
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
    expect(text).toBe('ab');
  });

  it('follows a redirect on the same host, and stops a loop', async () => {
    const { url, seen } = await serve((request, response) => {
      if (request.url === '/final') response.end('fin');
      else response.writeHead(302, { Location: request.url === '/a' ? '/final' : '/boucle' }).end();
    });
    const download = await get(`${url}/a`);
    expect(download.finalUrl).toBe(`${url}/final`);
    expect((await bytes(download)).toString()).toBe('fin');
    expect(await refusal(get(`${url}/boucle`))).toMatchObject({ code: 'HTTP_REDIRECT', transient: false });
    expect(seen).toHaveLength(2 + 6);
  });

  it('refuses another host, unless it is named; and then still a private address, unless allowed', async () => {
    const other = await serve((request, response) =>
      response.end(request.headers['x-key'] ?? 'sans en-tête'),
    );
    const { url } = await serve((_request, response) =>
      response.writeHead(302, { Location: `http://localhost:${other.port}/` }).end(),
    );
    const elsewhere = await refusal(get(url));
    expect(elsewhere.message).toContain('autre hôte');
    expect(elsewhere.remedy).toContain(
      'ajoutez « localhost » à « allowedHosts » de cette source (sources.yaml)',
    );
    const named = await refusal(get(url, { allowedHosts: ['localhost'] }));
    expect(named).toMatchObject({ code: 'HTTP_PRIVATE_ADDRESS' });
    expect(named.message).toContain('privée');
    expect(named.remedy).toContain('ajoutez « localhost » à « privateHosts » de cette source (sources.yaml)');
    expect(other.seen).toEqual([]);
    const open = { allowedHosts: ['localhost'], privateHosts: ['localhost'] };
    const download = await get(url, { ...open, headers: { 'X-Key': 'clé' } });
    expect((await bytes(download)).toString()).toBe('sans en-tête');
  });

  it('refuses a literal private address and another scheme', async () => {
    const { url } = await serve((request, response) => {
      const Location = request.url === '/file' ? 'file:///etc/passwd' : 'http://169.254.169.254/latest/';
      response.writeHead(301, { Location }).end();
    });
    expect((await refusal(get(url, { allowedHosts: ['169.254.169.254'] }))).message).toContain('privée');
    expect((await refusal(get(`${url}/file`))).message).toContain('file:');
  });

  it.each([
    ['127.0.0.1', true],
    ['10.1.2.3', true],
    ['172.31.0.1', true],
    ['172.32.0.1', false],
    ['192.168.1.1', true],
    ['100.64.0.1', true],
    ['[::1]', true],
    ['fe80::1', true],
    ['fd00::1', true],
    ['::ffff:7f00:1', true],
    ['::ffff:10.0.0.1', true],
    ['::ffff:8.8.8.8', false],
    ['::127.0.0.1', true],
    ['[::a01:203]', true],
    ['2002:7f00:1::1', true],
    ['2003::1', false],
    ['64:ff9b::a01:203', true],
    ['64:ff9b::c133:1801', false],
    ['64:ff9b:1::1', true],
    ['::1:0:0:0', false],
    ['193.51.24.1', false],
    ['2a01:e0a::1', false],
    ['finess.esante.gouv.fr', false],
  ])('%s is private: %s', (address, expected) => {
    expect(isPrivateAddress(address)).toBe(expected);
  });
});
