import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StoredChange } from '../../src/db/changes.js';
import type { Body } from '../../src/sandbox/body.js';
import { trialOffer } from '../../src/sandbox/seed.js';
import { centreIdOf, centresList, changeOf, complete } from '../scenarios/world.js';
import { openWebWorld, type Shown, type Visitor, type WebWorld } from '../support/web-world.js';

/** What a change asks, answered on its page, and who may not approve it then. */
const SITE = '760000158';
const OFFER = '28/ESSAI-0001';
const LIST = centresList([
  { title: 'Centre d’essai 1', hospital: 'CHU Rouen', town: 'Rouen', ej: '760780239' },
  { title: 'Centre d’essai 2', hospital: 'CH de Coutances', town: 'Coutances' },
  { title: 'Centre d’essai 3', hospital: 'CH Lisieux', town: 'Lisieux', campaign: '2017', public: 'mixte' },
  { title: 'Centre d’essai 4', hospital: 'CH Falaise', town: 'Falaise', filiere: 'G2M', public: 'mixte' },
  {
    title: 'Centre d’essai 5',
    hospital: 'CH Argentan',
    town: 'Argentan',
    filiere: 'FILFOIE',
    public: 'mixte',
  },
]);
/** Numbers of the range kept for fiction (ARCEP decision 2018-0881). */
const [FIRST_PHONE, OUR_NEXT, THE_HOSPITALS] = ['0261910011', '0261910012', '0261910099'];
const phone = (value: string) => [{ nature: '07', channel: '2', confidentiality: '1', value }];

let web: WebWorld;
let alix: Visitor;
let bastien: Visitor;
const centres = new Map<number, string>();
beforeAll(async () => {
  web = await openWebWorld({
    list: LIST,
    offers: (site) => [trialOffer({ id: 'derm', identifier: OFFER, label: 'Rouen', site: site(SITE) })],
  });
  const first = await web.sync();
  for (const number of [1, 2, 3, 4, 5])
    centres.set(number, centreIdOf(changeOf(first, `Centre d’essai ${String(number)}`)));
  alix = await web.visitor(['operator', 'reviewer'], 'Alix d’essai');
  bastien = await web.visitor(['reviewer'], 'Bastien d’essai');
});
afterAll(() => web.close());

async function current(number: number): Promise<StoredChange> {
  const found = (await web.open()).find((each) => each.centres.some((id) => id === centres.get(number)));
  if (found === undefined) throw new Error(`no change of centre ${String(number)}`);
  return found;
}

async function reply(number: number, form: Readonly<Record<string, string>>, who = alix): Promise<Shown> {
  const { id, hash } = await current(number);
  const centre = centres.get(number) ?? '';
  return await who.post(`/28/changements/${id}/repondre`, { empreinte: hash, centre, ...form });
}
const page = async (number: number, who = alix): Promise<string> =>
  (await who.get(`/28/changements/${(await current(number)).id}`)).text;

describe('a reader', () => {
  it('reads the questions and is told who answers them', async () => {
    const text = await page(1, await web.visitor(['reader']));
    expect(text).toContain('Rattacher ou créer ?');
    expect(text).toContain('Répondre demande le droit d’opérateur ou de valideur.');
    expect(text).not.toContain('/repondre"');
  });
});

