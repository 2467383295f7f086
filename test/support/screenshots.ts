import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { StoredChange } from '../../src/db/changes.js';
import type { CentreContact } from '../../src/domain/offer.js';
import { bodyText, parseBody, type Body } from '../../src/sandbox/body.js';
import { plannedCentres } from '../../src/runs/planned-centres.js';
import { trialOffer } from '../../src/sandbox/seed.js';
import { centreIdOf, centresList, changeOf, complete, type CentreRow } from '../scenarios/world.js';
import { pageOf } from './browser.js';
import { openWebWorld, type WebWorld } from './web-world.js';

/** A picture of README.md or of a guide, and what a reader must find in it. */
export interface Shot {
  readonly name: string;
  readonly h1: RegExp;
  /** Texts that stand on the page, each as a person reads it. */
  readonly texts: readonly (string | RegExp)[];
}

/** A picture that was taken, with the page's own words. */
export interface Taken extends Shot {
  readonly file: string;
  readonly heading: string;
  readonly text: string;
  /** Who is signed in, as the page says it; null for nobody. */
  readonly person: string | null;
  /** The part of `texts` that stands outside of the picture. */
  readonly outside: readonly string[];
}

/** Width of every picture, and the height that none exceeds, in pixels. */
export const WIDTH = 1280;
export const MAX_HEIGHT = 920;
/** What most need. */
const ROOM = 820;

/** Centres that exist nowhere, in hospitals of the public register. */
const ROWS: readonly CentreRow[] = [
  centre(1, 'CH de Dieppe', 'Dieppe'),
  centre(2, 'CH de Coutances', 'Coutances', { label: 'CRMR constitutif' }),
  centre(3, 'CH Lisieux', 'Lisieux', { campaign: '2017' }),
  centre(4, 'Jacques Monod', ''),
  centre(5, 'CH Argentan', 'Argentan', { public: 'pédiatrique' }),
  centre(6, 'CH Falaise', 'Falaise', { public: '' }),
  centre(7, "CH de L'Aigle", "L'Aigle", { filiere: 'OSCAR', public: 'adulte' }),
  centre(8, 'CHU Rouen', 'Rouen'),
  { ...centre(9, 'CH Mémorial', 'Saint-Lô'), label: 'non précisé' },
];
function centre(number: number, hospital: string, town: string, more: Partial<CentreRow> = {}): CentreRow {
  return { title: `Centre d’essai ${String(number)}`, hospital, town, public: 'mixte', ...more };
}

/** Numbers of the range kept for fiction (ARCEP decision 2018-0881). */
export const FICTION_PHONE = /^02 ?61 ?91 ?\d\d ?\d\d$/;
const [FIRST, OURS, THEIRS] = ['0261910011', '0261910012', '0261910099'];
const phone = (value: string): CentreContact => ({ nature: '07', channel: '2', confidentiality: '1', value });

/** Takes every picture in real Chromium, into this folder. */
export async function takeScreenshots(browser: Browser, folder: string): Promise<Taken[]> {
  const taken: Taken[] = [];
  for (const world of [regionInConflict, regionThatAsks]) {
    const { web, shots } = await world(browser);
    try {
      for (const { shot, page, from, room } of await shots()) {
        taken.push(
          await take(
            shot,
            page,
            { from: from ?? null, room: room ?? ROOM },
            join(folder, `${shot.name}.png`),
          ),
        );
        await page.context().close();
      }
    } finally {
      await web.close();
    }
  }
  return taken;
}

interface Posed {
  readonly shot: Shot;
  readonly page: Page;
  /** Pixels that say enough; absent: as many as there is room for. */
  readonly room?: number;
  /** Text of the heading that the picture begins with; absent: the top of the page. */
  readonly from?: string;
}
interface Stage {
  readonly web: WebWorld;
  readonly shots: () => Promise<Posed[]>;
}

