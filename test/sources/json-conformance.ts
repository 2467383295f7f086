import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { SourceError } from '../../src/domain/errors.js';
import { isJsonObject, type Json, type JsonObject } from '../../src/domain/json.js';
import type { RowOutcome } from '../../src/domain/rows.js';
import { readAll, type Source } from '../../src/sources/contract.js';
import { delivery, encoded } from './bytes.js';
import { fails } from './refused.js';

/** What the suite needs to know of a source of JSON records. */
export interface JsonSamples {
  /** A good delivery, with characters beyond ASCII. */
  readonly text: string;
  /** List whose items are the records. */
  readonly list: string;
  /** Rows that the text gives, all kept. */
  readonly rows: number;
  /** The first item with another text where texts are kept; absent: the source keeps none. */
  readonly textOf?: (item: JsonObject, value: string) => JsonObject;
  /** The first item with another value in a field that is gone through, and what becomes of it; null: a field that says nothing. */
  readonly deepIn: (item: JsonObject, value: Json) => JsonObject;
  readonly deepCode: string | null;
  /** What becomes of a record given twice. */
  readonly doubles: 'aside' | 'joined';
  /** A delivery of another flow, and what must be said of it. */
  readonly wrongShape: { readonly text: string; readonly says: RegExp };
}

