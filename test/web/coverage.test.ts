import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Browser } from 'playwright-core';
import { coverageOf, type CoveredCentre, type CoveredPlace, type Standing } from '../../src/runs/coverage.js';
import { csvText } from '../../src/domain/csv.js';
import { fileRows } from '../../src/web/pages/coverage-figure.js';
import { mapFigure } from '../../src/web/pages/coverage-map.js';
import { filieresFigure } from '../../src/web/pages/coverage-places.js';
import { missingFigure } from '../../src/web/pages/coverage-missing.js';
import { openBrowser, pageOf } from '../support/browser.js';
import { COVERED, openCoverageWorld, type CoverageWorld } from '../support/coverage-world.js';
import { trialList } from '../support/region-run.js';
import { faultsOf } from '../support/walk.js';
import { openWebWorld, type Visitor } from '../support/web-world.js';
import { complete } from '../scenarios/world.js';

/** Text of one part of the page, tags and spaces aside. */
function part(page: string, id: string): string {
  const [, cut = ''] = page.split(`<h2 id="${id}">`);
  return plain(cut.split('<h2 id=')[0] ?? '');
}
const plain = (text: string): string =>
  text
    .replaceAll(/<svg[\s\S]*?<\/svg>/g, ' ')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/\s+/g, ' ');
/** Lines of a file, its mark and its head aside. */
const linesOf = (csv: string): string[] =>
  csv
    .replace(/^\uFEFF/, '')
    .trimEnd()
    .split('\r\n')
    .slice(1);

describe('a region without any run', () => {
  it('says what to do, and has nothing to download', async () => {
    const web = await openWebWorld();
    try {
      const reader = await web.visitor(['reader']);
      const { status, text } = await reader.get('/28/couverture');
      expect(status).toBe(200);
      expect(text).toContain('Aucun passage encore : rien n’est connu des centres de cette région.');
      expect(text).toContain('href="/28/passages"');
      expect(text).not.toContain('<svg');
      const file = await reader.get('/28/couverture/carte/svg');
      expect(file.status).toBe(404);
      expect(file.text).toContain('cette figure n’existe pas, ou elle est vide');
    } finally {
      await web.close();
    }
  });
});

