import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from '../../support/browser.js';
import { gridProducers, pdfkitGrid, type Grid, type GridTable, type Turn } from '../../support/order-grid.js';
import { orderIn } from '../../support/order-pdf.js';
import { fails } from '../refused.js';

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

const HEADERS = ['Intitulé du centre', 'Responsable', 'Établissement', 'Label'];
const WIDTHS = [160, 110, 140, 100];
const OSCAR: GridTable = { heading: 'Filière OSCAR', headers: HEADERS, widths: WIDTHS, rows: [] };

/** A row of a centre of its own. */
function row(no: number, label = 'Constitutif'): string[] {
  return [`Centre d’essai ${String(no)}`, `Dr Essai ${String(no)}`, `Hôpital d’essai ${String(no)}`, label];
}

interface Said {
  readonly filiere?: string;
  readonly title?: string;
  readonly head?: string;
  readonly hospital?: string;
  readonly label?: string;
  readonly doubts: readonly string[];
}

/** What the row says. */
function line(no: number, label = 'Constitutif', filiere = 'OSCAR'): Said {
  const [title = '', head = '', hospital = ''] = row(no);
  return { filiere, title, head, hospital, label, doubts: [] };
}

function withoutHead({ filiere, title, hospital, label, doubts }: Said): Said {
  return {
    doubts,
    ...(filiere && { filiere }),
    ...(title && { title }),
    ...(hospital && { hospital }),
    ...(label && { label }),
  };
}

const said = async (pdf: Uint8Array): Promise<Said[]> =>
  (await orderIn(pdf)).lines.map(({ cells, doubts }) => ({ ...cells, doubts }));

/** Those that may be validated together: no doubt, and none of the columns missing without which a row is set aside. */
const certain = (lines: readonly Said[]): Said[] =>
  lines.filter(
    ({ doubts, label, title, hospital, filiere }) =>
      doubts.length === 0 && [label, title, hospital, filiere].every((cell) => cell !== undefined),
  );

const LABELS = [
  'Centre de référence coordonnateur',
  'Centres de référence coordonnateurs',
  'CRMR coordonnateur',
  'CRMR constitutif',
  'Site constitutif',
  'Centre de référence maladies rares – site constitutif',
  'Centre de compétences',
  'Centre de compétence',
  'Centres de compétences',
  'CCMR',
  'CRC',
  'CRC-MHC',
  'Centre de ressources et de compétences',
];

