import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trialOffer } from '../../src/sandbox/seed.js';
import { centreIdOf, centresList, changeOf, complete, type CentreRow } from '../scenarios/world.js';
import { openBrowser, pageOf } from '../support/browser.js';
import { openWebWorld, type WebWorld } from '../support/web-world.js';

/**
 * S3 on the pages, in real Chromium. The line of the GHH is that of the table of 22/05/2025 (PEMR Normandie committee);
 * the centre, the offer and the proof are synthetic.
 */
const HEADER =
  'Hôpital;Ville;convention BaMaRa envoyée le;Convention BaMaRa;Convention BNDMR envoyée le;Convention BNDMR;déployé;Date de déploiement autonome';
const DEPLOYMENTS = [
  'GHH LE HAVRE;Le Havre;janv-21;signée;08/01/2021;signée;délabellisé;',
  'CHU de CAEN NORMANDIE;Caen;juil-17;signée;31/10/2019;signée;oui;juil-18',
  'CHU de ROUEN;Rouen;mai-17;signée;31/10/2019;signée;oui;avr-18',
  'CRLCC HENRI BECQUEREL ROUEN;Rouen;janv-21;signée;08/01/2021;signée;;',
  'CH de L’ESTRAN;Pontorson;janv-24;signée;janv-24;signée;oui;juin-24',
  'CH EURE-SEINE (Evreux);Evreux;janv-24;signée;janv-24;signée;;',
  'CHIC ALENCON-MAMERS;Alençon;janv-24;signée;janv-24;signée;oui;févr-25',
  'CHS DU ROUVRAY SOTTEVILLE-LES-ROUEN;Sotteville Les Rouen;janv-24;signée;janv-24;signée;oui;sept-24',
];
const table = (rows: readonly string[]): string => `${[HEADER, ...rows].join('\n')}\n`;
const MONTIVILLIERS = '760805770';
const OFFER = '28/ESSAI-0001';
const TITLE = 'Centre d’essai du Havre';
const PROOF = 'arrêté d’essai du 01/02/2026, annexe';
const ROWS: readonly CentreRow[] = [
  { title: TITLE, hospital: 'Groupe Hospitalier du Havre', town: 'Le Havre', departement: '76' },
  ...Array.from({ length: 9 }, (_, i) => ({
    title: `Centre d’essai ${String(i + 1)} de Dieppe`,
    hospital: 'CH de Dieppe',
    town: 'Dieppe',
    departement: '76',
  })),
];

let web: WebWorld;
let browser: Browser;
let before: string;
const said = (): unknown => ({
  ...(JSON.parse(web.sandbox.text('HealthcareService', 'havre') ?? '') as object),
  meta: null,
});

beforeAll(async () => {
  browser = await openBrowser();
  web = await openWebWorld({
    list: centresList(ROWS),
    bamara: table(DEPLOYMENTS),
    offers: (site) => [
      trialOffer({
        id: 'havre',
        identifier: OFFER,
        label: 'Le Havre',
        site: site(MONTIVILLIERS),
        comment: 'Consultation le mardi.',
      }),
    ],
  });
  before = JSON.stringify(said());
  const centre = centreIdOf(changeOf(await web.sync(), TITLE));
  const attach = { kind: 'attach', subject: centre, body: { offer: OFFER } } as const;
  const { changes } = await web.answer(web.camille, complete(centre, 'site', MONTIVILLIERS), attach);
  await web.approve(web.dominique, changes.find((each) => each.centres[0] === centre)?.id ?? '');
  expect((await web.apply()).map(({ result }) => result)).toEqual(['applied']);
  await web.sync();
});
afterAll(async () => {
  await web.close();
  await browser.close();
});

const person = async (roles: Parameters<WebWorld['visitor']>[0], name: string): Promise<Page> =>
  await pageOf(browser, web, await web.visitor(roles, name));
const withdrawals = `/28/changements?onglet=retraits`;

