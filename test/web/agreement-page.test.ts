import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StoredChange } from '../../src/db/changes.js';
import { plannedCentres } from '../../src/runs/planned-centres.js';
import { trialList } from '../support/region-run.js';
import { openWebWorld, Visitor, type WebWorld } from '../support/web-world.js';

/** The establishment's agreement by the pages: two hospitals, a person of one of them, and signed links. */
let web: WebWorld;
let operator: Visitor;
let ours: Visitor;
const changes = new Map<string, StoredChange>();
const ejs = new Map<string, string>();
const DIEPPE = 'Dieppe';
const COUTANCES = 'Coutances';
const LISIEUX = 'Lisieux';

beforeAll(async () => {
  web = await openWebWorld({
    list: trialList([
      { number: 1 },
      { number: 2, hospital: 'CH de Coutances', town: COUTANCES },
      { number: 3, hospital: 'CH Lisieux', town: LISIEUX },
    ]),
    agreement: 'asked',
  });
  await web.sync();
  const centres = await plannedCentres(web.context);
  for (const change of await web.open()) {
    const centre = centres[change.centres[0] ?? ''];
    changes.set(centre?.town ?? '', change);
    ejs.set(centre?.town ?? '', centre?.ej ?? '');
  }
  operator = await web.visitor(['operator']);
  ours = await ofHospital(DIEPPE);
});
afterAll(() => web.close());

const of = (town: string): StoredChange => changes.get(town) as StoredChange;

/** Somebody whose right is about the legal entity of one hospital. */
async function ofHospital(town: string): Promise<Visitor> {
  const name = `Référent d’essai de ${town}`;
  const visitor = await web.visitor([], name);
  const at = new Date();
  const row = (await web.database.app('person').where({ subject: name }).first('id')) as { id: string };
  await web.database.app('person_grant').insert({
    region: '28',
    person: row.id,
    role: 'establishment',
    ej: ejs.get(town),
    granted_at: at,
    confirmed_at: at,
  });
  return visitor;
}

const rows = (town: string): Promise<{ verdict: string; document_reference: string; given_by: string }[]> =>
  web.database
    .app('agreement')
    .where({ change_id: of(town).id })
    .orderBy('no');
const bound = (town: string) => ({ empreinte: of(town).hash, par: 'référent ROR, Hôpital d’essai' });

/** Makes a link as staff do. @returns its path */
async function link(town: string): Promise<string> {
  const { id, hash } = of(town);
  const shown = await operator.post('/28/accords/lien', { ej: ejs.get(town) ?? '', forme: `${id}:${hash}` });
  expect(shown.status).toBe(200);
  const [path = ''] = /\/lien\/28\/[A-Za-z0-9_-]{43}/.exec(shown.text) ?? [];
  expect(shown.text).toContain(`${web.url}${path}`);
  expect(path).not.toBe('');
  const made = web.database.app('journal').where({ kind: 'agreement.link' }).orderBy('no', 'desc');
  const entry = (await made.first()) as { body: string } | undefined;
  expect(entry?.body).toContain(hash);
  expect(entry?.body).not.toContain(path.slice('/lien/28/'.length));
  return path;
}

describe('the pages of an establishment', () => {
  it('show the changes of its legal entity and no other', async () => {
    const { status, text } = await ours.get('/28/accord');
    expect(status).toBe(200);
    expect(text).toContain('1 réponse attendue de votre établissement.');
    expect(text).toContain(of(DIEPPE).id);
    expect(text).not.toContain(of(COUTANCES).id);
    expect((await ours.get('/')).headers.get('location')).toBe('/28/accord');
  });

  it('refuse another establishment’s change, read or answered, and record nothing', async () => {
    const at = `/28/accord/${of(COUTANCES).id}`;
    const asked = [
      await ours.get(at),
      await ours.post(`${at}/accord`, bound(COUTANCES)),
      await ours.post(`${at}/refus`, { ...bound(COUTANCES), raison: 'essai' }),
    ];
    for (const { status, text } of asked) {
      expect(status).toBe(403);
      expect(text).toContain('Ce changement concerne un autre établissement que le vôtre.');
    }
    expect(await rows(COUTANCES)).toEqual([]);
  });

  it('show nothing to a right that names no establishment', async () => {
    const nobody = await web.visitor(['establishment'], 'Personne d’essai sans établissement');
    expect((await nobody.get('/28/accord')).text).toContain('rattaché à aucun établissement');
    expect((await nobody.get(`/28/accord/${of(DIEPPE).id}`)).status).toBe(403);
  });

  it('record an agreement bound to the form that was shown', async () => {
    const at = `/28/accord/${of(DIEPPE).id}/accord`;
    const other = await ours.post(at, { ...bound(DIEPPE), empreinte: 'f'.repeat(64) });
    expect(other.status).toBe(409);
    expect(await rows(DIEPPE)).toEqual([]);
    expect((await ours.post(at, bound(DIEPPE))).headers.get('location')).toBe('/28/accord');
    expect(await rows(DIEPPE)).toMatchObject([
      { verdict: 'agree', channel: 'form', given_by: 'référent ROR, Hôpital d’essai' },
    ]);
    expect((await ours.get('/28/accord')).text).toContain('Votre accord est enregistré');
  });

  it('record a refusal with its reason, and staff take it back or write down another answer', async () => {
    const refusal = await ours.post(`/28/accord/${of(DIEPPE).id}/refus`, {
      ...bound(DIEPPE),
      raison: 'unité en cours de transfert',
    });
    expect(refusal.status).toBe(303);
    const at = `/28/accords/${of(DIEPPE).id}`;
    expect((await operator.get(at)).text).toContain('unité en cours de transfert');
    const undone = await operator.post(`${at}/reprise`, {
      empreinte: of(DIEPPE).hash,
      raison: 'erreur de site',
    });
    expect(undone.headers.get('location')).toBe(at);
    const told = {
      ...bound(DIEPPE),
      voie: 'meeting',
      jour: '2026-03-12',
      reference: 'compte rendu, point 4',
    };
    expect((await operator.post(`${at}/accord`, told)).status).toBe(303);
    expect((await rows(DIEPPE)).map(({ verdict }) => verdict)).toEqual(['agree', 'refuse', 'undo', 'agree']);
  });
});

