import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StoredChange } from '../../src/db/changes.js';
import type { CentreContact } from '../../src/domain/offer.js';
import { bodyText, parseBody, type Body } from '../../src/sandbox/body.js';
import { centreIdOf, centresList, changeOf, complete, type CentreRow } from '../scenarios/world.js';
import { openBrowser, pageOf } from '../support/browser.js';
import { openWebWorld, type WebWorld } from '../support/web-world.js';

/**
 * S5 on the pages, in real Chromium, without its consumer. The two rows are those of the public page of CHU Caen
 * (article 907, 2022); that they were labelled again in 2023, the public and the phones are test data.
 */
const MHC = 'Maladies hémorragiques constitutionnelles';
const WILLEBRAND = 'Maladie de Willebrand';
const caen = {
  filiere: 'MHEMO',
  hospital: 'CHU Caen Normandie',
  town: 'Caen',
  departement: '14',
  campaign: '2017',
  ej: '140000100',
};
const ROWS: readonly CentreRow[] = [
  { ...caen, label: 'CRC', title: MHC, network: 'CRC-MHC' },
  { ...caen, label: 'CRMR constitutif', title: WILLEBRAND, network: 'CRMW' },
];
const COTE_DE_NACRE = '140000209';
const PROOF = 'donnée d’essai : aucune décision de 2023 n’est connue pour ce centre';
/** Numbers of the range kept for fiction (ARCEP decision 2018-0881). */
const [FIRST_PHONE, OUR_NEXT, THE_HOSPITALS] = ['0261910011', '0261910012', '0261910099'];
const phone = (value: string): CentreContact => ({ nature: '07', channel: '2', confidentiality: '1', value });

let web: WebWorld;
let browser: Browser;
let mhc: string;
let willebrand: string;
const textOf = (body: Body): string => JSON.stringify(body);
const idOf = (centre: string): string =>
  String(
    web.sandbox.list('HealthcareService').find((each) => textOf(each).includes(`id=${centre}]`))?.['id'],
  );

beforeAll(async () => {
  browser = await openBrowser();
  web = await openWebWorld({ list: centresList(ROWS) });
  const planned = await web.sync();
  mhc = centreIdOf(changeOf(planned, MHC));
  willebrand = centreIdOf(changeOf(planned, WILLEBRAND));
});
afterAll(async () => {
  await web.close();
  await browser.close();
});

const person = async (roles: Parameters<WebWorld['visitor']>[0], name: string): Promise<Page> =>
  await pageOf(browser, web, await web.visitor(roles, name));
async function about(centre: string): Promise<StoredChange> {
  const [change, ...more] = (await web.open()).filter((each) => each.centres.some((id) => id === centre));
  if (change === undefined || more.length > 0) throw new Error(`${String(more.length)} others`);
  return change;
}

