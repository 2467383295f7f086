import { create } from 'jsondiffpatch';
import type { Json, JsonObject } from '../../src/domain/json.js';
import { diffOffers } from '../../src/plan/diff.js';
import { codes, offer } from '../ror/essai.js';

/**
 * Diff of two offers against jsondiffpatch (its best setting for FHIR: objects matched by content), rounds interleaved
 * in one process. Prints; asserts nothing on time.
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
const after = fourEdits(before);

const generic = create({ objectHash: (item: object) => JSON.stringify(item) });

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

/** One act leaves, one family comes, the name and one contact's nature of visibility change; lists come back reversed. */
function fourEdits(base: JsonObject): JsonObject {
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
    characteristic: [...characteristic.reverse(), codes.concept('TRE_R245', '44')],
    extension: extension.reverse(),
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
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return `median ${middle.toFixed(2)}, from ${(sorted[0] ?? 0).toFixed(2)} to ${(sorted.at(-1) ?? 0).toFixed(2)}`;
}

const edits = diffOffers(before, after);
console.log(
  `4 true edits: filror ${edits.length} operations, jsondiffpatch ${leaves(generic.diff(before, after))}`,
);
console.log(edits.map((edit) => `  ${edit.operation} ${edit.key}`).join('\n'));

const cases: readonly (readonly [string, JsonObject, JsonObject])[] = [
  ['4 edits, lists reversed', before, after],
  ['no edit', before, structuredClone(before)],
];
for (const [name, a, b] of cases) {
  const ours: number[] = [];
  const theirs: number[] = [];
  const ratios: number[] = [];
  perSecond(() => diffOffers(a, b));
  perSecond(() => generic.diff(a, b));
  for (let round = 0; round < ROUNDS; round++) {
    const mine = perSecond(() => diffOffers(a, b));
    const other = perSecond(() => generic.diff(a, b));
    ours.push(mine / 1000);
    theirs.push(other / 1000);
    ratios.push(mine / other);
  }
  console.log(`${name}: ${ROUNDS} rounds of ${PER_ROUND}`);
  console.log(`  filror, thousand/s        ${summary(ours)}`);
  console.log(`  jsondiffpatch, thousand/s ${summary(theirs)}`);
  console.log(`  ratio                     ${summary(ratios)}`);
}
