import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { NamedHosts } from '../../src/domain/source-place.js';
import { openPlace, originOf, type OpenedPlace, type Validators } from '../../src/snapshots/open-place.js';
import { startLocalServer, type LocalServer } from '../support/local-server.js';

const CONTENT = 'numero;nom\n1;Hôpital d’essai\n';
const sha1 = (text: string): string => createHash('sha1').update(text).digest('hex');
const NO_HOSTS: NamedHosts = { allowedHosts: [], privateHosts: [] };
/** The same machine by another name. */
const LOCALHOST: NamedHosts = { allowedHosts: ['localhost'], privateHosts: ['localhost'] };

let server: LocalServer | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});

interface Resource {
  readonly title?: string | null;
  readonly url?: string | null;
  readonly published?: string | null;
  readonly last_modified?: string;
  readonly created_at?: string;
  readonly filesize?: number | null;
  readonly checksum?: { readonly type: string; readonly value: string } | null;
}

/** A dataset whose answer is `description`; every other path gives the content, with a validator. */
async function publish(description: (base: string, port: number) => unknown): Promise<string> {
  const started = await startLocalServer((request, response) => {
    if (request.url === '/api/') {
      const given = description(started.url, started.port);
      response.end(typeof given === 'string' ? given : JSON.stringify(given));
    } else if (request.headers['if-none-match'] === '"v1"') response.writeHead(304).end();
    else response.writeHead(200, { ETag: '"v1"' }).end(CONTENT);
  });
  server = started;
  return `${started.url}/api/`;
}

const day = (title: string, published: string | null, more: Resource = {}) => ({ title, published, ...more });

async function open(
  resources: (base: string, port: number) => readonly Resource[],
  { hosts = NO_HOSTS, last = null }: { hosts?: NamedHosts; last?: Validators | null } = {},
): Promise<OpenedPlace> {
  const api = await publish((base, port) => ({
    resources: resources(base, port).map((each) => ({ url: `${base}/r/${each.title ?? ''}`, ...each })),
  }));
  return await openPlace({ api, title: 'essai-journalier-' }, last, hosts);
}

async function textOf(opened: OpenedPlace): Promise<string> {
  if (opened.status !== 'ok') throw new Error('not modified');
  const pieces: Uint8Array[] = [];
  for await (const piece of opened.bytes) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}

