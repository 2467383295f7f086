import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { mailRegion, OPERATOR, REVIEWER, type MailRegion } from '../support/mail-region.js';

/** What people are told at once, by real SMTP. The digest of the day is past: 2026-03-12 10:00 in Paris. */
let mail: MailRegion;
beforeAll(async () => {
  mail = await mailRegion('2026-03-12T09:00:00Z');
  await mail.entry('applyConflict');
  await mail.round();
});
afterEach(() => mail.news());
afterAll(() => mail.close());

const plan = (...opened: readonly { kind: string; state: string }[]): object => ({ opened });

describe('what is told at once', () => {
  it('is nothing of what was journalled before mail was on', () => {
    expect(mail.news()).toEqual([]);
  });

  it('are conflicts, to everybody, counted', async () => {
    await mail.entry('applyConflict');
    await mail.entry(
      'plan',
      plan({ kind: 'modify', state: 'conflict' }, { kind: 'create', state: 'proposed' }),
    );
    await mail.round();
    const [caught] = mail.catcher.caught;
    expect(mail.news()).toEqual([
      `${OPERATOR} [filror 28] 2 conflits à regarder`,
      `${REVIEWER} [filror 28] 2 conflits à regarder`,
    ]);
    expect(caught?.text).toContain('https://filror.exemple.fr/28/changements?etat=conflict');
    expect(caught?.from).toBe('filror@region.exemple.fr');
    expect(caught?.headers.get('auto-submitted')).toBe('auto-generated');
    expect(caught?.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(caught?.headers.get('content-transfer-encoding')).toBe('quoted-printable');
    expect(caught?.headers.get('to')).toBe(OPERATOR);
    expect(caught?.headers.has('x-mailer')).toBe(false);
  });

  it('are refusals and unknown outcomes of the repository, to operators', async () => {
    await mail.entry('applyRefused');
    await mail.entry('anomaly.refused');
    await mail.entry('applyUncertain');
    await mail.round();
    expect(mail.news()).toEqual([`${OPERATOR} [filror 28] 2 envois refusés et 1 envoi incertain`]);
  });

  it('are withdrawals and closures that a plan proposes, to reviewers', async () => {
    await mail.entry(
      'plan',
      plan({ kind: 'withdraw', state: 'proposed' }, { kind: 'close', state: 'question' }),
    );
    await mail.round();
    expect(mail.news()).toEqual([`${REVIEWER} [filror 28] 1 retrait de label et 1 fermeture à décider`]);
  });

  it('are answers of establishments, to reviewers', async () => {
    for (const verdict of ['agree', 'agree', 'refuse', 'undo']) await mail.entry(`agreement.${verdict}`);
    await mail.round();
    expect(mail.news()).toEqual([
      `${REVIEWER} [filror 28] Réponses d’établissements : 2 accords, 1 refus et 1 réponse reprise`,
    ]);
  });

  it('is nothing else', async () => {
    for (const kind of ['approve', 'reject', 'apply', 'transmit', 'mirror', 'schedule.added', 'grant.given'])
      await mail.entry(kind);
    await mail.entry('plan', plan({ kind: 'create', state: 'proposed' }));
    await mail.round();
    expect(mail.news()).toEqual([]);
  });

  it('is told once', async () => {
    await mail.entry('applyConflict');
    await mail.round();
    expect(mail.news()).toHaveLength(2);
    await mail.round();
    await mail.round();
    expect(mail.news()).toEqual([]);
  });

  it('is told once when two schedulers look at the same instant', async () => {
    await mail.entry('applyRefused');
    await Promise.all([mail.round(), mail.round(), mail.round()]);
    expect(mail.news()).toEqual([`${OPERATOR} [filror 28] 1 envoi refusé`]);
  });
});