/** A region whose hospital changed a number after the approval, with questions, doubtful hospitals and rows set aside. */
async function regionInConflict(browser: Browser): Promise<Stage> {
  const web = await openWebWorld({
    list: centresList(ROWS),
    offers: (site) => [
      trialOffer({
        id: 'essai',
        identifier: '28/ESSAI-0001',
        label: 'consultation de dermatologie',
        site: site('760000158'),
      }),
    ],
  });
  const one = centreIdOf(changeOf(await web.sync(), 'Centre d’essai 1'));
  const decide = async (value: string): Promise<void> => {
    await web.answer(web.camille, complete(one, 'contacts', [phone(value)]));
    const { id, quorum } = of(await web.open(), one);
    for (const who of [web.dominique, web.eloi].slice(0, quorum)) await web.approve(who, id);
  };
  await decide(FIRST);
  await web.apply();
  await web.sync();
  await decide(OURS);
  for (const body of web.sandbox.list('HealthcareService')) {
    const text = bodyText(body);
    if (text.includes(FIRST))
      web.sandbox.edit(
        'HealthcareService',
        String(body['id']),
        () => parseBody(text.replace(FIRST, THEIRS)) as Body,
      );
  }
  await web.apply();
  await web.sync();
  const at = async (path: string, roles: Parameters<WebWorld['visitor']>[0], name: string): Promise<Page> =>
    await opened(browser, web, path, await web.visitor(roles, name));
  const shots = async (): Promise<Posed[]> => {
    const run = (await web.database.app('run').orderBy('no', 'desc').first('id')) as { id: string };
    const open = await web.open();
    const titled = async (title: string): Promise<string> =>
      `/28/changements/${of(open, await centreTitled(web, title)).id}`;
    const staff = ['operator', 'reviewer'] as const;
    const reviewer = 'Valideuse d’essai';
    const rights = await at('/28/droits', ['administrator'], 'Administratrice d’essai');
    return [
      {
        shot: {
          name: 'accueil',
          h1: /^Normandie/,
          texts: ['en conflit', 'Ce qui vous attend', '1 conflit à regarder', '1 hôpital à reconnaître'],
        },
        page: await at('/28', staff, reviewer),
      },
      {
        shot: {
          name: 'changements',
          h1: /^Changements$/,
          texts: [
            'Modifié dans le ROR depuis la préparation',
            'Retraits et fermetures (0)',
            'Filtrer',
            /Centre d’essai \d/,
            'à approuver',
          ],
        },
        page: await at('/28/changements?genre=create', staff, reviewer),
      },
      {
        shot: {
          name: 'changement-en-conflit',
          h1: /Centre d’essai 1$/,
          texts: [
            'Ce que filror avait relu',
            'Dans le ROR aujourd’hui',
            FIRST,
            THEIRS,
            OURS,
            'D’où vient la valeur',
          ],
        },
        page: await at(`/28/changements/${of(open, one).id}`, staff, reviewer),
        room: 880,
      },
      {
        shot: {
          name: 'question',
          h1: /Centre d’essai 6$/,
          texts: ['à compléter', /Dire le public de/],
        },
        page: await at(await titled('Centre d’essai 6'), staff, reviewer),
      },
      {
        shot: {
          name: 'qui-decide',
          h1: /Centre d’essai 2$/,
          texts: ['Qui décide', /Approuver .*Centre d’essai 2/, /Raison du rejet/],
        },
        from: 'Qui décide',
        page: await at(await titled('Centre d’essai 2'), ['reviewer'], reviewer),
      },
      {
        shot: {
          name: 'rapprochements',
          h1: /^Rapprochements$/,
          texts: ['« Jacques Monod »', 'FINESS 610000119', 'FINESS 760805770', 'C’est cet hôpital'],
        },
        page: await at('/28/rapprochements', staff, reviewer),
      },
      {
        shot: {
          name: 'passages',
          h1: /^Passages$/,
          texts: ['Lancer un passage maintenant', 'Faire un essai à blanc', '1 ligne mise à part'],
        },
        page: await at('/28/passages', ['operator'], 'Opératrice d’essai'),
        room: 760,
      },
      {
        shot: {
          name: 'passage',
          h1: /^Passage du /,
          texts: ['Lignes mises à part', 'Télécharger les lignes mises à part (CSV)', 'non précisé'],
        },
        page: await at(`/28/passages/${run.id}`, ['operator'], 'Opératrice d’essai'),
        room: 890,
      },
      {
        shot: {
          name: 'centres',
          h1: /^Centres$/,
          texts: ['Centre d’essai 2', 'CH de Coutances'],
        },
        page: await at('/28/centres', staff, reviewer),
        room: 700,
      },
      {
        shot: {
          name: 'tableur',
          h1: /^Tableur$/,
          texts: ['Télécharger le classeur de nos centres', 'Télécharger le modèle de liste (XLSX)'],
        },
        page: await at('/28/tableur', ['operator'], 'Opératrice d’essai'),
      },
      {
        shot: {
          name: 'sources',
          h1: /^Sources et calendrier$/,
          texts: ['Fraîcheur des sources', 'Prochaines échéances', 'Pauses', 'Mettre en pause'],
        },
        page: await at('/28/sources', ['operator'], 'Opératrice d’essai'),
      },
      {
        shot: {
          name: 'droits',
          h1: /^Droits$/,
          texts: ['Donner un droit, nommer un suppléant', 'Retirer', 'Dominique (essai)'],
        },
        page: rights,
        room: 760,
      },
    ];
  };
  return { web, shots };
}

