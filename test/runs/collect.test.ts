import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig, regionOf } from '../../src/config/load.js';
import { readSnapshot, storeSnapshot } from '../../src/db/snapshots.js';
import { collect } from '../../src/runs/collect.js';
import { addDelivery } from '../../src/db/deliveries.js';
import { ensureRegion, startRun } from '../../src/db/runs.js';
import { startLocalServer, type LocalServer } from '../support/local-server.js';
import { testDatabase, type TestDatabase } from '../support/database.js';

const NOW = new Date('2026-03-12T06:12:00Z');
const config = loadConfig();
const region = regionOf(config, '28');

async function bytesOf(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

async function* cut(bytes: Uint8Array, size: number): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

describe('collecting', () => {
  let database: TestDatabase;
  let server: LocalServer | null = null;
  let folder: string;

  beforeEach(async () => {
    database = await testDatabase();
    folder = mkdtempSync(join(tmpdir(), 'filror-collect-'));
  });
  afterEach(async () => {
    await server?.close();
    server = null;
    await database.drop();
  });

  /** Places for the two required sources, so that one of them can be looked at. */
  function places(centres: string): Map<string, string> {
    const register = join(folder, 'finess.csv');
    writeFileSync(register, 'finess;etalab;1;2021-01-08\n');
    return new Map([
      ['labelled-centres', centres],
      ['finess-etalab', register],
    ]);
  }

  async function collectCentres(place: string): ReturnType<typeof collect> {
    const collected = await collect(database.app, config, region, places(place), NOW);
    return collected.filter((each) => each.source === 'labelled-centres');
  }

  it('stores the exact bytes before anybody reads them, whatever they are, and gives them back', async () => {
    // 3 MiB of bytes that no text decoder would accept: more than one piece once compressed.
    const bytes = Buffer.alloc(3 * 1024 * 1024);
    for (let i = 0, x = 7; i < bytes.length; i++) bytes[i] = (x = (x * 16807) % 2147483647) & 255;
    const stored = await storeSnapshot(database.app, cut(bytes, 65_521), NOW);
    expect(stored).toEqual({
      sha256: createHash('sha256').update(bytes).digest('hex'),
      bytes: bytes.length,
    });
    expect((await bytesOf(readSnapshot(database.app, stored.sha256))).equals(bytes)).toBe(true);
  });

  it('stores the same bytes once', async () => {
    const bytes = Buffer.from('centre;filière\n');
    await storeSnapshot(database.app, cut(bytes, 4), NOW);
    await storeSnapshot(database.app, cut(bytes, 9), NOW);
    expect(await database.app('snapshot').count()).toEqual([{ count: 1 }]);
  });

  it('takes the newest file of a folder', async () => {
    const lists = join(folder, 'listes');
    mkdirSync(lists);
    writeFileSync(join(lists, 'b-ancienne.csv'), 'ancienne');
    writeFileSync(join(lists, 'a-nouvelle.csv'), 'nouvelle');
    utimesSync(join(lists, 'b-ancienne.csv'), new Date('2026-01-01'), new Date('2026-01-01'));
    const [list] = await collectCentres(lists);
    expect(list?.fileName).toBe('a-nouvelle.csv');
  });

  it('keeps the name of a file without the coordinates that somebody wrote in it', async () => {
    const named = join(folder, 'centres prenom.nom@hopital.example 02 31 00 00 00.csv');
    writeFileSync(named, 'label;centre');
    const [list] = await collectCentres(named);
    expect(list?.fileName).toBe('centres … ….csv');
  });

  it('asks an address with the validators of the last delivery, and takes 304 for an answer', async () => {
    const asked: (string | undefined)[] = [];
    server = await startLocalServer((request, response) => {
      asked.push(request.headers['if-none-match']);
      if (request.headers['if-none-match'] === '"v1"') response.writeHead(304).end();
      else response.writeHead(200, { ETag: '"v1"', 'Content-Type': 'text/csv' }).end('label;centre\n');
    });
    const place = `${server.url}/centres.csv`;
    const [first] = await collectCentres(place);
    expect(first).toMatchObject({ status: 'new', etag: '"v1"', fileName: 'centres.csv' });
    await accept(first);
    const [second] = await collectCentres(place);
    expect(second).toMatchObject({ status: 'notModified', sha256: first?.sha256 });
    expect(asked).toEqual([undefined, '"v1"']);
  });

  it('follows a dataset whose file changes address, and keeps nothing of a file that is not as announced', async () => {
    const files = new Map([['/1/essai-20261004.csv', 'label;centre\n']]);
    const resources: object[] = [];
    const publish = (path: string, published: string, text: string, told = text): void => {
      files.set(path, text);
      const checksum = { type: 'sha1', value: createHash('sha1').update(told).digest('hex') };
      const title = path.split('/').at(-1);
      resources.push({
        title,
        url: `${server?.url ?? ''}${path}`,
        published,
        filesize: told.length,
        checksum,
      });
    };
    server = await startLocalServer((request, response) => {
      if (request.url === '/api/') response.end(JSON.stringify({ resources }));
      else response.writeHead(200, { ETag: '"v1"' }).end(files.get(request.url ?? ''));
    });
    const options = config.sources['labelled-centres'];
    if (options === undefined) throw new Error('no such source');
    const dataset = { api: `${server.url}/api/`, title: 'essai-' };
    const placed = {
      ...config,
      sources: { ...config.sources, 'labelled-centres': { ...options, dataset, place: null } },
    };
    const others = places('');
    others.delete('labelled-centres');
    const collectIt = async () =>
      (await collect(database.app, placed, region, others, NOW)).find(
        (each) => each.source === 'labelled-centres',
      );
    publish('/1/essai-20261004.csv', '2026-10-04T02:15:00+00:00', 'label;centre\n');
    const first = await collectIt();
    expect(first).toMatchObject({
      status: 'new',
      fileName: 'essai-20261004.csv',
      origin: `${server.url}/1/essai-20261004.csv`,
      imported: false,
    });
    await accept(first);
    publish('/2/essai-20261005.csv', '2026-10-05T02:15:00+00:00', 'label;centre\nCRMR;x\n');
    expect(await collectIt()).toMatchObject({ status: 'new', fileName: 'essai-20261005.csv' });
    const kept = await database.app('snapshot').count();
    publish(
      '/3/essai-20261006.csv',
      '2026-10-06T02:15:00+00:00',
      'label;centre\nCRMR;x',
      'label;centre\nCRMR;y',
    );
    await expect(collectIt()).rejects.toMatchObject({
      code: 'DATASET_MISMATCH',
      source: 'labelled-centres',
    });
    expect(await database.app('snapshot').count()).toEqual(kept);
  });

  it('knows unchanged bytes by their hash when the server never says 304', async () => {
    server = await startLocalServer((_request, response) =>
      response.writeHead(200, { ETag: `"${Math.random()}"` }).end('label;centre\n'),
    );
    const place = `${server.url}/centres.csv`;
    const [first] = await collectCentres(place);
    await accept(first);
    const [second] = await collectCentres(place);
    expect(second?.status).toBe('unchanged');
  });

  it('says what to do about a file, a folder or a source that is not there', async () => {
    await expect(collectCentres(join(folder, 'absent.csv'))).rejects.toMatchObject({
      code: 'SRC_UNREADABLE',
    });
    mkdirSync(join(folder, 'vide'));
    await expect(collectCentres(join(folder, 'vide'))).rejects.toMatchObject({ code: 'SRC_FOLDER_EMPTY' });
    const unknown = new Map([['centres', 'x.csv']]);
    await expect(collect(database.app, config, region, unknown, NOW)).rejects.toMatchObject({
      code: 'SRC_UNKNOWN',
      remedy: expect.stringContaining('labelled-centres') as string,
    });
    await expect(collect(database.app, config, region, new Map(), NOW)).rejects.toMatchObject({
      code: 'SRC_MISSING',
    });
  });

  /** Records the delivery as a run would, so that the next collection has something to compare with. */
  async function accept(collected: Awaited<ReturnType<typeof collect>>[number] | undefined): Promise<void> {
    if (collected === undefined) throw new Error('nothing was collected');
    await ensureRegion(database.app, '28');
    await startRun(database.app, { region: '28', id: 'run_essai', kind: 'sync', startedAt: NOW });
    await addDelivery(
      database.app,
      {
        region: '28',
        source: collected.source,
        sha256: collected.sha256,
        run_id: 'run_essai',
        file_name: collected.fileName,
        origin: collected.origin,
        etag: collected.etag,
        last_modified: collected.lastModified,
        content_date: null,
        fetched_at: NOW,
        imported_by: null,
        rows_read: 0,
        rows_aside: 0,
        counts: {},
      },
      [],
    );
  }
});
