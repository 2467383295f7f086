import dns from 'node:dns/promises';
import { syncBuiltinESMExports } from 'node:module';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { HttpClient } from '../../src/http/client.js';
import { conditionalGet, type DownloadRequest } from '../../src/http/conditional-get.js';
import { startLocalServer, type LocalServer } from '../support/local-server.js';

/** Nobody's name (RFC 6761): it leads where the test says. */
const NAME = 'listes.essai.test';

const answers = vi.fn<() => Promise<unknown>>();
const system = dns.lookup;
function resolveBy(lookup: unknown): void {
  Object.assign(dns, { lookup });
  syncBuiltinESMExports();
}

let server: LocalServer;
beforeAll(async () => {
  resolveBy(answers);
  server = await startLocalServer((request, response) => {
    if (request.url === '/') response.end('liste');
    else response.writeHead(302, { Location: `http://${NAME}:${server.port}/` }).end();
  });
});
afterAll(async () => {
  resolveBy(system);
  await server.close();
});
afterEach(() => {
  answers.mockReset();
  server.seen.length = 0;
});

// One try each: a later try asks for the name again, and judges its answer again.
const client = new HttpClient({ timeoutMs: 1_000, retry: { attempts: 1 } });
const get = (path: string, change: Partial<DownloadRequest> = {}, host = NAME) =>
  conditionalGet(client, { url: `http://${host}:${server.port}${path}`, maxBytes: 1_000, ...change });
const resolves = (...addresses: string[]) =>
  answers.mockResolvedValue(addresses.map((address) => ({ address, family: 4 })));

describe('a public name that leads to a private address', () => {
  it('is refused as the first host too, whatever it answers besides, and nothing is sent', async () => {
    for (const others of [[], ['203.0.113.7']]) {
      resolves(...others, '127.0.0.1');
      const refused = await get('/').then(null, (error: unknown) => error);
      expect(refused).toMatchObject({
        code: 'HTTP_PRIVATE_ADDRESS',
        sent: false,
        message: `« ${NAME} » mène à une adresse privée : rien n’y est demandé.`,
      });
      expect((refused as { remedy: string }).remedy).toContain(
        `ajoutez « ${NAME} » à « privateHosts » de cette source (sources.yaml)`,
      );
    }
    expect(server.seen).toEqual([]);
  });

  it('is refused after a redirect that is allowed by name', async () => {
    resolves('127.0.0.1');
    await expect(get('/renvoi', { allowedHosts: [NAME] }, '127.0.0.1')).rejects.toMatchObject({
      code: 'HTTP_PRIVATE_ADDRESS',
    });
    expect(server.seen).toEqual(['GET /renvoi']);
  });

  it('is asked for once: the address that was judged is the one that is called', async () => {
    // A public address first; asked again, the name would lead home.
    answers.mockResolvedValueOnce([{ address: '203.0.113.7', family: 4 }]);
    resolves('127.0.0.1');
    await expect(get('/')).rejects.toHaveProperty(
      'code',
      expect.stringMatching(/^HTTP_(?:UNREACHABLE|TIMEOUT|CUT)$/),
    );
    expect(answers).toHaveBeenCalledTimes(1);
    expect(server.seen).toEqual([]);
  });

  it('is not reached by the connection that another request left open', async () => {
    // Whoever may go there by its own right keeps a connection to the same name.
    await client.request({ method: 'GET', url: `http://localhost:${server.port}/` });
    resolves('127.0.0.1');
    const led = { from: `http://${NAME}:${server.port}/`, allowedHosts: ['localhost'] };
    await expect(get('/', led, 'localhost')).rejects.toMatchObject({ code: 'HTTP_PRIVATE_ADDRESS' });
    expect(server.seen).toEqual(['GET /']);
  });
});

it('an address written in figures, or a name without a dot, was meant by whoever wrote it', async () => {
  for (const host of ['127.0.0.1', 'localhost'])
    expect(await get('/', {}, host)).toMatchObject({ status: 'ok' });
  expect(answers).not.toHaveBeenCalled();
});