describe('the coverage of a region whose centres are known', () => {
  let web: CoverageWorld;
  let reader: Visitor;
  let page: string;
  let browser: Browser;
  beforeAll(async () => {
    web = await openCoverageWorld();
    reader = await web.visitor(['reader']);
    page = (await reader.get('/28/couverture')).text;
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await web.close();
  });

  it('finds which filière has centres where, and which has none', () => {
    expect(part(page, 'filieres')).toContain(
      '7 centres dans 6 établissements : un seul est visible dans le ROR. 21 filières sur 23 n’ont aucun centre : AnDDI-Rares, BRAIN-TEAM, CARDIOGEN, DéfiScience, FAI²R, FAVA-Multi, FILFOIE, FilSLAN, FIMATHO,',
    );
  });

  it('finds the same by département, where one has no centre', async () => {
    const { text } = await reader.get('/28/couverture?par=departement');
    expect(part(text, 'filieres')).toContain(
      '7 centres dans 4 départements, 1 centre sans département établi : un seul est visible dans le ROR.',
    );
    const svg = (await reader.get('/28/couverture/filieres/svg?par=departement')).text;
    expect(svg).toContain('>27 – Eure<');
    expect(linesOf((await reader.get('/28/couverture/filieres/csv?par=departement')).text)).toEqual([
      '14 – Calvados;14;FIMARAD;2;0;1;1',
      '50 – Manche;50;FIMARAD;1;0;1;0',
      '61 – Orne;61;FIMARAD;1;0;0;1',
      '76 – Seine-Maritime;76;FILNEMUS;1;0;0;1',
      '76 – Seine-Maritime;76;FIMARAD;1;1;0;0',
      'département pas établi;;FIMARAD;1;0;1;0',
    ]);
  });

  it('draws what the register places, and lists the rest with the reason', async () => {
    expect(part(page, 'carte')).toContain(
      'Un département sur 5 n’a aucun centre : 27 – Eure. Sur 6 sites, 3 n’ont pas de position sûre et sont seulement dans les données, plus bas.',
    );
    const lines = linesOf((await reader.get('/28/couverture/carte/csv')).text);
    expect(lines.map((line) => line.split(';').slice(0, 3).join(';'))).toEqual([
      'CENTRE HOSPITALIER DE FALAISE;aucun;140000233',
      'CENTRE HOSPITALIER DE LISIEUX;1;140000027',
      'CENTRE HOSPITALIER DE COUTANCES;2;500000591',
      "CENTRE HOSPITALIER D'ARGENTAN;aucun;610000069",
      'CH DIEPPE;3;760000018',
      'Hôpital d’essai sans numéro, Nulle-Part;aucun;inconnu',
    ]);
    expect(lines[0]).toContain('pas dessiné : FINESS ne donne pas de coordonnées');
    // The register of this test says that Argentan is in Corsica.
    expect(lines[3]).toMatch(/pas dessiné : coordonnées douteuses, hors du département \(41,9\d+ ; 8,7\d+\)/);
    expect(lines[5]).toContain('pas dessiné : site pas encore choisi');
    const svg = (await reader.get('/28/couverture/carte/svg')).text;
    expect(svg).toContain('3. DIEPPE');
    expect(svg).not.toContain('ARGENTAN');
    expect(svg).toContain('>61 : 0/1<');
    expect(svg).toContain('>27 : aucun<');
  });

  it('counts labels by level and campaign, and those of an older campaign', async () => {
    expect(part(page, 'labels')).toContain(
      'Le label le plus fréquent est CCMR 2023 : 5 centres sur 7. 1 centre n’a pas de label de la campagne 2023.',
    );
    expect(linesOf((await reader.get('/28/couverture/labels/csv')).text)).toEqual([
      'CRMR constitutif;2023;1;0;1;0',
      'CCMR;2023;5;1;1;3',
      'CCMR;2017;1;0;1;0',
    ]);
  });

  it('lists who is labelled and not seen, with the reason and the way on', () => {
    const list = part(page, 'pas-visibles');
    expect(list).toContain(
      '6 centres ne sont pas visibles dans le ROR, sur 7 ; 3 d’entre eux attendent une réponse.',
    );
    expect(list).not.toContain('Centre d’essai 1');
    expect(list).toMatch(
      /Centre d’essai 2 CRMR constitutif 2023 FIMARAD CENTRE HOSPITALIER DE LISIEUX \(FINESS 140000027\) pas visible, question ouverte aucune offre ne le décrit ; changement à compléter : Quel public/,
    );
    expect(list).toMatch(
      /Centre d’essai 3 CCMR 2017 .* changement label à reconfirmer : Label à reconfirmer : preuve 2023 demandée/,
    );
    expect(list).toMatch(
      /Centre d’essai 4 CCMR 2023 FILNEMUS CH DIEPPE \(FINESS 760000018\) labellisé, pas visible aucune offre ne le décrit ; changement à approuver/,
    );
    expect(page).toContain(`href="/28/centres/${web.ids.get(2) ?? ''}"`);
    expect(page).toMatch(/<a href="\/28\/changements\/[a-z0-9]+">Changement [a-z0-9]+<\/a>/);
  });

  it('counts what was opened, and how long the one decision took', async () => {
    expect(part(page, 'changements')).toContain(
      '7 changements ouverts en 26 semaines, tous du genre « créer ».',
    );
    expect(part(page, 'delais')).toContain('Un seul changement a été décidé en 26 semaines : en 1 min.');
    const weeks = linesOf((await reader.get('/28/couverture/changements/csv')).text);
    expect(weeks).toHaveLength(26);
    const all = weeks.map((line) => line.split(';').map(Number));
    // Columns: create, attach, modify, enrich, withdraw, close, all of them.
    expect([1, 2, 3, 4, 5, 6, 7].map((at) => all.reduce((sum, row) => sum + (row[at] ?? 0), 0))).toEqual([
      7, 0, 0, 0, 0, 0, 7,
    ]);
  });

  it('is narrowed by the address, in every figure and every file', async () => {
    const { text } = await reader.get('/28/couverture?filiere=FILNEMUS');
    expect(part(text, 'filieres')).toContain(
      '1 centre dans 1 établissement : il n’est pas visible dans le ROR.',
    );
    expect(part(text, 'carte')).toContain(
      '4 départements sur 5 n’ont aucun centre : 14 – Calvados, 27 – Eure, 50 – Manche et 61 – Orne. 1 site est dessiné.',
    );
    expect(part(text, 'labels')).toContain('Un seul centre, CCMR 2023. Son label est de la campagne 2023.');
    expect(part(text, 'changements')).toContain('1 changement ouvert en 26 semaines, du genre « créer ».');
    expect(part(text, 'delais')).toContain(
      'Aucun changement n’a été décidé ces 26 dernières semaines : il n’y a pas de délai à montrer.',
    );
    expect(text).toContain('href="/28/couverture/filieres/csv?filiere=FILNEMUS"');
    expect(linesOf((await reader.get('/28/couverture/filieres/csv?filiere=FILNEMUS')).text)).toEqual([
      'CH DIEPPE;760000018;CH de Dieppe (760780023);FILNEMUS;1;0;0;1',
    ]);
    const calvados = (await reader.get('/28/couverture?departement=14')).text;
    expect(part(calvados, 'carte')).toContain(
      'Le département 14 – Calvados a au moins un centre. Sur 2 sites, 1 n’a pas de position sûre et est seulement dans les données, plus bas.',
    );
    const none = (await reader.get('/28/couverture?filiere=FIMARAD&departement=27')).text;
    expect(none).toContain('Aucun centre ne répond à ces choix.');
    expect(none).not.toContain('<svg');
    expect((await reader.get('/28/couverture?par=commune')).status).toBe(400);
  });

  it.each(['filieres', 'carte', 'labels', 'changements', 'delais'])(
    'gives %s as a drawing of its own: inert, with its own colours',
    async (figure) => {
      const { status, headers, text } = await reader.get(`/28/couverture/${figure}/svg`);
      expect(status).toBe(200);
      expect(headers.get('content-type')).toBe('image/svg+xml; charset=utf-8');
      expect(headers.get('content-disposition')).toBe(`attachment; filename="couverture-28-${figure}.svg"`);
      expect(headers.get('content-security-policy')).toBe(
        "default-src 'none'; style-src 'unsafe-inline'; sandbox",
      );
      expect(XMLValidator.validate(text)).toBe(true);
      expect(new XMLParser().parse(text)).toHaveProperty('svg.title');
      expect(text).toContain('prefers-color-scheme:dark');
    },
  );

  it('has no drawing of the list, nor anything under another name', async () => {
    expect((await reader.get('/28/couverture/pas-visibles/svg')).status).toBe(404);
    expect((await reader.get('/28/couverture/pas-visibles/csv')).status).toBe(200);
    expect((await reader.get('/28/couverture/inconnu/csv')).status).toBe(404);
  });

  it('is accessible, silent and whole, in both themes and at every width', async () => {
    const visits = ['', '?par=departement', '?filiere=FILNEMUS', '?departement=27'].map(
      (asked) => `/28/couverture${asked}`,
    );
    expect(await faultsOf(browser, web, visits)).toEqual([]);
  });

  it('works by keyboard at 320 px: the frame of the table takes the focus and scrolls, its first column stays', async () => {
    const shown = await pageOf(browser, web, reader, {
      viewport: { width: 320, height: 800 },
      javaScriptEnabled: false,
    });
    await shown.goto(`${web.url}/28/couverture`);
    const frame = shown.getByRole('region', { name: 'Tableau : filières par établissement' });
    await frame.focus();
    await shown.keyboard.press('End');
    for (let press = 0; press < 5; press++) await shown.keyboard.press('ArrowRight');
    await expect.poll(() => frame.evaluate((element) => element.scrollLeft)).toBeGreaterThan(0);
    const [room, name] = await Promise.all([
      frame.boundingBox(),
      frame.getByRole('rowheader').first().boundingBox(),
    ]);
    expect(Math.abs((name?.x ?? 0) - (room?.x ?? 99))).toBeLessThanOrEqual(2);
    // Nothing that moves under the first column is drawn over it.
    const above = await frame
      .getByRole('rowheader')
      .first()
      .evaluate((element) => {
        element.scrollIntoView({ block: 'center' });
        const { left, right, top, bottom } = element.getBoundingClientRect();
        return document.elementFromPoint((left + right) / 2, (top + bottom) / 2)?.closest('th')?.scope ?? '';
      });
    expect(above).toBe('row');
    const data = shown.getByText('Voir les données : filières par établissement');
    await data.focus();
    await shown.keyboard.press('Enter');
    await shown
      .locator('details')
      .getByText('CENTRE HOSPITALIER DE FALAISE')
      .first()
      .waitFor({ state: 'visible' });
    await shown.context().close();
  });

  it('asks the database as often whatever the number of centres', async () => {
    const small = await openCoverageWorld(COVERED.slice(0, 1));
    try {
      const asked = async (world: CoverageWorld): Promise<number> => {
        let count = 0;
        const counting = (): void => void (count += 1);
        world.database.app.on('query', counting);
        await coverageOf(world.context);
        world.database.app.off('query', counting);
        return count;
      };
      // Twice each: what is kept of the last report and of the open changes is read the first time.
      await asked(web);
      await asked(small);
      const many = await asked(web);
      expect(many).toBe(await asked(small));
      expect(many).toBeLessThanOrEqual(12);
    } finally {
      await small.close();
    }
  });

  it('tells an offer that says no level, one that is gone, and a centre that is seen while it changes', async () => {
    const first = web.ids.get(1) ?? '';
    const seen = async (): Promise<string> => part((await reader.get('/28/couverture')).text, 'pas-visibles');
    const latest = async (): Promise<{ identifier: string; body: string } & Record<string, unknown>> => {
      const link: { identifier: string } = await web.database
        .app('centre_offer')
        .where({ centre: first })
        .first();
      return (await web.database
        .app('remote_version')
        .where({ region: '28', identifier: link.identifier })
        .orderBy('no', 'desc')
        .first(
          'region',
          'type',
          'remote_id',
          'identifier',
          'version_id',
          'body',
          'body_hash',
          'seen_at',
        )) as { identifier: string; body: string };
    };
    const whole = await latest();
    // Its public is another: a modification is proposed while the offer stays seen.
    await web.answer(web.camille, complete(first, 'public', 'adulte'));
    expect(await seen()).toContain('1 centre visible a un changement en cours.');
    expect(await seen()).toMatch(
      /Centre d’essai 1 CCMR 2023 FIMARAD CH DIEPPE \(FINESS 760000018\) décrit et visible dans le ROR son changement est en cours \(à approuver\)/,
    );
    const bare = JSON.stringify({ ...(JSON.parse(whole.body) as object), characteristic: [] });
    await web.database.app('remote_version').insert({ ...whole, body: bare, body_hash: 'sans niveau' });
    expect(await seen()).toContain(
      'Aucun des 7 centres n’est visible dans le ROR ; 3 d’entre eux attendent une réponse.',
    );
    expect(await seen()).toContain(`l’offre ${whole.identifier} ne dit aucun niveau d’expertise`);
    await web.database.app('remote_version').insert({ ...whole, gone: true });
    expect(await seen()).toContain(`l’offre ${whole.identifier} n’est plus dans le répertoire`);
  });

  it('leaves out a centre that somebody declared without label, and says so', async () => {
    await web.answer(web.camille, {
      kind: 'withdraw',
      subject: web.ids.get(5) ?? '',
      body: { proof: 'acte d’essai', date: '2026-02-01' },
    });
    const { text } = await reader.get('/28/couverture');
    expect(plain(text)).toContain('1 centre déclaré fermé ou sans label n’est pas compté.');
    expect(part(text, 'filieres')).toContain('6 centres dans 5 établissements');
    expect(text).not.toContain('CENTRE HOSPITALIER DE FALAISE');
  });
});

