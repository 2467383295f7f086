import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestDue } from '../../src/mail/digest.js';
import { mailRegion, OPERATOR, REVIEWER, type MailRegion } from '../support/mail-region.js';

describe('the digest is due', () => {
  const due = (at: string, time: string, last: string): string | null => digestDue(new Date(at), time, last);

  it('once the hour is past in Paris, once a day', () => {
    expect(due('2026-03-12T06:29:59Z', '07:30', '2026-03-11')).toBeNull();
    expect(due('2026-03-12T06:30:00Z', '07:30', '2026-03-11')).toBe('2026-03-12');
    expect(due('2026-03-12T22:59:00Z', '07:30', '2026-03-12')).toBeNull();
    expect(due('2026-03-12T23:30:00Z', '07:30', '2026-03-12')).toBeNull();
  });

  it('in the night of March that lacks 02:30, when it is past', () => {
    expect(due('2026-03-29T00:59:00Z', '02:30', '2026-03-28')).toBeNull();
    expect(due('2026-03-29T01:00:00Z', '02:30', '2026-03-28')).toBe('2026-03-29');
  });

  it('in the night of October that has 02:30 twice, the first time', () => {
    expect(due('2026-10-25T00:29:00Z', '02:30', '2026-10-24')).toBeNull();
    expect(due('2026-10-25T00:30:00Z', '02:30', '2026-10-24')).toBe('2026-10-25');
    expect(due('2026-10-25T01:30:00Z', '02:30', '2026-10-25')).toBeNull();
  });
});

describe('the digest', () => {
  let mail: MailRegion;
  beforeAll(async () => {
    mail = await mailRegion('2026-03-27T09:00:00Z');
    await mail.round();
  });
  afterAll(() => mail.close());

  it('waits for its hour, then tells everybody once what happened since the last one', async () => {
    await mail.entry('plan', {
      opened: [
        { kind: 'create', state: 'proposed' },
        { kind: 'create', state: 'toComplete' },
        { kind: 'modify', state: 'proposed' },
      ],
    });
    await mail.entry('approve');
    await mail.entry('approve');
    await mail.round();
    expect(mail.news()).toEqual([]);
    await mail.clock.set('2026-03-28T06:30:00Z');
    await Promise.all([mail.round(), mail.round()]);
    await mail.round();
    expect(mail.news()).toEqual([
      `${OPERATOR} [filror 28] Récapitulatif du 28/03/2026 : rien à approuver`,
      `${REVIEWER} [filror 28] Récapitulatif du 28/03/2026 : rien à approuver`,
    ]);
    const [{ text } = { text: '' }] = mail.catcher.caught;
    expect(text).toContain('- 3 changements proposés : 2 créations et 1 modification\n- 2 approbations\n');
    expect(text).toContain('Ce qui attend :\n- rien\n');
    expect(text).toContain('https://filror.exemple.fr/28\n');
  });

  it('is not sent when nothing happened and nothing waits', async () => {
    await mail.clock.set('2026-03-29T05:30:00Z');
    await mail.round();
    expect(mail.news()).toEqual([]);
  });

  it('comes at the same wall-clock hour after the change of hour, and names what still fails', async () => {
    await mail.run('run_1', { code: 'SRC_EMPTY', source: 'filieres' });
    await mail.round();
    expect(mail.news()).toHaveLength(1);
    await mail.clock.set('2026-03-30T05:29:00Z');
    await mail.round();
    expect(mail.news()).toEqual([]);
    await mail.clock.set('2026-03-30T05:30:00Z');
    await mail.round();
    expect(mail.news()).toHaveLength(2);
    expect(mail.catcher.caught.at(-1)?.text).toContain(
      '- Source « filieres » en échec, depuis le 29/03/2026 à 07:30',
    );
  });
});
