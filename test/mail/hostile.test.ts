import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mailConfig, type MailConfig } from '../../src/config/schema/mail.js';
import { DataError } from '../../src/domain/errors.js';
import { placeNamed } from '../../src/mail/draft.js';
import { threadDraft, threadSubject } from '../../src/mail/incident-texts.js';
import { dueReminders } from '../../src/mail/reminders.js';
import { openPost, type Letter, type Post } from '../../src/mail/smtp.js';
import { oneLine } from '../../src/mail/words.js';
import type { AskedAgreement } from '../../src/runs/agreements-asked.js';
import { startCatcher, type MailCatcher } from '../support/mail-catcher.js';
import { authority, serverOf } from '../support/pki.js';

const HOSTILE = [
  'Centre\r\nBcc: victime@exemple.fr\r\n\r\ncorps ajouté',
  'Centre\u2028Bcc: a@exemple.fr\u0085X-Injecté: oui\u0000',
  '<script>alert(1)</script>',
  '\u202egro.elpmexe\u202c',
  'é'.repeat(10_000),
  '=?utf-8?Q?Bcc=3A?= =0D=0ABcc: a@exemple.fr',
];

const placeOf = (name: string) =>
  placeNamed({ code: '28', name, sandbox: false }, 'https://filror.exemple.fr');

function configured(port: number, server: object = {}): MailConfig {
  return mailConfig.parse({
    server: { host: '127.0.0.1', port, security: 'none', timeoutSeconds: 5, ...server },
    from: 'filror@region.exemple.fr',
  });
}

const letter = (subject: string, text = 'Bonjour.'): Letter => ({
  messageId: 'filror.28.essai@region.exemple.fr',
  thread: [],
  subject,
  text,
  date: new Date('2026-03-12T09:00:00Z'),
});

describe('a name from outside', () => {
  let catcher: MailCatcher;
  let post: Post;
  beforeEach(async () => {
    catcher = await startCatcher();
    post = openPost(configured(catcher.port), {}) as Post;
  });
  afterEach(async () => {
    post.close();
    await catcher.close();
  });

  const EXPECTED = [
    'auto-submitted',
    'content-transfer-encoding',
    'content-type',
    'date',
    'from',
    'message-id',
    'mime-version',
    'subject',
    'to',
    'x-auto-response-suppress',
  ];

  it.each(HOSTILE)('adds no header and no line to a message: %j', async (name) => {
    const asked = {
      change: { id: 'k3x7', hash: 'a' },
      ej: '760780239',
      hospital: name,
      standing: null,
      askedAt: new Date('2026-03-01T09:00:00Z'),
      overdueAt: new Date('2026-03-31T09:00:00Z'),
    } as AskedAgreement;
    const now = new Date('2026-03-16T09:00:00Z');
    const [reminder] = dueReminders(placeOf(name), [asked], [], new Set(['760780239']), now, 14).drafts;
    const incident = {
      about: `source:${name}`,
      seen: name,
      at: now,
      code: name,
      message: name,
      remedy: name,
    } as const;
    const subject = threadSubject(placeOf(name), incident);
    const failure = threadDraft(placeOf(name), { move: 'open', incident }, subject);
    for (const draft of [reminder, failure]) {
      expect(await post.send(letter(draft?.subject ?? '', draft?.body), 'a@exemple.fr')).toEqual({
        result: 'taken',
      });
      const caught = catcher.caught.at(-1);
      expect([...(caught?.headers.keys() ?? [])].sort()).toEqual(EXPECTED);
      expect(caught?.to).toBe('a@exemple.fr');
      expect(caught?.headers.get('subject')).toBe(draft?.subject);
      expect([...(draft?.subject ?? '')].length).toBeLessThanOrEqual(140);
      expect(draft?.body.split('\n').some((line) => /^(Bcc|X-Inj)/.test(line))).toBe(false);
      expect(caught?.text.trimEnd()).toBe(draft?.body.trimEnd());
      // RFC 5322, 2.1.1: no line above 998 bytes.
      expect(Math.max(...(caught?.raw ?? '').split('\r\n').map((line) => line.length))).toBeLessThan(998);
    }
  });

  it('even given as a subject whole, is one header', async () => {
    for (const name of HOSTILE) await post.send(letter(name), 'a@exemple.fr');
    for (const { headers } of catcher.caught) expect([...headers.keys()].sort()).toEqual(EXPECTED);
    expect(catcher.caught).toHaveLength(HOSTILE.length);
  });

  it('is one line without control characters or reversing marks', () => {
    for (const name of HOSTILE) expect(oneLine(name)).toMatch(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]{1,120}$/u);
    expect(oneLine('Centre\r\nBcc: a')).toBe('Centre Bcc: a');
  });
});

describe('the way to the server', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'filror-ca-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is encrypted by STARTTLS, signed in with the secret of the environment, and refuses another authority', async () => {
    const ca = authority('Autorité d’essai');
    const { key, cert } = serverOf(ca);
    const catcher = await startCatcher({
      key,
      cert,
      authOptional: false,
      onAuth: ({ username, password }, _session, done) =>
        username === 'compte' && password === 'mot-de-passe-d-essai'
          ? done(null, { user: 'compte' })
          : done(new Error('no')),
    });
    const file = join(folder, 'ca.pem');
    writeFileSync(file, ca.cert);
    const server = { security: 'starttls', caFile: file, user: 'compte' };
    const env = { FILROR_SMTP_PASSWORD: 'mot-de-passe-d-essai' };
    const send = async (config: MailConfig, environment: NodeJS.ProcessEnv): Promise<unknown> => {
      const post = openPost(config, environment) as Post;
      return await post.send(letter('Essai'), 'a@exemple.fr').finally(() => post.close());
    };
    expect(await send(configured(catcher.port, server), env)).toEqual({ result: 'taken' });
    expect(catcher.caught.map(({ secure }) => secure)).toEqual([true]);
    expect(await send(configured(catcher.port, server), { FILROR_SMTP_PASSWORD: 'faux' })).toEqual({
      result: 'down',
      code: 'SMTP 535',
    });
    writeFileSync(file, authority('Une autre autorité d’essai').cert);
    expect(await send(configured(catcher.port, server), env)).toMatchObject({ result: 'down' });
    expect(catcher.caught).toHaveLength(1);
    await catcher.close();
  });

  it('is not taken in clear when STARTTLS is asked for and not there', async () => {
    const catcher = await startCatcher();
    const post = openPost(configured(catcher.port, { security: 'starttls' }), {}) as Post;
    expect(await post.send(letter('Essai'), 'a@exemple.fr')).toMatchObject({ result: 'down' });
    expect(catcher.caught).toEqual([]);
    post.close();
    await catcher.close();
  });

  it('says in French which secret or file is missing', () => {
    const refusal = (server: object): DataError => {
      try {
        openPost(configured(25, { security: 'starttls', ...server }), {});
      } catch (error) {
        if (error instanceof DataError) return error;
        throw error;
      }
      throw new Error('it was opened');
    };
    expect(refusal({ user: 'compte' })).toMatchObject({ code: 'MAIL_SECRET' });
    expect(refusal({ user: 'compte' }).message).toContain('FILROR_SMTP_PASSWORD');
    expect(refusal({ caFile: join(folder, 'absent.pem') })).toMatchObject({ code: 'MAIL_CA' });
  });
});