describe('the centres of one hospital, whichever of its sites is known', () => {
  const legal = { finess: '760780999', name: 'CHU d’essai' };
  const town = 'Ville-d’Essai';
  const site = (key: string, name: string, finess: string, ej: typeof legal | null = legal): CoveredPlace => {
    return { key, name, town, finess, legal: ej, departement: '76', point: null };
  };
  const A = site('eg:760000991', 'HOPITAL A VILLE-D’ESSAI', '760000991');
  const B = site('eg:760000992', 'HOPITAL B VILLE-D’ESSAI', '760000992');
  const UNCHOSEN = site('finess:760780999', 'CHU d’essai', '760780999');
  const ALONE = site('eg:760000993', 'CH D’ESSAI', '760000993', { finess: '760780998', name: 'CH' });
  const centre = (place: CoveredPlace, standing: Standing): CoveredCentre => ({
    ...{
      id: 'cmr_abcdefghijkl2345',
      name: 'Centre d’essai',
      filiere: 'FIMARAD',
      level: 'CCMR',
      campaign: 2023,
    },
    ...{ place, standing, why: null, change: null },
  });
  const figure = filieresFigure(
    '28',
    { filieres: [] },
    [centre(A, 'seen'), centre(B, 'hidden'), centre(UNCHOSEN, 'hidden'), centre(ALONE, 'seen')],
    { by: 'hopital', filiere: '', departements: ['76'] },
  );

  it('stand under its legal entity, with a line of all of them and one for each place', () => {
    expect(
      figure.matrix?.rows.map(({ kind, name, code, all }) => [
        ...[kind, name, code],
        `${String(all?.seen)}/${String(all?.all)}`,
      ]),
    ).toEqual([
      ['alone', 'CH D’ESSAI, Ville-d’Essai', '760000993', '1/1'],
      ['entity', 'CHU d’essai', '760780999', '1/3'],
      ['site', 'HOPITAL A VILLE-D’ESSAI', '760000991', '1/1'],
      ['site', 'HOPITAL B VILLE-D’ESSAI', '760000992', '0/1'],
      ['site', 'site pas encore choisi', '760780999', '0/1'],
    ]);
    expect(figure.finding).toContain('4 centres dans 2 établissements (4 lieux) : 2 sont visibles');
  });

  it('are counted once in the data, each place with its entity', () => {
    expect(
      fileRows(figure)
        .slice(1)
        .map((row) => row.slice(0, 5).join(';')),
    ).toEqual([
      'CH D’ESSAI, Ville-d’Essai;760000993;CH (760780998);FIMARAD;1',
      'HOPITAL A VILLE-D’ESSAI;760000991;CHU d’essai (760780999);FIMARAD;1',
      'HOPITAL B VILLE-D’ESSAI;760000992;CHU d’essai (760780999);FIMARAD;1',
      'CHU d’essai, Ville-d’Essai;760780999;CHU d’essai (760780999);FIMARAD;1',
    ]);
  });
});