describe('S3 on the pages', () => {
  it('alerts, and proposes neither a withdrawal nor a closure', async () => {
    const page = await person(['reader'], 'Lectrice d’essai');
    await page.goto(`${web.url}/28`);
    const alert = page.getByText(/GHH LE HAVRE est « délabellisé » dans le tableau BaMaRa/).first();
    expect(await alert.textContent()).toContain('Que faire :');
    await page.goto(`${web.url}${withdrawals}`);
    expect(await page.getByText('Retraits et fermetures (0)').count()).toBe(1);
    await page.context().close();
  });

  it('takes the PEMR’s declaration with its proof, whose author may not approve it', async () => {
    const page = await person(['operator', 'reviewer'], 'Personne A');
    await page.goto(`${web.url}/28`);
    await page.getByRole('link', { name: 'Déclarer', exact: true }).click();
    await page.getByRole('radio', { name: /^Label perdu/ }).check();
    const value = await page.locator('#centre option', { hasText: TITLE }).getAttribute('value');
    await page.getByLabel('Centre', { exact: true }).selectOption(value);
    await page.getByRole('button', { name: /^Continuer/ }).click();
    await page.getByLabel(/^Preuve/).fill(PROOF);
    await page.getByLabel('Date d’effet').fill('2026-02-01');
    await page.getByRole('button', { name: /^Déclarer : label perdu de / }).click();
    await page
      .getByRole('heading', { level: 2, name: /^Retrait d’un label : deux personnes approuvent/ })
      .waitFor();
    expect(await page.locator('#pourquoi').textContent()).toContain('une autre personne doit l’approuver');
    expect((await web.open()).filter(({ kind }) => kind === 'withdraw').map(({ state }) => state)).toEqual([
      'proposed',
    ]);
    await page.context().close();
  });

  it('shows the reason and the proof apart, and takes no approval without the word', async () => {
    const page = await person(['reviewer'], 'Personne B');
    await page.goto(`${web.url}${withdrawals}`);
    await page.getByRole('link', { name: new RegExp(TITLE) }).click();
    expect(await page.getByRole('region', { name: /^Retrait d’un label/ }).textContent()).toContain(PROOF);
    await page.getByLabel('Tapez RETIRER pour confirmer').fill('retirer');
    await page.getByRole('button', { name: /^Approuver / }).click();
    expect(
      await page
        .getByLabel('Tapez RETIRER pour confirmer')
        .evaluate(
          (field) =>
            (field as unknown as { validity: { patternMismatch: boolean } }).validity.patternMismatch,
        ),
    ).toBe(true);
    await page.getByLabel('Tapez RETIRER pour confirmer').fill('RETIRER');
    await page.getByRole('button', { name: /^Approuver / }).click();
    expect(await page.getByRole('status').textContent()).toContain('1 sur 2');
    expect(await web.apply()).toEqual([]);
    await page.context().close();
  });

  it('with a second person takes back only what is ours; the consultation stays, nothing is deleted', async () => {
    const page = await person(['reviewer'], 'Personne C');
    await page.goto(`${web.url}${withdrawals}`);
    await page.getByRole('link', { name: new RegExp(TITLE) }).click();
    await page.getByLabel('Tapez RETIRER pour confirmer').fill('RETIRER');
    await page.getByRole('button', { name: /^Approuver / }).click();
    expect(await page.getByRole('status').textContent()).toContain('Approuvé :');
    expect((await web.apply()).map(({ result }) => result)).toEqual(['applied']);
    expect(JSON.stringify(said())).toBe(before);
    expect(web.sandbox.requests.some(({ method }) => method === 'DELETE')).toBe(false);
    await web.sync();
    await page.goto(`${web.url}${withdrawals}`);
    expect(await page.getByText('Retraits et fermetures (0)').count()).toBe(1);
    await page.context().close();
  });

  it('stops the run when the table is cut to four rows, and says what to do', async () => {
    web.bamara(table(DEPLOYMENTS.slice(0, 4)));
    const open = JSON.stringify(await web.open());
    const page = await person(['operator'], 'Opératrice d’essai');
    await page.goto(`${web.url}/28/passages`);
    await page.getByRole('button', { name: 'Lancer un passage maintenant' }).click();
    const refusal = page.locator('.refusal', {
      hasText: '4 lignes lues, contre 8 à la livraison précédente',
    });
    await refusal.waitFor();
    expect(await refusal.textContent()).toContain('vérifiez que la liste est entière');
    expect(JSON.stringify(await web.open())).toBe(open);
    await page.goto(`${web.url}/28`);
    expect(await page.locator('h1 + p .badge').textContent()).toBe('en échec');
    await page.context().close();
  });
});