describe('a signed link', () => {
  const stranger = (): Visitor => new Visitor(web.url);

  it('opens the page without an account; reading it, as a mail gateway does, agrees to nothing', async () => {
    const path = await link(COUTANCES);
    for (const visit of [1, 2, 3]) {
      const { status, text } = await stranger().get(path);
      expect(status, String(visit)).toBe(200);
      expect(text).toContain('Lire cette page n’engage à rien.');
      expect(text).toMatch(
        /<h1>\s*Accord de votre établissement : CH de Coutances \(FINESS \d{9}\)\s*<\/h1>/,
      );
      expect(text).toContain('Tout le reste serait publié dans le ROR.');
      expect(text).not.toContain('Approuver');
    }
    expect((await stranger().get(`${path}/accord`)).status).toBe(404);
    expect(await rows(COUTANCES)).toEqual([]);
    const kept = JSON.stringify(await web.database.app('agreement_link'));
    expect(kept).not.toContain(path.split('/').at(-1));
    expect((await operator.get('/28/accords')).text).toMatch(/demandé le \d{2}\/\d{2}\/\d{4}, relance le/);
  });

  it('is refused when it is wrong, over, or posted to from another site', async () => {
    const wrong = await stranger().get(`/lien/28/${'a'.repeat(43)}`);
    expect([wrong.status, wrong.text.includes('Revenir à')]).toEqual([404, false]);
    const path = await link(COUTANCES);
    const form = { par: 'référent ROR, Hôpital d’essai' };
    const forged = await stranger().post(`${path}/accord`, form, { origin: 'https://ailleurs.invalid' });
    expect(forged.status).toBe(403);
    await web.database.owner.raw(
      `update agreement_link set made_at = now() - interval '2 days', expires_at = now() - interval '1 day', used_at = now()
       where used_at is null and no = (select max(no) from agreement_link)`,
    );
    expect((await stranger().post(`${path}/accord`, form)).status).toBe(410);
    expect(await rows(COUTANCES)).toEqual([]);
  });

  it('answers once, for the very form that it shows, even to two people at the same time', async () => {
    const path = await link(COUTANCES);
    const form = { par: 'référent ROR, Hôpital d’essai', reference: 'courrier d’essai' };
    const refused = await stranger().post(`${path}/accord`, { ...form, par: ' ' });
    expect(refused.status).toBe(400);
    expect(refused.text).toContain(`<a href="${path}">Revenir au formulaire</a>`);
    expect(refused.text).toMatch(/<dd>courrier d’essai<\/dd>/);
    expect(refused.text).not.toContain('Revenir à l’accueil');
    const both = await Promise.all([
      stranger().post(`${path}/accord`, form),
      stranger().post(`${path}/refus`, { ...form, raison: 'essai' }),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 410]);
    expect(await rows(COUTANCES)).toHaveLength(1);
    const again = await stranger().post(`${path}/accord`, form);
    expect(again.status).toBe(410);
    expect(again.text).toContain('Ce lien a servi le');
    expect((await stranger().get(path)).status).toBe(410);
    expect(await rows(COUTANCES)).toHaveLength(1);
    await expect(web.database.app('agreement_link').update({ used_at: null })).rejects.toThrow(
      /FILROR_LINK_USED/,
    );
  });

  it('does not overturn what was answered by another one', async () => {
    const older = await link(LISIEUX);
    const newer = await link(LISIEUX);
    const form = { par: 'référent ROR, Hôpital d’essai', reference: 'courrier d’essai' };
    expect((await stranger().post(`${newer}/accord`, form)).status).toBe(200);
    for (const late of [
      await stranger().get(older),
      await stranger().post(`${older}/refus`, { ...form, raison: 'essai' }),
    ])
      expect([late.status, late.text.includes('a déjà répondu par une autre voie')]).toEqual([410, true]);
    expect(await rows(LISIEUX)).toMatchObject([{ verdict: 'agree' }]);
    const { id, hash } = of(LISIEUX);
    await operator.post(`/28/accords/${id}/reprise`, { empreinte: hash, raison: 'essai' });
    expect((await stranger().get(older)).status).toBe(200);
  });

  it('is made for the changes of one legal entity, in their present form', async () => {
    const { id, hash } = of(COUTANCES);
    const wrong = { ej: ejs.get(DIEPPE) ?? '', forme: `${id}:${hash}` };
    expect((await operator.post('/28/accords/lien', wrong)).status).toBe(400);
    const old = { ej: ejs.get(COUTANCES) ?? '', forme: `${id}:${'f'.repeat(64)}` };
    expect((await operator.post('/28/accords/lien', old)).status).toBe(400);
  });
});
