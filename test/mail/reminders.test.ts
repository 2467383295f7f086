import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomBytes } from 'node:crypto';
import { mailContext } from '../../src/cli/mail-context.js';
import { addAgreementLink, agreementLink } from '../../src/db/agreement-links.js';
import type { StoredChange } from '../../src/db/changes.js';
import { tokenHash } from '../../src/db/sessions.js';
import { recordAgreement } from '../../src/followup/agree.js';
import { verify } from '../../src/journal/verify.js';
import { mailRound } from '../../src/mail/round.js';
import type { Post } from '../../src/mail/smtp.js';
import type { Logger } from '../../src/observe/logger.js';
import { plannedCentres } from '../../src/runs/planned-centres.js';
import { openWorld, type World } from '../scenarios/world.js';
import { startCatcher, type MailCatcher } from '../support/mail-catcher.js';
import { CORRESPONDENT, REVIEWER } from '../support/mail-region.js';
import { trialList } from '../support/region-run.js';
import { scheduleClock, type ScheduleClock } from '../support/schedule-clock.js';

/** Two hospitals asked on 01/03; Dieppe has a correspondent, Coutances none. 14 days, then 28, deadline after 30. */
let world: World;
let catcher: MailCatcher;
let clock: ScheduleClock;
const logged: string[] = [];
const changes = new Map<string, StoredChange>();
const ejs = new Map<string, string>();
const ASKED = new Date('2026-03-01T09:00:00Z');
let seen = 0;

beforeAll(async () => {
  catcher = await startCatcher();
  const mail = {
    server: { host: '127.0.0.1', port: catcher.port, security: 'none' },
    from: 'filror@region.exemple.fr',
    regions: { '28': { reviewers: [REVIEWER], establishments: { '760780023': [CORRESPONDENT] } } },
  };
  world = await openWorld({
    list: trialList([{ number: 1 }, { number: 2, hospital: 'CH de Coutances', town: 'Coutances' }]),
    agreement: 'asked',
    config: {
      'mail.yaml': JSON.stringify(mail),
      'web.yaml': JSON.stringify({ publicUrl: 'https://filror.exemple.fr' }),
    },
  });
  await world.sync();
  const centres = await plannedCentres(world.context);
  for (const change of await world.open()) {
    const centre = centres[change.centres[0] ?? ''];
    changes.set(centre?.town ?? '', change);
    ejs.set(centre?.town ?? '', centre?.ej ?? '');
  }
  // The configuration names the correspondent of the legal entity that the register gives.
  const { establishments } = world.context.config.mail.regions['28'] as {
    establishments: Record<string, string[]>;
  };
  delete establishments['760780023'];
  establishments[ejs.get('Dieppe') ?? ''] = [CORRESPONDENT];
  for (const [town, { id, hash }] of changes) {
    await addAgreementLink(world.database.app, '28', {
      token: randomBytes(32).toString('base64url'),
      ej: ejs.get(town) ?? '',
      changes: [{ id, hash }],
      madeBy: world.camille.id,
      madeAt: ASKED,
      expiresAt: new Date('2026-03-31T09:00:00Z'),
    });
  }
  clock = await scheduleClock(world.database.owner, '2026-03-01T09:00:00Z');
  await day('2026-03-01T09:00:00Z');
});
afterAll(async () => {
  await catcher.close();
  await world.close();
});

/** A round at an instant. @returns who got what, the digest apart */
async function day(at: string, through = (post: Post): Post => post): Promise<string[]> {
  await clock.set(at);
  const tell = (message: string, more?: object): void =>
    void logged.push(JSON.stringify({ message, ...more }));
  const log: Logger = { info: tell, warn: tell, error: tell };
  const context = mailContext(world.context.config, {}, log, world.database.app);
  const opened = (): Post | null => {
    const post = context.openPost();
    return post === null ? null : through(post);
  };
  await mailRound({ ...context, openPost: opened }, world.context.region, 'due');
  const fresh = catcher.caught.slice(seen);
  seen = catcher.caught.length;
  return fresh
    .map(({ to, headers }) => `${to} ${headers.get('subject') ?? ''}`)
    .filter((line) => !line.includes('Récapitulatif'));
}

const REMINDER = `${CORRESPONDENT} [filror 28] Accord attendu pour 1 changement – CH de Dieppe`;

