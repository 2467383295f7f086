import { describe, expect, it } from 'vitest';
import { RecordSlicer } from '../../src/ror/record-slicer.js';

const FIRST =
  '{"resourceType":"HealthcareService","id":"a","name":"Dé\\"p}ô]t {été} 𝄞","n":49.20,"entry":[]}';
const SECOND = '{"id":"b","extension":[{"resource":{"id":"piège"}}],"resourceType":"Location"}';

function cut(text: string, sizes: readonly number[]): { records: string[]; complete: boolean } {
  const slicer = new RecordSlicer();
  const bytes = Buffer.from(text, 'utf8');
  const records: string[] = [];
  let at = 0;
  for (const size of [...sizes, bytes.length]) {
    for (const record of slicer.push(bytes.subarray(at, at + size)))
      records.push(Buffer.from(record).toString());
    at += size;
  }
  return { records, complete: slicer.complete };
}

const SHAPES: readonly [string, string][] = [
  [
    'a Bundle',
    `{ "resourceType": "Bundle", "link": [{"relation":"self","url":"http://x/[{"}], "entry": [ {"fullUrl":"http://x/a","resource": ${FIRST},"search":{"mode":"match"}}, {"resource":${SECOND}} ], "total": 2 }`,
  ],
  ['an array', `[${FIRST} , ${SECOND}]\n`],
  ['objects on lines', `${plain(FIRST)}\n${SECOND}\n`],
];

/** Without its list named `entry`: a lone object with one is taken for a Bundle. */
function plain(text: string): string {
  return text.replace(',"entry":[]', '');
}

describe('record slicer', () => {
  it.each(SHAPES)('gives the same records of %s wherever the stream is split', (shape, text) => {
    const expected = [shape === 'objects on lines' ? plain(FIRST) : FIRST, SECOND];
    const length = Buffer.byteLength(text);
    for (let split = 0; split <= length; split++)
      expect(cut(text, [split]), `split at ${split}`).toEqual({ records: expected, complete: true });
    expect(
      cut(
        text,
        Array.from({ length }, () => 1),
      ),
    ).toEqual({ records: expected, complete: true });
  });

  it('takes one entry given where a list of entries belongs', () => {
    const text = `{"resourceType":"Bundle","entry":{"resource":${SECOND}}}`;
    expect(cut(text, [])).toEqual({ records: [SECOND], complete: true });
  });

  it('knows a text that stops early, wherever it stops, and one that holds no JSON', () => {
    const [, text] = SHAPES[0] as [string, string];
    const bytes = Buffer.from(text);
    for (let end = 0; end < bytes.length; end++)
      expect(cut(bytes.subarray(0, end).toString('latin1'), []).complete, `end at ${end}`).toBe(false);
    expect(cut('<html>indisponible</html>', []).complete).toBe(false);
  });

  it('gives an empty Bundle as the one object it is, and nothing of an empty list', () => {
    expect(cut('{"resourceType":"Bundle","total":0}', [])).toEqual({
      records: ['{"resourceType":"Bundle","total":0}'],
      complete: true,
    });
    expect(cut('{"resourceType":"Bundle","entry":[]}', [])).toEqual({ records: [], complete: true });
    expect(cut('[]', [])).toEqual({ records: [], complete: true });
  });

  it('holds no more than one record: beyond 8 MiB it refuses', () => {
    const slicer = new RecordSlicer();
    slicer.push(Buffer.from('[{"text":"'));
    const piece = Buffer.alloc(1024 * 1024, 0x61);
    expect(() => {
      for (let n = 0; n < 9; n++) slicer.push(piece);
    }).toThrow(RangeError);
  });
});
