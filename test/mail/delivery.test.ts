import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openPost } from '../../src/mail/smtp.js';
import { verify } from '../../src/journal/verify.js';
import { dyingAfterSend, mailRegion, OPERATOR, REVIEWER, type MailRegion } from '../support/mail-region.js';
import { startCatcher } from '../support/mail-catcher.js';

let mail: MailRegion;
beforeEach(async () => {
  mail = await mailRegion('2026-03-12T09:00:00Z');
  await mail.round();
});
afterEach(() => mail.close());

interface Row {
  readonly kind: string;
  readonly state: string;
  readonly taken: string[];
  readonly refused: string[];
  readonly tries: number;
  readonly last_code: string | null;
}
const rows = (): Promise<Row[]> => mail.database.app('mail_message').orderBy('no');
const journal = (kind: string): Promise<{ body: string }[]> => mail.database.app('journal').where({ kind });

describe('a process that dies between sending and recording', () => {
  it('leaves the message to be sent again after its lease, under the same Message-ID and date', async () => {
    await mail.entry('applyRefused');
    const openDying = () => {
      const post = openPost(mail.context.config.mail, {});
      return post === null ? null : dyingAfterSend(post);
    };
    await expect(mail.round({ openPost: openDying })).rejects.toThrow('killed');
    expect(mail.news()).toHaveLength(1);
    await mail.round();
    expect(mail.news()).toEqual([]);
    await mail.clock.advance(901);
    await mail.round();
    expect(mail.news()).toHaveLength(1);
    const [first, second] = mail.catcher.caught;
    expect(second?.headers.get('message-id')).toBe(first?.headers.get('message-id'));
    expect(second?.headers.get('date')).toBe(first?.headers.get('date'));
    expect(second?.text).toBe(first?.text);
    expect(await rows()).toMatchObject([{ state: 'sent', tries: 1 }]);
  });
});

describe('a server that is away', () => {
  it('loses nothing: one try in a growing interval, told once to the journal, then everything is sent', async () => {
    const { port } = mail.catcher;
    await mail.catcher.close();
    await mail.entry('applyRefused');
    await mail.entry('applyConflict');
    expect((await mail.round()).down).toBe('ESOCKET');
    // The first failure is followed by a minute of rest, the second by five.
    expect((await mail.round()).down).toBeNull();
    await mail.clock.advance(61);
    expect((await mail.round()).down).toBe('ESOCKET');
    await mail.clock.advance(61);
    expect((await mail.round()).down).toBeNull();
    expect((await journal('mail.down')).map(({ body }) => body)).toEqual(['{"code":"ESOCKET"}']);
    expect((await rows()).map(({ state }) => state)).toEqual(['pending', 'pending']);

    const back = await startCatcher({}, port);
    await mail.clock.advance(300);
    await mail.round();
    expect(back.caught.map(({ to }) => to)).toEqual([OPERATOR, REVIEWER, OPERATOR]);
    expect(await journal('mail.up')).toHaveLength(1);
    expect((await rows()).map(({ state }) => state)).toEqual(['sent', 'sent']);
    expect((await verify(mail.database.app)).fault).toBeNull();
    await back.close();
  });

  it('that is slow is not waited for longer than its time-out', async () => {
    const slow = await startCatcher({ onConnect: () => undefined });
    const config = { ...mail.context.config.mail };
    const post = openPost(
      { ...config, server: { ...(config.server as object), port: slow.port, timeoutSeconds: 1 } as never },
      {},
    );
    const letter = { messageId: 'a@b.fr', thread: [], subject: 's', text: 't', date: new Date(0) };
    expect(await post?.send(letter, OPERATOR)).toEqual({ result: 'down', code: 'ETIMEDOUT' });
    await slow.close();
  });
});

describe('a server that refuses', () => {
  it('one address for good: the others get the message, and nothing is tried again', async () => {
    mail.catcher.rule = (stage, to) => (stage === 'rcpt' && to === OPERATOR ? 550 : null);
    await mail.entry('applyConflict');
    await mail.round();
    await mail.clock.advance(3_600);
    await mail.round();
    expect(mail.news()).toEqual([`${REVIEWER} [filror 28] 1 conflit à regarder`]);
    const [row] = await rows();
    expect(row).toMatchObject({ state: 'sent', last_code: 'SMTP 550' });
    expect([row?.taken.length, row?.refused.length]).toEqual([1, 1]);
  });

  it('one address for now: it alone is tried again', async () => {
    mail.catcher.rule = (stage, to) => (stage === 'data' && to === OPERATOR ? 451 : null);
    await mail.entry('applyConflict');
    await mail.round();
    expect(mail.news()).toEqual([`${REVIEWER} [filror 28] 1 conflit à regarder`]);
    mail.catcher.rule = () => null;
    await mail.round();
    expect(mail.news()).toEqual([]);
    await mail.clock.advance(61);
    await mail.round();
    expect(mail.news()).toEqual([`${OPERATOR} [filror 28] 1 conflit à regarder`]);
    expect(await rows()).toMatchObject([{ state: 'sent', tries: 2 }]);
  });

  it('everybody for good: the message is given up, and the journal says so', async () => {
    mail.catcher.rule = (stage) => (stage === 'rcpt' ? 550 : null);
    await mail.entry('applyRefused');
    await mail.round();
    expect(await rows()).toMatchObject([{ state: 'abandoned', last_code: 'NOBODY_TOOK_IT' }]);
    expect(await journal('mail.abandoned')).toHaveLength(1);
  });

  it('for now, and goes on so: given up after giveUpDays, said once', async () => {
    mail.catcher.rule = (stage) => (stage === 'rcpt' ? 450 : null);
    await mail.entry('applyRefused');
    await mail.round();
    await mail.clock.advance(4 * 86_400);
    await mail.round();
    const state = async (): Promise<string | undefined> =>
      (await rows()).find(({ kind }) => kind === 'refused')?.state;
    expect(await state()).toBe('pending');
    await mail.clock.advance(2 * 86_400);
    await mail.round();
    await mail.round();
    expect(await state()).toBe('abandoned');
    expect((await journal('mail.abandoned')).map(({ body }) => JSON.parse(body) as object)).toMatchObject([
      { kind: 'refused', code: 'SMTP 450', tries: 3 },
    ]);
  });
});

