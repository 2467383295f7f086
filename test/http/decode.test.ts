import { describe, expect, it } from 'vitest';
import { decodeText, wholeText } from '../../src/http/decode.js';

const TEXT = '{"nom":"Centre d’essai « é » 𝄞","prix":49.20}';

async function* cutAt(bytes: Buffer, cut: number): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes.subarray(0, cut));
  yield bytes.subarray(cut);
}

describe('an answer in pieces', () => {
  it('is the same text wherever its bytes are cut, byte order mark aside', async () => {
    const bytes = Buffer.from(`\ufeff${TEXT}`);
    for (let cut = 0; cut <= bytes.length; cut++) {
      let text = '';
      for await (const part of decodeText(cutAt(bytes, cut))) text += part;
      expect(text).toBe(TEXT);
      expect(await wholeText(cutAt(bytes, cut))).toBe(TEXT);
    }
  });
});
