import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mailRegion, OPERATOR, type MailRegion } from '../support/mail-region.js';

/** One thread for each thing that goes wrong: 2026-03-12 is a Thursday, 10:00 in Paris when it begins. */
let mail: MailRegion;
beforeEach(async () => {
  mail = await mailRegion('2026-03-12T09:00:00Z', {
    digestTime: '23:30',
  });
  await mail.round();
});
afterEach(() => mail.close());

const SUBJECT = '[filror 28] Source « filieres » en échec';
const empty = { code: 'SRC_EMPTY', source: 'filieres' };

/** Threads as a mail client builds them: Message-ID, In-Reply-To, References, first sentence. */
function headers(at: number): Record<string, string> {
  const { headers: all, text } = mail.catcher.caught[at] ?? { headers: new Map(), text: '' };
  return {
    subject: all.get('subject') ?? '',
    id: all.get('message-id') ?? '',
    reply: all.get('in-reply-to') ?? '',
    references: all.get('references') ?? '',
    text,
  };
}

describe('a source that fails', () => {
  it('has one thread over several failures, closed when it works again; the next failure opens another', async () => {
    await mail.run('run_1', empty);
    await mail.round();
    await mail.clock.advance(24 * 3600);
    await mail.run('run_2', empty);
    await mail.round();
    await mail.clock.advance(24 * 3600);
    await mail.run('run_3', 'ok');
    await mail.round();
    await mail.clock.advance(24 * 3600);
    await mail.run('run_4', empty);
    await mail.round();
    expect(mail.news()).toEqual(Array.from({ length: 4 }, () => `${OPERATOR} ${SUBJECT}`));

    const [first, second, third, fourth] = [headers(0), headers(1), headers(2), headers(3)];
    expect(first.id).toMatch(/^<filror\.28\.essai\d+@region\.exemple\.fr>$/);
    expect([first.reply, first.references]).toEqual(['', '']);
    expect(first.text).toContain(
      'la source « filieres » n’a pas pu être collectée ou lue le 12/03/2026 à 10:00.',
    );
    expect(first.text).toContain('Le fichier est vide. (SRC_EMPTY)');
    expect(first.text).toContain('Que faire : vérifiez-le.');
    expect(first.text).toContain('https://filror.exemple.fr/28/passages/run_1');
    expect([second.reply, second.references]).toEqual([first.id, first.id]);
    expect(second.text).toContain(
      'L’échec dure : commencé le 12/03/2026 à 10:00, vu encore le 13/03/2026 à 10:00.',
    );
    expect([third.reply, third.references]).toEqual([second.id, `${first.id} ${second.id}`]);
    expect(third.text).toContain(
      'Rétabli : la source « filieres » est de nouveau collectée, vu le 14/03/2026',
    );
    expect([fourth.reply, fourth.references]).toEqual(['', '']);
    expect(new Set([first, second, third, fourth].map(({ id }) => id)).size).toBe(4);
  });

  it('is told again before its hour only when the cause changes', async () => {
    await mail.run('run_1', empty);
    await mail.round();
    await mail.clock.advance(3600);
    await mail.run('run_2', empty);
    await mail.round();
    expect(mail.news()).toHaveLength(1);
    await mail.clock.advance(3600);
    await mail.run('run_3', { code: 'SRC_HTML', source: 'filieres' });
    await mail.round();
    expect(mail.news()).toEqual([`${OPERATOR} ${SUBJECT}`]);
    expect(headers(1).text).toContain('L’échec a changé de cause');
  });

  it('does not work again because another one does, nor because the run stopped before it', async () => {
    await mail.run('run_1', empty);
    await mail.round();
    await mail.run('run_2', { code: 'SRC_EMPTY', source: 'labelled-centres' });
    await mail.round();
    expect(mail.news()).toEqual([
      `${OPERATOR} ${SUBJECT}`,
      `${OPERATOR} [filror 28] Source « labelled-centres » en échec`,
    ]);
    const { app } = mail.database;
    await mail.run('run_3', 'ok');
    await app('run')
      .where({ id: 'run_3' })
      .update({ collected: ['labelled-centres'] });
    await mail.round();
    expect(mail.news()).toEqual([`${OPERATOR} [filror 28] Source « labelled-centres » en échec`]);
    expect(headers(2).text).toContain('Rétabli : la source « labelled-centres »');
  });

  it('is not one that was stopped half way and is done again by another process', async () => {
    await mail.run('run_1', { code: 'SLOT_GIVEN_BACK', source: null });
    await mail.run('run_2', { code: 'SLOT_TAKEN_OVER', source: null });
    await mail.round();
    expect(mail.news()).toEqual([]);
  });
});

