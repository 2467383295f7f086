import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { SourceError } from '../../src/domain/errors.js';
import type { RowOutcome } from '../../src/domain/rows.js';
import { readAll, type Encoding, type Source, type SourceInput } from '../../src/sources/contract.js';
import { delivery, encoded } from './bytes.js';
import { fails } from './refused.js';

/** What the suite needs to know of a source. */
export interface Samples {
  /** A good delivery, lines ended by LF, with characters beyond ASCII that windows-1252 has too. */
  readonly text: string;
  /** Rows that the text gives, all kept. */
  readonly rows: number;
  /** Lines of the text before its rows. */
  readonly header: string;
  /** Records of the text, in file order, each ended by LF; the suite doubles and permutes them. */
  readonly records: readonly string[];
  /** A delivery in which one text cell of the first record is replaced (already quoted if needed). */
  readonly withCell: (cell: string) => string;
  /** A delivery whose shape is wrong from its first line, and what must be said of it. */
  readonly wrongShape: { readonly text: string; readonly code: string; readonly says: RegExp };
  /** What becomes of a spreadsheet formula in a text cell. */
  readonly formula: 'kept' | 'aside';
}

type Outcomes<Row> = readonly RowOutcome<Row>[];

/** The promises of the contract (src/sources/contract.ts), the same for every source. */
export function sourceConformance<Row>(source: Source<Row>, samples: Samples): void {
  const read = (input: SourceInput): Promise<Outcomes<Row>> => readAll(source, input);
  const readText = (text: string, encoding: Encoding = 'utf-8'): Promise<Outcomes<Row>> =>
    read(delivery(encoded(text, encoding)));
  const utf8 = Buffer.from(samples.text);

  describe(`${source.id} keeps the contract of sources`, () => {
    it('gives every row of its sample, twice the same', async () => {
      const outcomes = await readText(samples.text);
      expect(outcomes.filter((one) => one.kind === 'row')).toHaveLength(samples.rows);
      expect(outcomes).toHaveLength(samples.rows);
      expect(await readText(samples.text)).toEqual(outcomes);
    });

    it('gives each row its own key and a line', async () => {
      const outcomes = await readText(samples.text);
      const keys = outcomes.map((one) => one.key ?? '');
      expect(keys.every((key) => key !== '')).toBe(true);
      expect(new Set(keys).size).toBe(samples.rows);
      const lines = outcomes.map((one) => one.locator.line ?? 0);
      expect(lines).toEqual([...lines].sort((a, b) => a - b));
      expect(lines[0]).toBe(samples.header.split('\n').length);
    });

    it.each([
      ['no byte', ''],
      ['blank lines', '\n\n  \n'],
      ['a header and no row', samples.header],
    ])('refuses a file with %s', async (_, text) => {
      await fails(readText(text), 'SRC_EMPTY');
    });

    it('refuses an error page served in place of the data', async () => {
      const page =
        '<!DOCTYPE html>\n<html lang="fr"><head><title>Erreur</title></head><body>503</body></html>';
      await fails(readText(page), 'SRC_HTML');
      await fails(
        readText(`\ufeff\n<!-- cache --><html><body>${'x;'.repeat(5000)}</body></html>`),
        'SRC_HTML',
      );
    });

    it.each([
      ['a PDF', '%PDF-1.7\n%\u00e2\u00e3', 'SRC_PDF'],
      ['a workbook', 'PK\u0003\u0004\u0014\u0000', 'SRC_ARCHIVE'],
      ['an old workbook', '\u00d0\u00cf\u0011\u00e0\u00a1\u00b1', 'SRC_ARCHIVE'],
    ])('refuses %s', async (_, start, code) => {
      await fails(read(delivery(Buffer.from(start.padEnd(600, '\u0001'), 'latin1'))), code);
    });

    it('says which shape it expected', async () => {
      const error = await fails(readText(samples.wrongShape.text), samples.wrongShape.code);
      expect(`${error.message} ${error.remedy}`).toMatch(samples.wrongShape.says);
    });

    it('opens gzip by its content, and tells a cut one from a broken one', async () => {
      const packed = gzipSync(utf8);
      expect(values(await read(delivery(packed)))).toEqual(values(await readText(samples.text)));
      expect((await source.inspect(delivery(packed))).compressed).toBe(true);
      await fails(read(delivery(packed.subarray(0, packed.length >> 1))), 'SRC_GZIP_TRUNCATED');
      const broken = Buffer.from(packed);
      broken.fill(0xff, 20, 40);
      await fails(read(delivery(broken)), 'SRC_GZIP_CORRUPT');
    });

    it('reads the same rows in UTF-8, UTF-16LE and windows-1252, with or without byte order mark', async () => {
      const expected = await readText(samples.text);
      for (const [encoding, bytes] of [
        ['utf-8', Buffer.from(`\ufeff${samples.text}`)],
        ['utf-16le', encoded(samples.text, 'utf-16le')],
        ['utf-16le', Buffer.concat([Buffer.from([0xff, 0xfe]), encoded(samples.text, 'utf-16le')])],
        ['windows-1252', encoded(samples.text, 'windows-1252')],
      ] as const) {
        expect((await source.inspect(delivery(bytes))).encoding).toBe(encoding);
        expect(await read(delivery(bytes))).toEqual(expected);
      }
    });

    it('reads the same rows with LF, CRLF or CR', async () => {
      const expected = values(await readText(samples.text));
      expect(values(await readText(samples.text.replaceAll('\n', '\r\n')))).toEqual(expected);
      expect(values(await readText(samples.text.replaceAll('\n', '\r')))).toEqual(expected);
      expect(values(await readText(samples.text.trimEnd()))).toEqual(expected);
    });

    it('refuses a declared encoding that the bytes deny', async () => {
      const ansi = encoded(samples.text, 'windows-1252');
      await fails(read(delivery(ansi, { encoding: 'utf-8' })), 'SRC_ENCODING');
      await fails(read(delivery(utf8, { encoding: 'windows-1252' })), 'SRC_ENCODING');
      await fails(read(delivery(utf8, { encoding: 'utf-16le' })), 'SRC_ENCODING');
    });

    it('refuses bytes that no encoding explains', async () => {
      const noise = Buffer.from(Array.from({ length: 4000 }, (_, i) => (i * 7919 + (i >> 3)) % 256));
      await expect(read(delivery(noise))).rejects.toThrow(SourceError);
      const mixed = Buffer.concat([utf8, Buffer.from([0x0a, 0xe9, 0x0a])]);
      await fails(read(delivery(mixed)), 'SRC_ENCODING');
    });

    it.each(['utf-8', 'utf-16le', 'windows-1252'] as const)(
      'reads the same rows however %s is cut into chunks',
      async (encoding) => {
        const bytes = encoded(samples.text, encoding);
        const expected = await read(delivery(bytes));
        for (let at = 1; at < bytes.length; at++) {
          const outcomes = await read(delivery([bytes.subarray(0, at), bytes.subarray(at)]));
          if (JSON.stringify(outcomes) !== JSON.stringify(expected))
            expect({ at, outcomes }).toEqual({ at, expected });
        }
        const single = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
        expect(await read(delivery(single))).toEqual(expected);
      },
    );

    it('reads CRLF and a byte order mark cut between two chunks', async () => {
      const bytes = Buffer.from(`\ufeff${samples.text.replaceAll('\n', '\r\n')}`);
      const single = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
      expect(values(await read(delivery(single)))).toEqual(values(await readText(samples.text)));
    });

    it('keeps one of two equal rows, and the same keys', async () => {
      const expected = values(await readText(samples.text));
      const twice = await readText(samples.header + samples.records.map((one) => one + one).join(''));
      expect(sorted(values(twice))).toEqual(sorted(expected));
      expect(twice.filter((one) => one.kind === 'aside').map((one) => one.code)).toEqual(
        Array.from({ length: samples.rows }, () => 'DUPLICATE'),
      );
      const joined = await readText(samples.text + samples.text);
      expect(sorted(values(joined))).toEqual(sorted(expected));
      expect(joined.find((one) => one.kind === 'aside')).toMatchObject({ code: 'HEADER_REPEATED' });
    });

    it('gives the same rows and keys in any order', async () => {
      const expected = sorted(values(await readText(samples.text)));
      const { records } = samples;
      for (let turn = 1; turn < records.length; turn++) {
        const turned = [...records.slice(turn), ...records.slice(0, turn)];
        expect(sorted(values(await readText(samples.header + turned.join(''))))).toEqual(expected);
        expect(sorted(values(await readText(samples.header + turned.toReversed().join(''))))).toEqual(
          expected,
        );
      }
    });

    it('never makes up a row from a file cut anywhere', async () => {
      const whole = new Set(values(await readText(samples.text)).map((one) => JSON.stringify(one.value)));
      for (let at = 0; at < utf8.length; at++) {
        const outcomes = await read(delivery(utf8.subarray(0, at))).catch((error: unknown) => {
          expect(error).toBeInstanceOf(SourceError);
          return [];
        });
        // The last row may miss the end of its last cell: nothing in the file tells. No other row may differ.
        const strangers = values(outcomes).filter((one) => !whole.has(JSON.stringify(one.value)));
        expect(strangers.length).toBeLessThanOrEqual(1);
      }
    });

    it('sets a row with a control character aside, and reads the others', async () => {
      const outcomes = await readText(samples.withCell('Cellule d’essai\u0000 coupée'));
      expect(outcomes[0]).toMatchObject({ kind: 'aside', code: 'CONTROL_CHARACTER' });
      expect(values(outcomes)).toHaveLength(samples.rows - 1);
    });

    it('mends the windows-1252 signs that a reading as latin1 upstream turned into controls', async () => {
      const outcomes = await readText(samples.withCell('L\u0092hôpital d\u0092essai du Sacré-C\u009cur'));
      expect(JSON.stringify(outcomes)).toContain('L’hôpital d’essai du Sacré-Cœur');
    });

    it('bounds a cell of one megabyte', async () => {
      const outcomes = await readText(samples.withCell('x'.repeat(1_000_000)));
      expect(outcomes[0]).toMatchObject({ kind: 'aside', code: 'CELL_TOO_LONG' });
      expect(values(outcomes)).toHaveLength(samples.rows - 1);
      expect(JSON.stringify(outcomes).length).toBeLessThan(100_000);
    });

    it('never takes a formula for a value', async () => {
      for (const cell of ['=HYPERLINK(1)', '@SUM(A1)', '#REF!', '#N/A']) {
        const [first] = await readText(samples.withCell(cell));
        if (samples.formula === 'aside')
          expect(first).toMatchObject({ kind: 'aside', code: 'SPREADSHEET_FORMULA' });
        else expect(JSON.stringify(first)).toContain(cell);
      }
    });
  });
}

/** Rows kept, without their place. */
function values<Row>(
  outcomes: Outcomes<Row>,
): readonly { readonly key: string | undefined; readonly value: Row }[] {
  return outcomes.flatMap((one) => (one.kind === 'row' ? [{ key: one.key, value: one.value }] : []));
}

function sorted<T>(all: readonly T[]): readonly string[] {
  return all.map((one) => JSON.stringify(one)).sort();
}
