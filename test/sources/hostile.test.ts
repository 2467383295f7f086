import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { redactText } from '../../src/http/redact.js';
import { fold, tidy } from '../../src/normalise/text.js';
import { bamaraDeployment } from '../../src/sources/bamara-deployment/index.js';
import { readAll, type Source } from '../../src/sources/contract.js';
import { labelledCentres } from '../../src/sources/labelled-centres/index.js';
import { orphanet } from '../../src/sources/orphanet/index.js';
import { TABLE_BOUNDS } from '../../src/sources/reading/html/grid.js';
import { LIST_BOUNDS } from '../../src/sources/reading/text.js';
import { delivery } from './bytes.js';
import { fails } from './refused.js';

/**
 * Small files that would take minutes, hours or for ever: each of these is refused or read at once. No time is measured:
 * a reader that fell back into its fault would not come to its end.
 */
const HEADERS = [
  'Hôpital',
  'Ville',
  'convention BaMaRa envoyée le',
  'Convention BaMaRa',
  'Convention BNDMR',
  'déployé',
  'Date de déploiement',
];
const list = bamaraDeployment();
const page = bamaraDeployment({ table: 'table', columns: {}, date: null });
const read = (source: Source<unknown>, text: string) => readAll(source, delivery(Buffer.from(text)));
const head = `<tr>${HEADERS.map((one) => `<th>${one}</th>`).join('')}</tr>`;
const table = (rows: string): string => `<html><body><table>${head}${rows}</table></body></html>`;
const cells = (count: number, attributes: string): string => `<td ${attributes}>x`.repeat(count);

describe('a list', () => {
  it('is told from a page behind any number of comments', async () => {
    const comments = '<!---->'.repeat(200);
    await fails(read(list, `${comments}x`), 'SRC_COLUMN_MISSING');
    await fails(read(list, `<!-- x -->\n<!---->${'<!---->'.repeat(200)}\n<html><body>503`), 'SRC_HTML');
    await fails(read(list, `<!-- ${'<!-- '.repeat(5000)}<html>`), 'SRC_COLUMN_MISSING');
    await fails(
      readAll(orphanet(), delivery(Buffer.from(`<?xml version="1.0"?>${comments}x`))),
      'SRC_XML_SYNTAX',
    );
  });

  it('has fifty thousand rows at most, and says at which line it was left', async () => {
    const row = `Hôpital d’essai;Ville${';'.repeat(HEADERS.length - 2)}\n`;
    const header = `${HEADERS.join(';')}\n`;
    const { place, message, remedy } = await fails(
      readAll(list, delivery(gzipSync(Buffer.from(header + row.repeat(20 * LIST_BOUNDS.rows))))),
      'SRC_TOO_MANY_ROWS',
    );
    expect(place).toBe('essai.csv, ligne 50002');
    expect(message).toContain('50\u202f000 lignes');
    expect(remedy).toContain('l’adresse ou le fichier');
    const outcomes = await read(list, header + row.repeat(LIST_BOUNDS.rows));
    expect(outcomes).toHaveLength(LIST_BOUNDS.rows);
  });

  it('has a hundred thousand lines at most, empty ones included', async () => {
    const header = `${HEADERS.join(';')}\n`;
    const empty = gzipSync(Buffer.concat([Buffer.from(header), Buffer.alloc(200_000_000, '\n')]));
    const { message } = await fails(readAll(list, delivery(empty)), 'SRC_TOO_MANY_ROWS');
    expect(message).toContain('vides comprises');
  });
});

describe('the table of a page', () => {
  it.each([
    ['cells down to the end', `<tr>${cells(900, 'rowspan="0"')}${'<tr>'.repeat(5000)}`],
    ['cells over 65,534 rows', `<tr>${cells(900, 'rowspan="65534"')}${'<tr>'.repeat(5000)}`],
    ['cells over 1,000 columns', `<tr>${cells(3, 'colspan="1000"')}`.repeat(2000)],
    ['too many columns', `<tr>${cells(TABLE_BOUNDS.columns + 1, '')}`],
    ['too many cells in all', `<tr>${cells(25, '')}`.repeat(20_000)],
    ['one long cell on every row', `<tr><td rowspan="0">${'x'.repeat(1_000_000)}${'<tr>'.repeat(1000)}`],
  ])('is refused for %s', async (_, rows) => {
    const { message, place, remedy } = await fails(read(page, table(rows)), 'SRC_TOO_LARGE');
    expect(message).toContain('Le tableau est démesuré');
    expect(place).toMatch(/^essai\.csv, tableau, ligne [0-9]+$/);
    expect(remedy).toContain('rowspan');
  });

  it('is refused for what all the tables hold together, before one of them is chosen', async () => {
    const hostile = `<table><thead><tr>${cells(900, 'rowspan="0"')}${'<tr>'.repeat(1000)}</table>`;
    await fails(read(page, table('') + hostile.repeat(50)), 'SRC_TOO_LARGE');
  });

  it('may have a header of 100,000 rows, a title wider than all, and rows deep in other elements', async () => {
    const rows = '<tr><td>Hôpital d’essai<td>Ville<td><td><td><td><td>';
    const thead = `<table><thead>${'<tr><th>x'.repeat(100_000)}</thead></table>`;
    await fails(read(page, `<html>${thead}`), 'SRC_COLUMN_MISSING');
    expect(await read(page, table(`<tr><td colspan="99999">Titre</td></tr>${rows}`))).toHaveLength(1);
    const deep = `${'<div>'.repeat(450)}${rows.repeat(2000)}${'</div>'.repeat(450)}`;
    expect(await read(page, table(deep))).toHaveLength(2000);
  });

  it('is found in a nest of tables, whose text is gone through once', async () => {
    const nest = '<table><tr><td>'.repeat(120);
    const filled = `${nest}${'x'.repeat(4_000_000)}${'</table>'.repeat(120)}`;
    const outcomes = await read(page, `<html>${filled}${table('<tr><td>A<td>B<td><td><td><td><td>')}`);
    expect(outcomes).toHaveLength(1);
  });
});