describe.each(Object.entries(gridProducers(() => browser)))('a table set by %s', (name, produce) => {
  const isPdfkit = name === 'pdfkit';
  const read = async (...tables: Partial<GridTable>[]): Promise<Said[]> =>
    said(await produce({ pages: [{ tables: tables.map((table) => ({ ...OSCAR, ...table })) }] }));

  it('is read in landscape', async () => {
    const rows = [row(1, 'Coordonnateur'), row(2), row(3)];
    const tables = [{ ...OSCAR, widths: [280, 150, 200, 130], rows }];
    expect(await said(await produce({ landscape: true, pages: [{ tables }] }))).toEqual([
      line(1, 'Coordonnateur'),
      line(2),
      line(3),
    ]);
  });

  it('gives a row for each wording of a label, as written', async () => {
    expect(await read({ rows: LABELS.map((label, i) => row(i + 1, label)) })).toEqual(
      LABELS.map((label, i) => line(i + 1, label)),
    );
  });

  it.each(['top', 'middle'] as const)(
    'gives a merged name to each of its rows, set at the %s',
    async (align) => {
      const lines = await read({
        align,
        rows: [
          row(1, 'Coordonnateur'),
          [null, ...row(2).slice(1)],
          [null, ...row(3, 'Compétence').slice(1)],
          row(4),
          row(5, 'Coordonnateur'),
          [null, ...row(6).slice(1)],
        ],
      });
      const title = (no: number): { title: string } => ({ title: `Centre d’essai ${String(no)}` });
      expect(lines).toEqual([
        line(1, 'Coordonnateur'),
        { ...line(2), ...title(1) },
        { ...line(3, 'Compétence'), ...title(1) },
        line(4),
        line(5, 'Coordonnateur'),
        { ...line(6), ...title(5) },
      ]);
    },
  );

  it('doubts a merged establishment', async () => {
    const lines = await read({
      rows: [row(1), row(2).map((cell, i) => (i === 2 ? null : cell)) as string[], row(3)],
    });
    expect(lines.map((one) => ({ ...one, doubts: [] }))).toEqual([
      line(1),
      { ...line(2), hospital: 'Hôpital d’essai 1' },
      line(3),
    ]);
    expect(lines.slice(0, 2).every(({ doubts }) => doubts.includes('merged'))).toBe(true);
  });

  it('reads two tables of one page, each by its own columns', async () => {
    const other = ['Label', 'Établissement', 'Intitulé du centre'];
    expect(
      await read(
        { rows: [row(1, 'Coordonnateur'), row(2)] },
        {
          heading: 'Filière FILNEMUS',
          headers: other,
          widths: [110, 200, 190],
          rows: [
            ['Coordonnateur', 'Hôpital d’essai 3', 'Centre d’essai 3'],
            ['Constitutif', 'Hôpital d’essai 4', 'Centre d’essai 4'],
          ],
        },
      ),
    ).toEqual([
      line(1, 'Coordonnateur'),
      line(2),
      ...[3, 4].map((no) => {
        return withoutHead(line(no, no === 3 ? 'Coordonnateur' : 'Constitutif', 'FILNEMUS'));
      }),
    ]);
  });

  it('takes the filière from a heading at the very end of the page before', async () => {
    const heading = 'Filière de santé maladies rares FILNEMUS';
    const pdf = await produce({
      pages: [
        { tables: [{ ...OSCAR, rows: [row(1), row(2)] }], after: heading },
        { tables: [{ headers: HEADERS, widths: WIDTHS, rows: [row(3), row(4)] }] },
      ],
    });
    expect(await said(pdf)).toEqual([
      line(1),
      line(2),
      line(3, 'Constitutif', 'FILNEMUS'),
      line(4, 'Constitutif', 'FILNEMUS'),
    ]);
  });

  it('leaves out headings, headers, running titles and page numbers that come again', async () => {
    const pages = [0, 1, 2].map((page) => ({
      head: 'Arrêté d’essai – Annexe',
      foot: `Page ${String(page + 3)}/250`,
      tables: [
        {
          ...OSCAR,
          heading: page === 0 ? 'Filière OSCAR' : 'Filière OSCAR (suite)',
          rows: [row(2 * page + 1), row(2 * page + 2)],
        },
      ],
    }));
    expect(await said(await produce({ pages }))).toEqual([1, 2, 3, 4, 5, 6].map((no) => line(no)));
  });

  it('leaves what a missing column would say unsaid', async () => {
    const without = (cells: readonly string[]): string[] => cells.filter((_, i) => i !== 1);
    const lines = await read({
      headers: without(HEADERS),
      widths: [190, 200, 110],
      rows: [without(row(1)), without(row(2))],
    });
    expect(lines).toEqual([1, 2].map((no) => withoutHead(line(no))));
  });

  it('refuses an order whose only table has no label', async () => {
    const tables = [
      { ...OSCAR, headers: HEADERS.slice(0, 3), widths: [190, 150, 160], rows: [row(1).slice(0, 3)] },
    ];
    await fails(orderIn(await produce({ pages: [{ tables }] })), 'SRC_PDF_NO_TABLE');
  });

  it.each([1, 2])('makes no line that is certain of a table without labels on page %i', async (page) => {
    const first = { ...OSCAR, rows: [row(1), row(2)] };
    const other = {
      heading: 'Tableau d’essai sans label',
      headers: HEADERS.slice(0, 3),
      widths: [190, 150, 160],
      rows: [row(3), row(4)].map((cells) => cells.slice(0, 3)),
    };
    const pages = page === 1 ? [{ tables: [first, other] }] : [{ tables: [first] }, { tables: [other] }];
    const lines = await said(await produce({ pages }));
    for (const one of certain(lines)) expect([line(1), line(2)]).toContainEqual(one);
    expect(lines.length).toBeGreaterThanOrEqual(2);
  });

  it('passes over blank rows', async () => {
    const blank = ['', '', '', ''];
    const lines = await read({ rows: [blank, row(1), blank, blank, row(2), row(3), blank] });
    expect(lines.filter(({ label }) => label !== undefined)).toHaveLength(3);
    for (const one of certain(lines)) expect([line(1), line(2), line(3)]).toContainEqual(one);
  });

  it('keeps a very long cell whole', async () => {
    const long = Array.from({ length: 120 }, (_, i) => `mot${String(i)}`).join(' ');
    const lines = await read({ rows: [row(1), [`Centre d’essai 2 ${long}`, ...row(2).slice(1)], row(3)] });
    expect(lines).toEqual([line(1), { ...line(2), title: `Centre d’essai 2 ${long}` }, line(3)]);
  });

  it.each([0, 1, 2])('makes no line that is certain of a row without a label, at place %i', async (place) => {
    const rows = [0, 1, 2].map((no) => row(no + 1, no === place ? '' : 'Constitutif'));
    const lines = await read({ rows });
    expect(lines.some((one) => one.hospital?.includes(`Hôpital d’essai ${String(place + 1)}`))).toBe(true);
    for (const one of certain(lines)) expect([line(1), line(2), line(3)]).toContainEqual(one);
    expect(certain(lines).every(({ hospital }) => hospital !== `Hôpital d’essai ${String(place + 1)}`)).toBe(
      true,
    );
  });

  it('makes no line that is certain of a label without an establishment', async () => {
    const lines = await read({ rows: [row(1), row(2).map((cell, i) => (i === 2 ? '' : cell)), row(3)] });
    expect(lines).toHaveLength(3);
    expect(lines[1]?.doubts.length === 0 && lines[1]?.hospital !== undefined).toBe(false);
  });

  it('puts together a row that two pages share, and doubts it', async () => {
    const title =
      'Centre d’essai 3 des premières maladies\nrares d’essai et des deuxièmes\net des troisièmes\net des dernières';
    const hospital = 'Hôpital d’essai 3\nsite A\nsite B\nsite C';
    const whole = [title, 'Dr Essai 3', hospital, 'Constitutif'];
    const pages: Grid['pages'] = isPdfkit
      ? [
          {
            tables: [
              {
                ...OSCAR,
                rows: [
                  row(1),
                  [
                    title.split('\n').slice(0, 2).join('\n'),
                    'Dr Essai 3',
                    'Hôpital d’essai 3\nsite A',
                    'Constitutif',
                  ],
                ],
              },
            ],
          },
          {
            tables: [
              {
                headers: HEADERS,
                widths: WIDTHS,
                rows: [[title.split('\n').slice(2).join('\n'), '', 'site B\nsite C', ''], row(4)],
              },
            ],
          },
        ]
      : [
          {
            tables: [
              { ...OSCAR, space: name === 'jsPDF autotable' ? 625 : 620, rows: [row(1), whole, row(4)] },
            ],
          },
        ];
    const reading = await orderIn(await produce({ pages }));
    expect(reading.pages).toBe(2);
    expect(reading.lines.map(({ cells, doubts }) => ({ ...cells, doubts }))).toEqual([
      line(1),
      {
        ...line(3),
        title: title.replaceAll('\n', ' '),
        hospital: hospital.replaceAll('\n', ' '),
        doubts: ['split'],
      },
      line(4),
    ]);
  });

  it('makes no line that is certain below a heading that it cannot read', async () => {
    const lines = await read(
      { rows: [row(1), row(2)] },
      { heading: 'Réseau d’essai inconnu', rows: [row(3), row(4)] },
    );
    expect(lines.filter(({ label }) => label !== undefined)).toHaveLength(4);
    expect(certain(lines)).toEqual([line(1), line(2)]);
  });
});

describe('a page that is turned', () => {
  const rows = [row(1, 'Coordonnateur'), [null, ...row(2).slice(1)], row(3), row(4)];
  const quarters = [0, 90, 180, 270] as const;
  const turns = quarters.flatMap((page) => quarters.map((text): Required<Turn> => ({ page, text })));

  it.each(turns)('reads the same lines: page by $page, text by $text', async (turn) => {
    const pdf = await pdfkitGrid({ pages: [{ tables: [{ ...OSCAR, rows }] }] }, turn);
    expect(await said(pdf)).toEqual([
      line(1, 'Coordonnateur'),
      { ...line(2), title: 'Centre d’essai 1' },
      line(3),
      line(4),
    ]);
  });
});
