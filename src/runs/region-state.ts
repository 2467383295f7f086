import { openHeads, type ChangeHead } from '../db/change-heads.js';
import { lastReport } from '../db/last-report.js';
import { standingPauses } from '../db/pauses.js';
import { lastCheck, lastSyncState } from '../db/runs.js';
import type { ChangeState } from '../domain/change.js';
import { remembered } from '../domain/remembered.js';
import { DAY_MS } from '../domain/time.js';
import type { RunContext } from './context.js';
import type { RunReport } from './report.js';
import { sentenceNow } from './standing.js';

/** Days without a synchronisation after which what is shown is said to be out of date. */
const STALE_DAYS = 8;

/** Few words, exclusive, in this order of urgency (ANCHORS 5.4). */
export const REGION_STATES = ['conflict', 'failed', 'paused', 'stale', 'pending', 'upToDate'] as const;
export type RegionState = (typeof REGION_STATES)[number];

export const REGION_STATE_WORDS: Readonly<Record<RegionState, string>> = {
  conflict: 'en conflit',
  failed: 'en échec',
  paused: 'en pause',
  stale: 'périmé',
  pending: 'changements à approuver',
  upToDate: 'à jour',
};

/** Where a region stands now. */
export interface RegionStanding {
  readonly state: RegionState;
  /** French: what the last plan comes to, or that there is none. */
  readonly sentence: string;
  /** When lists and repository were last compared; null before the first time. */
  readonly checkedAt: Date | null;
  readonly open: readonly ChangeHead[];
  /** Of the last plan; null before the first. */
  readonly report: RunReport | null;
}

export async function regionStanding(
  run: Pick<RunContext, 'db' | 'region' | 'now'>,
): Promise<RegionStanding> {
  const { db, region } = run;
  const [open, plan, checkedAt, lastState, pauses] = await Promise.all([
    openHeads(db, region.code),
    lastReport(db, region.code),
    lastCheck(db, region.code),
    lastSyncState(db, region.code),
    standingPauses(db, region.code),
  ]);
  const report = plan === null ? null : (plan.report as RunReport);
  return {
    state: stateOf({
      open,
      failed: lastState === 'failed',
      paused: pauses.some((pause) => pause.source === null),
      stale: checkedAt === null || run.now().getTime() - checkedAt.getTime() > STALE_DAYS * DAY_MS,
    }),
    sentence:
      plan === null || report === null
        ? 'Aucun passage encore : rien n’a été collecté pour cette région.'
        : await sentenceNow(run, { open, report, checkedAt: checkedAt ?? plan.instant }),
    checkedAt,
    open,
    report,
  };
}

/** How many changes are in each state. */
export const statesOf = remembered((heads: readonly ChangeHead[]): ReadonlyMap<ChangeState, number> => {
  const counts = new Map<ChangeState, number>();
  for (const { state } of heads) counts.set(state, (counts.get(state) ?? 0) + 1);
  return counts;
});

function stateOf(facts: {
  readonly open: readonly ChangeHead[];
  readonly failed: boolean;
  readonly paused: boolean;
  readonly stale: boolean;
}): RegionState {
  if (statesOf(facts.open).has('conflict') || statesOf(facts.open).has('uncertain')) return 'conflict';
  if (facts.failed) return 'failed';
  if (facts.paused) return 'paused';
  if (facts.stale) return 'stale';
  return facts.open.length > 0 ? 'pending' : 'upToDate';
}