describe('a tag of XML', () => {
  const record = '<DisorderList></DisorderList></JDBOR>';
  it.each([
    ['a name without end', 'a'.repeat(65_000)],
    ['names without values', 'a '.repeat(32_000)],
    ['names and spaces', `a${' '.repeat(65_000)}`],
    ['signs of attributes', '='.repeat(65_000)],
    ['texts of nothing', '"" '.repeat(21_000)],
  ])('is read at once with %s', async (_, attributes) => {
    const text = `<?xml version="1.0"?><JDBOR ${attributes}>${record}`;
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        await fails(read(orphanet(), text), 'SRC_EMPTY');
        await orphanet().inspect(delivery(Buffer.from(text)));
      }),
    );
  });

  it('is refused beyond 64 KiB, in whatever pieces it comes', async () => {
    const text = `<?xml version="1.0"?><JDBOR a="${'x'.repeat(70_000)}">${record}`;
    await fails(read(orphanet(), text), 'SRC_XML_SYNTAX');
    const pieces = Array.from({ length: 80 }, (_, at) => Buffer.from(text.slice(at * 1000, (at + 1) * 1000)));
    await fails(readAll(orphanet(), delivery(pieces)), 'SRC_XML_SYNTAX');
  });

  it('still gives the attributes beside a word that is none', async () => {
    const text = `<?xml version="1.0"?><JDBOR seul date = '2026-07-01 10:00' x version="1.3">${record}`;
    expect((await orphanet().inspect(delivery(Buffer.from(text)))).contentDate).toBe('2026-07-01');
  });
});

describe('a text', () => {
  it('under a million accents is compared and shown, at thirty accents a letter', () => {
    const marks = '\u0301\u0323'.repeat(500_000);
    expect(fold(`E${marks}t\u0301\u00e9`)).toBe('ete');
    expect(tidy(`E${marks}`).normalize('NFD')).toHaveLength(31);
    expect(fold(`a${'\uff9e\u0301'.repeat(500_000)}b`)).toBe('a b');
    const honest = 'é\u0323'.repeat(1000);
    expect(tidy(honest)).toBe(honest.normalize('NFC'));
  });

  it('of an answer is masked whatever its length', () => {
    expect(redactText('a'.repeat(2_000_000))).toBe('…');
    const start = `${'x '.repeat(24_990)}essai@exemple.fr `;
    expect(redactText(start + '-eyJ'.repeat(500_000))).toBe(`${'x '.repeat(24_990)}***…`);
    expect(redactText('-eyJ'.repeat(12_000))).toBe('-***');
    expect(redactText('eyJhbGciOi.eyJzdWIi.c2ln et essai@exemple.fr')).toBe('*** et ***');
  });

  it('of people in charge is read in one go', async () => {
    const source = labelledCentres([
      { code: 'MaRIH', title: 'Maladies rares immuno-hématologiques', spellings: [], erns: [] },
    ]);
    const flagged = async (person: string): Promise<boolean> => {
      const text = `label_type;centre_nom;filiere;etablissement;ville;departement;responsable;millesime_label\nCCMR;Centre d’essai;MaRIH;Hôpital d’essai;Évreux;27;"${person}";2023`;
      return JSON.stringify(await read(source, text)).includes('"R5"');
    };
    for (const two of [
      'Pr A. Un et Dr B. Deux',
      'Un / Deux',
      'Pr Un, Dr Deux',
      'Un,Dr Deux',
      'Un+Deux',
      'Un & Dé',
    ])
      expect([two, await flagged(two)]).toEqual([two, true]);
    for (const one of [
      'Pr A. Essai',
      'Essai, Anne',
      'Un, Drap',
      'Dr Un, Dr',
      'Un /',
      '/ Un',
      'Un et',
      'Détet Essai',
      '',
    ])
      expect([one, await flagged(one)]).toEqual([one, false]);
    expect(await flagged('a'.repeat(10_000))).toBe(false);
    expect(await flagged('aa'.repeat(2500) + '/'.repeat(4999))).toBe(false);
    expect(await flagged('aa/'.repeat(3333))).toBe(true);
  });
});