/** A region that asks establishments, one of which opens its link. */
async function regionThatAsks(browser: Browser): Promise<Stage> {
  const web = await openWebWorld({ list: centresList(ROWS.slice(0, 2)), agreement: 'asked' });
  await web.sync();
  const shots = async (): Promise<Posed[]> => {
    const operator = await web.visitor(['operator'], 'Opératrice d’essai');
    const page = await opened(browser, web, '/28/accords', operator);
    const list = await opened(browser, web, '/28/accords', operator);
    await page
      .getByRole('button', { name: /^Créer un lien pour/ })
      .first()
      .click();
    const link = await page.getByLabel('Lien à envoyer').inputValue();
    const answering = await opened(browser, web, '/28/accords', operator);
    for (const each of [page, answering]) {
      // Behind the link nobody is signed in.
      await each.context().clearCookies();
      await each.goto(link);
    }
    return [
      {
        shot: {
          name: 'accords',
          h1: /^Accords des établissements$/,
          texts: ['2 accords attendus', 'Créer un lien pour'],
        },
        page: list,
      },
      {
        shot: {
          name: 'accord',
          h1: /^Accord de votre établissement/,
          texts: ['Lire cette page n’engage à rien', 'Centre d’essai 2', 'Type d’offre'],
        },
        page,
      },
      {
        shot: {
          name: 'reponse',
          h1: /^Accord de votre établissement/,
          texts: [
            'Votre réponse',
            /^Donner l’accord de l’établissement/,
            /^Refuser pour/,
            /^Raison du refus/,
          ],
        },
        page: answering,
        from: 'Votre réponse',
        room: MAX_HEIGHT,
      },
    ];
  };
  return { web, shots };
}

function of(open: readonly StoredChange[], centreId: string): StoredChange {
  const found = open.find(({ centres }) => centres.some((id) => id === centreId));
  if (found === undefined) throw new Error(`no open change of ${centreId}`);
  return found;
}

async function centreTitled(web: WebWorld, title: string): Promise<string> {
  const found = Object.entries(await plannedCentres(web.context)).find(([, each]) => each.title === title);
  if (found === undefined) throw new Error(`no centre ${title}`);
  return found[0];
}

async function opened(
  browser: Browser,
  web: WebWorld,
  path: string,
  visitor: { readonly cookies: ReadonlyMap<string, string> },
): Promise<Page> {
  const page = await pageOf(browser, web, visitor, {
    viewport: { width: WIDTH, height: 800 },
    deviceScaleFactor: 1,
    colorScheme: 'light',
    locale: 'fr-FR',
  });
  await page.goto(`${web.url}${path}`);
  return page;
}

interface Frame {
  readonly from: string | null;
  readonly room: number;
}

async function take(shot: Shot, page: Page, { from, room }: Frame, file: string): Promise<Taken> {
  const edge = async (
    box: Promise<{ y: number; height: number } | null>,
  ): Promise<{ y: number; end: number }> => {
    const { y, height } = (await box) ?? { y: 0, height: 0 };
    return { y, end: y + height };
  };
  const foot = await edge(page.locator('footer').boundingBox());
  const heading = from === null ? null : await edge(page.getByRole('heading', { name: from }).boundingBox());
  const top = heading === null ? 0 : Math.floor(heading.y) - 8;
  const bottom = Math.min(top + room, Math.ceil(heading === null ? foot.end : foot.y));
  await page.screenshot({
    path: file,
    fullPage: true,
    clip: { x: 0, y: top, width: WIDTH, height: bottom - top },
  });
  const outside: string[] = [];
  for (const text of shot.texts) {
    const boxes = await Promise.all((await page.getByText(text).all()).map((each) => each.boundingBox()));
    if (!boxes.some((box) => box !== null && box.y >= top && box.y + Math.min(box.height, 20) <= bottom))
      outside.push(String(text));
  }
  return {
    ...shot,
    file,
    heading: (await page.locator('h1').innerText()).trim(),
    text: await page.locator('body').innerText(),
    person:
      (await page.locator('.who > span').count()) === 0
        ? null
        : await page.locator('.who > span').innerText(),
    outside,
  };
}
