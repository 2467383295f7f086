import { REWRITINGS } from '../../src/sandbox/rewrite.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FilrorError } from '../../src/domain/errors.js';
import type { MirrorWish } from '../../src/mirror/mode.js';
import type { FaultTarget, ScriptedFault } from '../../src/sandbox/faults.js';
import { mirrorTrial, type MirrorTrial } from '../support/mirror-trial.js';

let trial: MirrorTrial;
beforeEach(async () => {
  trial = await mirrorTrial({ sandbox: { export: { readyMs: 3_000, keptMs: 600_000, recordsPerFile: 2 } } });
  await trial.refresh('full');
  trial.clock.advance(3_600_000);
  trial.sandbox.edit('HealthcareService', 'essai-1', (body) => void (body['comment'] = 'Modifiée depuis.'));
  trial.sandbox.remove('HealthcareService', 'essai-3');
});
afterEach(() => trial.close());

type Outcome = 'right' | { readonly code: string; readonly message: RegExp; readonly remedy: RegExp };

const DOWN = { message: /répondu 5|échoué|Panne/, remedy: /relancez plus tard/ };
const page2 = { action: 'search', path: /_page/ } as const;
const file2 = { action: 'file', path: /\/1$/ } as const;

interface Row {
  readonly what: string;
  readonly wish: MirrorWish;
  readonly script: readonly [FaultTarget, ScriptedFault, number?][];
  readonly outcome: Outcome;
}

const ROWS: readonly Row[] = [
  { what: 'nothing wrong', wish: 'full', script: [], outcome: 'right' },
  { what: 'nothing wrong with the export', wish: 'export', script: [], outcome: 'right' },
  { what: '401 in the middle', wish: 'full', script: [[page2, { kind: 'unauthorized' }]], outcome: 'right' },
  { what: '401 on a file', wish: 'export', script: [[file2, { kind: 'unauthorized' }]], outcome: 'right' },
  {
    what: '401 for ever',
    wish: 'full',
    script: [[page2, { kind: 'unauthorized' }, 2]],
    outcome: { code: 'ROR_READ', message: /401/, remedy: /vérifiez clientId/ },
  },
  {
    what: '429 with seconds',
    wish: 'full',
    script: [[page2, { kind: 'tooMany', retryAfter: '7' }]],
    outcome: 'right',
  },
  {
    what: '429 with a date',
    wish: 'full',
    script: [[page2, { kind: 'tooMany', retryAfter: 'Thu, 12 Mar 2026 09:00:30 GMT' }]],
    outcome: 'right',
  },
  {
    what: '429 for a day',
    wish: 'full',
    script: [[page2, { kind: 'tooMany', retryAfter: '86400' }]],
    outcome: { code: 'ROR_READ', message: /429/, remedy: /relancez plus tard/ },
  },
  {
    what: 'a burst of three 503',
    wish: 'full',
    script: [[page2, { kind: 'error', status: 503, when: 'before' }, 3]],
    outcome: 'right',
  },
  {
    what: 'a server that stays down',
    wish: 'full',
    script: [[page2, { kind: 'error', status: 503, when: 'before' }, 4]],
    outcome: { code: 'ROR_READ', ...DOWN },
  },
  {
    what: 'a body that comes slowly',
    wish: 'full',
    script: [[page2, { kind: 'slowBody', pieces: 9, ms: 3 }]],
    outcome: 'right',
  },
  {
    what: 'a reset in the body',
    wish: 'full',
    script: [[page2, { kind: 'resetBody', share: 0.5 }]],
    outcome: 'right',
  },
  {
    what: 'resets that do not end',
    wish: 'full',
    script: [[page2, { kind: 'resetBody', share: 0.9 }, 4]],
    outcome: { code: 'HTTP_CUT', message: /coupée avant la fin/, remedy: /relancez plus tard/ },
  },
  {
    what: 'a total too high',
    wish: 'full',
    script: [['search', { kind: 'total', plus: 3 }, 12]],
    outcome: { code: 'ROR_SEARCH_CUT', message: /coupée : \d+ ressources reçues sur/, remedy: /--export/ },
  },
  {
    what: 'a total too low',
    wish: 'full',
    script: [['search', { kind: 'total', plus: -3 }, 5]],
    outcome: 'right',
  },
  {
    what: 'pages that overlap',
    wish: 'full',
    script: [[page2, { kind: 'overlap', by: 1 }, 3]],
    outcome: 'right',
  },
  {
    what: 'entries of a page out of order',
    wish: 'full',
    script: [['search', { kind: 'reversePage' }, 5]],
    outcome: 'right',
  },
  {
    what: 'pages out of order',
    wish: 'full',
    script: [[{ action: 'search', path: /Service\?/ }, { kind: 'swapPages' }]],
    outcome: 'right',
  },
  {
    what: 'a page link to another host',
    wish: 'full',
    script: [['search', { kind: 'nextLink', url: 'http://ailleurs.invalid/fhir?page=2' }]],
    outcome: {
      code: 'ROR_NEXT_LINK',
      message: /un autre serveur, http:\/\/ailleurs\.invalid/,
      remedy: /baseUrl/,
    },
  },
  {
    what: 'a search blind to one offer, which a read still finds',
    wish: 'full',
    script: [['search', { kind: 'meanwhile', act: () => blind('essai-2'), when: 'before' }]],
    outcome: 'right',
  },
  {
    what: 'an export refused at first',
    wish: 'export',
    script: [['export', { kind: 'error', status: 503, when: 'before' }, 4]],
    outcome: { code: 'ROR_EXPORT', ...DOWN },
  },
  {
    what: 'an export that fails while it runs',
    wish: 'export',
    script: [['poll', { kind: 'error', status: 500, when: 'before' }, 4]],
    outcome: { code: 'ROR_EXPORT', ...DOWN },
  },
  {
    what: 'an export whose second file fails',
    wish: 'export',
    script: [[file2, { kind: 'error', status: 500, when: 'before' }, 4]],
    outcome: { code: 'HTTP_STATUS', message: /répondu 500/, remedy: /relancez plus tard/ },
  },
  {
    what: 'an export whose second file is cut',
    wish: 'export',
    script: [[file2, { kind: 'resetBody', share: 0.7 }]],
    outcome: { code: 'HTTP_CUT', message: /coupée avant la fin/, remedy: /relancez plus tard/ },
  },
  {
    what: 'a file that comes slowly',
    wish: 'export',
    script: [[file2, { kind: 'slowBody', pieces: 40, ms: 1 }]],
    outcome: 'right',
  },
];

