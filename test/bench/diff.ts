import { create } from 'jsondiffpatch';
import type { Json, JsonObject } from '../../src/domain/json.js';
import { diffOffers } from '../../src/plan/diff.js';
import { codes, offer } from '../ror/essai.js';
import { rounded, median, tell, type Figure } from './figures.js';

/**
 * Diff of two offers against jsondiffpatch, rounds interleaved in one process. Prints; asserts nothing on time.
 *   node --import tsx test/bench/diff.ts [rounds]
 */
const ROUNDS = Number(process.argv[2] ?? 9);
const PER_ROUND = 2_000;

const contacts = ['02 31 00 00 00', '02 31 00 00 01', '02 31 00 00 02'].map((value) => ({
  nature: '07',
  channel: '2',
  confidentiality: '1',
  value,
}));
const before = withHours(offer({ specificActs: ['0284', '0286', '1635'], families: ['49', '36'], contacts }));
/** Read from its own text, as two bodies of a repository are: no object is shared with `before`. */
const after = reread(fourEdits(before, 'reversed'));
const inPlace = reread(fourEdits(before, 'kept'));

/** Three ways to run the peer: as it comes, matching items by content, matching them by a cheap code of their own. */
const PEERS = {
  'as it comes': create(),
  'items by content': create({ objectHash: (item: object) => JSON.stringify(item) }),
  'items by code': create({ objectHash: cheapHash }),
} as const;

function cheapHash(item: object): string {
  const { coding, url, value, daysOfWeek } = item as Record<string, Json | undefined>;
  const code = Array.isArray(coding) ? (coding[0] as JsonObject)['code'] : undefined;
  return String(code ?? url ?? value ?? (Array.isArray(daysOfWeek) ? daysOfWeek[0] : ''));
}

function reread(resource: JsonObject): JsonObject {
  return JSON.parse(JSON.stringify(resource)) as JsonObject;
}

/** A week of opening hours, as complete offers have. */
function withHours(base: JsonObject): JsonObject {
  const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
  return {
    ...base,
    availableTime: days.map((day) => ({
      daysOfWeek: [day],
      availableStartTime: '09:00:00',
      availableEndTime: '17:00:00',
    })),
  };
}

/** One act leaves, one family comes, the name and one contact's visibility change; the lists come back as they were or reversed. */
function fourEdits(base: JsonObject, order: 'kept' | 'reversed'): JsonObject {
  const placed = (list: Json[]): Json[] => (order === 'reversed' ? [...list].reverse() : list);
  const characteristic = (base['characteristic'] as Json[]).filter(
    (each) => !JSON.stringify(each).includes('"0286"'),
  );
  const extension = (base['extension'] as Json[]).map((each) =>
    JSON.stringify(each).includes('02 31 00 00 01')
      ? (JSON.parse(
          JSON.stringify(each).replaceAll(
            '"code":"1","display":"Visible du grand public"',
            '"code":"2","display":"Visible par les professionnels"',
          ),
        ) as Json)
      : each,
  );
  return {
    ...base,
    name: `${String(base['name'])} bis`,
    characteristic: [...placed(characteristic), codes.concept('TRE_R245', '44')],
    extension: placed(extension),
  };
}

/** Leaves of a jsondiffpatch delta: added, replaced, deleted or moved values. */
function leaves(delta: unknown): number {
  if (Array.isArray(delta)) return 1;
  if (typeof delta !== 'object' || delta === null) return 0;
  return Object.entries(delta)
    .filter(([name]) => name !== '_t')
    .reduce((sum, [, inner]) => sum + leaves(inner), 0);
}

function perSecond(work: () => unknown): number {
  const start = process.hrtime.bigint();
  for (let i = 0; i < PER_ROUND; i++) work();
  return PER_ROUND / (Number(process.hrtime.bigint() - start) / 1e9);
}

function summary(values: readonly number[]): string {
  return `median ${rounded(median(values))}, from ${rounded(Math.min(...values))} to ${rounded(Math.max(...values))}`;
}

const edits = diffOffers(before, after);
console.log(`4 true edits: filror says ${edits.length}`);
console.log(edits.map((edit) => `  ${edit.operation} ${edit.key}`).join('\n'));
for (const [name, peer] of Object.entries(PEERS)) {
  console.log(
    `  jsondiffpatch, ${name}: ${leaves(peer.diff(before, inPlace))} in place, ${leaves(peer.diff(before, after))} reversed`,
  );
}

const figures: Figure[] = [
  {
    work: 'Diff',
    what: 'operations for 4 true edits',
    unit: '',
    values: [edits.length],
    target: { is: '≤', value: 4 },
    note: `jsondiffpatch says ${Object.values(PEERS)
      .map((peer) => leaves(peer.diff(before, after)))
      .join(', ')} (as it comes, items by content, items by code) when the lists come back in another order.`,
  },
];
const cases: readonly (readonly [string, JsonObject, JsonObject])[] = [
  ['4 edits, lists in place', before, inPlace],
  ['4 edits, lists reversed', before, after],
  ['no edit', before, reread(before)],
];
for (const [name, a, b] of cases) {
  console.log(`${name}: ${ROUNDS} rounds of ${PER_ROUND}, thousand/s`);
  const ours: number[] = [];
  const theirs = Object.keys(PEERS).map((): number[] => []);
  const ratios = Object.keys(PEERS).map((): number[] => []);
  for (let round = -1; round < ROUNDS; round++) {
    const mine = perSecond(() => diffOffers(a, b)) / 1000;
    const others = Object.values(PEERS).map((peer) => perSecond(() => peer.diff(a, b)) / 1000);
    // The first round warms up.
    if (round < 0) continue;
    ours.push(mine);
    others.forEach((other, index) => {
      theirs[index]?.push(other);
      ratios[index]?.push(mine / other);
    });
  }
  console.log(`  filror: ${summary(ours)}`);
  Object.keys(PEERS).forEach((peer, index) => {
    console.log(
      `  jsondiffpatch, ${peer}: ${summary(theirs[index] ?? [])}; ratio ${summary(ratios[index] ?? [])}`,
    );
    figures.push({
      work: 'Diff',
      what: `${name}, times jsondiffpatch, ${peer}`,
      unit: '×',
      values: ratios[index] ?? [],
      ...(peer === 'as it comes' ? {} : { target: { is: '≥', value: 3 } as const }),
    });
  });
}
tell(figures);
