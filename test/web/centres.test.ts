import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { complete, NORMANDIE } from '../scenarios/world.js';
import { openWebWorld, type Visitor, type WebWorld } from '../support/web-world.js';

/** Two lists of unequal rank that know one centre, and do not agree on its campaign. */
const HEADER = 'label;centre;réseau;filière;établissement;ville;public;campagne;preuve;responsable;finess eg';
const dieppe = (campaign: string, proof: string): string =>
  `CCMR;Dermatoses d’essai;ESSAIDERM;FIMARAD;CH de Dieppe;Dieppe;mixte;${campaign};${proof};Pr Réserve Interne;760000018`;
const OTHERS = Array.from(
  { length: 51 },
  (_, at) =>
    `CRMR constitutif;Centre d’essai ${String(at + 1)};;FILNEMUS;CH Lisieux;Lisieux;mixte;2023;preuve d’essai;;140000027`,
);
const list = (...rows: readonly string[]): string => [HEADER, ...rows, ''].join('\n');
const source = (place: string, reader: string, precedence: number): object => ({
  reader,
  place,
  precedence,
  cadence: 'manual',
  required: false,
});
const SOURCES = JSON.stringify({
  'labelled-centres': source('centres.csv', 'labelled-centres', 60),
  'liste-locale': source('locale.csv', 'labelled-centres', 40),
  'finess-etalab': source(NORMANDIE.finess, 'finess-etalab', 80),
  filieres: source('filieres.csv', 'filieres', 90),
});

let web: WebWorld;
let reader: Visitor;
beforeAll(async () => {
  web = await openWebWorld({
    list: list(dieppe('2023', 'arrêté d’essai 2023'), ...OTHERS),
    config: {
      'sources.yaml': SOURCES,
      'locale.csv': list(dieppe('2017', 'annuaire d’essai')),
    },
  });
  reader = await web.visitor(['reader']);
});
afterAll(() => web.close());

const idOf = async (words: string): Promise<string> => {
  const { text } = await reader.get(`/28/centres?cherche=${encodeURIComponent(words)}`);
  return /\/28\/centres\/(cmr_[a-z2-7]{16})/.exec(text)?.[1] ?? 'aucun';
};
const card = async (): Promise<string> =>
  (await reader.get(`/28/centres/${await idOf('ESSAIDERM')}`)).text.replaceAll(/\s+/g, ' ');
/** Text of one part of the card, tags aside. */
const part = (page: string, from: string, to: string): string => {
  const [, cut = ''] = page.split(`<h2>${from}</h2>`);
  return (
    cut
      .split(`<h2>${to}</h2>`)[0]
      ?.replaceAll(/<[^>]+>/g, ' ')
      .replaceAll(/\s+/g, ' ') ?? ''
  );
};

describe('the list of centres', () => {
  it('says before the first run that nothing is known, and where to go', async () => {
    const { status, text } = await reader.get('/28/centres');
    expect(status).toBe(200);
    expect(text).toContain('Aucun passage encore : aucun centre n’est connu dans cette région.');
    expect(text).toContain('href="/28/passages"');
  });

  it('holds the centres of the last plan, page by page, each with its identity', async () => {
    await web.sync();
    const first = (await reader.get('/28/centres')).text;
    expect(first).toContain('52 centres connus dans la région.');
    expect(first).toContain('page 1 sur 2');
    expect(first.match(/<th scope="row">/g)).toHaveLength(50);
    const second = (await reader.get('/28/centres?page=2')).text;
    expect(second.match(/<th scope="row">/g)).toHaveLength(2);
    expect(second).toMatch(
      /ESSAIDERM – Dermatoses d’essai<\/a>[\s\S]{1,400}CCMR 2023[\s\S]{1,200}FIMARAD[\s\S]{1,200}CH de Dieppe, Dieppe[\s\S]{1,100}FINESS 760000018/,
    );
  });

  it.each([
    ['a name', 'dermatoses'],
    ['a network', 'essaiderm'],
    ['a filière', 'Fimarad'],
    ['a hospital and a town, in any order', 'dieppe ch'],
    ['a FINESS number', '760000018'],
    ['a label', 'ccmr 2023'],
  ])('finds a centre by %s, and keeps the words in the address', async (_what, words) => {
    const { text } = await reader.get(`/28/centres?cherche=${encodeURIComponent(words)}`);
    expect(text).toContain('1 centre répond à cette recherche, sur 52 centres connus.');
    expect(text).toContain('ESSAIDERM – Dermatoses d’essai');
    expect(text).toContain(`value="${words}"`);
  });

  it('finds a centre by its id', async () => {
    const id = await idOf('ESSAIDERM');
    expect(id).toMatch(/^cmr_[a-z2-7]{16}$/);
    expect((await reader.get(`/28/centres?cherche=${id}`)).text).toContain('1 centre répond');
  });

  it('narrows by filière, label and open change, and the pager keeps all of it', async () => {
    const asked = '/28/centres?filiere=FILNEMUS&label=CRMR+constitutif&etat=en-cours';
    const { text } = await reader.get(asked);
    expect(text).toContain('51 centres répondent à cette recherche, sur 52 centres connus.');
    expect(text).toContain(
      'href="/28/centres?filiere=FILNEMUS&amp;label=CRMR+constitutif&amp;etat=en-cours&amp;page=2"',
    );
    expect((await reader.get('/28/centres?filiere=FIMARAD&label=CRC')).text).toContain(
      'Aucun centre ne répond à cette recherche.',
    );
  });
});

