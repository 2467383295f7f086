import { describe, expect, it } from 'vitest';
import { decodeText, wholeText } from '../../src/http/decode.js';
import { jsonElements } from '../../src/http/json-elements.js';
import { HttpError } from '../../src/http/http-error.js';

/** Every trap in a few bytes: accents over bytes, brackets and quotes in strings, a nested member of the same name. */
const FIRST = '{"nom":"Centre d’essai « é » 𝄞","prix":49.20,"x":{"entry":[{"piège":1}]}}';
const SECOND = '{ "t" : "a]}\\"[{\\\\" , "vide":{} }';
const THIRD = '{}';
const BUNDLE = `\ufeff{"resourceType":"Bundle","note":"entry","autre":[{"non":1}],"entry" : [ ${FIRST},\n${SECOND},${THIRD} ],"link":[{"url":"x"}]}\n`;
const EXPECTED = [FIRST, SECOND, THIRD];

async function* cutAt(bytes: Buffer, ...cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  let from = 0;
  for (const cut of [...cuts, bytes.length]) {
    yield await Promise.resolve(bytes.subarray(from, cut));
    from = cut;
  }
}

async function elements(body: AsyncIterable<Uint8Array>): Promise<string[]> {
  const found: string[] = [];
  for await (const text of jsonElements(decodeText(body), 'entry', 'https://ror.example/x')) found.push(text);
  return found;
}

async function failure(text: string): Promise<HttpError> {
  const error: unknown = await elements(cutAt(Buffer.from(text))).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(HttpError);
  return error as HttpError;
}

describe('a JSON answer read as it comes', () => {
  const bytes = Buffer.from(BUNDLE);

  it('gives each entry as it was written, at every cut of the bytes in two', async () => {
    for (let cut = 0; cut <= bytes.length; cut++) expect(await elements(cutAt(bytes, cut))).toEqual(EXPECTED);
  });

  it('and byte by byte, and in pieces of every small size', async () => {
    for (let size = 1; size <= 40; size++) {
      const cuts = Array.from({ length: Math.floor(bytes.length / size) }, (_, index) => (index + 1) * size);
      expect(await elements(cutAt(bytes, ...cuts))).toEqual(EXPECTED);
    }
  });

  it('reads a document that is the array itself, and a member that is not there', async () => {
    expect(await elements(cutAt(Buffer.from(`[${FIRST}, 3, [{"a":1}], ${THIRD}]`)))).toEqual([FIRST, THIRD]);
    expect(await elements(cutAt(Buffer.from('{"total":0}')))).toEqual([]);
  });

  it('never takes a cut document for a whole one', async () => {
    for (const end of [1, 20, BUNDLE.indexOf(SECOND), BUNDLE.length - 2])
      expect((await failure(BUNDLE.slice(0, end))).code).toBe('HTTP_CUT');
    expect((await failure('')).code).toBe('HTTP_CUT');
  });

  it('refuses what is no JSON', async () => {
    expect((await failure('<html>Maintenance</html>')).code).toBe('HTTP_NOT_JSON');
    expect((await failure('"texte"')).code).toBe('HTTP_NOT_JSON');
  });

  it('decodes text at every cut, without the byte order mark', async () => {
    const text = '\ufeffé𝄞 Caen';
    const encoded = Buffer.from(text);
    for (let cut = 0; cut <= encoded.length; cut++)
      expect(await wholeText(cutAt(encoded, cut))).toBe('é𝄞 Caen');
  });
});
