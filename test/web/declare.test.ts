import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StoredChange } from '../../src/db/changes.js';
import { centreIdOf, centresList, changeOf } from '../scenarios/world.js';
import { openWebWorld, type Shown, type Visitor, type WebWorld } from '../support/web-world.js';

/** What a coordinator declares of a centre: it becomes a dated source, others approve, and it is written. */
const LIST = centresList([
  { title: 'Centre d’essai 1', hospital: 'CH Falaise', town: 'Falaise', filiere: 'G2M', public: 'mixte' },
  {
    title: 'Centre d’essai 2',
    hospital: 'CH Argentan',
    town: 'Argentan',
    filiere: 'FILFOIE',
    public: 'mixte',
  },
]);
/** Numbers of the range kept for fiction (ARCEP decision 2018-0881). */
const PHONE = '02 61 91 00 11';
const PROOF = 'courriel du service d’essai, 12/03/2026';

let web: WebWorld;
let alix: Visitor;
const centres = new Map<number, string>();
beforeAll(async () => {
  web = await openWebWorld({ list: LIST });
  const first = await web.sync();
  for (const number of [1, 2])
    centres.set(number, centreIdOf(changeOf(first, `Centre d’essai ${String(number)}`)));
  alix = await web.visitor(['operator', 'reviewer'], 'Alix d’essai');
});
afterAll(() => web.close());

const centre = (number: number): string => centres.get(number) ?? '';

async function current(number: number): Promise<StoredChange> {
  const found = (await web.open()).find((each) => each.centres.some((id) => id === centre(number)));
  if (found === undefined) throw new Error(`no change of centre ${String(number)}`);
  return found;
}

async function declare(
  genre: string,
  number: number,
  fields: Readonly<Record<string, string>>,
  who = alix,
): Promise<Shown> {
  return await who.post('/28/declarer', {
    genre,
    centre: centre(number),
    preuve: PROOF,
    date: '2026-03-01',
    ...fields,
  });
}

const secretariat = { nature: '07', canal: '2', visibilite: '1', valeur: PHONE };

async function written(): Promise<string> {
  return JSON.stringify(
    web.sandbox.list('HealthcareService').filter((each) => JSON.stringify(each).includes(`id=${centre(1)}]`)),
  );
}

describe('a contact', () => {
  it('is refused when it is a person’s, another channel’s, unproved or of the future: nothing is recorded', async () => {
    const before = await web.database.app('answer').count();
    for (const [fields, told] of [
      [{ ...secretariat, valeur: '06 39 98 00 11' }, 'jamais un mobile'],
      [{ ...secretariat, valeur: '02 61 91' }, 'le numéro fixe du service, à dix chiffres'],
      [
        { ...secretariat, canal: 'MSSANTE', valeur: 'service@hopital-essai.invalid' },
        'finit par .mssante.fr',
      ],
      [{ ...secretariat, canal: '3', valeur: 'service@essai.mssante.fr' }, 'se déclare comme telle'],
      [{ ...secretariat, canal: '4', valeur: 'javascript:alert(1)' }, 'commence par https://'],
      [{ ...secretariat, canal: '1' }, 'n’est pas l’un des choix possibles'],
      [{ ...secretariat, visibilite: '' }, 'Visible du grand public'],
      [{ ...secretariat, preuve: ' ' }, 'Une preuve est demandée pour déclarer un contact'],
      [{ ...secretariat, preuve: `selon ${PHONE}` }, 'numéro de téléphone'],
      [{ ...secretariat, date: '2999-01-01' }, 'n’est pas encore venu'],
      [{ ...secretariat, date: '2026-02-30' }, 'n’est pas une date'],
    ] as const) {
      const refused = await declare('contact', 1, fields);
      expect([told, refused.status, refused.text.includes(told)]).toEqual([told, 400, true]);
      expect(refused.text).toContain(`href="/28/declarer?genre=contact&amp;centre=${centre(1)}"`);
    }
    const unknown = await alix.post('/28/declarer', {
      genre: 'contact',
      centre: 'cmr_aaaaaaaaaaaaaaaa',
      preuve: PROOF,
      date: '2026-03-01',
      ...secretariat,
    });
    expect(unknown.status).toBe(404);
    expect(await web.database.app('answer').count()).toEqual(before);
  });

  it('is proposed with its proof, approved by another, written; replaced by its like, and taken away', async () => {
    const form = (await alix.get(`/28/declarer?genre=contact&centre=${centre(1)}`)).text;
    expect(form).toContain('Aucun : une offre sans numéro n’oriente personne.');
    expect((await declare('contact', 1, secretariat)).status).toBe(303);
    const box = { ...secretariat, nature: '15', canal: 'MSSANTE', visibilite: '2' };
    expect((await declare('contact', 1, { ...box, valeur: 'Avis@Essai.mssante.fr' })).status).toBe(303);
    const change = await current(1);
    const shown = (await alix.get(`/28/changements/${change.id}`)).text;
    expect(shown).toContain('0261910011');
    expect(shown).toContain('avis@essai.mssante.fr');
    const own = await alix.post(`/28/changements/${change.id}/approuver`, { empreinte: change.hash });
    expect([own.status, own.text.includes('Alix d’essai') || own.text.includes('auteur')]).toEqual([
      403,
      true,
    ]);
    await web.approve(web.dominique, change.id);
    expect((await web.apply()).map(({ result }) => result)).toEqual(['applied']);
    expect(await written()).toContain('0261910011');
    await web.sync();

    const again = await declare('contact', 1, secretariat);
    expect([again.status, again.text.includes('déjà déclaré')]).toEqual([400, true]);
    expect((await declare('contact', 1, { ...secretariat, valeur: '+33 2 61 91 00 12' })).status).toBe(303);
    await web.approve(web.dominique, (await current(1)).id);
    await web.apply();
    expect(await written()).toContain('0261910012');
    expect(await written()).not.toContain('0261910011');
    await web.sync();

    const listed = (await alix.get(`/28/declarer?genre=contact&centre=${centre(1)}`)).text;
    expect(listed).toContain('Secrétariat, Téléphone fixe : 0261910012 (Visible du grand public)');
    expect((await declare('contact-ote', 1, { valeur: '07/2' })).status).toBe(303);
    const gone = await declare('contact-ote', 1, { valeur: '07/2' });
    expect([gone.status, gone.text.includes('n’est plus, déclaré')]).toEqual([400, true]);
    const removal = await current(1);
    for (const who of [web.dominique, web.eloi].slice(0, removal.quorum)) await web.approve(who, removal.id);
    await web.apply();
    expect(await written()).not.toContain('0261910012');
    expect(await written()).toContain('avis@essai.mssante.fr');
  });
});

