import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from '../../support/browser.js';
import { gridProducers, pdfkitGrid, remapped, type GridCell } from '../../support/order-grid.js';
import { orderIn } from '../../support/order-pdf.js';

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

const HEADERS = ['Intitulé du centre', 'Responsable', 'Établissement', 'Label'];
const WIDTHS = [160, 110, 140, 100];

describe.each(Object.entries(gridProducers(() => browser)))('signs of an order set by %s', (_, produce) => {
  const read = async (rows: readonly (readonly GridCell[])[], widths = WIDTHS) => {
    const tables = [{ heading: 'Filière OSCAR', headers: HEADERS, widths, rows }];
    return (await orderIn(await produce({ pages: [{ tables }] }))).lines.map(({ cells, doubts }) => ({
      ...cells,
      doubts,
    }));
  };
  const line = (title: string, hospital: string, label = 'Constitutif') => ({
    filiere: 'OSCAR',
    title,
    head: 'Dr Personne d’essai 1',
    hospital,
    label,
  });
  const row = (title: string, hospital: string, label = 'Constitutif') => [
    title,
    'Dr Personne d’essai 1',
    hospital,
    label,
  ];

  it('joins a word parted by a hyphen at the end of a line, and says that it guessed', async () => {
    expect(
      await read([
        row('Centre d’essai 1 des ostéogen-\nèses', 'Hôpital d’essai 1'),
        row('Centre d’essai 2', 'Hôpital d’essai inter-\ncommunal 2'),
        row('Centre d’essai 3', 'Hôpital d’essai 3', 'Coor-\ndonnateur'),
      ]),
    ).toEqual([
      { ...line('Centre d’essai 1 des ostéogenèses', 'Hôpital d’essai 1'), doubts: ['hyphen'] },
      { ...line('Centre d’essai 2', 'Hôpital d’essai intercommunal 2'), doubts: ['hyphen'] },
      { ...line('Centre d’essai 3', 'Hôpital d’essai 3', 'Coordonnateur'), doubts: [] },
    ]);
  });

  it('keeps a true hyphen, inside a line and at its end', async () => {
    expect(
      await read([
        row('Centre d’essai 1', 'Hôpital d’essai de Val-de-Reuil'),
        row('Centre d’essai 2', 'Hôpital d’essai Val-\nde-Reuil'),
        row('Centre d’essai 3', 'Hôpital d’essai Val-de-\nReuil'),
        row('Centre d’essai 4 de 2023-\n2028', 'Hôpital d’essai Saint-\nEssai'),
      ]),
    ).toEqual([
      { ...line('Centre d’essai 1', 'Hôpital d’essai de Val-de-Reuil'), doubts: [] },
      { ...line('Centre d’essai 2', 'Hôpital d’essai Val-de-Reuil'), doubts: ['hyphen'] },
      { ...line('Centre d’essai 3', 'Hôpital d’essai Val-de-Reuil'), doubts: [] },
      { ...line('Centre d’essai 4 de 2023-2028', 'Hôpital d’essai Saint-Essai'), doubts: [] },
    ]);
  });

  it('doubts a hyphen between capitals at the end of a line', async () => {
    const [only, ...others] = await read([row('CENTRE D’ESSAI 1 DES OSTÉO-\nGENÈSES', 'HÔPITAL D’ESSAI 1')]);
    expect(others).toEqual([]);
    expect(only?.doubts).toEqual(['hyphen']);
    expect(only?.title?.replace('-', '')).toBe('CENTRE D’ESSAI 1 DES OSTÉOGENÈSES');
  });

  it('keeps dashes and apostrophes as they are typed', async () => {
    expect(
      await read([
        row('Centre d’essai 1 – site A', "Hôpital d'essai 1 — site B"),
        row('Centre d’essai 2 –\nsite A', 'Hôpital d’essai 2\n— site B'),
        row('« Centre d’essai 3 »', 'Hôpital de l’\nEssai n° 3'),
      ]),
    ).toEqual([
      { ...line('Centre d’essai 1 – site A', "Hôpital d'essai 1 — site B"), doubts: [] },
      { ...line('Centre d’essai 2 – site A', 'Hôpital d’essai 2 — site B'), doubts: [] },
      { ...line('« Centre d’essai 3 »', 'Hôpital de l’Essai n° 3'), doubts: [] },
    ]);
  });

  it('writes ligatures as letters, and keeps œ', async () => {
    expect(
      await read([
        row('Centre d’essai 1 des dé\uFB01cits et des ré\uFB02exes', 'Hôpital d’essai \uFB01able 1'),
        row('Centre d’essai 2 des déficits et des œdèmes', 'Hôpital d’essai 2 du Sacré-Cœur'),
      ]),
    ).toEqual([
      { ...line('Centre d’essai 1 des déficits et des réflexes', 'Hôpital d’essai fiable 1'), doubts: [] },
      {
        ...line('Centre d’essai 2 des déficits et des œdèmes', 'Hôpital d’essai 2 du Sacré-Cœur'),
        doubts: [],
      },
    ]);
  });

  it('doubts a word that its column may have broken without a hyphen', async () => {
    const word = 'Pseudohypoparathyroïdisme';
    const lines = await read(
      [row(`Centre d’essai 1 ${word}d’essai`, 'Hôpital d’essai 1')],
      [90, 110, 140, 100],
    );
    expect(lines).toHaveLength(1);
    expect(lines[0]?.doubts).toContain('hyphen');
    expect(lines[0]?.title?.replaceAll(' ', '')).toBe(`Centre d’essai 1 ${word}d’essai`.replaceAll(' ', ''));
  });
});

