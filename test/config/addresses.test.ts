import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.js';
import { printable } from '../../src/config/print.js';
import { regionSchema } from '../../src/config/schema/region.js';
import { openPlace, originOf } from '../../src/snapshots/open-place.js';

const SECRET_PLACE = 'https://compte-essai:motdepasse-essai@exemple.fr/liste.csv?apikey=cle-essai&annee=2026';

describe('an address that holds a secret', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'filror-addresses-'));
    const source = { reader: 'labelled-centres', place: SECRET_PLACE, places: { '28': SECRET_PLACE } };
    writeFileSync(join(folder, 'sources.yaml'), JSON.stringify({ 'labelled-centres': source }));
    mkdirSync(join(folder, 'regions'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is printed by config print without account, password nor key; what is public stays', () => {
    const text = printable(loadConfig(folder), {
      DATABASE_URL:
        'postgres://filror:secret-url@base.exemple.fr/filror?password=secret-parametre&sslmode=require',
      DATABASE_OWNER_URL: 'host=base password=secret-libpq',
    });
    for (const secret of [
      'compte-essai',
      'motdepasse-essai',
      'cle-essai',
      'secret-url',
      'secret-parametre',
      'secret-libpq',
    ])
      expect(text).not.toContain(secret);
    expect(text.match(/exemple\.fr\/liste\.csv\?apikey=\*\*\*&annee=2026/g)?.length).toBe(2);
    expect(text).toContain('@base.exemple.fr/filror?password=***&sslmode=require');
  });

  it('is kept and told without its secrets, and a file by its path', () => {
    expect(originOf(SECRET_PLACE)).toBe('https://***@exemple.fr/liste.csv?apikey=***&annee=2026');
    expect(originOf('/listes/a@b.fr/centres.csv')).toBe('/listes/a@b.fr/centres.csv');
  });

  it('is refused as the address of a repository', () => {
    const profile = (baseUrl: string): unknown => ({
      code: '28',
      name: 'Essai',
      departements: ['14'],
      repository: { baseUrl, tokenUrl: 'https://exemple.fr/jeton' },
    });
    expect(regionSchema.safeParse(profile('https://compte:secret@exemple.fr/fhir')).success).toBe(false);
    expect(regionSchema.safeParse(profile('https://compte@exemple.fr')).success).toBe(false);
    expect(regionSchema.safeParse(profile('https://exemple.fr/fhir/@essai')).success).toBe(true);
  });
});

describe('a conditional request on an address that holds a secret', () => {
  let server: Server;
  let place: string;
  beforeAll(async () => {
    server = createServer((request, response) => {
      const known = request.headers['if-none-match'] === '"v1"';
      response.writeHead(known ? 304 : 200, { etag: '"v1"', 'content-type': 'text/csv' });
      response.end(known ? undefined : 'a;b\n');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    place = `http://127.0.0.1:${(server.address() as AddressInfo).port}/liste.csv?token=cle-essai`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it('still uses the validators of the last delivery, which is known by its masked address', async () => {
    const last = { origin: originOf(place), etag: '"v1"', last_modified: null };
    expect(last.origin).not.toContain('cle-essai');
    expect((await openPlace(place, last, { allowedHosts: [], privateHosts: [] })).status).toBe('notModified');
  });
});
