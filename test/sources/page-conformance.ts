import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { SourceError } from '../../src/domain/errors.js';
import type { RowOutcome } from '../../src/domain/rows.js';
import { readAll, type Encoding, type PageOptions, type Source } from '../../src/sources/contract.js';
import { delivery, encoded } from './bytes.js';
import { fails } from './refused.js';

/** What the suite needs to know of a source that reads the table of a page. */
export interface PageSamples {
  /** The source as it reads pages so described; null: as it is where no page is expected. */
  readonly source: (page: PageOptions | null) => Source<unknown>;
  /** A good page with its options, characters that windows-1252 has too. */
  readonly page: string;
  readonly options: PageOptions;
  /** The same rows as a CSV. */
  readonly csv: string;
  /** Headers and cells of a plain table with the same rows. */
  readonly headers: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** A required column, by its place among the headers. */
  readonly required: number;
}

type Outcomes = readonly RowOutcome<unknown>[];

/** The promises of the contract (src/sources/contract.ts) for a page: the same rows as from a file, or a refusal. */
export function pageConformance(name: string, samples: PageSamples): void {
  const source = samples.source(samples.options);
  const anyTable = samples.source({ table: 'table', columns: {}, date: null });
  const readBytes = (bytes: Uint8Array | readonly Uint8Array[], with_: Source<unknown> = source) =>
    readAll(with_, delivery(bytes));
  const read = (text: string, with_: Source<unknown> = anyTable): Promise<Outcomes> =>
    readBytes(Buffer.from(text), with_);
  const row = (cells: readonly string[]): string =>
    `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>\n`;
  const table = (rows: readonly string[], headers = samples.headers): string =>
    `<table>\n<tr>${headers.map((one) => `<th>${one}</th>`).join('')}</tr>\n${rows.join('')}</table>\n`;
  const page = (body: string): string => `<!DOCTYPE html>\n<html><body>${body}</body></html>\n`;
  const rows = samples.rows.map(row);
  const withFirst = (cell: string): string => {
    const [first = [], ...others] = samples.rows;
    return page(table([row([cell, ...first.slice(1)]), ...others.map(row)]));
  };
  const expected = async (): Promise<readonly string[]> => values(await read(samples.csv));

  describe(`${name} keeps the contract of sources when it reads a page`, () => {
    it('gives the same rows as from a file, each with its key and its row of the table', async () => {
      const outcomes = await readBytes(Buffer.from(samples.page));
      expect(values(outcomes)).toEqual(await expected());
      expect(outcomes).toHaveLength(samples.rows.length);
      expect(await readBytes(Buffer.from(samples.page))).toEqual(outcomes);
      const lines = outcomes.map(({ locator }) => locator.line ?? 0);
      expect(lines).toEqual([...lines].sort((a, b) => a - b));
      expect((await read(page(table(rows)))).map(({ locator }) => locator)).toEqual(
        rows.map((_, rank) => ({ file: 'essai.csv', line: rank + 2 })),
      );
    });

    it('still reads a file, and still refuses a page where none is expected', async () => {
      expect(await read(samples.csv, source)).toEqual(await read(samples.csv, samples.source(null)));
      await fails(read(samples.page, samples.source(null)), 'SRC_HTML');
    });

    it.each([
      ['an error page', '<!DOCTYPE html><html><body><h1>503</h1></body></html>', 'SRC_TABLE_MISSING'],
      ['a portal of a proxy', '<html><body><form><input></form></body></html>', 'SRC_TABLE_MISSING'],
      ['a fragment', '<p>Accès refusé</p>', 'SRC_TABLE_MISSING'],
      ['an XML', '<?xml version="1.0"?><erreur/>', 'SRC_TABLE_MISSING'],
      [
        'another table',
        page('<table><tr><th>Autre</th></tr><tr><td>x</td></tr></table>'),
        'SRC_COLUMN_MISSING',
      ],
      ['no byte', '', 'SRC_EMPTY'],
      ['blank lines', '\n\n \n', 'SRC_EMPTY'],
      ['a header and no row', page(table([])), 'SRC_EMPTY'],
      ['the table twice', page(table(rows) + table(rows)), 'SRC_TABLES_SEVERAL'],
      ['a PDF', '%PDF-1.7\n%ab'.padEnd(600, ' '), 'SRC_PDF'],
    ])('refuses %s', async (_, text, code) => {
      await fails(read(text), code);
    });

    it('says which column a changed layout lacks, and takes its new name from the configuration', async () => {
      const renamed = samples.headers.map((one, place) => (place === samples.required ? 'Nouveau nom' : one));
      const text = page(table(rows, renamed));
      const error = await fails(read(text), 'SRC_COLUMN_MISSING');
      expect(error.message).toContain('Nouveau nom');
      expect(error.remedy).toContain('html.columns');
      const known = samples.headers[samples.required] ?? '';
      const mended = samples.source({ table: 'table', columns: { 'Nouveau nom': known }, date: null });
      expect(values(await read(text, mended))).toEqual(await expected());
      const wrong = samples.source({ table: 'table', columns: { 'Nouveau nom': 'Autre' }, date: null });
      await expect(read(text, wrong)).rejects.toMatchObject({ code: 'CFG_COLUMN' });
    });

    it('chooses by the selector, and says when it is none', async () => {
      const two = page(`<div id="un">${table(rows)}</div><div id="deux">${table(rows.slice(1))}</div>`);
      const by = (selector: string): Source<unknown> =>
        samples.source({ table: selector, columns: {}, date: null });
      expect(await read(two, by('#un table'))).toHaveLength(rows.length);
      expect(await read(two, by('#deux > table'))).toHaveLength(rows.length - 1);
      await fails(read(two, by('#trois table')), 'SRC_TABLE_MISSING');
      await expect(read(two, by('table[['))).rejects.toMatchObject({ code: 'CFG_SELECTOR' });
    });

    it('takes the date of the page for that of its content, and refuses a page that lost it', async () => {
      const at = async (text: string, selector: string, pattern: string | null) =>
        (
          await samples
            .source({ table: 'table', columns: {}, date: { selector, pattern } })
            .inspect(delivery(Buffer.from(page(text + table(rows)))))
        ).contentDate;
      expect(await at('<p>Mis à jour le 8 janvier&nbsp;2021.</p>', 'p', 'à jour le (.+?)\\.')).toBe(
        '2021-01-08',
      );
      expect(await at('<p>Menu</p><p>08/01/2021</p>', 'p', null)).toBe('2021-01-08');
      expect(await at('<p>État : janv-21</p>', 'p', ': (.+)')).toBe('2021-01-01');
      expect(await at('<time datetime="2021-01-08T10:00">hier</time>', 'time', null)).toBe('2021-01-08');
      expect((await anyTable.inspect(delivery(Buffer.from(page(table(rows)))))).contentDate).toBeNull();
      for (const text of ['', '<p>Mis à jour bientôt</p>', '<p>Mis à jour le 31/02/2021</p>'])
        await fails(at(text, 'p', 'jour(?: le)? (.+)'), 'SRC_PAGE_DATE');
      await expect(at('<p>x</p>', 'p', '(')).rejects.toMatchObject({ code: 'CFG_PATTERN' });
    });

    it('reads the same rows in every encoding, whatever the page says of its own', async () => {
      const wanted = await readBytes(Buffer.from(samples.page));
      for (const [encoding, bytes] of [
        ['utf-8', Buffer.from(`\ufeff${samples.page}`)],
        ['utf-8', Buffer.from(samples.page.replace('"utf-8"', '"iso-8859-1"'))],
        ['utf-8', Buffer.from(samples.page.replace('<meta charset="utf-8" />', ''))],
        ['utf-16le', Buffer.concat([Buffer.from([0xff, 0xfe]), encoded(samples.page, 'utf-16le')])],
        ['windows-1252', encoded(samples.page, 'windows-1252')],
        ['windows-1252', encoded(samples.page.replace('"utf-8"', '"latin1"'), 'windows-1252')],
      ] as const satisfies readonly (readonly [Encoding, Buffer])[]) {
        expect((await source.inspect(delivery(bytes))).encoding).toBe(encoding);
        expect(await readBytes(bytes)).toEqual(wanted);
      }
    });

    it('believes a page that says ISO-8859-15, which no byte tells', async () => {
      const text = (meta: string): Buffer =>
        encoded(
          `${meta}${page(table([row(['Œuvre d essai', ...(samples.rows[0]?.slice(1) ?? [])])]))}`,
          'iso-8859-15',
        );
      const said = await readBytes(text('<meta charset="ISO-8859-15">'), anyTable);
      expect(JSON.stringify(said)).toContain('Œuvre d essai');
      expect(JSON.stringify(await readBytes(text(''), anyTable))).not.toContain('Œuvre d essai');
    });

    it('opens gzip by its content', async () => {
      const packed = gzipSync(Buffer.from(samples.page));
      expect(values(await readBytes(packed))).toEqual(await expected());
      await fails(readBytes(packed.subarray(0, packed.length >> 1)), 'SRC_GZIP_TRUNCATED');
    });

    it.each(['utf-8', 'windows-1252'] as const)(
      'reads the same however %s is cut into chunks',
      async (encoding) => {
        const bytes = encoded(samples.page.replaceAll('\n', '\r\n'), encoding);
        const wanted = JSON.stringify(await readBytes(bytes));
        for (let at = 1; at < bytes.length; at += 17)
          if (JSON.stringify(await readBytes([bytes.subarray(0, at), bytes.subarray(at)])) !== wanted)
            expect.fail(`another reading when cut at ${String(at)}`);
        const single = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
        expect(JSON.stringify(await readBytes(single))).toBe(wanted);
      },
    );

    it('never makes up a row from a page cut anywhere', async () => {
      const bytes = Buffer.from(samples.page);
      const end = bytes.lastIndexOf('</table');
      let refused = 0;
      for (let at = 0; at < bytes.length; at += 5) {
        const outcomes = await readBytes(bytes.subarray(0, at)).catch((error: unknown) => {
          expect(error).toBeInstanceOf(SourceError);
          refused++;
          return null;
        });
        if (outcomes === null) continue;
        expect(at).toBeGreaterThan(end);
        expect(values(outcomes)).toEqual(await expected());
      }
      expect(refused).toBeGreaterThan(0);
      await fails(read(page(table(rows)).replace('</table>', '')), 'SRC_TRUNCATED');
    });

    it('keeps one of two equal rows, and gives the same rows in any order', async () => {
      const twice = await read(page(table(rows.flatMap((one) => [one, one]))));
      expect([...values(twice)].sort()).toEqual([...(await expected())].sort());
      expect(twice.filter(({ kind }) => kind === 'aside')).toHaveLength(rows.length);
      for (let turn = 1; turn < rows.length; turn++) {
        const turned = await read(page(table([...rows.slice(turn), ...rows.slice(0, turn)].toReversed())));
        expect([...values(turned)].sort()).toEqual([...(await expected())].sort());
      }
      const again = await read(page(table([...rows, row(samples.headers)])));
      expect(again.at(-1)).toMatchObject({ code: 'HEADER_REPEATED' });
    });

    it('reads what the screen shows: no script, comment, style nor hidden part, a picture by its text', async () => {
      const [cell = ''] = samples.rows[0] ?? [];
      for (const hostile of [
        `<script>"</td><td>"</script>${cell}<style>td{}</style>`,
        `<!-- </td><td> -->${cell}<template>x</template><noscript>y</noscript>`,
        `<span hidden>1</span><i style="color:red;display:none">2</i>${cell}`,
        `<img src="x.png" alt="${cell}">`,
        `<p>&nbsp;<b>${cell.slice(0, 3)}</b>${cell.slice(3)}\u202f</p>`,
        `<a href="javascript:alert(1)" onclick='"></td>'>${cell}</a>`,
      ])
        expect(values(await read(withFirst(hostile)))).toEqual(await expected());
    });

    it('sets a row aside whose cells are merged, missing, too many, or hold another table', async () => {
      const [first = [], ...others] = samples.rows;
      const [name_ = '', ...rest] = first;
      const one = (body: string): string => page(table([`<tr>${body}</tr>`, ...others.map(row)]));
      const cells = (list: readonly string[]): string => list.map((cell) => `<td>${cell}</td>`).join('');
      for (const [body, code] of [
        [`<td colspan="2">${name_}</td>${cells(rest.slice(1))}`, 'CELLS_MERGED'],
        [`<td>${name_}<table><tr><td>autre</td></tr></table></td>${cells(rest)}`, 'CELL_HOLDS_TABLE'],
        [cells(first.slice(1)), 'TOO_FEW_CELLS'],
        [cells([...first, 'en trop']), 'TOO_MANY_CELLS'],
        [`<td colspan="999999">${name_}</td>${cells(first)}`, 'TOO_MANY_CELLS'],
      ] as const) {
        const outcomes = await read(one(body));
        expect(outcomes[0]).toMatchObject({ kind: 'aside', code });
        expect(outcomes.filter(({ kind }) => kind === 'row')).toHaveLength(others.length);
        expect((outcomes[0] as { remedy: string }).remedy).toMatch(/page/);
      }
    });

    it('reads a value over several rows in each, a title over the whole width in none, and unclosed tags', async () => {
      const width = samples.headers.length;
      const titled = [`<tr><td colspan="${String(width)}">Titre</td></tr>`, ...rows];
      expect(values(await read(page(table(titled))))).toEqual(await expected());
      const loose = page(table(rows)).replaceAll(/<\/(?:td|th|tr)>/g, '');
      expect(values(await read(loose))).toEqual(await expected());
      const same = samples.rows.map((cells) => [cells[0] ?? '', ...(samples.rows[0]?.slice(1) ?? [])]);
      const [top = [], ...below] = same;
      const spans = top.map((cell, i) => (i === 0 ? `<td>${cell}</td>` : `<td rowspan="0">${cell}</td>`));
      const spanned = [
        `<tr>${spans.join('')}</tr>`,
        ...below.map(([cell = '']) => `<tr><td>${cell}</td></tr>`),
      ];
      expect(values(await read(page(table(spanned))))).toEqual(
        values(await read(page(table(same.map(row))))),
      );
    });

    it('finds the table inside the one that lays the page out', async () => {
      const outer = page(`<table><tr><td>Menu</td><td>${table(rows)}</td></tr></table>`);
      expect(values(await read(outer))).toEqual(await expected());
    });

    it('bounds a cell of one megabyte, a control, a formula and a nest without end', async () => {
      for (const [cell, code] of [
        ['x'.repeat(1_000_000), 'CELL_TOO_LONG'],
        ['Essai\u0001 coupé', 'CONTROL_CHARACTER'],
        ['Essai&#0; coupé', 'CONTROL_CHARACTER'],
        ['=HYPERLINK(1)', 'SPREADSHEET_FORMULA'],
      ] as const) {
        const outcomes = await read(withFirst(cell));
        expect(outcomes[0]).toMatchObject({ kind: 'aside', code });
        expect(outcomes.filter(({ kind }) => kind === 'row')).toHaveLength(samples.rows.length - 1);
        expect(JSON.stringify(outcomes).length).toBeLessThan(100_000);
      }
      await fails(read(withFirst('<div>'.repeat(200_000))), 'SRC_HTML_DEPTH');
      await fails(read(withFirst(`<p>${'x'.repeat(17 * 1024 ** 2)}</p>`)), 'SRC_TOO_LARGE');
    });
  });
}

/** Rows kept, without their place. */
function values(outcomes: Outcomes): readonly string[] {
  return outcomes.flatMap((one) =>
    one.kind === 'row' ? [JSON.stringify({ key: one.key, value: one.value })] : [],
  );
}