describe('a dataset', () => {
  it('gives the newest file of the wanted title, whatever their order, and checks what it announces', async () => {
    const opened = await open(() => [
      day('essai-journalier-20261004.csv', '2026-10-04T02:15:00+00:00'),
      day('essai-journalier-20261005.csv', '2026-10-05T04:15:00+02:00', {
        filesize: Buffer.byteLength(CONTENT),
        checksum: { type: 'SHA1', value: sha1(CONTENT).toUpperCase() },
      }),
      day('essai-mensuel-202610.csv', '2026-11-01T02:15:00+00:00'),
      day('essai-journalier-20261003.csv', '2026-10-03T02:15:00+00:00'),
    ]);
    expect(opened).toMatchObject({
      fileName: 'essai-journalier-20261005.csv',
      origin: `${server?.url ?? ''}/r/essai-journalier-20261005.csv`,
      resource: { published: '2026-10-05T02:15:00.000Z', bytes: Buffer.byteLength(CONTENT) },
    });
    expect(await textOf(opened)).toBe(CONTENT);
  });

  it('takes the date of its last change, then of its making, where the publication has none', async () => {
    const opened = await open(() => [
      day('essai-journalier-a.csv', null, {
        created_at: '2026-10-07T00:00:00Z',
        last_modified: '2026-10-08T00:00:00Z',
      }),
      day('essai-journalier-b.csv', null, { created_at: '2026-10-07T12:00:00Z' }),
    ]);
    expect(opened).toMatchObject({ fileName: 'essai-journalier-a.csv' });
  });

  it('asks for the file with its validators only while it is the same', async () => {
    const one = () => [day('essai-journalier-20261005.csv', '2026-10-05T02:15:00Z')];
    const first = await open(one);
    const last = { origin: first.origin, etag: '"v1"', last_modified: null };
    const again = { api: `${server?.url ?? ''}/api/`, title: 'essai-journalier-' };
    expect(await openPlace(again, last, NO_HOSTS)).toMatchObject({
      status: 'notModified',
      origin: first.origin,
    });
    const other = { ...last, origin: `${server?.url ?? ''}/r/essai-journalier-20261004.csv` };
    expect((await openPlace(again, other, NO_HOSTS)).status).toBe('ok');
  });

  it.each<[string, Resource]>([
    ['size', { filesize: Buffer.byteLength(CONTENT) - 1 }],
    ['size', { filesize: Buffer.byteLength(CONTENT) + 1 }],
    ['digest', { checksum: { type: 'sha1', value: sha1('autre') } }],
    ['digest', { checksum: { type: 'sha256', value: '0'.repeat(64) } }],
  ])(
    'of another %s than announced is refused, with the file and what to do (%#)',
    async (_what, announced) => {
      const opened = await open(() => [day('essai-journalier-1.csv', '2026-10-05', announced)]);
      await expect(textOf(opened)).rejects.toMatchObject({
        code: 'DATASET_MISMATCH',
        message: expect.stringContaining('« essai-journalier-1.csv »') as string,
        place: `${server?.url ?? ''}/r/essai-journalier-1.csv`,
        remedy: expect.stringContaining('l’état précédent reste') as string,
      });
    },
  );

  it('never chooses between two: same instant, or one without a date', async () => {
    for (const other of ['2026-10-05T04:15:00+02:00', null, 'hier'])
      await expect(
        open(() => [
          day('essai-journalier-a.csv', '2026-10-05T02:15:00Z'),
          day('essai-journalier-b.csv', other),
          day('essai-journalier-c.csv', '2026-10-01T02:15:00Z'),
        ]),
      ).rejects.toMatchObject({
        code: 'DATASET_AMBIGUOUS',
        message: expect.stringMatching(
          /« essai-journalier-[ab]\.csv » et « essai-journalier-[ab]\.csv »/,
        ) as string,
        remedy: expect.stringContaining('dataset.title') as string,
      });
  });

  it.each<[string, (base: string) => unknown, string]>([
    ['no JSON', () => '<html>502</html>', 'DATASET_UNREADABLE'],
    ['another form', () => ({ data: [] }), 'DATASET_UNREADABLE'],
    ['no such title', () => ({ resources: [{ title: 'autre', url: 'x' }] }), 'DATASET_NO_RESOURCE'],
    [
      'no address',
      () => ({ resources: [{ title: 'essai-journalier-1', published: '2026-10-05' }] }),
      'DATASET_UNREADABLE',
    ],
    ['too long a description', () => ' '.repeat(8 * 1024 * 1024 + 1), 'HTTP_TOO_BIG'],
  ])('that answers %s is told with its address', async (_what, description, code) => {
    const api = await publish(description);
    await expect(openPlace({ api, title: 'essai-journalier-' }, null, NO_HOSTS)).rejects.toMatchObject({
      code,
      place: api,
    });
  });

  it('leads to another host only when it is named, and to a private one only when that is named too', async () => {
    const elsewhere = (_base: string, port: number) => [
      day('essai-journalier-1.csv', '2026-10-05', { url: `http://localhost:${port}/r/1.csv` }),
    ];
    await expect(open(elsewhere)).rejects.toMatchObject({
      code: 'HTTP_REDIRECT',
      remedy: expect.stringContaining('ajoutez « localhost » à « allowedHosts »') as string,
    });
    await expect(open(elsewhere, { hosts: { ...LOCALHOST, privateHosts: [] } })).rejects.toMatchObject({
      code: 'HTTP_PRIVATE_ADDRESS',
    });
    expect(await textOf(await open(elsewhere, { hosts: LOCALHOST }))).toBe(CONTENT);
  });

  it.each(['file:///etc/passwd', 'ftp://localhost/1.csv'])('never leads to %s', async (url) => {
    const opening = open(() => [day('essai-journalier-1.csv', '2026-10-05', { url })], { hosts: LOCALHOST });
    await expect(opening).rejects.toMatchObject({ code: 'HTTP_REDIRECT' });
  });

  it('is named without its secrets', () => {
    expect(originOf({ api: 'https://compte:essai@exemple.fr/api/?token=cle', title: 'essai' })).toBe(
      'https://***@exemple.fr/api/?token=***',
    );
  });
});