describe('a move', () => {
  it('is refused outside the region and for the same site; elsewhere it is proposed with its day', async () => {
    const page = (await alix.get(`/28/declarer?genre=demenagement&centre=${centre(2)}`)).text;
    const [, known = ''] = /FINESS ([0-9A-Z]{9})/.exec(page) ?? [];
    expect(known).not.toBe('');
    const same = await declare('demenagement', 2, { finess: known });
    expect([same.status, same.text.includes('déjà décrit au site')]).toEqual([400, true]);
    const none = await declare('demenagement', 2, { finess: '' });
    expect([none.status, none.text.includes('est vide')]).toEqual([400, true]);
    const wrong = await declare('demenagement', 2, { finess: '760780238' });
    expect([wrong.status, wrong.text.includes('clé fausse')]).toEqual([400, true]);
    const [site] = (await web.database
      .app('establishment')
      .where({ region: '28', closed_delivery: null, departement: '76' })
      .orderBy('eg')
      .pluck('eg')) as string[];
    expect((await declare('demenagement', 2, { finess: site ?? '' })).status).toBe(303);
    const change = await current(2);
    expect(JSON.stringify(change)).toContain(site);
    const shown = (await alix.get(`/28/centres/${centre(2)}`)).text;
    expect(shown).toContain(PROOF);
    expect(shown).toContain('01/03/2026');
  });

  it('of a centre that is described already is approved by two others, and the offer follows', async () => {
    const [site = ''] = (await web.database
      .app('establishment')
      .where({ region: '28', closed_delivery: null, departement: '76' })
      .orderBy('eg')
      .pluck('eg')) as string[];
    expect(await written()).not.toContain(`Organization/eg-${site}`);
    expect((await declare('demenagement', 1, { finess: site })).status).toBe(303);
    const change = await current(1);
    expect([change.kind, change.quorum]).toEqual(['modify', 2]);
    await web.approve(web.dominique, change.id);
    await web.approve(web.eloi, change.id);
    expect((await web.apply()).map(({ result }) => result)).toContain('applied');
    expect(await written()).toContain(`"providedBy":{"reference":"Organization/eg-${site}"`);
    await web.sync();
  });
});

describe('a head', () => {
  const NAME = 'Pr Personne d’essai 12';
  it('is shown to signed-in professionals and stands nowhere else; the next takes its place', async () => {
    const named = await declare('responsable', 1, { nom: 'Dr Personne d’essai 11' });
    expect(named.status).toBe(303);
    expect((await declare('responsable', 1, { nom: NAME })).status).toBe(303);
    const reader = await web.visitor(['reader'], 'Lecteur d’essai');
    const card = await reader.get(`/28/centres/${centre(1)}`);
    expect(card.text.replaceAll('&#39;', '’')).toContain(
      'Responsable : <strong>Pr Personne d’essai 12</strong>',
    );
    expect(card.text).not.toContain('Personne d’essai 11');
    const dump: string[] = [];
    const tables = (await web.database
      .owner('information_schema.tables')
      .where({ table_schema: 'public', table_type: 'BASE TABLE' })
      .whereNot('table_name', 'centre_head')
      .pluck('table_name')) as string[];
    for (const table of tables) dump.push(JSON.stringify(await web.database.owner(table)));
    expect(dump.join('')).not.toContain('Personne d’essai 1');
    for (const address of ['/28/centres', '/28/journal', '/28/journal/export', '/api/v1/28/centres']) {
      const { text } = await alix.get(address);
      expect([address, text.includes('Personne d’essai 1')]).toEqual([address, false]);
    }
  });

  it('with a phone number is refused; without the right too; erased, nothing is left of it', async () => {
    const phoned = await declare('responsable', 1, { nom: `Dr Personne ${PHONE}` });
    expect([phoned.status, phoned.text.includes('numéro de téléphone')]).toEqual([400, true]);
    const long = await declare('responsable', 1, { nom: 'n'.repeat(121) });
    expect([long.status, long.text.includes('120 caractères')]).toEqual([400, true]);
    const reader = await web.visitor(['reader'], 'Lecteur d’essai');
    expect((await declare('responsable', 1, { nom: NAME }, reader)).status).toBe(403);
    expect((await declare('responsable-efface', 1, {})).status).toBe(303);
    expect(await web.database.owner('centre_head').where({ centre: centre(1) })).toEqual([]);
    const twice = await declare('responsable-efface', 1, {});
    expect([twice.status, twice.text.includes('déjà effacé')]).toEqual([400, true]);
    const kinds = (await web.database
      .app('journal')
      .where({ subject: centre(1) })
      .whereLike('kind', 'centre.%')
      .orderBy('no')
      .pluck('kind')) as string[];
    expect(kinds).toEqual(['centre.headDeclared', 'centre.headDeclared', 'centre.headErased']);
  });
});
