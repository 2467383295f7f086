import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonItems } from '../../src/sources/reading/json-items.js';

/** The slicer against `JSON.parse`, whatever the document and the pieces it comes in. */
const json = fc.jsonValue({ maxDepth: 4, noUnicodeString: false });
const document = fc
  .record({
    before: fc.dictionary(fc.string(), json, { maxKeys: 3 }),
    items: fc.array(fc.oneof(fc.dictionary(fc.string(), json), fc.array(json)), { maxLength: 6 }),
    other: fc.array(json, { maxLength: 3 }),
    after: fc.dictionary(fc.string(), json, { maxKeys: 3 }),
  })
  .map(({ before, items, other, after }) => {
    const free = (of: Record<string, unknown>): Record<string, unknown> =>
      Object.fromEntries(Object.entries(of).filter(([name]) => !['liste', 'autre'].includes(name)));
    return { ...free(before), liste: items, autre: other, ...free(after) };
  });

function cut(
  text: string,
  pieces: readonly number[],
  space: string,
): { items: unknown[]; complete: boolean } {
  const bytes = Buffer.from(JSON.stringify(JSON.parse(text), null, space));
  const slicer = new JsonItems(new Set(['liste']), 1_000_000);
  const items: unknown[] = [];
  let at = 0;
  for (const piece of [...pieces, bytes.length]) {
    // A copy: what is held must not depend on the piece that it came in.
    const chunk = Buffer.from(bytes.subarray(at, Math.min(bytes.length, at + piece)));
    for (const item of slicer.push(chunk))
      items.push(JSON.parse((item.bytes ?? Buffer.from('null')).toString()));
    at += chunk.length;
  }
  for (const item of slicer.finish()) items.push(JSON.parse((item.bytes ?? Buffer.from('null')).toString()));
  return { items, complete: slicer.complete };
}

describe('items cut out of a JSON text', () => {
  it('are those that JSON.parse gives, with any keys, strings, spacing and pieces', () => {
    fc.assert(
      fc.property(
        document,
        fc.array(fc.nat(40), { maxLength: 60 }),
        fc.constantFrom('', ' ', '\t'),
        (tree, pieces, space) => {
          const text = JSON.stringify(tree);
          const { items, complete } = cut(text, pieces, space);
          expect(items).toEqual((JSON.parse(text) as { liste: unknown[] }).liste);
          expect(complete).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('are none once the text is cut anywhere before its last brace', () => {
    const text = JSON.stringify({ liste: [{ a: '}"]\\' }, [1, '\\"'], { é: [{}] }] });
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at++) {
      const slicer = new JsonItems(new Set(['liste']), 1_000_000);
      slicer.push(bytes.subarray(0, at));
      expect(slicer.complete).toBe(false);
    }
  });

  it('hold nothing of an item beyond the bound, and go on after it', () => {
    const slicer = new JsonItems(new Set(['liste']), 50);
    const bytes = Buffer.from(JSON.stringify({ liste: [{ a: 'x'.repeat(5000) }, { b: 1 }] }));
    const items = [
      ...Array.from(bytes, (_, at) => slicer.push(bytes.subarray(at, at + 1))).flat(),
      ...slicer.finish(),
    ];
    expect(items.map(({ bytes: text }) => text?.toString() ?? null)).toEqual([null, '{"b":1}']);
  });

  const alike = fc.array(
    fc.record({ id: fc.oneof(fc.string(), fc.constant('{"id":')), liste: fc.array(json, { maxLength: 3 }) }),
    { minLength: 2, maxLength: 12 },
  );

  it('are the same, sound or broken, whether their ends are guessed or gone to', () => {
    let guessed = 0;
    fc.assert(
      fc.property(
        alike,
        fc.array(fc.nat(60), { maxLength: 30 }),
        fc.option(fc.record({ at: fc.nat(), put: fc.constantFrom('', '"', '{', '}', ',', '\\', 'é') })),
        fc.constantFrom('', ' ', '\t'),
        (liste, pieces, fault, space) => {
          const sound = JSON.stringify({ liste, autre: [{ id: 1 }] }, null, space);
          const at = fault === null ? 0 : fault.at % sound.length;
          const text = fault === null ? sound : sound.slice(0, at) + fault.put + sound.slice(at + 1);
          const read = (leaping: boolean): { items: (string | undefined)[]; complete: boolean } => {
            const slicer = new JsonItems(new Set(['liste']), 1_000_000, leaping);
            const bytes = Buffer.from(text);
            const found = [];
            let from = 0;
            for (const piece of [...pieces, bytes.length]) {
              found.push(...slicer.push(Buffer.from(bytes.subarray(from, from + piece))));
              from += piece;
            }
            found.push(...slicer.finish());
            for (const item of found) {
              if (item.value === undefined) continue;
              guessed++;
              expect(item.value).toEqual(JSON.parse(item.bytes?.toString() ?? ''));
            }
            return { items: found.map((item) => item.bytes?.toString()), complete: slicer.complete };
          };
          expect(read(true)).toEqual(read(false));
        },
      ),
      { numRuns: 1000 },
    );
    expect(guessed).toBeGreaterThan(1000);
  });
});
