import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unsettledAttempts } from '../../src/db/attempts.js';
import { verify } from '../../src/journal/verify.js';
import { approvedTemplate, copyOfRegion, type ApprovedRegion } from '../support/approved-region.js';
import { seededRandom } from '../support/random.js';
import { untruths } from '../support/repository-truth.js';
import { startScript, type Finished, type Running } from '../support/subprocess.js';

/**
 * S7: a process killed at any instant. The ordinary run takes a few seeds, since one costs up to a minute where several
 * suites share two cores; `npm run test:kill` takes the twenty-four that were promised. One alone, to look at it again, with FILROR_KILL_SEED=7.
 */
const KILLS = Number(process.env['FILROR_KILLS'] ?? 4);
/** Seeds whose kill has to strike while something is unsettled; the others may hit between two changes. */
const STRUCK_SHARE = 0.5;
const ONE = process.env['FILROR_KILL_SEED'];
const SEEDS = ONE === undefined ? Array.from({ length: KILLS }, (_, at) => at + 1) : [Number(ONE)];

const CREATES = 14;
const ATTACHES = 4;
/** About how long an undisturbed `apply` of this region talks to the slowed sandbox, milliseconds. */
const SPAN_MS = 1_400;
const COMMON = { creates: CREATES, attaches: ATTACHES, timeoutMs: 700, declaredLagMs: 150 };

let template: Awaited<ReturnType<typeof approvedTemplate>>;

beforeAll(async () => {
  template = await approvedTemplate(COMMON);
});
afterAll(() => template.drop());

function filror(region: ApprovedRegion, ...args: readonly string[]): Running {
  const all = ['apply', '--region', '28', '--output', 'json', ...args];
  return startScript('src/cli/main.ts', all, region.env);
}

/** Every exchange takes a little, before or after the write is committed, so that a kill has something to cut. */
function slowDown(region: ApprovedRegion, random: () => number): void {
  for (let i = 0; i < 400; i++) {
    const when = random() < 0.5 ? 'before' : 'after';
    region.sandbox.faults.next('any', { kind: 'delay', ms: Math.round(random() * 60), when });
  }
}

/** Kills from outside, some time after the process first spoke to the repository; null when it had ended by itself. */
async function killAfter(region: ApprovedRegion, running: Running, ms: number): Promise<Finished> {
  const before = region.sandbox.requests.length;
  let ended = false;
  void running.finished.then(() => (ended = true));
  while (!ended && region.sandbox.requests.length === before) await sleep(2);
  await sleep(ms);
  running.kill();
  return await running.finished;
}

/** Seeds whose process was ended by the signal, and those that it left something unsettled for. */
const killed = new Set<number>();
const struck = new Set<number>();

describe('a process killed while it applies', () => {
  it.each(SEEDS)('leaves each offer once and loses nothing approved (seed %i)', async (seed) => {
    const random = seededRandom(seed);
    const identifiers = seed % 2 === 0 ? 'client' : 'server';
    const region = await copyOfRegion(template.name, { ...COMMON, identifiers });
    const story = [`seed ${seed}, identifiers by ${identifiers}`];
    try {
      slowDown(region, random);
      let cut = await killAfter(region, filror(region), random() * SPAN_MS);
      if (cut.code === null) killed.add(seed);
      if ((await unsettledAttempts(region.database.app, '28')).length > 0) struck.add(seed);
      story.push(`first apply: ${cut.code === null ? 'killed' : `ended ${cut.code}`}`, await told(region));
      if (random() < 0.5) {
        cut = await killAfter(region, filror(region, '--resume'), random() * SPAN_MS);
        story.push(`first resume: ${cut.code === null ? 'killed' : `ended ${cut.code}`}`, await told(region));
      }
      for (let tries = 1, code: number | null = 2; code !== 0 && tries <= 4; tries++) {
        const resumed = await filror(region, '--resume').finished;
        code = resumed.code;
        story.push(`resume ${tries}: ${code} ${code === 1 ? resumed.stderr : ''}`, await told(region));
      }
      const context = story.join('\n');
      const changes = await region.changes();
      expect(
        changes.map((change) => change.state),
        context,
      ).toEqual(Array.from({ length: CREATES + ATTACHES }, () => 'applied'));
      expect(await unsettledAttempts(region.database.app, '28'), context).toEqual([]);
      expect(await untruths(region, ATTACHES), context).toEqual([]);
      expect(await appliedTwice(region), context).toEqual([]);
      expect((await verify(region.database.app)).fault, context).toBeNull();
      const requests = region.sandbox.requests.length;
      expect(await region.apply(), context).toEqual([]);
      expect(region.sandbox.requests.length - requests, context).toBe(0);
      if (process.env['FILROR_KILLS'] !== undefined) process.stderr.write(`${context}\n`);
    } finally {
      await region.close();
    }
  });
});

/** Without this, a process that always ends before its killer would pass for one that survives it. */
it.runIf(ONE === undefined)('was struck by the killer in the middle of its work, for enough seeds', () => {
  expect(killed.size).toBeGreaterThanOrEqual(Math.ceil(SEEDS.length * STRUCK_SHARE));
  expect(struck.size).toBeGreaterThanOrEqual(Math.ceil(SEEDS.length * STRUCK_SHARE));
});

async function told(region: ApprovedRegion): Promise<string> {
  const states = (await region.changes()).map((change) => change.state);
  const unsettled = await unsettledAttempts(region.database.app, '28');
  const count = (state: string): number => states.filter((each) => each === state).length;
  const sent = unsettled.filter((attempt) => attempt.sentAt !== null).length;
  return `  ${count('applied')} applied, ${count('approved')} approved, ${count('uncertain')} uncertain; ${unsettled.length} attempts unsettled, ${sent} of them sent; ${region.sandbox.writes().length} writes received`;
}

/** Offers with more than one `apply` entry in the journal, or more than one link of a centre. */
async function appliedTwice(region: ApprovedRegion): Promise<unknown[]> {
  const { rows } = await region.database.app.raw<{ rows: unknown[] }>(
    `select subject from journal where kind = 'apply' group by subject having count(*) > 1
     union all select identifier from centre_offer group by centre, identifier having count(*) > 1`,
  );
  return rows;
}
