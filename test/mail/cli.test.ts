import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtProgram, runFilror } from '../support/built.js';
import { mailRegion, OPERATOR, REVIEWER, type MailRegion } from '../support/mail-region.js';
import { until } from '../support/scheduled-region.js';

/** `filror mail` and the scheduler, as processes of their own. */
let mail: MailRegion;
let env: Record<string, string>;
beforeAll(async () => {
  mail = await mailRegion('2026-03-12T09:00:00Z');
  writeFileSync(join(mail.folder, 'schedule.yaml'), JSON.stringify({ wakeSeconds: 1 }));
  env = {
    DATABASE_URL: mail.database.appUrl,
    DATABASE_OWNER_URL: mail.database.ownerUrl,
    FILROR_CONFIG: mail.folder,
    FILROR_REGION: '28',
  };
  await mail.round();
});
afterAll(() => mail.close());

const filror = (...args: readonly string[]) => runFilror(args, env);
const noAddress = (text: string): void => {
  for (const address of [OPERATOR, REVIEWER, 'essai@exemple.fr']) expect(text).not.toContain(address);
};

describe('filror mail', () => {
  it('test sends one message, and refuses without a server, an address or an answer', async () => {
    const sent = await filror('mail', 'test', '--to', 'essai@exemple.fr');
    expect([sent.code, sent.stderr]).toEqual([0, '']);
    expect(sent.stdout).toContain('Message d’essai pris par 127.0.0.1:');
    expect(mail.news()).toEqual(['essai@exemple.fr [filror] Message d’essai']);

    const two = await filror('mail', 'test', '--to', 'a@exemple.fr, b@exemple.fr');
    expect(two.code).toBe(1);
    expect(two.stderr).toContain('Erreur MAIL_ADDRESS');

    mail.catcher.rule = () => 550;
    const refused = await filror('mail', 'test', '--to', 'essai@exemple.fr');
    mail.catcher.rule = () => null;
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('Erreur MAIL_REFUSED');
    expect(refused.stderr).toContain('(SMTP 550)');
    noAddress(refused.stderr + sent.stdout);

    const off = mkdtempSync(join(tmpdir(), 'filror-off-'));
    const none = await filror('mail', 'test', '--to', 'essai@exemple.fr', '--config', off);
    expect(none.code).toBe(1);
    expect(none.stderr).toContain('Erreur MAIL_OFF');
    expect(none.stderr).toContain('Que faire : donnez « server » et « from » dans mail.yaml');
    rmSync(off, { recursive: true });
  });

  it('send shows first, keeps nothing in a dry run, then sends; list tells what became of it', async () => {
    await mail.entry('applyConflict');
    const dry = await filror('mail', 'send', '--dry-run');
    expect(dry.code).toBe(2);
    expect(dry.stdout).toContain(
      'Pour : exploitation et équipe PEMR, 2 adresse(s)\nObjet : [filror 28] 1 conflit à regarder\n',
    );
    expect(dry.stdout).toContain('Essai à blanc : rien n’a été gardé.');
    expect(mail.news()).toEqual([]);
    expect(await mail.database.app('mail_message')).toEqual([]);

    const sent = await filror('mail', 'send');
    expect([sent.code, sent.stderr]).toEqual([0, '']);
    expect(sent.stdout).toBe('Courriels : 1, pris par le serveur pour 2 adresse(s), refusés pour 0.\n');
    expect(mail.news()).toHaveLength(2);
    expect((await filror('mail', 'send')).stdout).toBe('Rien à envoyer.\n');

    const list = await filror('mail', 'list');
    expect(list.code).toBe(0);
    expect(list.stdout).toMatch(
      /12\/03\/2026 10:00 {2}= envoyé {5}\[filror 28\] 1 conflit à regarder {2}\(exploitation et équipe PEMR : 2 pris\)/,
    );
    noAddress(dry.stdout + sent.stdout + list.stdout);
  });

  it('send says when the server is away and what to do; everything waits (exit 1)', async () => {
    const lost = {
      server: { host: '127.0.0.1', port: 1, security: 'none' },
      from: 'filror@region.exemple.fr',
    };
    const folder = mkdtempSync(join(tmpdir(), 'filror-lost-'));
    writeFileSync(join(folder, 'web.yaml'), JSON.stringify({ publicUrl: 'https://filror.exemple.fr' }));
    const regions = { '28': { operators: [OPERATOR] } };
    writeFileSync(join(folder, 'mail.yaml'), JSON.stringify({ ...lost, regions }));
    await mail.entry('applyRefused');
    const { code, stderr } = await filror('mail', 'send', '--config', folder);
    expect(code).toBe(1);
    expect(stderr).toContain('Erreur MAIL_DOWN');
    expect(stderr).toContain('aucun n’est perdu');
    expect(stderr).toContain('Que faire : vérifiez adresse, port, chiffrement');
    noAddress(stderr);
    const { stdout } = await filror('mail', 'list');
    expect(stdout).toContain('! Le serveur ne prend rien (1 essai(s)) ; le suivant : 12/03/2026 10:01.');
    await mail.clock.advance(60);
    expect((await filror('mail', 'send')).code).toBe(0);
    expect(mail.news()).toEqual([`${OPERATOR} [filror 28] 1 envoi refusé`]);
    rmSync(folder, { recursive: true });
  });
});

describe('two schedulers at once', () => {
  it('send one mail, soon after what it tells, and say no address', async () => {
    const running = [1, 2].map(() => builtProgram().start(['serve', '--scheduler'], env));
    try {
      await until(
        () => Promise.resolve(running.map((each) => each.told())),
        (told) => told.every((text) => text.includes('scheduler started')),
      );
      await mail.entry('applyUncertain');
      await until(
        () => Promise.resolve(mail.catcher.caught.length),
        () =>
          mail.catcher.caught.some(({ headers }) => headers.get('subject')?.includes('incertain') === true),
      );
      // Both look three times more.
      await sleep(3_500);
      expect(mail.news()).toEqual([`${OPERATOR} [filror 28] 1 envoi incertain`]);
    } finally {
      for (const each of running) each.stop();
    }
    const ended = await Promise.all(running.map((each) => each.finished));
    expect(ended.map(({ code }) => code)).toEqual([0, 0]);
    const told = ended.map(({ stderr }) => stderr).join('');
    expect(told.match(/mail sent/g)).toHaveLength(1);
    noAddress(told);
  });
});
