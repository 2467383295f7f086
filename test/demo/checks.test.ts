import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Receipt } from '../../src/apply/context.js';
import {
  requireAllApplied,
  requireIntact,
  requireNews,
  requireQuiet,
  requireRefusal,
} from '../../src/demo/checks.js';
import { runDemo, type DemoStage } from '../../src/demo/run.js';
import { DataError } from '../../src/domain/errors.js';
import { regionRun, type RegionRun } from '../support/region-run.js';

function receipt(result: Receipt['result']): Receipt {
  const message = result === 'applied' ? 'relu identique' : 'HTTP 422';
  return { change: 'abc', result, offer: null, way: 'post', status: 201, version: null, message };
}

const intact = { entries: 3, last: null, fault: null };

function codeOf(check: () => void): string | null {
  try {
    check();
    return null;
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    expect(error.remedy).not.toBe('');
    return error.code;
  }
}

describe('a promise of the demonstration', () => {
  it.each([
    ['an author who could approve', () => requireRefusal(false), 'DEMO_FOUR_EYES'],
    ['an author who was refused', () => requireRefusal(true), null],
    ['two approved and applied', () => requireAllApplied([receipt('applied'), receipt('applied')], 2), null],
    [
      'one conflict',
      () => requireAllApplied([receipt('applied'), receipt('conflict')], 2),
      'DEMO_NOT_APPLIED',
    ],
    ['one never sent', () => requireAllApplied([receipt('applied')], 2), 'DEMO_NOT_APPLIED'],
    ['one sent without approval', () => requireAllApplied([receipt('applied')], 0), 'DEMO_NOTHING_APPROVED'],
    ['nothing approved', () => requireAllApplied([], 0), 'DEMO_NOTHING_APPROVED'],
    ['a journal that holds', () => requireIntact(intact), null],
    [
      'a journal that was changed',
      () => requireIntact({ ...intact, fault: { kind: 'changed', no: 2, from: 2 } }),
      'DEMO_JOURNAL',
    ],
    ['an empty journal', () => requireIntact({ ...intact, entries: 0 }), 'DEMO_JOURNAL'],
    ['a quiet second run', () => requireQuiet('Aucun changement nouveau (vérifié à 02:23).', 0), null],
    ['a second run with a plan', () => requireQuiet('1 à créer ; 1 à approuver.', 0), 'DEMO_NOT_QUIET'],
    ['a second run that writes', () => requireQuiet('Aucun changement.', 1), 'DEMO_NOT_QUIET'],
    ['a changed list that is seen', () => requireNews({ create: 2, modify: 1, withdraw: 3 }), null],
    ['a changed list that is not seen', () => requireNews({ create: 2 }), 'DEMO_NO_NEWS'],
  ] as const)('%s gives its verdict', (_what, check, code) => {
    expect(codeOf(check)).toBe(code);
  });
});

describe('the demonstration on a repository that refuses one write', () => {
  let run: RegionRun;
  beforeAll(async () => {
    run = await regionRun();
  });
  afterAll(() => run.close());

  it('ends there with an error that quotes what was not applied', async () => {
    run.sandbox.faults.next('write', { kind: 'error', status: 422, when: 'before' });
    const said: string[] = [];
    const stage: DemoStage = {
      title: (text) => void said.push(text),
      say: (text) => void said.push(text),
      plan: () => undefined,
    };
    const cast = { author: run.camille, approver: run.dominique };
    const demo = runDemo(run.context, cast, stage, () => run.sandbox.writes().length);
    await expect(demo).rejects.toMatchObject({
      code: 'DEMO_NOT_APPLIED',
      message: expect.stringMatching(
        /^(\d+) changements approuvés, \d+ appliqués sur \1 envois\.\n\w+ : /,
      ) as string,
    });
    expect(said.at(-1)).toBe('4. Envoyer au répertoire, relire, consigner');
    expect(run.sandbox.faults.pending).toBe(0);
  });
});