/** The promises of the contract (src/sources/contract.ts) for JSON flows. */
export function jsonConformance<Row>(source: Source<Row>, samples: JsonSamples): void {
  const read = (bytes: Uint8Array | readonly Uint8Array[]): Promise<readonly RowOutcome<Row>[]> =>
    readAll(source, delivery(bytes));
  const readText = (text: string): ReturnType<typeof read> => read(Buffer.from(text));
  const tree = JSON.parse(samples.text) as JsonObject;
  const items = tree[samples.list] as readonly JsonObject[];
  const withItems = (list: readonly unknown[]): string => JSON.stringify({ ...tree, [samples.list]: list });
  const values = (outcomes: readonly RowOutcome<Row>[]): readonly string[] =>
    outcomes
      .flatMap((one) => (one.kind === 'row' ? [JSON.stringify({ key: one.key, value: one.value })] : []))
      .sort();
  const utf8 = Buffer.from(samples.text);

  describe(`${source.id} keeps the contract of sources`, () => {
    it('gives every row of its sample, twice the same, each with its own key and place', async () => {
      const outcomes = await readText(samples.text);
      expect(outcomes.map((one) => one.kind)).toEqual(Array.from({ length: samples.rows }, () => 'row'));
      expect(await readText(samples.text)).toEqual(outcomes);
      expect(new Set(outcomes.map((one) => one.key)).size).toBe(samples.rows);
      for (const { locator } of outcomes)
        expect(locator.path).toMatch(new RegExp(`^${samples.list}\\[\\d+\\]`));
    });

    it.each([
      ['no byte', ''],
      ['blank lines', '\n\n  \n'],
      ['an empty list', withItems([])],
    ])('refuses a file with %s', async (_, text) => {
      await fails(readText(text), 'SRC_EMPTY');
    });

    it.each([
      ['an error page', '<!DOCTYPE html>\n<html lang="fr"><body>503</body></html>', 'SRC_HTML'],
      ['a PDF', '%PDF-1.7\n%ab', 'SRC_PDF'],
      ['an archive', 'PK\u0003\u0004\u0014', 'SRC_ARCHIVE'],
      ['a CSV', 'finess;etalab;96;2021-01-08\n', 'SRC_FORMAT'],
      ['a list', '[1, 2, 3]', 'SRC_FORMAT'],
      ['an object without the list', '{"autre": [ {} ]}', 'SRC_FORMAT'],
      ['the list as an object', `{"${samples.list}": {"a": 1}}`, 'SRC_FORMAT'],
    ])('refuses %s', async (_, text, code) => {
      const { message, remedy } = await fails(readText(text.padEnd(600, ' ')), code);
      // What is asked for instead is what this source is, not a table.
      if (code === 'SRC_PDF' || code === 'SRC_ARCHIVE')
        expect([message.includes('le flux JSON'), remedy.includes('.json')]).toEqual([true, true]);
    });

    it('says which flow it expected', async () => {
      const error = await fails(readText(samples.wrongShape.text), 'SRC_FORMAT');
      expect(`${error.message} ${error.remedy}`).toMatch(samples.wrongShape.says);
    });

    it('opens gzip by its content, and tells a cut one from a broken one', async () => {
      const packed = gzipSync(utf8);
      expect(await read(packed)).toEqual(await readText(samples.text));
      expect((await source.inspect(delivery(packed))).compressed).toBe(true);
      await fails(read(packed.subarray(0, packed.length >> 1)), 'SRC_GZIP_TRUNCATED');
      const broken = Buffer.from(packed);
      broken.fill(0xff, 20, 40);
      await fails(read(broken), 'SRC_GZIP_CORRUPT');
    });

    it('reads UTF-8 with or without byte order mark, and refuses anything else', async () => {
      expect(await readText(`\ufeff${samples.text}`)).toEqual(await readText(samples.text));
      await fails(read(encoded(samples.text, 'windows-1252')), 'SRC_ENCODING');
      await fails(read(encoded(samples.text, 'utf-16le')), 'SRC_ENCODING');
      await fails(
        read(Buffer.concat([Buffer.from([0xff, 0xfe]), encoded(samples.text, 'utf-16le')])),
        'SRC_ENCODING',
      );
      // Beyond the head, where the encoding was decided.
      const stuffed = withItems(items).replace('{', `{"bourre":"${'x'.repeat(70_000)}",`);
      const late = encoded(stuffed, 'windows-1252');
      await fails(read(late), 'SRC_ENCODING');
    });

    it('reads the same rows however the bytes are cut into pieces, byte order mark included', async () => {
      const bytes = Buffer.from(`\ufeff${samples.text}`);
      const expected = JSON.stringify(await read(bytes));
      for (let at = 1; at < bytes.length; at++)
        if (JSON.stringify(await read([bytes.subarray(0, at), bytes.subarray(at)])) !== expected)
          expect.fail(`another reading when cut at ${String(at)}`);
      const single = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
      expect(JSON.stringify(await read(single))).toBe(expected);
    });

    it('reads the same rows whatever the spacing and the order of keys and items', async () => {
      const expected = values(await readText(samples.text));
      expect(values(await readText(JSON.stringify(tree)))).toEqual(expected);
      expect(values(await readText(JSON.stringify(tree, null, '\t')))).toEqual(expected);
      expect(values(await readText(JSON.stringify(reversed(tree))))).toEqual(expected);
      for (let turn = 1; turn < items.length; turn++)
        expect(values(await readText(withItems([...items.slice(turn), ...items.slice(0, turn)])))).toEqual(
          expected,
        );
    });

    it('keeps one of two equal records, and counts the other', async () => {
      const outcomes = await readText(withItems(items.flatMap((item) => [item, item])));
      expect(values(outcomes)).toEqual(values(await readText(samples.text)));
      const aside = new Set(outcomes.filter((one) => one.kind === 'aside').map((one) => one.code));
      expect([...aside]).toEqual(samples.doubles === 'aside' ? ['DUPLICATE'] : []);
    });

    it('never makes up a row from a file cut anywhere, and says that it is cut', async () => {
      const whole = new Set(values(await readText(samples.text)));
      const end = utf8.lastIndexOf('}');
      for (let at = 1; at <= end; at += 7) {
        const error = await read(utf8.subarray(0, at)).then(
          (outcomes) => expect.fail(`${String(outcomes.length)} rows of a file cut at ${String(at)}`),
          (one: unknown) => one,
        );
        expect(error).toBeInstanceOf(SourceError);
        expect(['SRC_TRUNCATED', 'SRC_FORMAT', 'SRC_EMPTY', 'SRC_ENCODING']).toContain(
          (error as SourceError).code,
        );
      }
      expect(whole.size).toBe(samples.rows);
      await fails(readText(`${samples.text}${samples.text}`), 'SRC_JSON_SYNTAX');
    });

    it('sets an item aside that is no JSON, no object, too long, too deep or hostile, and reads the others', async () => {
      const expected = values(await readText(withItems(items.slice(1))));
      const marker = '"@@essai@@"';
      for (const [text, code] of [
        ['{"a": tru}', 'ITEM_SYNTAX'],
        ['[1, {"b": 2}]', 'ITEM_SHAPE'],
        [`{"a": "${'x'.repeat(17 * 1024 ** 2)}"}`, 'ITEM_TOO_LONG'],
        [`{"a": ${'['.repeat(100_000)}${']'.repeat(100_000)}}`, null],
        ['{"__proto__": {"etatObjet": "A"}}', null],
      ] as const) {
        const outcomes = await readText(withItems(['@@essai@@', ...items.slice(1)]).replace(marker, text));
        expect(values(outcomes)).toEqual(expected);
        if (code !== null) expect(outcomes[0]).toMatchObject({ kind: 'aside', code });
        expect(JSON.stringify(outcomes).length).toBeLessThan(200_000);
      }
    });

    it('survives twenty thousand levels in a field that it reads, and reads the other items', async () => {
      const [first, ...others] = items as [JsonObject, ...JsonObject[]];
      const expected = values(await readText(withItems(others)));
      for (const [open, close] of [
        ['[', ']'],
        ['{"a":', '}'],
      ] as const) {
        const deep = `${open.repeat(20_000)}1${close.repeat(20_000)}`;
        const text = withItems([samples.deepIn(first, '@@essai@@'), ...others]).replace('"@@essai@@"', deep);
        const outcomes = await readText(text);
        expect(values(outcomes)).toEqual(expect.arrayContaining([...expected]));
        const codes = outcomes.flatMap((one) => (one.kind === 'aside' ? [one.code] : []));
        expect(codes).toEqual(samples.deepCode === null ? [] : [samples.deepCode]);
        expect(JSON.stringify(outcomes).length).toBeLessThan(100_000);
      }
    });

    it('reads a depth without end in place of any value', async () => {
      const [first, ...others] = items as [JsonObject, ...JsonObject[]];
      const expected = others.length === 0 ? [] : values(await readText(withItems(others)));
      const inPlace = [...eachReplaced(first, '@@essai@@')].filter(isJsonObject);
      expect(inPlace.length).toBeGreaterThan(20);
      for (const item of inPlace)
        for (const [open, close] of [
          ['[', ']'],
          ['{"code":', '}'],
        ] as const) {
          const deep = `${open.repeat(20_000)}0${close.repeat(20_000)}`;
          const outcomes = await readText(withItems([item, ...others]).replace('"@@essai@@"', deep));
          expect(values(outcomes)).toEqual(expect.arrayContaining([...expected]));
          expect(JSON.stringify(outcomes).length).toBeLessThan(200_000);
        }
    });

    it('refuses what is no JSON around the items, and says at which byte', async () => {
      const sound = withItems(items);
      const end = sound.length - 1;
      const opened = sound.indexOf('[', sound.indexOf(`"${samples.list}"`));
      const another = (put: string): string => sound.replace('{', `{"autre":${put},`);
      for (const [text, at] of [
        [`${sound}<html>503</html>`, end + 1],
        [`${sound}\u0000\u0000\u0000`, end + 1],
        [`${sound} x`, end + 2],
        [`${sound.slice(0, end)}]`, end],
        [`${sound.slice(0, opened + 1)},${sound.slice(opened + 1)}`, opened + 1],
        [another('NaN'), '{"autre":'.length],
        [another('01'), null],
        [another('[1}'), null],
        [another('[1 2]'), null],
        [another('{"a" 1}'), null],
        [another('{"a":1,}'), null],
        [another('[,1]'), null],
        [another('{1:1}'), null],
        [another('"\\x"'), null],
        [another('"\\u00g0"'), null],
        [another('"\n"'), null],
        [another('"a""b"'), null],
        [another('['.repeat(1_000_000)), null],
        [sound.replace('{', '{,'), 1],
        [sound.replace('"', "'"), null],
      ] as const) {
        const { place } = await fails(readText(text), 'SRC_JSON_SYNTAX');
        const byte = at === null ? '[0-9]+' : String(Buffer.byteLength(text.slice(0, at)) + 1);
        expect(place).toMatch(new RegExp(`^essai\\.csv, octet ${byte}(?:,|$)`));
      }
      const twice = [items[0], items[0]].map((item) => JSON.stringify(item));
      for (const between of ['', ' ', ',,', ':'])
        await fails(
          readText(withItems(['@@essai@@']).replace('"@@essai@@"', twice.join(between))),
          'SRC_JSON_SYNTAX',
        );
    });

    it('counts every item that is no object, and reads the others', async () => {
      const scalars = [null, 1, -2.5e3, 'x', 'a "quoted" text, with } and ]', '', true, false, [], [[1]]];
      const outcomes = await readText(withItems([...scalars, ...items, null]));
      expect(values(outcomes)).toEqual(values(await readText(samples.text)));
      const aside = outcomes.filter((one) => one.kind === 'aside');
      expect(aside.map(({ code, locator }) => `${code} ${locator.path ?? ''}`)).toEqual(
        [...scalars.keys(), scalars.length + items.length].map(
          (at) => `ITEM_SHAPE ${samples.list}[${String(at)}]`,
        ),
      );
      const marked = withItems(['@@essai@@', ...items]);
      const [broken] = await readText(marked.replace('"@@essai@@"', 'NaN'));
      expect(broken).toMatchObject({ kind: 'aside', code: 'ITEM_SYNTAX' });
    });

    it.skipIf(samples.textOf === undefined)(
      'sets a record with a control character aside, and bounds a text of one megabyte',
      async () => {
        const { textOf } = samples;
        if (textOf === undefined) return;
        const [first, ...others] = items as [JsonObject, ...JsonObject[]];
        for (const [value, code] of [
          ['Texte d’essai\u0000 coupé', 'CONTROL_CHARACTER'],
          ['x'.repeat(1_000_000), 'CELL_TOO_LONG'],
        ] as const) {
          const outcomes = await readText(withItems([textOf(first, value), ...others]));
          expect(outcomes.find((one) => one.kind === 'aside')).toMatchObject({ code });
          expect(JSON.stringify(outcomes).length).toBeLessThan(100_000);
        }
      },
    );
  });
}

/** Every object's keys in the other order; lists as they are. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, item]) => [name, reversed(item)]),
  );
}

/** The tree with each of its values in turn, itself first, replaced by another. */
function* eachReplaced(tree: Json, by: Json): Generator<Json> {
  yield by;
  if (Array.isArray(tree))
    for (const [at, item] of (tree as readonly Json[]).entries())
      for (const other of eachReplaced(item, by)) yield (tree as readonly Json[]).with(at, other);
  else if (isJsonObject(tree))
    for (const [name, item] of Object.entries(tree))
      for (const other of eachReplaced(item ?? null, by)) yield { ...tree, [name]: other };
}
