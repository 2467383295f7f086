import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { storeSnapshot } from '../../src/db/snapshots.js';
import { trialList } from '../support/region-run.js';
import { openWebWorld, type Visitor, type WebWorld } from '../support/web-world.js';

/** Bytes that no text decoder gives back: windows-1252, a null, an invalid UTF-8 sequence. */
const LIST = Buffer.concat([
  Buffer.from(trialList([{ number: 1 }]).replaceAll('’', "'"), 'latin1'),
  Buffer.from("CCMR;Centre d'essai 2\u00e9;;FIMARAD;CH de Dieppe;Dieppe;mixte;2023;essai\r\n", 'latin1'),
]);
const AT = '/28/sources/labelled-centres/contenus';

let web: WebWorld;
let administrator: Visitor;
beforeAll(async () => {
  web = await openWebWorld({ list: LIST });
  administrator = await web.visitor(['administrator'], 'Administratrice d’essai');
});
afterAll(() => web.close());

const bytesOf = async (path: string): Promise<{ response: Response; bytes: Buffer }> => {
  const cookie = [...administrator.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const response = await fetch(new URL(path, web.url), { headers: { cookie } });
  return { response, bytes: Buffer.from(await response.arrayBuffer()) };
};
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const deliveryOf = async (source: string): Promise<string> => {
  const row: unknown = await web.database.app('delivery').where({ source }).orderBy('no', 'desc').first('no');
  return (row as { no: string }).no;
};

describe('the contents of a source', () => {
  it('are none before the first run', async () => {
    const { status, text } = await administrator.get(AT);
    expect(status).toBe(200);
    expect(text).toContain('Cette source n’a encore rien donné à la région.');
  });

  it('are listed with their date, size, hash, rows and who brought them', async () => {
    await web.sync();
    const { text } = await administrator.get(AT);
    expect(text).toContain('1 contenu reçu, gardés octet pour octet.');
    expect(text).toContain(`SHA-256 ${sha256(LIST)}`);
    expect(text).toContain('2 lues, 0 à part');
    expect(text).toContain('un passage');
    expect((await administrator.get('/28/sources')).text).toContain(`href="${AT}"`);
  });

  it('are given back byte for byte, as a file that no browser renders', async () => {
    const { response, bytes } = await bytesOf(`${AT}/${await deliveryOf('labelled-centres')}`);
    expect(response.status).toBe(200);
    expect(bytes.equals(LIST)).toBe(true);
    expect(response.headers.get('content-type')).toBe('application/octet-stream');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('content-disposition')).toMatch(
      new RegExp(
        `^attachment; filename="labelled-centres-\\d{4}-\\d\\d-\\d\\d-${sha256(LIST).slice(0, 8)}\\.csv"$`,
      ),
    );
  });

  it('of several pieces, under a hostile name, are whole and safely named', async () => {
    const big = randomBytes(3 * 1024 * 1024 + 17);
    await storeSnapshot(web.database.app, Readable.from([big]), new Date());
    const run: unknown = await web.database.app('run').first('id');
    await web.database.app('delivery').insert({
      region: '28',
      source: 'labelled-centres',
      sha256: sha256(big),
      run_id: (run as { id: string }).id,
      file_name: '../../"><script>\r\nX-Mal: 1.HTML',
      origin: 'essai',
      fetched_at: new Date('2030-01-02T03:04:05Z'),
      imported_by: web.camille.id,
      rows_read: 0,
      rows_aside: 0,
      counts: '{}',
    });
    const { response, bytes } = await bytesOf(`${AT}/${await deliveryOf('labelled-centres')}`);
    expect(response.headers.get('content-length')).toBe(String(big.length));
    expect(bytes.equals(big)).toBe(true);
    expect(response.headers.get('content-disposition')).toBe(
      `attachment; filename="labelled-centres-2030-01-02-${sha256(big).slice(0, 8)}.html"`,
    );
    expect(response.headers.get('x-mal')).toBeNull();
    const { text } = await administrator.get(AT);
    expect(text).toContain('&quot;&gt;&lt;script&gt;');
    expect(text).toMatch(/data-label="Par">\s+Camille \(essai\)/);
  });

  it('leave an entry of the journal that says who took what', async () => {
    const rows: unknown[] = await web.database
      .app('journal as j')
      .join('person as p', 'p.id', 'j.actor')
      .where({ kind: 'snapshot.handedOut' })
      .orderBy('no')
      .select('j.subject', 'j.body', 'p.display_name');
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatchObject({
      subject: 'source:labelled-centres',
      display_name: 'Administratrice d’essai',
    });
    expect(JSON.parse((rows[0] as { body: string }).body)).toMatchObject({
      sha256: sha256(LIST),
      bytes: LIST.length,
      file: 'centres.csv',
    });
  });

  it.each(['reader', 'operator', 'reviewer', 'establishment'] as const)(
    'are closed to the role %s, which leaves nothing in the journal',
    async (role) => {
      const visitor = await web.visitor([role]);
      const at = `${AT}/${await deliveryOf('labelled-centres')}`;
      expect((await visitor.get(AT)).status).toBe(403);
      expect((await visitor.get(at)).status).toBe(403);
      expect((await visitor.get('/28/sources')).text).not.toContain('/contenus');
      expect(await web.database.app('journal').where({ kind: 'snapshot.handedOut' })).toHaveLength(2);
    },
  );

  it('of another source, or that never came, are not found', async () => {
    const no = await deliveryOf('labelled-centres');
    for (const path of [
      `/28/sources/filieres/contenus/${no}`,
      `${AT}/999999`,
      `${AT}/1e3`,
      '/28/sources/inconnue/contenus',
    ]) {
      const { status, text } = await administrator.get(path);
      expect(status).toBe(404);
      expect(text).toContain('CONTENT_UNKNOWN');
    }
  });
});
