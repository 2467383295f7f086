import fc from 'fast-check';
import { unzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { readAll } from '../../src/sources/contract.js';
import { labelledCentres } from '../../src/sources/labelled-centres/index.js';
import { CENTRE_COLUMNS } from '../../src/sources/labelled-centres/schema.js';
import { markOf, sameText } from '../../src/workbook/cells.js';
import { ANSWER_FIELDS, SHOWN_FIELDS } from '../../src/workbook/columns.js';
import { readReturned } from '../../src/workbook/read.js';
import { writeTemplate } from '../../src/workbook/template.js';
import { writeCentres, type CentreLine } from '../../src/workbook/write.js';
import { delivery } from '../sources/bytes.js';
import { edited } from '../support/workbook-file.js';

const FACTS = {
  region: { code: '28', name: 'Normandie' },
  madeAt: new Date('2026-11-20T08:00:00Z'),
  choices: { public: ['adulte', 'pédiatrique', 'mixte'] },
} as const;
const record = <K extends string>(keys: readonly K[], text: (key: K) => string): Record<K, string> =>
  Object.fromEntries(keys.map((key) => [key, text(key)])) as Record<K, string>;
const centre = (id: string, text: string): CentreLine => ({
  id,
  shown: record(SHOWN_FIELDS, () => text),
  answers: record(ANSWER_FIELDS, () => text),
});

/** Beginnings by which a spreadsheet takes a text for a formula, or for something else than a text. */
const DANGEROUS = [
  '=1+1',
  '+33',
  '-2+3',
  '@SUM(A1)',
  '\t=1+1',
  '\r=1+1',
  '=HYPERLINK("https://ailleurs.invalid")',
  "'=1",
  'https://ailleurs.invalid/',
  '_x0041_',
  '00123',
  '<script>alert(1)</script>',
  '\u202Eabc',
];

describe('a workbook that comes back untouched', () => {
  it('says what it was made from, whatever the texts', async () => {
    const text = fc.oneof(
      fc.string({ maxLength: 40 }),
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.constantFrom(...DANGEROUS),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 4 }), async (texts) => {
        const lines = texts.map((each, at) => centre(`cmr_${String(at)}`, each));
        const returned = await readReturned('essai.xlsx', await writeCentres(lines, FACTS));
        expect(returned.faults).toEqual([]);
        for (const { landmark, texts: read } of returned.lines) {
          for (const field of ANSWER_FIELDS)
            expect(sameText(read[field] ?? '', landmark?.answers[field] ?? '?')).toBe(true);
          for (const field of SHOWN_FIELDS) expect(landmark?.shown[field]).toBe(markOf(read[field] ?? ''));
        }
      }),
      { numRuns: 40 },
    );
  });

  it('keeps a title of 40,000 characters as far as a cell goes', async () => {
    const long = { ...centre('cmr_1', 'é'.repeat(40_000)), answers: centre('', 'x').answers };
    const returned = await readReturned('essai.xlsx', await writeCentres([long], FACTS));
    expect(returned.lines[0]?.texts.titre).toHaveLength(32_000);
    expect(returned.lines[0]?.landmark?.shown.titre).toBe(markOf(returned.lines[0]?.texts.titre ?? ''));
  });
});

describe('a centre on thousands of lines', () => {
  it('is told with the first ten of them, in a message of one line', async () => {
    const lines = Array.from({ length: 2000 }, () => centre('cmr_1', 'x'));
    const returned = await readReturned('essai.xlsx', await writeCentres(lines, FACTS));
    expect([returned.lines.length, returned.faults.length]).toEqual([0, 2000]);
    expect(returned.faults[1999]?.message).toBe(
      'Cet identifiant est sur plusieurs lignes (2, 3, 4, 5, 6, 7, 8, 9, 10, 11…) : aucune n’est lue.',
    );
  }, 30_000);
});

