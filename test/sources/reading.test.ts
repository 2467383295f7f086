import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detectEncoding } from '../../src/sources/reading/encoding.js';
import { readFinessNumber } from '../../src/sources/reading/finess-number.js';
import { mendC1 } from '../../src/sources/reading/mend.js';
import { openText, type TextLimits } from '../../src/sources/reading/text.js';
import { countSequences } from '../../src/sources/reading/utf8.js';
import { unpack } from '../../src/sources/reading/unpack.js';
import { finessEtalab } from '../../src/sources/finess-etalab/index.js';
import { delivery, encoded } from './bytes.js';

async function joined(chunks: AsyncIterable<string>): Promise<string> {
  let all = '';
  for await (const chunk of chunks) all += chunk;
  return all;
}

const LIMITS: TextLimits = { headBytes: 64, maxBytes: 1_000_000 };

describe('unpacking', () => {
  it('stops at its bound: a kilobyte may open to gigabytes', async () => {
    const bomb = gzipSync(Buffer.alloc(5_000_000));
    expect(bomb.length).toBeLessThan(10_000);
    let opened = 0;
    const reading = (async () => {
      for await (const chunk of unpack(delivery(bomb), true, 1_000_000)) opened += chunk.length;
    })();
    await expect(reading).rejects.toMatchObject({ code: 'SRC_TOO_LARGE' });
    expect(opened).toBeLessThanOrEqual(1_000_000);
  });

  it('lets the faults of the store itself through', async () => {
    const failing = {
      fileName: 'essai.csv',
      bytes: async function* () {
        await Promise.resolve();
        yield gzipSync('a').subarray(0, 4);
        throw new Error('disque plein');
      },
    };
    await expect(openText(failing, LIMITS)).rejects.toThrow('disque plein');
  });

  it('closes what it read from when the reader stops early', async () => {
    let closed = 0;
    let open = 0;
    const input = {
      fileName: 'essai.csv',
      bytes: async function* () {
        open++;
        try {
          await Promise.resolve();
          yield Buffer.from('finess;etalab;;2021-01-08\n');
          for (;;) yield Buffer.from('inconnu;1\n'.repeat(5000));
        } finally {
          closed++;
        }
      },
    };
    for await (const outcome of finessEtalab().read(input)) {
      expect(outcome).toMatchObject({ kind: 'aside', code: 'LINE_UNKNOWN' });
      break;
    }
    expect(closed).toBe(open);
  });
});

describe('encodings', () => {
  it.each([
    [[0xef, 0xbb, 0xbf, 0x61], 'utf-8'],
    [[0xff, 0xfe, 0x61, 0x00], 'utf-16le'],
    [[0x61, 0xc3, 0xa9], 'utf-8'],
    [[0x61, 0xe9], 'windows-1252'],
    [[0x61, 0xe9, 0x62], 'windows-1252'],
    [[0x61, 0x80], 'windows-1252'],
    [[0x61, 0x62], 'utf-8'],
  ])('bytes %j are %s', (bytes, encoding) => {
    expect(detectEncoding(delivery(Buffer.from(bytes)), Buffer.from(bytes), true)).toBe(encoding);
  });

  it('refuses big-endian UTF-16 with a remedy', () => {
    const bytes = Buffer.from([0xfe, 0xff, 0x00, 0x61]);
    expect(() => detectEncoding(delivery(bytes), bytes, true)).toThrow(/gros-boutiste/);
  });

  it('knows big-endian UTF-16 without its mark too', () => {
    const bytes = Buffer.from('Hôpital;Ville\nDieppe;Dieppe\n', 'utf16le').swap16();
    expect(() => detectEncoding(delivery(bytes), bytes, true)).toThrow(/gros-boutiste/);
  });

  it('does not take a head cut inside a character for windows-1252', () => {
    const bytes = Buffer.from('aaé').subarray(0, 3);
    expect(detectEncoding(delivery(bytes), bytes, false)).toBe('utf-8');
  });

  it('stops where a file that began in UTF-8 no longer is', async () => {
    const bytes = Buffer.concat([Buffer.from('é'.repeat(100)), Buffer.from([0xe9, 0x61])]);
    const opened = await openText(delivery(bytes), LIMITS);
    await expect(joined(opened.text())).rejects.toMatchObject({ code: 'SRC_ENCODING' });
  });

  it('decodes any text the same whatever the chunks', async () => {
    const texts = fc.string({
      unit: fc.constantFrom('a', 'é', '’', '€', 'œ', ';', '\n'),
      minLength: 1,
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(
        texts,
        fc.constantFrom('utf-8', 'utf-16le', 'windows-1252'),
        fc.array(fc.nat(200), { maxLength: 4 }),
        async (signs, encoding, cuts) => {
          const text = `Essai;${signs}`;
          const bytes = encoded(text, encoding);
          // « é’œ » in windows-1252 is also a character of UTF-8: no reader can tell, the next test says what we do.
          fc.pre(encoding !== 'windows-1252' || countSequences(bytes).multibyte === 0);
          const places = [...cuts.map((cut) => cut % (bytes.length + 1)), 0, bytes.length].sort(
            (a, b) => a - b,
          );
          const chunks = places.slice(1).map((to, i) => bytes.subarray(places[i], to));
          const opened = await openText(delivery(chunks, { encoding }), { ...LIMITS, headBytes: 1000 });
          expect(await joined(opened.text())).toBe(text);
        },
      ),
    );
  });
});

describe('a declaration that the bytes contradict', () => {
  it('is refused rather than read as mojibake, even where a short text allows both', async () => {
    const bytes = encoded('Essai;é’œ', 'windows-1252');
    await expect(openText(delivery(bytes, { encoding: 'windows-1252' }), LIMITS)).rejects.toMatchObject({
      code: 'SRC_ENCODING',
    });
  });
});

describe('mending', () => {
  it('gives back the signs of windows-1252 and nothing else', () => {
    expect(mendC1('D\u0092ASCROS, PL\u009cUC, 5 \u0080, été')).toBe('D’ASCROS, PLœUC, 5 €, été');
    expect(mendC1('\u0081')).toBe('\ufffd');
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(mendC1(mendC1(text))).toBe(mendC1(text));
      }),
    );
  });
});

describe('FINESS numbers written by people', () => {
  it.each([
    ['760000158', '760000158'],
    ['760 000 158', '760000158'],
    ['2a0000014', '2A0000014'],
  ])('%j is %s', (text, number) => {
    expect(readFinessNumber(text)).toEqual({ kind: 'number', number });
  });

  it.each([
    ['70000481', 'X1', '8 caractères au lieu de neuf'],
    ['2,601E+13', 'X1', 'abîmé par un tableur'],
    ['7.6E+08', 'X1', 'abîmé par un tableur'],
    ['76000015A', 'X1', 'dont le deuxième seul'],
    ['760000159', 'X2', 'clé fausse'],
  ])('%j is refused by %s: %s', (text, code, says) => {
    const reading = readFinessNumber(text);
    expect(reading).toMatchObject({ kind: 'fault', code });
    expect(reading.kind === 'fault' ? reading.message : '').toContain(says);
    expect(reading.kind === 'fault' ? reading.remedy : '').toContain('rien n’est deviné');
  });
});