describe('a region overseas', () => {
  it('has its list instead of half a map, and a sentence that says so', () => {
    const place = {
      key: 'eg:970400024',
      name: 'Hôpital d’essai',
      town: 'Saint-Denis',
      finess: '970400024',
      legal: null,
      departement: '974',
      point: null,
    };
    const centre = {
      id: 'cmr_abcdefghijkl2345',
      name: 'Centre d’essai',
      filiere: 'FIMARAD',
      level: 'CCMR',
      campaign: 2023,
      place,
      standing: 'hidden',
      why: 'aucune offre ne le décrit',
      change: null,
    } as const;
    const figure = mapFigure('04', ['974'], [centre]);
    expect(figure.chart).toBeNull();
    expect(figure.note).toContain(
      'Aucun contour de ce territoire n’est livré avec filror : le tableau des données remplace la carte.',
    );
    expect(figure.finding).toBe(
      'Le département 974 – La Réunion a au moins un centre. Le seul site n’a pas de position sûre : il est dans les données, plus bas.',
    );
    expect(figure.rows).toHaveLength(1);
  });
});

describe('names that attack', () => {
  const TITLE = `Centre "><script>alert(1)</script>'&`;
  const HOSPITAL = `Hôpital <img src=x onerror=alert(1)>"'`;
  let web: Awaited<ReturnType<typeof openWebWorld>>;
  let reader: Visitor;
  beforeAll(async () => {
    const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
    web = await openWebWorld({
      list: trialList([
        { number: 1, title: quoted(TITLE), hospital: quoted(HOSPITAL), town: 'Nulle-Part' },
        { number: 2 },
      ]),
    });
    await web.sync();
    reader = await web.visitor(['reader']);
  });
  afterAll(() => web.close());

  it('are text in the page, in the drawings and in the files', async () => {
    const { text } = await reader.get('/28/couverture');
    expect(text).toContain('Centre &quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&#39;&amp;');
    expect(text).toContain('Hôpital &lt;img src=x onerror=alert(1)&gt;&quot;&#39;');
    expect(text).not.toContain('<script>alert');
    expect(text).not.toContain('<img');
    const svg = (await reader.get('/28/couverture/filieres/svg')).text;
    expect(svg).toContain('Hôpital &lt;img src=x onerror=alert(');
    expect(svg).not.toContain('<img');
    const places = (await reader.get('/28/couverture/filieres/csv')).text;
    expect(places.startsWith('Établissement;FINESS;')).toBe(true);
    expect(places).toContain(
      `"Hôpital <img src=x onerror=alert(1)>""', Nulle-Part";;pas reconnue;FIMARAD;1;`,
    );
    const list = (await reader.get('/28/couverture/pas-visibles/csv')).text;
    expect(list).toContain(`"Centre ""><script>alert(1)</script>'&";CCMR 2023;FIMARAD;`);
  });

  // A list that holds a formula is set aside; a name that became one otherwise must not run either.
  it('are no formula for a spreadsheet', () => {
    const place = {
      key: 'nom:x',
      name: '+cmd|x',
      town: null,
      finess: null,
      legal: null,
      departement: null,
      point: null,
    };
    const figure = missingFigure('28', [
      {
        id: 'cmr_abcdefghijkl2345',
        name: '=HYPERLINK("http://ailleurs.invalid")',
        filiere: '@FIMARAD',
        level: '-CCMR',
        campaign: null,
        place,
        standing: 'hidden',
        why: '=1+1',
        change: null,
      },
    ]);
    expect(linesOf(csvText(fileRows(figure)))).toEqual([
      `"'=HYPERLINK(""http://ailleurs.invalid"")";'-CCMR;'@FIMARAD;'+cmd|x (FINESS inconnu);labellisé, pas visible;'=1+1;aucun changement ouvert`,
    ]);
  });

  it('leave each drawing a document that a browser reads whole, with nothing active in it', async () => {
    const browser = await openBrowser();
    try {
      const page = await pageOf(browser, web, reader);
      await page.goto(`${web.url}/28/couverture`);
      for (const figure of ['filieres', 'carte', 'labels', 'changements']) {
        const { text } = await reader.get(`/28/couverture/${figure}/svg`);
        const read = await page.evaluate((source) => {
          const parsed = new DOMParser().parseFromString(source, 'image/svg+xml');
          return {
            root: parsed.documentElement.localName,
            faults: parsed.getElementsByTagName('parsererror').length,
            active: parsed.querySelectorAll('script, image, foreignObject, use, a').length,
          };
        }, text);
        expect(read, figure).toEqual({ root: 'svg', faults: 0, active: 0 });
      }
      await page.context().close();
    } finally {
      await browser.close();
    }
  });
});
