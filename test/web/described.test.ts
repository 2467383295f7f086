import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trialOffer, type SiteFacts } from '../../src/sandbox/seed.js';
import type { JsonObject } from '../../src/domain/json.js';
import { centresList } from '../scenarios/world.js';
import { FAMILY_SKIN, LEVEL_COMPETENCE } from '../support/trial-region.js';
import { openWebWorld, type Visitor, type WebWorld } from '../support/web-world.js';

const offer = (n: number, site: SiteFacts): JsonObject =>
  trialOffer({
    id: `offre-${String(n)}`,
    identifier: `28/ESSAI-000${String(n)}`,
    label: `n° ${String(n)} <script>`,
    site,
    category: { code: '245', display: 'Centre expert en maladies rares' },
    characteristics: [FAMILY_SKIN, LEVEL_COMPETENCE],
  });

let web: WebWorld;
let reader: Visitor;
beforeAll(async () => {
  web = await openWebWorld({
    list: centresList([
      {
        title: 'Centre d’essai 1',
        hospital: 'CH de Dieppe',
        town: 'Dieppe',
        label: 'CRMR constitutif',
        public: 'adulte',
      },
    ]),
    offers: (site) => [offer(1, site('760000018')), offer(2, site('610000069')), offer(3, site('610000069'))],
  });
  reader = await web.visitor(['reader']);
});
afterAll(() => web.close());

const shown = async (path = ''): Promise<string> =>
  (await reader.get(`/28/offres${path}`)).text.replaceAll(/\s+/g, ' ');

describe('the page of the offers of the repository', () => {
  it('says first that nothing was read, and what to do', async () => {
    expect(await shown()).toContain('n’a pas encore été lu');
    expect((await reader.get('/28/offres/liste')).status).toBe(400);
  });

  it('shows each offer with its place in the lists, doubles and disagreements, and gives a list to begin with', async () => {
    await web.sync();
    const all = await shown();
    expect(all).toContain('3 offres de maladies rares, dont 2 qu’aucune liste n’explique ; 1 désaccord');
    expect(all).toContain('28/ESSAI-0002, 28/ESSAI-0003 : même site, mêmes familles, même niveau.');
    expect(all).toContain('l’offre dit niveau 11, les listes disent niveau 10 (CRMR constitutif)');
    expect(all).toContain('&lt;script&gt;');
    expect(all).not.toContain('<script>');

    const unlisted = await shown('?montre=unlisted');
    expect([unlisted.includes('28/ESSAI-0002</span>'), unlisted.includes('28/ESSAI-0001</span>')]).toEqual([
      true,
      false,
    ]);
    expect(await shown('?montre=ours')).toContain('Aucune offre de cette sorte.');
    expect((await reader.get('/28/offres?montre=autre')).status).toBe(400);

    const { headers, text } = await reader.get('/28/offres/liste');
    expect(headers.get('content-disposition')).toBe('attachment; filename="offres-sans-liste-28.csv"');
    expect(text.trimEnd().split('\r\n').length).toBe(3);
    expect(web.sandbox.writes()).toEqual([]);
  });
});