describe('what a font says that its signs are', () => {
  const read = async (title: string, signs: Readonly<Record<string, string>>) => {
    const rows = [[title, 'Dr Personne d’essai 1', 'Hôpital d’essai 1', 'Constitutif']];
    const tables = [{ heading: 'Filière OSCAR', headers: HEADERS, widths: WIDTHS, rows }];
    const pdf = remapped(await pdfkitGrid({ pages: [{ tables }] }), signs);
    return (await orderIn(pdf)).lines.map(({ cells, doubts }) => ({ ...cells, doubts }));
  };
  const line = (title: string) => ({
    filiere: 'OSCAR',
    title,
    head: 'Dr Personne d’essai 1',
    hospital: 'Hôpital d’essai 1',
    label: 'Constitutif',
  });

  it('takes a soft hyphen out at the end of a line, without a doubt', async () => {
    expect(await read('Centre d’essai 1 des ostéo-\ngenèses', { '002d': '00ad' })).toEqual([
      { ...line('Centre d’essai 1 des ostéogenèses'), doubts: [] },
    ]);
  });

  it('takes a soft hyphen out inside a line', async () => {
    expect(await read('Centre d’es-sai 1', { '002d': '00ad' })).toEqual([
      { ...line('Centre d’essai 1'), doubts: [] },
    ]);
  });

  it.each([
    ['U+2010', '2010'],
    ['U+2011', '2011'],
  ])('treats the hyphen %s as one', async (_, sign) => {
    expect(await read('Centre d’essai 1 des ostéo-\ngenèses', { '002d': sign })).toEqual([
      { ...line('Centre d’essai 1 des ostéogenèses'), doubts: ['hyphen'] },
    ]);
  });

  it('composes accents, and writes ligatures as letters', async () => {
    const signs = { '00e9': '00650301', '00e8': '00650300', '00f4': '006f0302', '0178': '00660066' };
    expect(await read('Centre d’essai 1 des ostéogenèses diŸuses', signs)).toEqual([
      { ...line('Centre d’essai 1 des ostéogenèses diffuses'), doubts: [] },
    ]);
  });

  it.each([
    ['nothing (U+0000)', '0000'],
    ['a replacement character', 'fffd'],
    ['a private character', 'e000'],
  ])('says « à relire » of a sign that the font maps to %s', async (_, sign) => {
    const [only, ...others] = await read('Centre d’essai 1 des paranoïdes', { '00ef': sign });
    expect(others).toEqual([]);
    expect(only).toEqual({ ...line('Centre d’essai 1 des parano\ufffddes'), doubts: ['unread'] });
  });
});