describe('a run that fails through no source', () => {
  it('has a thread of its own', async () => {
    await mail.run('run_1', { code: 'TOO_MANY_WITHDRAWALS', source: null });
    await mail.round();
    await mail.run('run_2', 'ok');
    await mail.round();
    const subject = `${OPERATOR} [filror 28] Passages en échec`;
    expect(mail.news()).toEqual([subject, subject]);
    expect(headers(1).reply).toBe(headers(0).id);
  });
});

describe('a run that fails on an error that nobody foresaw', () => {
  it('is told without the words of the error, with what to do', async () => {
    const message = "TypeError: Cannot read properties of undefined (reading 'ej')";
    await mail.run('run_1', { code: 'BUG', source: null, message, remedy: '' });
    await mail.round();
    const { text = '' } = headers(0);
    expect(text).not.toContain('TypeError');
    expect(text).not.toContain('undefined');
    expect(text).toContain('filror s’est arrêté sur une erreur qu’il ne prévoyait pas. (BUG)');
    expect(text).toContain(
      'Que faire : relancez le passage (page « Passages », ou « filror sync » au terminal) ; si cela recommence, transmettez à l’équipe de filror',
    );
  });
});

describe('the weekly full reading', () => {
  const due = async (at: string, job = 'reconcile'): Promise<void> => {
    await mail.database.owner('slot').insert({
      region: '28',
      job,
      due_at: at,
      schedule: 'relecture',
      state: 'done',
      exit_code: 0,
      ended_at: at,
    });
  };
  const read = async (at: string, mode = 'full'): Promise<void> => {
    await mail.database.app('mirror_reading').insert({
      region: '28',
      mode,
      repository: 'https://ror.exemple.fr',
      started_at: at,
      recorded_at: at,
      seen_until: at,
      read: 0,
      moved: 0,
      gone: 0,
    });
  };
  const MISSED = `${OPERATOR} [filror 28] Relecture complète manquée`;

  it('is told missed twelve hours after it was due, although its slot ended well, and closed by the next one', async () => {
    await mail.clock.set('2026-03-15T12:00:00Z');
    await read('2026-03-08T02:15:00Z');
    await due('2026-03-15T02:10:00Z');
    await read('2026-03-15T02:20:00Z', 'delta');
    await mail.round();
    expect(mail.news()).toEqual([]);
    await mail.clock.set('2026-03-15T14:11:00Z');
    await mail.round();
    await mail.round();
    expect(mail.news()).toEqual([MISSED]);
    expect(headers(0).text).toContain('était due le 15/03/2026 à 03:10.');
    await read('2026-03-16T10:00:00Z', 'export');
    await mail.round();
    expect(mail.news()).toEqual([MISSED]);
    expect(headers(1).reply).toBe(headers(0).id);
    expect(headers(1).text).toContain('Rétabli : le répertoire a été relu en entier');
  });

  it('is not missed when it was read by hand after it was due', async () => {
    await due('2026-03-15T02:10:00Z');
    await read('2026-03-15T09:00:00Z');
    await mail.clock.set('2026-03-17T12:00:00Z');
    await mail.round();
    expect(mail.news()).toEqual([]);
  });
});