describe('"rattacher ou créer ?"', () => {
  it('is asked with its candidates and the creation, and the site with its choice', async () => {
    const text = await page(1);
    expect(text).toContain('Rattacher ou créer ?');
    expect(text).toMatch(new RegExp(`value="${OFFER}"`));
    expect(text).toContain('Créer une offre nouvelle');
    expect(text).toMatch(new RegExp(`name="reponse"\\s+value="${SITE}"`));
  });

  it('takes no offer that the question does not name', async () => {
    const { status, text } = await reply(1, { question: 'rattacher', reponse: '28/AUTRE' });
    expect([status, text.includes('n’est pas candidate pour ce changement')]).toEqual([400, true]);
  });

  it('leads to a change to approve, which its author may not approve: said on the page and on the attempt', async () => {
    expect((await reply(1, { question: 'completer', champ: 'site', reponse: SITE })).status).toBe(303);
    const answered = await reply(1, { question: 'rattacher', reponse: OFFER });
    const change = await current(1);
    expect([answered.status, answered.headers.get('location')]).toEqual([
      303,
      `/28/changements/${change.id}`,
    ]);
    expect([change.kind, change.state]).toEqual(['attach', 'proposed']);
    const text = await page(1);
    expect(text).toContain(
      'Vous êtes à l’origine d’une valeur de ce changement : une autre personne doit l’approuver.',
    );
    expect(text).toMatch(
      /<button type="button" disabled aria-describedby="pourquoi">\s*Approuver Centre d’essai 1/,
    );
    const refused = await alix.post(`/28/changements/${change.id}/approuver`, { empreinte: change.hash });
    expect(refused.status).toBe(403);
    expect(refused.text).toContain(`Alix d’essai est à l’origine d’une valeur du changement ${change.id}`);
    const taken = await bastien.post(`/28/changements/${change.id}/approuver`, { empreinte: change.hash });
    expect([taken.status, (await current(1)).state]).toEqual([303, 'approved']);
  });

  it('awaits nobody more once enough people approved it', async () => {
    const change = await current(1);
    const pageBy = async (who: Visitor): Promise<string> =>
      (await who.get(`/28/changements/${change.id}`)).text;
    const third = await web.visitor(['reviewer'], 'Cleo d’essai');
    expect(await pageBy(bastien)).toContain('Vous avez approuvé ce changement : aucune autre approbation');
    const text = await pageBy(third);
    expect(text).toContain('Ce changement est approuvé : aucune autre approbation n’est attendue');
    expect(text).toMatch(/<button type="button" disabled aria-describedby="pourquoi">\s*Approuver/);
    const more = await third.post(`/28/changements/${change.id}/approuver`, { empreinte: change.hash });
    expect([more.status, more.text.includes('déjà approuvé par assez de personnes')]).toEqual([409, true]);
  });
});

describe('what a creation shows', () => {
  it('names the establishment, the place and the rules in words, and whom to ask for another rule', async () => {
    const text = await page(4, bastien);
    expect(text).toMatch(/nouveau : <\/span>\s*<div>[^<]*\(FINESS 14\d{7}\)<\/div>/);
    expect(text).toMatch(/<div>lieu de [^<]*\(FINESS 14\d{7}\)<\/div>/);
    const rows = text.slice(text.indexOf('Ce qui changerait'), text.indexOf('Valeurs FHIR avant et après'));
    expect(rows).not.toMatch(/(Organization|Location)\/|règle (: |« )?ror\./);
    expect(rows).toContain('règle « mode de prise en charge : consultation, sauf indication contraire »');
    expect(rows).toContain('demandez à l’exploitant de changer la règle');
  });
});

describe('a missing value', () => {
  it('is completed from its choices; an answer to a form of before is not recorded', async () => {
    const before = await current(2);
    expect(await page(2)).toMatch(/name="reponse"\s+value="pédiatrique"/);
    const wrong = await reply(2, { question: 'completer', champ: 'public', reponse: 'tous' });
    expect([wrong.status, wrong.text.includes('n’est pas un public connu')]).toEqual([400, true]);
    expect(wrong.text).toContain(`<a href="/28/changements/${before.id}">Revenir au formulaire</a>`);
    expect(wrong.text).toMatch(/<dt>Réponse<\/dt>\s*<dd>tous<\/dd>/);
    expect((await reply(2, { question: 'completer', champ: 'public', reponse: 'mixte' })).status).toBe(303);
    expect((await current(2)).state).toBe('proposed');
    const late = await alix.post(`/28/changements/${before.id}/repondre`, {
      empreinte: before.hash,
      centre: centres.get(2) ?? '',
      question: 'completer',
      champ: 'public',
      reponse: 'adulte',
    });
    expect([late.status, late.text.includes('a été recalculé depuis')]).toEqual([409, true]);
    const old = (await alix.get(`/28/changements/${before.id}`)).text;
    expect(old).toContain('Ce changement a été recalculé');
    expect(old).toContain(`/28/changements/${(await current(2)).id}`);
  });
});

