import { randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openRun } from '../../src/cli/region.js';
import { loadConfig, regionOf } from '../../src/config/load.js';
import { confirmGrant, type Role } from '../../src/db/people.js';
import { identifyPerson } from '../../src/db/person.js';
import { beginSession } from '../../src/db/sessions.js';
import { silentLogger } from '../../src/observe/logger.js';
import { route, type RegionRoute } from '../../src/web/route.js';
import { buildServer } from '../../src/web/server.js';
import { testDatabase, type TestDatabase } from '../support/database.js';

/** A form that carries a file goes through the one dispatcher: session, forgery, rights, fields, sizes. */
const KIB = 1024;
const received: { note: string; file: { name: string; bytes: Buffer } | null }[] = [];
const table: readonly RegionRoute[] = [
  route({
    method: 'POST',
    path: '/envoi',
    roles: ['operator'],
    upload: { field: 'fichier', maxBytes: 1024 * KIB },
    form: z.object({ note: z.string().max(20) }),
    handle: async ({ form, file }) => {
      await Promise.resolve();
      received.push({ note: form.note, file });
      return { kind: 'seeOther', to: '/28/envoi', notice: 'Reçu.' };
    },
  }),
  route({
    method: 'POST',
    path: '/sans-fichier',
    roles: ['operator'],
    form: z.object({ note: z.string() }),
    handle: () => Promise.resolve({ kind: 'seeOther', to: '/28', notice: 'Reçu.' }),
  }),
];

let database: TestDatabase;
let url: string;
let close: () => Promise<void>;
const sessions = new Map<Role, { cookie: string; csrf: string }>();
beforeAll(async () => {
  database = await testDatabase();
  const config = loadConfig();
  const region = regionOf(config, '28');
  for (const role of ['operator', 'reader'] as const) sessions.set(role, await signedInAs(role));
  const app = await buildServer(
    {
      db: database.app,
      config,
      regions: [region],
      issuers: [],
      publicUrl: 'http://filror.invalid',
      log: silentLogger,
      now: () => new Date(),
      newToken: () => randomBytes(32).toString('base64url'),
      openRun: (at, actor) =>
        openRun({ db: database.app, config, env: {}, log: silentLogger, keep: true }, at, actor),
    },
    table,
  );
  url = await app.listen({ host: '127.0.0.1', port: 0 });
  close = () => app.close();
});
afterAll(async () => {
  await close();
  await database.drop();
});

async function signedInAs(role: Role): Promise<{ cookie: string; csrf: string }> {
  const at = new Date();
  const person = await identifyPerson(database.app, {
    issuer: 'https://emetteur.invalid',
    subject: role,
    displayName: `Personne d’essai ${role}`,
  });
  await confirmGrant(database.app, { person, role, region: '28', at });
  const [token, csrf] = [randomBytes(32).toString('base64url'), randomBytes(32).toString('base64url')];
  await beginSession(database.app, {
    token,
    person,
    csrf,
    at,
    expiresAt: new Date(at.getTime() + 3_600_000),
  });
  return { cookie: `filror=${token}`, csrf };
}

interface Sent {
  readonly role?: Role | null;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly token?: string;
}

/** Sends the form as a page of this session would. */
async function send(
  fill: (form: FormData) => void,
  sent: Sent = {},
): Promise<{ status: number; text: string }> {
  const session = sent.role === null ? undefined : sessions.get(sent.role ?? 'operator');
  const form = new FormData();
  form.set('_jeton', sent.token ?? session?.csrf ?? '');
  fill(form);
  const response = await fetch(new URL(sent.path ?? '/28/envoi', url), {
    method: 'POST',
    body: form,
    redirect: 'manual',
    headers: { ...(session === undefined ? {} : { cookie: session.cookie }), ...sent.headers },
  });
  return { status: response.status, text: await response.text() };
}

const file = (bytes: number, content = 'a'): Blob => new Blob([content.repeat(bytes)]);
function withFile(form: FormData): void {
  form.set('note', 'essai');
  form.set('fichier', file(3, 'é'), 'liste é.xlsx');
}
async function refused(
  fill: (form: FormData) => void,
  sent: Sent = {},
): Promise<{ status: number; text: string }> {
  const before = received.length;
  const shown = await send(fill, sent);
  expect(received).toHaveLength(before);
  return shown;
}