describe('a server that refuses the sender', () => {
  it('is not away: the message waits its own interval, the others go when they can, and it is given up in the end', async () => {
    mail.catcher.rule = (stage) => (stage === 'from' ? 550 : null);
    await mail.entry('applyRefused');
    expect(await mail.round()).toMatchObject({ down: null, later: 1 });
    mail.catcher.rule = () => null;
    await mail.entry('applyConflict');
    await mail.round();
    expect(mail.news().map((line) => line.replace(/^\S+ /, ''))).toEqual([
      '[filror 28] 1 conflit à regarder',
      '[filror 28] 1 conflit à regarder',
    ]);
    mail.catcher.rule = (stage) => (stage === 'from' ? 550 : null);
    await mail.clock.advance(5 * 86_400 + 60);
    await mail.round();
    expect((await rows()).slice(0, 2)).toMatchObject([
      { kind: 'refused', state: 'abandoned', last_code: 'SMTP 550' },
      { kind: 'conflict', state: 'sent' },
    ]);
    expect(await journal('mail.down')).toEqual([]);
  });
});

describe('a message on which the server falls silent', () => {
  it('lets the others go first at the next try', async () => {
    mail.catcher.rule = (stage) => (stage === 'rcpt' ? 421 : null);
    await mail.entry('applyRefused');
    await mail.round();
    await mail.clock.advance(30);
    await mail.entry('applyConflict');
    mail.catcher.rule = () => null;
    let tries = 0;
    const openPostOnce = () => {
      const post = openPost(mail.context.config.mail, {});
      if (post === null) return null;
      // The subject of the first one makes the server hang up.
      const send: typeof post.send = async (letter, to) => {
        tries += 1;
        if (letter.subject.includes('conflit')) return await post.send(letter, to);
        return { result: 'down', code: 'ECONNECTION' };
      };
      return { ...post, send };
    };
    await mail.clock.advance(31);
    expect((await mail.round({ openPost: openPostOnce })).down).toBe('ECONNECTION');
    expect(tries).toBe(3);
    expect((await rows()).map(({ kind, state }) => [kind, state])).toEqual([
      ['refused', 'pending'],
      ['conflict', 'sent'],
    ]);
  });

  it('is given up after giveUpDays too', async () => {
    mail.catcher.rule = (stage) => (stage === 'rcpt' ? 421 : null);
    await mail.entry('applyRefused');
    await mail.round();
    await mail.clock.advance(5 * 86_400 + 60);
    // The digest of that day, never tried, goes first.
    expect((await mail.round()).down).toBe('SMTP 421');
    await mail.clock.advance(301);
    expect((await mail.round()).down).toBe('SMTP 421');
    expect((await rows()).find(({ kind }) => kind === 'refused')).toMatchObject({ state: 'abandoned' });
    expect(await journal('mail.abandoned')).toHaveLength(1);
  });
});

describe('addresses and what a server says of them', () => {
  it('stand neither in the log, nor in the journal, nor in the database', async () => {
    mail.catcher.rule = (stage, to) => (stage === 'rcpt' && to === OPERATOR ? 550 : null);
    await mail.entry('applyConflict');
    await mail.round();
    mail.catcher.rule = (stage) => (stage === 'rcpt' ? 451 : null);
    await mail.entry('applyRefused');
    await mail.round();
    await mail.catcher.close();
    await mail.entry('applyUncertain');
    await mail.round();
    const dumps = await Promise.all(
      ['mail_message', 'mail_thread', 'mail_state', 'journal'].map((table) => mail.database.app(table)),
    );
    const kept = JSON.stringify(dumps) + mail.logged.join('\n');
    expect(mail.logged.length).toBeGreaterThan(0);
    // The catcher names somebody in each of its refusals.
    for (const name of [OPERATOR, REVIEWER, 'someone', 'exploitation', 'pemr@'])
      expect(kept).not.toContain(name);
    await mail.catcher.close().catch(() => undefined);
  });
});