describe('S5 on the pages', () => {
  it('asks people to reconfirm two labels of 2017, one after the other, with a proof', async () => {
    const page = await person(['operator'], 'Personne A');
    await page.goto(`${web.url}/28/changements?etat=toReconfirm`);
    expect(await page.locator('#liste tbody tr').count()).toBe(2);
    for (const [centre, title] of [
      [mhc, MHC],
      [willebrand, WILLEBRAND],
    ] as const) {
      await page.goto(`${web.url}/28/changements/${(await about(centre)).id}`);
      const campaign = page.getByLabel('Campagne que la preuve atteste (année)');
      expect(await campaign.inputValue()).toBe('2023');
      await page.getByLabel(/^Preuve : acte/).fill(PROOF);
      await page.getByRole('button', { name: /^Reconfirmer le label/ }).click();
      await page.getByRole('radio', { name: new RegExp(`FINESS ${COTE_DE_NACRE}`) }).check();
      await page.getByRole('button', { name: /^Choisir le site de/ }).click();
      await page.getByRole('radio', { name: 'mixte' }).check();
      await page.getByRole('button', { name: /^Dire le public de/ }).click();
      expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain(title);
      expect((await about(centre)).state).toBe('proposed');
    }
    await page.context().close();
  });

  it('makes two offers of them, each approved by a person who saw it', async () => {
    await web.answer(web.camille, complete(willebrand, 'contacts', [phone(FIRST_PHONE)]));
    for (const name of ['Personne B', 'Personne C']) {
      const page = await person(['reviewer'], name);
      for (const centre of [mhc, willebrand]) {
        const change = await about(centre);
        if (change.state !== 'proposed') continue;
        await page.goto(`${web.url}/28/changements/${change.id}`);
        await page.getByRole('button', { name: /^Approuver / }).click();
        expect(await page.getByRole('status').textContent()).toMatch(
          /^\s*Approu|^\s*Approbation enregistrée/,
        );
      }
      await page.context().close();
    }
    expect((await web.apply()).map(({ result }) => result)).toEqual(['applied', 'applied']);
    expect(web.sandbox.list('HealthcareService').length).toBe(2);
    expect(idOf(mhc)).not.toBe(idOf(willebrand));
    expect((await web.sync()).changes).toEqual([]);
  });

  it('refuses the push of a phone that the hospital changed meanwhile; the other change goes through', async () => {
    await web.answer(
      web.camille,
      complete(willebrand, 'contacts', [phone(OUR_NEXT)]),
      complete(mhc, 'families', ['38', '29'], PROOF),
    );
    for (const centre of [mhc, willebrand]) {
      const change = await about(centre);
      for (const who of [web.dominique, web.eloi].slice(0, change.quorum)) await web.approve(who, change.id);
    }
    web.sandbox.edit('HealthcareService', idOf(willebrand), (body) => {
      body['extension'] = (body['extension'] as Body[]).map(
        (each) => parseBody(bodyText(each).replace(FIRST_PHONE, THE_HOSPITALS)) as Body,
      );
    });
    expect((await web.apply()).map(({ result }) => result).sort()).toEqual(['applied', 'conflict']);
    expect(web.sandbox.text('HealthcareService', idOf(mhc))).toContain('"code":"29"');
    expect(web.sandbox.text('HealthcareService', idOf(willebrand))).toContain(THE_HOSPITALS);
  });

  it('shows the conflict first, with its three values, once the plan is made anew from the page', async () => {
    const page = await person(['operator', 'reviewer'], 'Personne B');
    await page.goto(`${web.url}/28/changements`);
    await page.getByRole('button', { name: /^Recalculer/ }).click();
    expect(await page.getByRole('status').textContent()).toContain('Plan recalculé.');
    const drift = page.getByRole('region', { name: 'Modifié dans le ROR depuis la préparation' });
    await drift.getByRole('link', { name: new RegExp(WILLEBRAND) }).click();
    const row = page.locator('.elements tr', { hasText: '! conflit' });
    const columns = (await row.textContent())?.replaceAll(/\s+/g, ' ') ?? '';
    expect(columns).toMatch(new RegExp(`${FIRST_PHONE}.*${THE_HOSPITALS}.*nouveau : .*${OUR_NEXT}`));
    const heads = await page.locator('.elements thead th').allTextContents();
    expect(heads.slice(1, 4)).toEqual(['Ce que filror avait relu', 'Dans le ROR aujourd’hui', 'Proposé']);
    expect(await page.getByRole('button', { name: /^Approuver / }).isDisabled()).toBe(true);
    await page.context().close();
  });

  it('is settled by the person who keeps the hospital’s number: rejected with a reason, and not proposed again', async () => {
    const page = await person(['reviewer'], 'Personne B');
    const { id } = await about(willebrand);
    await page.goto(`${web.url}/28/changements/${id}`);
    await page.getByLabel(/^Raison du rejet/).fill('le numéro de l’hôpital est le bon');
    await page.getByRole('button', { name: /^Rejeter / }).click();
    expect(await page.getByRole('status').textContent()).toContain('Rejeté');
    expect((await web.sync()).changes).toEqual([]);
    expect(web.sandbox.text('HealthcareService', idOf(willebrand))).toContain(THE_HOSPITALS);
    await page.goto(`${web.url}/28/journal`);
    await page.getByRole('link', { name: /^Vérifier/ }).click();
    expect(await page.locator('.banner').textContent()).toContain('Journal intact : ');
    await page.context().close();
  });
});