describe('a form that carries a file', () => {
  it('gives its fields and the exact bytes of its file', async () => {
    const { status } = await send(withFile);
    expect(status).toBe(303);
    expect(received.at(-1)).toEqual({
      note: 'essai',
      file: { name: 'liste é.xlsx', bytes: Buffer.from('ééé') },
    });
  });

  it('takes a file of exactly the size that is allowed, and none above', async () => {
    const form = (bytes: number) => (given: FormData) => {
      given.set('note', 'grand');
      given.set('fichier', file(bytes), 'grand.xlsx');
    };
    expect((await send(form(1024 * KIB))).status).toBe(303);
    expect(received.at(-1)?.file?.bytes.length).toBe(1024 * KIB);
    const { status, text } = await refused(form(1024 * KIB + 1));
    expect(status).toBe(413);
    expect(text).toContain('Ce fichier dépasse 1 Mio : il n’a pas été lu.');
    expect(text).toContain('Que faire');
    // Read to its end, so that a browser shows the refusal and not a cut connection.
    expect((await refused(form(40 * 1024 * KIB))).status).toBe(413);
  });

  it('gives no file when none was chosen, as a browser says it', async () => {
    const { status } = await send((form) => {
      form.set('note', 'vide');
      form.set('fichier', new Blob([]), '');
    });
    expect([status, received.at(-1)]).toEqual([303, { note: 'vide', file: null }]);
  });

  it('keeps of a file’s name neither path nor characters that steer', async () => {
    await send((form) => {
      form.set('note', 'nom');
      form.set('fichier', file(1), '..\\..\\dossier\\\u202Eliste\u0007.xlsx');
    });
    expect(received.at(-1)?.file?.name).toBe('liste.xlsx');
  });
});

describe('is refused, with what to do, and nothing is read', () => {
  it('with two files', async () => {
    const { status, text } = await refused((form) => {
      withFile(form);
      form.append('fichier', file(1), 'autre.xlsx');
    });
    expect([status, text.includes('Plusieurs fichiers ont été envoyés')]).toEqual([400, true]);
  });

  it('with a file under another field', async () => {
    const { status, text } = await refused((form) => {
      form.set('note', 'essai');
      form.set('autre', file(1), 'liste.xlsx');
    });
    expect([status, text.includes('un nom de champ qui n’est pas attendu (« autre »)')]).toEqual([400, true]);
  });

  it('on a page that expects none', async () => {
    const { status, text } = await refused(withFile, { path: '/28/sans-fichier' });
    expect([status, text.includes('Cette page n’attend pas de fichier')]).toEqual([415, true]);
  });

  it('without the token of its session, or with another one', async () => {
    for (const token of ['', sessions.get('reader')?.csrf ?? '']) {
      const { status, text } = await refused(withFile, { token });
      expect([status, text.includes('FORM_FORGED')]).toEqual([403, true]);
    }
  });

  it('from a page of another site', async () => {
    const { status, text } = await refused(withFile, { headers: { origin: 'https://ailleurs.invalid' } });
    expect([status, text.includes('FORM_FORGED')]).toEqual([403, true]);
  });

  it('without a session, without a right', async () => {
    expect((await refused(withFile, { role: null })).status).toBe(401);
    expect((await refused(withFile, { role: 'reader' })).status).toBe(403);
  });

  it('with a field that its form does not know as it is', async () => {
    const { status, text } = await refused((form) => {
      withFile(form);
      form.set('note', 'beaucoup trop long pour ce champ');
    });
    expect([status, text.includes('FORM_INVALID')]).toEqual([400, true]);
  });

  it('with a text beyond all measure, or very many fields', async () => {
    const long = await refused((form) => {
      withFile(form);
      form.set('note', 'a'.repeat(70 * KIB));
    });
    expect([long.status, long.text.includes('FORM_TOO_LARGE')]).toEqual([400, true]);
    const many = await refused((form) => {
      withFile(form);
      for (let n = 0; n < 300; n++) form.append('note', 'a');
    });
    expect([many.status, many.text.includes('UPLOAD_BROKEN')]).toEqual([400, true]);
  });

  it.each([
    ['cut in its file', '\r\n--b\r\nContent-Disposition: form-data; name="fichier"; filename="a"\r\n\r\nabc'],
    ['cut after a field', '\r\n--b\r\nContent-Disposition: form-data; name="note"\r\n\r\nessai\r\n--b'],
    ['without any boundary', 'rien de tel'],
  ])('when it arrives %s', async (_how, body) => {
    const before = received.length;
    const { status, text } = await raw(body);
    expect([status, text.includes('Le formulaire est arrivé coupé ou mal formé')]).toEqual([400, true]);
    expect(received).toHaveLength(before);
  });
});

async function raw(body: string): Promise<{ status: number; text: string }> {
  const session = sessions.get('operator');
  return await new Promise((resolve, reject) => {
    const asked = httpRequest(
      new URL('/28/envoi', url),
      {
        method: 'POST',
        headers: { cookie: session?.cookie ?? '', 'content-type': 'multipart/form-data; boundary=b' },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => (text += part));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      },
    );
    asked.on('error', reject).end(body);
  });
}