describe('a label of another campaign', () => {
  it('is reconfirmed with its proof only', async () => {
    const form = { question: 'completer', champ: 'campagne', reponse: '2023' };
    const refused = await reply(3, { ...form, preuve: '  ' });
    expect([
      refused.status,
      refused.text.includes('Une preuve est demandée pour reconfirmer un label'),
    ]).toEqual([400, true]);
    expect((await reply(3, { ...form, preuve: 'acte d’essai du 01/02/2023, page 1' })).status).toBe(303);
    expect((await current(3)).state).toBe('proposed');
  });
});

describe('a withdrawal', () => {
  it('is declared on its page and approved with the word that was typed only', async () => {
    for (const number of [4, 5]) {
      if (number === 5)
        await web.answer(web.camille, complete(centres.get(5) ?? '', 'contacts', phone(FIRST_PHONE ?? '')));
      await web.approve(web.dominique, (await current(number)).id);
    }
    expect((await web.apply()).map(({ result }) => result)).toEqual(['applied', 'applied', 'applied']);
    await web.sync();
    const centre = centres.get(4) ?? '';
    expect((await alix.get('/28/declarer')).text).toContain(`value="${centre}"`);
    const form = { genre: 'withdraw', centre, preuve: 'arrêté d’essai du 01/02/2026', date: '2026-02-01' };
    const noDate = await alix.post('/28/declarer', { ...form, date: '2026-02-30' });
    expect([noDate.status, noDate.text.includes('n’est pas une date')]).toEqual([400, true]);
    expect((await alix.post('/28/declarer', form)).status).toBe(303);
    const change = await current(4);
    expect([change.kind, change.quorum]).toEqual(['withdraw', 2]);
    const text = await page(4, bastien);
    expect(text).toContain('Tapez RETIRER pour confirmer');
    expect(text).toContain('<dd>arrêté d’essai du 01/02/2026</dd>');
    expect(text).toMatch(/<dt>Date d’effet<\/dt>\s*<dd>\s*01\/02\/2026/);
    const path = `/28/changements/${change.id}/approuver`;
    const unsaid = await bastien.post(path, { empreinte: change.hash });
    expect([unsaid.status, unsaid.text.includes('demande de taper RETIRER')]).toEqual([409, true]);
    const said = await bastien.post(path, { empreinte: change.hash, confirmation: 'RETIRER' });
    expect(said.status).toBe(303);
    expect((await bastien.get(`/28/changements/${change.id}`)).text).toContain('1 sur 2, il en manque.');
  });
});

describe('a conflict', () => {
  it('shows three values and cannot be approved', async () => {
    const centre = centres.get(5) ?? '';
    const offer = web.sandbox
      .list('HealthcareService')
      .find((each) => JSON.stringify(each).includes(`id=${centre}]`)) as { id: string };
    web.sandbox.edit('HealthcareService', offer.id, (body: Body) => {
      body['extension'] = JSON.parse(
        JSON.stringify(body['extension']).replace(FIRST_PHONE ?? '', THE_HOSPITALS ?? ''),
      ) as never;
    });
    await web.answer(web.camille, complete(centre, 'contacts', phone(OUR_NEXT ?? '')));
    await web.sync();
    const change = await current(5);
    expect(change.state).toBe('conflict');
    const text = await page(5, bastien);
    const told = /data-label="Ce que filror avait relu"[^]*?<\/tr>/.exec(text)?.[0] ?? '';
    expect([FIRST_PHONE, THE_HOSPITALS, OUR_NEXT].map((number) => told.includes(number ?? ''))).toEqual([
      true,
      true,
      true,
    ]);
    expect(text).toContain('Rejeter ce changement garde la valeur de l’établissement.');
    const path = `/28/changements/${change.id}/approuver`;
    const refused = await bastien.post(path, { empreinte: change.hash });
    expect([refused.status, refused.text.includes('« en conflit »')]).toEqual([409, true]);
    const kept = await bastien.post(path.replace('approuver', 'rejeter'), {
      empreinte: change.hash,
      raison: 'le numéro de l’hôpital est le bon',
    });
    expect(kept.status).toBe(303);
    const over = (await bastien.get(`/28/changements/${change.id}`)).text;
    expect(over).toContain('Ce changement est « rejeté » : il ne s’approuve pas dans cet état.');
    expect(over).not.toMatch(/il manque une autre personne|Approbation \d sur \d :/);
    expect(JSON.stringify(web.sandbox.list('HealthcareService'))).toContain(THE_HOSPITALS);
  });
});
