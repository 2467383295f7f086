import { describe, expect, it } from 'vitest';
import { bamaraDeployment } from '../../src/sources/bamara-deployment/index.js';
import { delivery, fixture } from './bytes.js';
import { pageConformance } from './page-conformance.js';

const csv = fixture('bamara-deployment/fixtures/deploiement-essai-2026-11.csv').toString('utf8');
const page = fixture('bamara-deployment/fixtures/deploiement-essai-2026-11.html').toString('utf8');
const [headers = [], ...rows] = csv
  .trimEnd()
  .split('\n')
  .map((line) => line.split(';'));
const options = {
  table: 'table',
  columns: {},
  date: { selector: 'p.maj', pattern: 'mis à jour le ([^,]+)' },
};

pageConformance('bamara-deployment', {
  source: bamaraDeployment,
  page,
  options,
  csv,
  headers,
  rows,
  required: headers.indexOf('déployé'),
});

describe('the page of the deployment table', () => {
  it('has headers on two lines, a date of its own, and no unknown column', async () => {
    expect(await bamaraDeployment(options).inspect(delivery(Buffer.from(page)))).toEqual({
      encoding: 'utf-8',
      compressed: false,
      separator: null,
      headers: [
        'Hôpital',
        'Ville',
        'Convention BaMaRa envoyée le',
        'Convention BaMaRa',
        'Convention BNDMR envoyée le',
        'Convention BNDMR',
        'déployé',
        'Date de déploiement autonome',
      ],
      unknownColumns: [],
      contentDate: '2026-11-03',
      page: true,
    });
  });
});