describe('nothing runs when it is opened:', () => {
  const parts = async (): Promise<Record<string, string>> => {
    const bytes = await writeCentres(
      DANGEROUS.map((text, at) => centre(`cmr_${String(at)}`, text)),
      FACTS,
    );
    return Object.fromEntries(
      Object.entries(unzipSync(bytes)).map(([name, part]) => [name, Buffer.from(part).toString()]),
    );
  };

  it('no cell is a formula, no text is a link, no part leads elsewhere', async () => {
    const found = await parts();
    const sheets = Object.entries(found).filter(([name]) => /^xl\/worksheets\/.+\.xml$/.test(name));
    expect(sheets.map(([name]) => name)).toHaveLength(3);
    for (const [name, xml] of sheets) {
      expect([name, /<f[\s>/]/.test(xml), /<hyperlink/i.test(xml)]).toEqual([name, false, false]);
      for (const cell of xml.matchAll(/<c [^>]*>/g)) expect(cell[0]).toMatch(/ t="s"| t="str"|\/>$/);
    }
    expect(Object.keys(found).filter((name) => /external|vba|macro|drawing|connections/i.test(name))).toEqual(
      [],
    );
    for (const [name, xml] of Object.entries(found))
      if (name.endsWith('.rels'))
        expect([name, xml.includes('TargetMode="External"')]).toEqual([name, false]);
  });

  it('every cell has the format of a text', async () => {
    const bytes = await writeCentres([centre('cmr_1', '=1+1')], FACTS);
    await edited(bytes, (sheet) => {
      sheet
        .getRow(2)
        .eachCell((cell) =>
          expect([cell.address, cell.numFmt, typeof cell.value]).toEqual([cell.address, '@', 'string']),
        );
      expect(sheet.getCell('B2').value).toBe('=1+1');
    });
  });
});

describe('the workbook of our centres', () => {
  it('locks its grey columns, opens the others, offers its lists, hides what it was made from', async () => {
    const bytes = await writeCentres([centre('cmr_1', 'x')], FACTS);
    await edited(bytes, (sheet, book) => {
      const locked = (address: string): boolean => sheet.getCell(address).protection?.locked !== false;
      expect(['A2', 'B2', 'H2', 'Q2', 'R2'].map(locked)).toEqual([true, true, false, false, true]);
      expect(sheet.getColumn(18).hidden).toBe(true);
      expect(sheet.getCell('H2').dataValidation).toMatchObject({
        type: 'list',
        formulae: ['Listes!$A$1:$A$3'],
      });
      expect(book.worksheets.map(({ name, state }) => [name, state])).toEqual([
        ['Centres', 'visible'],
        ['Mode d’emploi', 'visible'],
        ['Listes', 'hidden'],
      ]);
      const guide = book.getWorksheet('Mode d’emploi')?.getColumn(1).values.join('\n');
      expect(guide).toContain('Une cellule vide ne change rien.');
    });
  });
});

describe('the template of the first day', () => {
  const source = labelledCentres([{ code: 'FIMARAD', title: 'x', spellings: [], erns: [] }]);
  const template = writeTemplate({ name: 'Normandie' }, ['FIMARAD'], [2023, 2017]);

  it('has exactly the columns that the list is read by', async () => {
    const filled = await edited(await template, (sheet) => (sheet.getRow(2).getCell(1).value = 'CCMR'));
    const facts = await source.inspect(delivery(filled));
    expect([facts.headers, facts.unknownColumns, facts.sheet]).toEqual([
      Object.values(CENTRE_COLUMNS).map(({ title }) => title),
      [],
      'Centres',
    ]);
  });

  it('is refused while it is empty, and read once it is filled', async () => {
    await expect(readAll(source, delivery(await template))).rejects.toMatchObject({ code: 'SRC_EMPTY' });
    const filled = await edited(await template, (sheet) => {
      const row = {
        Label: 'CCMR',
        'Intitulé du centre': 'Centre d’essai 1',
        Filière: 'FIMARAD',
        Établissement: 'CH de Dieppe',
        Campagne: '2023',
      };
      sheet.getRow(1).eachCell((cell, at) => {
        sheet.getRow(2).getCell(at).value = (row as Record<string, string>)[cell.text] ?? null;
      });
    });
    expect(await readAll(source, delivery(filled))).toMatchObject([
      {
        kind: 'row',
        value: { title: 'Centre d’essai 1', filiere: 'FIMARAD', label: { level: 'CCMR', campaign: 2023 } },
      },
    ]);
  });
});
