import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unsettledAttempts } from '../../src/db/attempts.js';
import { approvedTemplate, copyOfRegion, type ApprovedRegion } from '../support/approved-region.js';
import { builtProgram, type BuiltProgram } from '../support/built.js';
import { atWork, killAfter, resumeToTheEnd, startApply } from '../support/killed-process.js';
import { seededRandom } from '../support/random.js';
import { broken, brokenAtAnyTime } from '../support/region-agreement.js';

/**
 * A process killed at any instant by another one (SIGKILL), started again, killed again: whatever the instant, it
 * converges. 24 kills in the ordinary run, 300 by `npm run test:kill`; one world alone by FILROR_KILL_SEED=7.
 */
const KILLS = Number(process.env['FILROR_KILLS'] ?? 24);
const ONE = process.env['FILROR_KILL_SEED'];
/** Kills of one world, one process after another. */
const PER_WORLD = 9;
/** Some more kills than promised: a process may end before its killer strikes. */
const WORLDS = Math.ceil((KILLS * 1.1) / PER_WORLD);
const SEEDS = ONE === undefined ? Array.from({ length: WORLDS }, (_, at) => at + 1) : [Number(ONE)];
const CREATES = 32;
const ATTACHES = 6;
const COMMON = { creates: CREATES, attaches: ATTACHES, timeoutMs: 2_000, declaredLagMs: 150 };

let template: Awaited<ReturnType<typeof approvedTemplate>>;
let program: BuiltProgram;
/** Milliseconds that an undisturbed process is at work, on this machine now. */
let lifeMs: number;

beforeAll(async () => {
  program = builtProgram();
  template = await approvedTemplate(COMMON);
  lifeMs = await undisturbed();
});
afterAll(() => template.drop());

function open(seed: number): Promise<ApprovedRegion> {
  const identifiers = seed % 2 === 0 ? 'client' : 'server';
  return copyOfRegion(template.name, { ...COMMON, identifiers });
}

/** Every exchange takes a little, before or after the write is committed, so that a kill has something to cut. */
function slowDown(region: ApprovedRegion, random: () => number): void {
  for (let i = 0; i < 1_000; i++) {
    const when = random() < 0.5 ? 'before' : 'after';
    region.sandbox.faults.next('any', { kind: 'delay', ms: Math.round(random() * 120), when });
  }
}

async function undisturbed(): Promise<number> {
  const region = await open(0);
  try {
    slowDown(region, seededRandom(0));
    const running = await startApply(program, region, 0);
    await atWork(region, running);
    const started = performance.now();
    expect((await running.finished).code).toBe(0);
    return performance.now() - started;
  } finally {
    await region.close();
  }
}

let killed = 0;
let struck = 0;

describe.concurrent('a process killed while it applies, again and again', () => {
  it.each(SEEDS)('leaves each offer once and loses nothing approved (seed %i)', async (seed) => {
    const random = seededRandom(seed);
    const region = await open(seed);
    const story = [`seed ${seed}`];
    try {
      slowDown(region, random);
      let starts = 0;
      for (; starts < PER_WORLD; starts++) {
        // Each goes on where the last was cut, so that short lives reach every part of the work.
        const at = random() * lifeMs * 0.35;
        const end = await killAfter(region, await startApply(program, region, starts), at);
        const left = await unsettledAttempts(region.database.app, '28');
        if (end.code === null) killed++;
        if (left.length > 0) struck++;
        story.push(
          `killed at ${Math.round(at)} ms: ${end.code ?? 'dead'}, ${left.length} unsettled ${end.stderr}`,
        );
        expect(await brokenAtAnyTime(region), story.join('\n')).toEqual([]);
      }
      const { code, stderr, stdout } = await resumeToTheEnd(program, region, starts);
      const context = `${story.join('\n')}\n${stderr}${code === 0 ? '' : stdout}`;
      expect(code, context).toBe(0);
      expect((await region.changes()).map(({ state }) => state)).toEqual(
        Array.from({ length: CREATES + ATTACHES }, () => 'applied'),
      );
      expect(await broken(region, ATTACHES), context).toEqual([]);
      const requests = region.sandbox.requests.length;
      expect(await region.apply(), context).toEqual([]);
      expect(region.sandbox.requests.length - requests, context).toBe(0);
    } finally {
      await region.close();
    }
  });
});

/** Without this, a process that always ends before its killer would pass for one that survives it. */
it.runIf(ONE === undefined)('was killed as often as promised, mostly in the middle of its work', () => {
  process.stderr.write(`${killed} kills, ${struck} of them left something unsettled\n`);
  expect(killed).toBeGreaterThanOrEqual(KILLS);
  expect(struck).toBeGreaterThanOrEqual(killed / 2);
});
