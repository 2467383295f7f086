import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { centresList } from '../scenarios/world.js';
import { openWebWorld, type Visitor, type WebWorld } from '../support/web-world.js';

/** What is approved leaves from the page too, after it was shown what would leave and what would not. */
const row = { label: 'CCMR', public: 'mixte' };
let web: WebWorld;
let operator: Visitor;
let reader: Visitor;
beforeAll(async () => {
  web = await openWebWorld({
    list: centresList([
      { title: 'Centre d’essai 1', hospital: 'CH de Dieppe', town: 'Dieppe', ...row },
      { title: 'Centre d’essai 2', hospital: 'CH Lisieux', town: 'Lisieux', ...row },
    ]),
  });
  await web.sync();
  operator = await web.visitor(['operator'], 'Opératrice d’essai');
  reader = await web.visitor(['reader'], 'Lecteur d’essai');
});
afterAll(() => web.close());

describe('the page of sending', () => {
  it('says that nothing waits, and offers nothing to press', async () => {
    const { status, text } = await operator.get('/28/envoi');
    expect([status, text.includes('Aucun changement approuvé n’attend.')]).toEqual([200, true]);
    expect(text).not.toContain('Envoyer maintenant');
  });

  it('shows what would leave, sends nothing by being looked at, and sends for an operator only', async () => {
    const [first, second] = await web.open();
    await web.approve(web.dominique, first?.id ?? '');
    await web.approve(web.dominique, second?.id ?? '');
    const before = web.sandbox.list('HealthcareService').length;
    expect((await operator.get('/28')).text).toContain('2 changements approuvés à envoyer');
    const shown = await operator.get('/28/envoi');
    expect(shown.text).toContain('2 changements approuvés attendent l’envoi.');
    expect(shown.text.match(/écrit dans le ROR : offre créée/g)).toHaveLength(2);
    const looked = await reader.get('/28/envoi');
    expect(looked.text).toContain('Envoyer demande le droit d’opérateur');
    expect((await reader.post('/28/envoi', {})).status).toBe(403);
    expect(web.sandbox.list('HealthcareService')).toHaveLength(before);
    expect(await web.database.app('apply_attempt')).toEqual([]);

    const sent = await operator.post('/28/envoi', {});
    expect([sent.status, sent.headers.get('location')]).toEqual([303, '/28/envoi']);
    expect((await operator.get('/28/envoi')).text).toContain('Envoi terminé : 2 changements appliqués.');
    expect(web.sandbox.list('HealthcareService')).toHaveLength(before + 2);
    const asked = (await web.database.app('journal').where({ kind: 'slot.asked' })) as { subject: string }[];
    expect(asked.map(({ subject }) => subject)).toEqual(['slot:apply']);
  });

  it('is refused in a pause, with what to do', async () => {
    await web.sync();
    const paused = await operator.post('/28/sources/pause', {
      source: '',
      raison: 'essai',
      jusqu: `${new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10)}T08:00`,
    });
    expect(paused.status).toBe(303);
    const refused = await operator.post('/28/envoi', {});
    expect([refused.status, refused.text.includes('En pause jusqu’au')]).toEqual([409, true]);
  });
});
