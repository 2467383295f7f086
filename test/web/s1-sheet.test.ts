import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StoredChange } from '../../src/db/changes.js';
import type { JsonObject } from '../../src/domain/json.js';
import type { Body } from '../../src/sandbox/body.js';
import { trialOffer } from '../../src/sandbox/seed.js';
import { centresList } from '../scenarios/world.js';
import { openBrowser, pageOf } from '../support/browser.js';
import { openWebWorld, type WebWorld } from '../support/web-world.js';

/**
 * S1 to its end on the pages, as Normandie ships: the hospital agrees by its link, a sheet is handed over, somebody types
 * it in the ROR, and the re-reading confirms. The real row of 2023; the offer that already stands is synthetic.
 */
const SITE = '760000158';
const OFFER = '28/ESSAI-0001';
const COMMENT = 'Consultation du lundi au vendredi.';
const NOS = 'https://mos.esante.gouv.fr/NOS';
const coded = (system: string, code: string, display: string): JsonObject => ({
  coding: [{ system: `${NOS}/${system}`, code, display }],
});
const TYPED = [
  coded('TRE_R344-NiveauExpertise/FHIR/TRE-R344-NiveauExpertise', '11', 'Centre de compétences labellisé'),
  coded(
    'TRE_R245-SpecialisationDePriseEnCharge/FHIR/TRE-R245-SpecialisationDePriseEnCharge',
    '49',
    'Maladies rares de la peau',
  ),
];

let web: WebWorld;
let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
  web = await openWebWorld({
    list: centresList([
      {
        title: 'Dermatoses bulleuses toxiques et toxidermies graves',
        network: 'TOXIBUL',
        hospital: 'CHU Rouen',
        town: 'Rouen',
        departement: '76',
        region: 'Normandie',
        ej: '760780239',
      },
    ]),
    agreement: 'asked',
    repository: { ways: ['sheet', 'task'] },
    offers: (site) => [
      trialOffer({ id: 'derm', identifier: OFFER, label: 'Rouen', site: site(SITE), comment: COMMENT }),
    ],
  });
  await web.sync();
});
afterAll(async () => {
  await web.close();
  await browser.close();
});

const person = async (roles: Parameters<WebWorld['visitor']>[0], name: string): Promise<Page> =>
  await pageOf(browser, web, await web.visitor(roles, name));
const only = async (): Promise<StoredChange> => (await web.open())[0] as StoredChange;
let link = '';

describe('S1 on the pages, by an entry sheet', () => {
  it('is answered by A, approved by B, and waits for CHU Rouen', async () => {
    const a = await person(['operator', 'reviewer'], 'Personne A');
    await a.goto(`${web.url}/28/changements/${(await only()).id}`);
    await a.getByRole('radio', { name: new RegExp(`FINESS ${SITE}`) }).check();
    await a.getByRole('button', { name: /^Choisir le site de TOXIBUL/ }).click();
    await a.getByRole('radio', { name: new RegExp(`Rattacher à ${OFFER}`) }).check();
    await a.getByRole('button', { name: /^Répondre pour TOXIBUL/ }).click();
    expect(await a.getByRole('button', { name: /^Approuver TOXIBUL/ }).isDisabled()).toBe(true);
    await a.context().close();
    const b = await person(['reviewer'], 'Personne B');
    await b.goto(`${web.url}/28/changements/${(await only()).id}`);
    await b.getByRole('button', { name: /^Approuver TOXIBUL/ }).click();
    expect(await b.getByRole('status').textContent()).toContain('Approuvé : TOXIBUL');
    await b.goto(`${web.url}/28/a-saisir`);
    expect(await b.locator('.lead').textContent()).toContain('1 accord attendu');
    await b.context().close();
    expect((await web.apply()).map(({ result }) => result)).toEqual(['skipped']);
  });

  it('is agreed to by the hospital, which holds a link and no account; following it agrees to nothing', async () => {
    const staff = await person(['operator'], 'Personne C');
    await staff.goto(`${web.url}/28/accords`);
    await staff.getByRole('button', { name: /^Créer un lien pour/ }).click();
    link = await staff.getByLabel('Lien à envoyer').inputValue();
    await staff.context().close();
    // A gateway of mail follows the link, twice.
    for (let times = 0; times < 2; times++) expect((await fetch(link)).status).toBe(200);
    expect(await web.database.app('agreement')).toEqual([]);
    const hospital = await (await browser.newContext()).newPage();
    await hospital.goto(link);
    expect(await hospital.locator('main').textContent()).toContain('Lire cette page n’engage à rien');
    expect(await hospital.locator('.elements').textContent()).toContain('Maladies rares de la peau');
    await hospital.locator('#par-accord').fill('référente ROR, CHU de Rouen');
    await hospital.getByRole('button', { name: /^Donner l’accord de l’établissement/ }).click();
    await hospital.getByText('Merci : votre réponse est enregistrée').waitFor();
    await hospital.goto(link);
    expect(await hospital.locator('main').textContent()).toContain('Ce lien a servi');
    await hospital.context().close();
  });

  it('is handed over by a sheet, typed by hand, and seen by the re-reading', async () => {
    expect((await web.apply()).map(({ result }) => result)).toEqual(['transmitted']);
    const page = await person(['operator'], 'Personne C');
    await page.goto(`${web.url}/28/a-saisir`);
    await page.getByRole('link', { name: /TOXIBUL/ }).click();
    const [sheet] = await Promise.all([
      page.waitForURL('**/fiche').then(() => page.locator('body').textContent()),
      page.getByRole('link', { name: /^Ouvrir la fiche de saisie/ }).click(),
    ]);
    expect(sheet).toContain('Fiche de saisie dans le ROR');
    const [block] = /\[Maladies rares \|[^\]]*\]/.exec(sheet ?? '') ?? [];
    expect(block).toContain('réseau=TOXIBUL');
    web.sandbox.edit('HealthcareService', 'derm', (body) => {
      body['characteristic'] = [...(body['characteristic'] as Body[]), ...(TYPED as unknown as Body[])];
      body['comment'] = `${COMMENT}\n${block ?? ''}`;
    });
    await page.goto(`${web.url}/28/a-saisir`);
    await page.getByRole('button', { name: 'Relire le ROR et constater les saisies' }).click();
    expect(await page.getByRole('status').textContent()).toContain('ROR relu : 1 vu');
    await page.context().close();
  });

  it('leaves nothing to do: "Aucun changement", and filror wrote nothing', async () => {
    await web.sync();
    const page = await person(['reader'], 'Lectrice d’essai');
    await page.goto(`${web.url}/28`);
    expect(await page.locator('.lead').textContent()).toMatch(
      /^\s*Aucun changement\. Le référentiel est à jour/,
    );
    expect(web.sandbox.writes()).toEqual([]);
    await page.context().close();
  });
});
