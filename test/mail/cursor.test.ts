import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type * as Journal from '../../src/db/journal.js';
import { decide } from '../../src/mail/decide.js';
import { mailRegion, OPERATOR, type MailRegion } from '../support/mail-region.js';

/** The next reading of the journal's end waits, once it has its answer, for what the test does meanwhile. */
const gate = vi.hoisted(() => ({ meanwhile: [] as (() => Promise<void>)[] }));
vi.mock('../../src/db/journal.js', async (original) => {
  const real = await original<typeof Journal>();
  const readHead: typeof real.readHead = async (db) => {
    const head = await real.readHead(db);
    await gate.meanwhile.pop()?.();
    return head;
  };
  return { ...real, readHead };
});

let mail: MailRegion;
beforeEach(async () => {
  mail = await mailRegion('2026-03-02T10:00:00Z');
  await mail.round();
});
afterEach(() => mail.close());

const cursor = async (): Promise<{ seen: number; digest: number }> => {
  const row = (await mail.database.app('mail_state').first('seen_no', 'digest_no')) as Record<string, string>;
  return { seen: Number(row['seen_no']), digest: Number(row['digest_no']) };
};

it('the cursor of mail never goes back, and nothing is told twice, when another process decides meanwhile', async () => {
  await mail.clock.advance(24 * 3600);
  let [between, other] = [{ seen: 0, digest: 0 }, false];
  gate.meanwhile.push(async () => {
    await mail.entry('applyRefused');
    other = await decide(mail.context, mail.region);
    between = await cursor();
  });
  await decide(mail.context, mail.region);
  const after = await cursor();
  expect(other).toBe(true);
  expect(after.seen).toBeGreaterThanOrEqual(between.seen);
  expect(after.digest).toBeGreaterThanOrEqual(between.digest);
  await mail.entry('applyRefused');
  await mail.round();
  // One message for each refusal, and none that tells the first one again.
  const subjects = mail.news().filter((line) => line.startsWith(OPERATOR) && !line.includes('Récapitulatif'));
  expect(new Set(subjects).size).toBe(1);
  expect(subjects).toHaveLength(2);
});
