import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StoredChange } from '../../src/db/changes.js';
import { centreIdOf, centresList, changeOf } from '../scenarios/world.js';
import { openWebWorld, type Visitor, type WebWorld } from '../support/web-world.js';

/** What was answered and what was written can be taken back from the change's page, and the plan made anew. */
const row = { hospital: 'CH de Dieppe', town: 'Dieppe', departement: '76' };
const list = (label: string): string =>
  centresList([{ title: 'Centre d’essai 1', ...row, label, public: '' }]);

let web: WebWorld;
let alix: Visitor;
let bastien: Visitor;
let centre = '';
beforeAll(async () => {
  web = await openWebWorld({ list: list('CCMR') });
  centre = centreIdOf(changeOf(await web.sync(), 'Centre d’essai 1'));
  alix = await web.visitor(['operator', 'reviewer'], 'Alix d’essai');
  bastien = await web.visitor(['reviewer'], 'Bastien d’essai');
});
afterAll(() => web.close());

async function open(): Promise<StoredChange[]> {
  return (await web.open()).filter(({ centres }) => centres.some((id) => id === centre));
}
async function only(): Promise<StoredChange> {
  const [change, ...more] = await open();
  if (change === undefined || more.length > 0) throw new Error(`${String(more.length)} others`);
  return change;
}
const pageOf = async (id: string, who = alix): Promise<string> =>
  (await who.get(`/28/changements/${id}`)).text;

async function completed(): Promise<StoredChange> {
  const { id, hash } = await only();
  const answer = { empreinte: hash, centre, question: 'completer', champ: 'public', reponse: 'adulte' };
  expect((await alix.post(`/28/changements/${id}/repondre`, answer)).status).toBe(303);
  return await only();
}

async function applied(): Promise<StoredChange> {
  const change = await only();
  for (const who of [web.dominique, web.eloi].slice(0, change.quorum)) await web.approve(who, change.id);
  expect((await web.apply()).map(({ result }) => result)).toEqual(['applied']);
  return change;
}

describe('an answer', () => {
  it('is listed with who gave it, and taken back: the question stands again', async () => {
    const answered = await completed();
    expect(answered.state).toBe('proposed');
    const text = await pageOf(answered.id);
    expect(text).toContain('valeur complétée : public = adulte');
    expect(text).toContain('Alix d’essai');
    const [, no] = /name="reponse"\s+value="([0-9]+)"/.exec(text) ?? [];
    const stale = await alix.post(`/28/changements/${answered.id}/reprendre`, {
      empreinte: '0'.repeat(64),
      reponse: no ?? '',
      raison: 'réponse donnée pour un autre site',
    });
    expect([stale.status, stale.text.includes('a été recalculé')]).toEqual([409, true]);
    const back = await alix.post(`/28/changements/${answered.id}/reprendre`, {
      empreinte: answered.hash,
      reponse: no ?? '',
      raison: 'réponse donnée pour un autre site',
    });
    expect(back.status).toBe(303);
    const asked = await only();
    expect(asked.state).toBe('toComplete');
    expect(await pageOf(asked.id)).not.toContain('valeur complétée');
  });

  it('is not offered to be taken back by who only reads', async () => {
    const answered = await completed();
    const text = await pageOf(answered.id, await web.visitor(['reader']));
    expect(text).toContain('valeur complétée : public = adulte');
    expect(text).not.toContain('Reprendre cette réponse');
  });
});

describe('what was written', () => {
  it('is taken back by an inverse change, which its author may not approve and another person may', async () => {
    await applied();
    web.list(list('CRMR constitutif'));
    await web.sync();
    const change = await applied();
    const text = await pageOf(change.id);
    expect(text).toContain('Annuler ce qui a été écrit');
    const silent = await alix.post(`/28/changements/${change.id}/annuler`, { raison: '  ' });
    expect([silent.status, silent.text.includes('Une annulation demande une raison.')]).toEqual([400, true]);
    const asked = await alix.post(`/28/changements/${change.id}/annuler`, { raison: 'un brouillon' });
    const inverse = await only();
    expect([asked.status, asked.headers.get('location')]).toEqual([303, `/28/changements/${inverse.id}`]);
    const shown = await pageOf(inverse.id);
    expect(shown).toContain(`Annulation du changement ${change.id} demandée, raison : un brouillon.`);
    expect(shown).toContain('Vous êtes à l’origine d’une valeur de ce changement');
    const theirs = await bastien.post(`/28/changements/${inverse.id}/approuver`, { empreinte: inverse.hash });
    expect(theirs.status).toBe(303);
  });

  it('of a creation is not taken back here: the page says no such thing, a forged form is told how', async () => {
    const rows: { id: string }[] = await web.database
      .app('change')
      .where({ kind: 'create', state: 'applied' })
      .select('id');
    const id = rows[0]?.id ?? '';
    expect(await pageOf(id)).not.toContain('Annuler ce qui a été écrit');
    const forged = await alix.post(`/28/changements/${id}/annuler`, { raison: 'un brouillon' });
    expect([forged.status, forged.text.includes('déclarez la fermeture de l’offre')]).toEqual([409, true]);
  });
});

describe('a rejection', () => {
  it('is taken back with its reason: what was refused is proposed again, and not before', async () => {
    web.list(list('CRMR coordonnateur'));
    await web.sync();
    const change = await only();
    const rejected = await bastien.post(`/28/changements/${change.id}/rejeter`, {
      empreinte: change.hash,
      raison: 'rejeté par erreur d’essai',
    });
    expect(rejected.status).toBe(303);
    await web.sync();
    expect(await open()).toEqual([]);
    expect(await pageOf(change.id)).toContain('Reprendre le rejet');
    const unsaid = await alix.post(`/28/changements/${change.id}/annuler`, { raison: ' ' });
    expect(unsaid.status).toBe(400);
    const back = await alix.post(`/28/changements/${change.id}/annuler`, { raison: 'rejeté par erreur' });
    expect(back.status).toBe(303);
    const again = await only();
    expect(again.id).not.toBe(change.id);
    expect(again.elements.map(({ key, after }) => [key, after])).toEqual(
      change.elements.map(({ key, after }) => [key, after]),
    );
    expect(back.headers.get('location')).toContain(again.id);
    const entry = (await web.database.app('journal').where({ kind: 'answer.unreject' })) as {
      body: string;
    }[];
    expect(entry.map(({ body }) => (JSON.parse(body) as { reason: string }).reason)).toEqual([
      'rejeté par erreur',
    ]);
  });
});

describe('"Recalculer"', () => {
  it('reads the repository again and makes the plan anew', async () => {
    const id = (web.sandbox.list('HealthcareService')[0] as { id: string }).id;
    web.sandbox.edit('HealthcareService', id, (body) => void (body['name'] = 'Nom de l’hôpital d’essai'));
    const done = await alix.post('/28/changements/recalculer', {});
    expect([done.status, done.headers.get('location')]).toEqual([303, '/28/changements']);
    const { text } = await alix.get('/28/changements');
    expect(text).toContain('Plan recalculé.');
    expect(text).toContain('Modifié dans le ROR depuis la préparation');
  });
});
