import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { centresList, complete } from '../scenarios/world.js';
import type { StoredChange } from '../../src/db/changes.js';
import { openWebWorld, type Visitor, type WebWorld } from '../support/web-world.js';

/** Three creations that only a reviewer awaits, one whose public is missing, one that the reviewer completed. */
const row = (number: number, hospital: string, town: string, filiere: string, audience = 'mixte') => ({
  title: `Centre d’essai ${String(number)}`,
  hospital,
  town,
  filiere,
  public: audience,
});
const LIST = centresList([
  row(1, 'CH Falaise', 'Falaise', 'FIMARAD'),
  row(2, 'CH de Coutances', 'Coutances', 'FIMARAD'),
  row(3, 'CH Argentan', 'Argentan', 'FILNEMUS'),
  row(4, 'CH Lisieux', 'Lisieux', 'FIMARAD', ''),
  row(5, 'CH de Dieppe', 'Dieppe', 'FIMARAD', ''),
]);
const ADDRESS = '/28/changements/approuver-en-nombre';

let web: WebWorld;
let reviewer: Visitor;
const names = new Map<string, string>();
beforeAll(async () => {
  web = await openWebWorld({ list: LIST });
  for (const { id, centres } of (await web.sync()).changes) {
    const [centre] = centres;
    if (centre !== undefined && 'title' in centre) names.set(centre.title, centre.id);
    expect(id).toMatch(/^[a-z2-7]{10}$/);
  }
  reviewer = await web.visitor(['reviewer'], 'Relectrice d’essai');
  const person = await web.database
    .owner('person')
    .where({ display_name: 'Relectrice d’essai' })
    .first<{ id: typeof web.camille.id }>('id');
  await web.answer(
    { id: person.id, displayName: 'Relectrice d’essai' },
    complete(names.get('Centre d’essai 5') ?? '', 'public', 'mixte'),
  );
});
afterAll(() => web.close());

const changeOf = async (title: string): Promise<StoredChange> => {
  const found = (await web.open()).find(({ centres }) => centres.some((id) => id === names.get(title)));
  if (found === undefined) throw new Error(`no open change of ${title}`);
  return found;
};
const shownBy = (page: string): string => / name="montres"\s+value="([^"]*)"/.exec(page)?.[1] ?? '';

describe('the home page', () => {
  it('counts what the person may approve, and their own apart', async () => {
    const { text } = await reviewer.get('/28');
    expect(text).toMatch(
      />3 changements à approuver<\/a\s*>\s*\(à part : 1 changement dont vous êtes l’auteur,/,
    );
    const other = (await (await web.visitor(['reviewer'], 'Autre d’essai')).get('/28')).text;
    expect(other).toMatch(/>4 changements à approuver<\/a\s*>\s*<\/li>/);
  });
});

describe('bulk approval', () => {
  it('shows exactly what a rule would approve, and why it leaves the others', async () => {
    const { text } = await reviewer.get(`${ADDRESS}?genre=create&filiere=FIMARAD`);
    expect(text).toMatch(/2 changements seraient approuvés par cette\s+règle, 2 non\./);
    const [one, two] = [await changeOf('Centre d’essai 1'), await changeOf('Centre d’essai 2')];
    expect(shownBy(text).split(' ').sort()).toEqual(
      [`${one.id}:${one.hash}`, `${two.id}:${two.hash}`].sort(),
    );
    expect(text).toMatch(/Centre d’essai 4[^]*?data-label="Pourquoi">à compléter</);
    expect(text).toMatch(/Centre d’essai 5[^]*?data-label="Pourquoi">vous êtes à l’origine d’une valeur</);
    expect(text).not.toContain('Centre d’essai 3');
  });

  it('keeps every filter of the list that leads there, and of the way back', async () => {
    const chosen = 'etat=proposed&genre=create&filiere=FIMARAD&cherche=coutances';
    const list = (await reviewer.get(`/28/changements?${chosen}&vue=complet`)).text;
    const address = chosen.replaceAll('&', '&amp;');
    expect(list).toContain(`href="${ADDRESS}?${address}"`);
    const { text } = await reviewer.get(`${ADDRESS}?${chosen}`);
    expect(text).toMatch(/1 changement serait approuvé par cette\s+règle, 0 non\./);
    const two = await changeOf('Centre d’essai 2');
    expect(shownBy(text)).toBe(`${two.id}:${two.hash}`);
    expect(text).toContain('value="coutances"');
    expect(text).toMatch(/<option value="proposed" selected>/);
    expect(text).toContain(`href="/28/changements?${address}"`);
    expect(text).toMatch(/Approuver\s+le changement montré/);
  });

  it('says in words which filter of an address does not exist', async () => {
    const { status, text } = await reviewer.get('/28/changements?etat=bidon');
    expect([status, text.includes('un filtre qui n’existe pas ici (« etat »)')]).toEqual([400, true]);
    expect(text).not.toMatch(/Option invalide|→/);
  });

  it('is not offered for what is over', async () => {
    expect((await reviewer.get('/28/changements?etat=rejected')).text).not.toContain(ADDRESS);
    expect((await reviewer.get('/28/changements')).text).toContain(ADDRESS);
  });

  it('approves nothing on sight', async () => {
    expect((await web.open()).filter(({ state }) => state === 'approved')).toEqual([]);
  });

  it('refuses a list that is none, and a change that does not exist', async () => {
    expect((await reviewer.post(ADDRESS, { montres: 'tout' })).status).toBe(400);
    const unknown = await reviewer.post(ADDRESS, { montres: `aaaaaaaaaa:${'0'.repeat(64)}` });
    expect([unknown.status, unknown.text.includes('rien n’a été approuvé')]).toEqual([404, true]);
  });

  it('approves the forms that were shown and says of each other one why not', async () => {
    const { text } = await reviewer.get(`${ADDRESS}?genre=create&filiere=FIMARAD`);
    const [one, two, five] = [
      await changeOf('Centre d’essai 1'),
      await changeOf('Centre d’essai 2'),
      await changeOf('Centre d’essai 5'),
    ];
    // As if another form of 2 had been shown, and as if somebody had added their own 5 to the form.
    const montres = `${shownBy(text).replace(two.hash, '0'.repeat(64))} ${five.id}:${five.hash}`;
    expect((await reviewer.post(ADDRESS, { montres })).status).toBe(303);
    const said = (await reviewer.get('/28/changements')).text;
    expect(said).toContain('1 approuvé, 2 non : ');
    expect(said).toContain(`Centre d’essai 2 (Le changement ${two.id} n’est plus celui qui a été montré.)`);
    expect(said).toContain('Centre d’essai 5 (vous êtes à l’origine d’une valeur)');
    const states = new Map((await web.open()).map(({ id, state }) => [id, state]));
    expect([one, two, five].map(({ id }) => states.get(id))).toEqual(['approved', 'proposed', 'proposed']);
  });
});