describe('the card of a centre', () => {
  it('gives each value with its source, its date and its place in it', async () => {
    const values = part(await card(), 'Ce que filror retient', 'Ce que disent les sources');
    expect(values).toMatch(/Label CCMR, campagne 2023 Preuve selon la liste : arrêté d’essai 2023/);
    expect(values).toMatch(
      /Réseau ESSAIDERM source labelled-centres, centres\.csv, ligne 2, \d\d\/\d\d\/\d{4}/,
    );
    expect(values).toMatch(/Filière FIMARAD \(Maladies rares en dermatologie\)/);
    expect(values).toMatch(/Réseau européen \(ERN\) ERN-SKIN source filieres, filieres\.csv, ligne \d+/);
    expect(values).toMatch(/Établissement CH de Dieppe, Dieppe FINESS 760000018 Site : CH DIEPPE, DIEPPE/);
    expect(values).toMatch(/Public mixte/);
  });

  it('shows the sources side by side, and their disagreement with the value that is kept', async () => {
    const sources = part(await card(), 'Ce que disent les sources', 'Ce que des personnes ont dit');
    expect(sources).toMatch(/labelled-centres .*campagne 2023.* liste-locale .*campagne 2017/);
    expect(sources).toContain('Label : retenu « CCMR, campagne 2023 ».');
    expect(sources).toMatch(/Dit « CCMR, campagne 2017 » : source liste-locale, locale\.csv, ligne 2/);
  });

  it('explains each value behind it: rank, what the others say and since when, without JavaScript', async () => {
    const page = await card();
    const [, label = ''] = page.split('<th scope="row">Label</th>');
    const [details = ''] = /<details>.*?<\/details>/.exec(label) ?? [];
    expect(details).toMatch(
      /^<details> <summary> ?Pourquoi cette valeur \? ?<span class="hidden"> Label<\/span> <span class="badge alert">/,
    );
    const text = details.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');
    expect(text).toContain('! désaccord nouveau');
    expect(text).toMatch(
      /Retenu : « CCMR, campagne 2023 », de labelled-centres \(rang 60\), centres\.csv, ligne 2, dit depuis le \d\d\/\d\d\/\d{4}\. Son rang est le plus haut\./,
    );
    expect(text).toMatch(
      /liste-locale \(rang 40\) dit « CCMR, campagne 2017 » depuis le \d\d\/\d\d\/\d{4} : désaccord nouveau\./,
    );
    expect(text).not.toMatch(/[{}]/);
  });

  it('explains the same on the page of its change, and in the API', async () => {
    const id = await idOf('ESSAIDERM');
    const change = (await web.open()).find(({ centres }) => centres.some((each) => each === id));
    const page = (await reader.get(`/28/changements/${change?.id ?? ''}`)).text.replaceAll(/\s+/g, ' ');
    const why = part(page, 'Pourquoi ces valeurs ?', 'Qui décide');
    expect(why).toContain('Label : CCMR, campagne 2023 ! désaccord nouveau');
    expect(why).toContain('liste-locale (rang 40) dit « CCMR, campagne 2017 »');
    expect(why).toContain('Établissement : CH de Dieppe, Dieppe (FINESS 760000018)');
    for (const address of [`/api/v1/28/centres/${id}`, `/api/v1/28/changes/${change?.id ?? ''}`]) {
      const { status, text } = await reader.get(address);
      expect([address, status]).toEqual([address, 200]);
      expect(text).toContain('liste-locale (rang 40) dit « CCMR, campagne 2017 »');
      expect(text).toContain('"state":"newDisagreement"');
    }
  });

  it('never names the head of a centre', async () => {
    expect(await card()).not.toContain('Réserve Interne');
  });

  it('tells what people said, with proof and author, and that it was undone', async () => {
    const id = await idOf('ESSAIDERM');
    await web.answer(web.camille, complete(id, 'label', 2023, 'arrêté d’essai, page 4'));
    await web.answer(web.camille, complete(id, 'public', 'adulte'));
    const [last] = await web.database.app('answer').orderBy('no', 'desc').limit(1).select('no');
    await web.answer(web.camille, {
      kind: 'undo',
      subject: id,
      body: { answer: Number((last as { no: string }).no) },
    });
    const page = await card();
    const said = part(page, 'Ce que des personnes ont dit', 'Offres du ROR');
    expect(said).toMatch(/Public : adulte annulé depuis/);
    expect(said).toMatch(/Label : 2023 arrêté d’essai, page 4 Camille \(essai\)/);
    const values = part(page, 'Ce que filror retient', 'Ce que disent les sources');
    expect(values).toMatch(/Preuve du \d\d\/\d\d\/\d{4} : « arrêté d’essai, page 4 »/);
    expect(values).toMatch(/décision de Camille \(essai\)/);
    expect(values).toMatch(/Public mixte/);
  });

  it('leads to its changes, its decisions and the offer that it gives', async () => {
    const id = await idOf('ESSAIDERM');
    expect(part(await card(), 'Offres du ROR', 'Changements')).toContain('Aucune : rien de ce centre');
    const change = (await web.open()).find(({ centres }) => centres.some((each) => each === id));
    const { text } = await reader.get(`/28/changements/${change?.id ?? ''}`);
    expect(text).toContain(`href="/28/centres/${id}">Fiche du centre : ESSAIDERM – Dermatoses d’essai</a>`);
    await web.approve(web.dominique, change?.id ?? '');
    await web.apply();
    const page = await card();
    expect(page).toContain(`href="/28/changements/${change?.id ?? ''}"`);
    expect(part(page, 'Changements', 'Décisions')).toMatch(/créer appliqué/);
    expect(part(page, 'Décisions', 'Histoire du label, livraison après livraison')).toMatch(
      /approuvé par Dominique \(essai\)/,
    );
    const offers = part(page, 'Offres du ROR', 'Changements');
    expect(offers).toMatch(/Offre 28\/\S+ Créée par filror\./);
    expect(offers).toMatch(/Niveau d’expertise 11/);
  });

  it('keeps what was said before, delivery by delivery, until no source says the centre', async () => {
    web.list(list(dieppe('2017', 'arrêté corrigé'), ...OTHERS));
    await web.sync();
    const history = part(await card(), 'Histoire du label, livraison après livraison', 'fin');
    expect(history).toMatch(/aujourd’hui CCMR, campagne 2017 .*centres\.csv, ligne 2/);
    expect(history).toMatch(/la livraison du .* \(centres\.csv\) CCMR, campagne 2023/);
    web.list(list(...OTHERS));
    writeFileSync(join(web.folder, 'locale.csv'), list(OTHERS[0] ?? ''));
    await web.sync();
    expect(await card()).toContain('Aucune source ne dit plus ce centre.');
  });

  it.each(['inconnu', `cmr_${'a'.repeat(16)}`, '%3Cscript%3E', 'a'.repeat(250)])(
    'of an id that the region never gave (%s) says so',
    async (id) => {
      const { status, text } = await reader.get(`/28/centres/${id}`);
      expect(status).toBe(404);
      expect(text).toContain('CENTRE_UNKNOWN');
      expect(text).toContain('partez de la liste des centres');
    },
  );
});