function blind(id: string): void {
  const { sandbox, clock } = trial;
  sandbox.hideFromSearch('HealthcareService', id, new Date(clock.now().getTime() + 10_000));
}

describe('a whole reading of the repository', () => {
  it.each(ROWS)('with $what leaves the mirror right or untouched', async ({ wish, script, outcome }) => {
    const before = await trial.mirror();
    for (const [target, fault, times] of script) trial.sandbox.faults.next(target, fault, times);
    if (outcome === 'right') {
      expect(await trial.refresh(wish)).toEqual({ mode: wish, moved: 1, gone: 1 });
    } else {
      const error = await trial.refresh(wish).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(FilrorError);
      const { code, message, remedy } = error as FilrorError;
      expect(code).toBe(outcome.code);
      expect(message).toMatch(outcome.message);
      expect(remedy).toMatch(outcome.remedy);
      expect(await trial.mirror()).toEqual(before);
      while (trial.sandbox.faults.pending > 0) trial.sandbox.faults.take('search', '_page');
      await trial.refresh(wish);
    }
    expect(trial.sandbox.faults.pending).toBe(0);
    expect(await trial.mirror()).toEqual(trial.repository());
    const staged = await trial.database.owner('mirror_stage').count<{ count: string }[]>({ count: '*' });
    expect(Number(staged[0]?.count)).toBe(0);
    expect(await trial.refresh('full')).toEqual({ mode: 'full', moved: 0, gone: 0 });
  });

  it.each(REWRITINGS)('keeps what a server answers, though it writes it otherwise: %s', async (how) => {
    trial.sandbox.faults.always('search', { kind: 'rewrite', how });
    const { moved, gone } = await trial.refresh('full');
    expect(moved).toBeGreaterThan(0);
    expect(gone).toBe(1);
    expect([...(await trial.mirror()).keys()]).toEqual([...trial.repository().keys()]);
    expect(await trial.refresh('full')).toEqual({ mode: 'full', moved: 0, gone: 0 });
  });

  it('works with tokens of nine seconds on a slow server, by search and by export', async () => {
    await trial.close();
    trial = await mirrorTrial({
      offers: 9,
      sandbox: { tokenTtlSeconds: 9, export: { readyMs: 20_000, keptMs: 3_600_000, recordsPerFile: 1 } },
    });
    trial.sandbox.faults.always('any', { kind: 'elapse', ms: 4_000 });
    for (const wish of ['full', 'export'] as const) {
      await trial.refresh(wish);
      expect(await trial.mirror()).toEqual(trial.repository());
    }
    const statuses = trial.sandbox.requests.map(({ status }) => status);
    expect(trial.sandbox.requests.filter(({ path }) => path.includes('token')).length).toBeGreaterThan(5);
    expect(statuses.filter((status) => status === 401)).toEqual([]);
  });
});
