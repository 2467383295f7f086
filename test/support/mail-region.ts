import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, regionOf } from '../../src/config/load.js';
import type { RegionProfile } from '../../src/config/schema/region.js';
import { ensureRegion, finishRun, recordCollected, startRun } from '../../src/db/runs.js';
import { inTransaction } from '../../src/db/types.js';
import { append } from '../../src/journal/append.js';
import type { MailContext } from '../../src/mail/context.js';
import { mailRound } from '../../src/mail/round.js';
import { openPost, type Post } from '../../src/mail/smtp.js';
import type { Delivered } from '../../src/mail/deliver.js';
import { testDatabase, type TestDatabase } from './database.js';
import { startCatcher, type MailCatcher } from './mail-catcher.js';
import { scheduleClock, type ScheduleClock } from './schedule-clock.js';

export const OPERATOR = 'exploitation@exemple.fr';
export const REVIEWER = 'pemr@exemple.fr';
export const CORRESPONDENT = 'referent@hopital.exemple.fr';

/** A region that is written to by a real SMTP server, on a database of its own whose clock the test holds. */
export interface MailRegion {
  readonly database: TestDatabase;
  readonly clock: ScheduleClock;
  readonly catcher: MailCatcher;
  readonly region: RegionProfile;
  readonly context: MailContext;
  readonly folder: string;
  /** What the log was told, as JSON lines. */
  readonly logged: string[];
  round(change?: Partial<MailContext>): Promise<Delivered>;
  /** Messages caught since the last call: subject, and who got it. */
  news(): string[];
  entry(kind: string, body?: object): Promise<void>;
  /** A synchronisation that is over: `ok`, or its error. */
  run(
    id: string,
    end: 'ok' | { code: string; source: string | null; message?: string; remedy?: string },
  ): Promise<void>;
  close(): Promise<void>;
}

export async function mailRegion(start: string, mail: object = {}): Promise<MailRegion> {
  const database = await testDatabase();
  const clock = await scheduleClock(database.owner, start);
  const catcher = await startCatcher();
  const folder = mkdtempSync(join(tmpdir(), 'filror-mail-'));
  const write = (name: string, value: object): void =>
    writeFileSync(join(folder, name), JSON.stringify(value));
  write('web.yaml', { publicUrl: 'https://filror.exemple.fr/' });
  write('mail.yaml', {
    server: { host: '127.0.0.1', port: catcher.port, security: 'none', timeoutSeconds: 5 },
    from: 'filror@region.exemple.fr',
    regions: {
      '28': {
        operators: [OPERATOR],
        reviewers: [REVIEWER],
        establishments: { '760780239': [CORRESPONDENT] },
      },
    },
    ...mail,
  });
  const config = loadConfig(folder);
  const region = regionOf(config, '28');
  await ensureRegion(database.app, '28');
  const logged: string[] = [];
  const tell = (message: string, more?: object): void =>
    void logged.push(JSON.stringify({ message, ...more }));
  let ids = 0;
  const context: MailContext = {
    db: database.app,
    config,
    log: { info: tell, warn: tell, error: tell },
    newId: () => `essai${++ids}`,
    newToken: () => randomBytes(32).toString('base64url'),
    openPost: () => openPost(config.mail, {}),
  };
  let seen = 0;
  return {
    database,
    clock,
    catcher,
    region,
    context,
    folder,
    logged,
    round: (change = {}) => mailRound({ ...context, ...change }, region, 'due'),
    news: () => {
      const fresh = catcher.caught.slice(seen);
      seen = catcher.caught.length;
      return fresh.map(({ to, headers }) => `${to} ${headers.get('subject') ?? ''}`);
    },
    entry: async (kind, body = {}) => {
      const subject = 'change:essai';
      await inTransaction(database.app, (trx) =>
        append(trx, { region: '28', kind, subject, actor: null, body }),
      );
    },
    run: async (id, end) => {
      const { rows } = await database.app.raw<{ rows: { at: Date }[] }>('select schedule_clock() as at');
      const at = rows[0]?.at as Date;
      await startRun(database.app, { region: '28', id, kind: 'sync', startedAt: at });
      const error =
        end === 'ok'
          ? {}
          : { error: { message: 'Le fichier est vide.', remedy: 'vérifiez-le.', place: 'x', ...end } };
      await finishRun(database.app, '28', id, {
        state: end === 'ok' ? 'unchanged' : 'failed',
        finishedAt: at,
        ...error,
      });
      if (end === 'ok') await recordCollected(database.app, '28', id, Object.keys(config.sources));
    },
    close: async () => {
      await catcher.close();
      rmSync(folder, { recursive: true, force: true });
      await database.drop();
    },
  };
}

/** A post whose process dies after the server took the message, before anybody records it. */
export function dyingAfterSend(post: Post): Post {
  return {
    ...post,
    send: async (letter, to) => {
      await post.send(letter, to);
      throw new Error('killed');
    },
  };
}
