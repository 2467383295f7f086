import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arraySlices, objectSlices } from '../../src/ror/json-slices.js';
import { readSearchset } from '../../src/ror/searchset.js';

describe('raw slices of a JSON text', () => {
  it('give back the very text of each member and item', () => {
    const text = ' { "a" : [ 49.20 , "x,]\\"}" , {"b":[]} ,[] ], "é\\u0041":null,"c" : -1e3 } ';
    const members = objectSlices(text);
    expect([...members].map(([key, slice]) => [key, text.slice(...slice)])).toEqual([
      ['a', '[ 49.20 , "x,]\\"}" , {"b":[]} ,[] ]'],
      ['éA', 'null'],
      ['c', '-1e3'],
    ]);
    const [start] = members.get('a') ?? [0];
    expect(arraySlices(text, start).map((slice) => text.slice(...slice))).toEqual([
      '49.20',
      '"x,]\\"}"',
      '{"b":[]}',
      '[]',
    ]);
  });

  it('agree with a JSON parser on any object and any spacing', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.constantFrom(undefined, 1, '\t', '\r\n'),
        (value, space) => {
          const text = JSON.stringify(value, null, space);
          const cut = Object.fromEntries(
            [...objectSlices(text)].map(([key, slice]) => [key, JSON.parse(text.slice(...slice)) as unknown]),
          );
          // Through text on both sides: JSON.stringify prints -0 as 0.
          expect(JSON.stringify(cut)).toBe(JSON.stringify(JSON.parse(text)));
        },
      ),
    );
  });

  it('refuse a text without end rather than run on', () => {
    for (const text of ['{"a":1', '{"a":"x', '{"a":[1,', '{'])
      expect(() => objectSlices(text)).toThrow(SyntaxError);
  });
});

describe('searchset', () => {
  it('keeps each resource as received, reads its mode and leaves the server’s warnings out', () => {
    const one = '{"resourceType":"Location", "position":{"latitude":49.20}}';
    const text = `{"resourceType":"Bundle","total":1,"entry":[
      {"search":{"mode":"match"},"resource":${one}},
      {"resource":{"resourceType":"Organization"},"search":{"mode":"include"}},
      {"resource":{"resourceType":"OperationOutcome"},"search":{"mode":"outcome"}},
      {"resource":{"resourceType":"Location","id":"nu"}}],
      "link":[{"relation":"self","url":"a"},{"relation":"next","url":"b"}]}`;
    const page = readSearchset(text, 'ici');
    expect(page.entries.map((entry) => [entry.text, entry.mode])).toEqual([
      [one, 'match'],
      ['{"resourceType":"Organization"}', 'include'],
      ['{"resourceType":"Location","id":"nu"}', 'match'],
    ]);
    expect([page.total, page.next]).toEqual([1, 'b']);
  });

  it.each(['', '<html>', '[]', '{"resourceType":"Organization"}'])('refuses %j as a page', (text) => {
    expect(() => readSearchset(text, 'ici')).toThrow(/illisible/);
  });
});
