import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RegionRequest } from '../../src/web/route.js';
import { mailPart } from '../../src/web/pages/mail-part.js';
import { mailRegion, OPERATOR, REVIEWER, type MailRegion } from '../support/mail-region.js';

let mail: MailRegion;
beforeAll(async () => {
  mail = await mailRegion('2026-03-12T09:00:00Z');
  await mail.round();
});
afterAll(() => mail.close());

async function shown(config = mail.context.config): Promise<string> {
  const request = { run: { db: mail.database.app, config }, region: mail.region } as unknown as RegionRequest;
  const { text } = await mailPart(request);
  for (const address of [OPERATOR, REVIEWER]) expect(text).not.toContain(address);
  return text.replace(/<[^>]*>/g, '').replace(/\s+/g, ' ');
}

it('says on the page of sources whether mail is off, goes, waits or was given up', async () => {
  const { config } = mail.context;
  expect(await shown({ ...config, mail: { ...config.mail, server: null } })).toContain(
    'Le courrier est éteint',
  );
  expect(await shown()).toContain('Aucun courriel envoyé encore.');
  await mail.entry('applyConflict');
  await mail.round();
  expect(await shown()).toContain('Dernier courriel envoyé le 12/03/2026 à 10:00.');
  mail.catcher.rule = (stage) => (stage === 'rcpt' ? 550 : null);
  await mail.entry('applyRefused');
  await mail.round();
  expect(await shown()).toContain('1 courriel abandonné parmi les derniers');
  await mail.catcher.close();
  await mail.entry('applyUncertain');
  await mail.round();
  const down = await shown();
  expect(down).toContain('1 courriel en attente.');
  expect(down).toContain('Le serveur de courrier ne prend rien (1 essai) ; le suivant : 12/03/2026 à 10:01.');
  expect(down).toContain('Que faire : « filror mail test --to ADRESSE » dit pourquoi.');
});