describe('reminders to the correspondent of an establishment', () => {
  const token = (): string => {
    const letter = catcher.caught.findLast(({ to }) => to === CORRESPONDENT);
    const [, secret = ''] =
      /^https:\/\/filror\.exemple\.fr\/lien\/28\/([A-Za-z0-9_-]{43})$/m.exec(letter?.text ?? '') ?? [];
    return secret;
  };

  it('make no link that can be used, and tell the journal nothing, while the sender is refused', async () => {
    expect(await day('2026-03-15T06:30:00Z')).toEqual([]);
    catcher.rule = (stage) => (stage === 'from' ? 550 : null);
    for (const at of ['06:30', '07:30', '08:30']) expect(await day(`2026-03-16T${at}:00Z`)).toEqual([]);
    const { app } = world.database;
    const links = await app('agreement_link').where({ reminder: true });
    expect(links.length).toBeGreaterThan(0);
    expect(links.filter(({ withdrawn_at }) => withdrawn_at === null)).toEqual([]);
    expect(await app('journal').where({ kind: 'agreement.reminder' })).toEqual([]);
    expect(await app('journal').where({ kind: 'mail.down' })).toEqual([]);

    // A server that falls silent may have taken it: of its links one stays, the newest.
    const silent = { result: 'down', code: 'ECONNECTION' } as const;
    const mute = (post: Post): Post => ({ ...post, send: () => Promise.resolve(silent) });
    catcher.rule = () => null;
    for (const at of ['2026-03-16T10:30:00Z', '2026-03-16T14:45:00Z', '2026-03-16T19:00:00Z'])
      expect(await day(at, mute)).toEqual([]);
    const open = await app('agreement_link').where({ reminder: true, withdrawn_at: null });
    expect(open.length).toBeLessThanOrEqual(2);
    expect(await app('journal').where({ kind: 'agreement.reminder' })).toEqual([]);
  });

  it('go once, when the days are over, with a signed link of their own', async () => {
    expect(await day('2026-03-16T23:30:00Z')).toEqual([REMINDER]);
    expect(await day('2026-03-17T06:30:00Z')).toEqual([]);
    const { app } = world.database;
    const link = await agreementLink(app, '28', token());
    expect(link).toMatchObject({
      ej: ejs.get('Dieppe'),
      usedAt: null,
      expiresAt: new Date('2026-03-31T09:00:00Z'),
    });
    expect(link?.changes.map(({ id }) => id)).toEqual([changes.get('Dieppe')?.id]);
    const letter = catcher.caught.findLast(({ to }) => to === CORRESPONDENT);
    expect(letter?.text).toContain('Réponse attendue avant le 31/03/2026');
    const entries = await app('journal').where({ kind: 'agreement.reminder' });
    expect(entries).toMatchObject([
      { region: '28', actor: null, subject: `establishment:${ejs.get('Dieppe') ?? ''}` },
    ]);
  });

  it('leave the secret of the link in no table, no journal and no log', async () => {
    const { owner } = world.database;
    const { rows } = await owner.raw<{ rows: { name: string }[] }>(
      `select tablename as name from pg_tables where schemaname = 'public' and tablename not like 'snapshot%'`,
    );
    const secret = token();
    expect(secret).toHaveLength(43);
    let found = 0;
    for (const { name } of rows) {
      const text = JSON.stringify(await owner(name));
      expect(text.includes(secret), name).toBe(false);
      expect(text.includes(CORRESPONDENT), name).toBe(false);
      if (text.includes(tokenHash(secret))) found += 1;
    }
    expect(found).toBe(1);
    expect(logged.join('\n')).not.toContain(secret);
    expect(logged.join('\n')).not.toContain(CORRESPONDENT);
    expect(logged.length).toBeGreaterThan(0);
  });

  it('are told by the digest to be made by hand where nobody is named', () => {
    const digest = catcher.caught.findLast(({ headers }) =>
      headers.get('subject')?.includes('Récapitulatif'),
    );
    expect(digest?.text).toContain('- 1 relance à faire à la main : https://filror.exemple.fr/28/accords');
  });

  it('do not put off the deadline: the second at 28 days, then the reviewers are told, once', async () => {
    expect(await day('2026-03-28T06:30:00Z')).toEqual([]);
    expect(await day('2026-03-29T09:30:00Z')).toEqual([REMINDER]);
    expect(await day('2026-03-31T09:30:00Z')).toEqual([
      `${REVIEWER} [filror 28] Délai dépassé pour 1 changement – CH de Coutances`,
      `${REVIEWER} [filror 28] Délai dépassé pour 1 changement – CH de Dieppe`,
    ]);
    expect(await day('2026-04-01T09:30:00Z')).toEqual([]);
  });

  it('and nothing once the establishment answered: its answer is told to the reviewers', async () => {
    const { context, camille } = world;
    await recordAgreement(
      {
        db: context.db,
        region: context.region,
        review: context.config.review,
        person: camille,
        now: new Date(),
      },
      [changes.get('Coutances') as StoredChange],
      {
        verdict: 'agree',
        by: 'référent ROR, Hôpital d’essai',
        channel: 'letter',
        on: '2026-03-20',
        document: { name: null, sha256: null, reference: 'lettre du 20/03/2026' },
        reason: null,
      },
    );
    expect(await day('2026-04-01T12:00:00Z')).toEqual([
      `${REVIEWER} [filror 28] Réponses d’établissements : 1 accord`,
    ]);
    expect((await verify(world.database.app)).fault).toBeNull();
  });
});
